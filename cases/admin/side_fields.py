"""How the fields are drawn that only side paths and sealed cases ask for (see `action_forms`)."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from cases import labels
from cases.admin.choices import Reference
from cases.admin.choosing import OfficersField, OneOf
from cases.admin.uploads import files_field
from cases.extensions import longest_at_once
from cases.guards import Offer
from cases.phrases import limit_words
from cases.workflow import Field, FieldKind

NOBODY: Final = ("", "—")


def help_words(field: Field) -> Any:
    """What a field says below itself when its need depends on a flag."""
    if field.when:
        return _("Needed when “%(flag)s” is yes.") % {"flag": labels.FIELD[field.when]}
    if field.unless:
        return _("Needed when “%(flag)s” is no.") % {"flag": labels.FIELD[field.unless]}
    return ""


def _unasked() -> forms.HiddenInput:
    """A subject that needs no asking; the browser's draft remembers it, for when there are several."""
    return forms.HiddenInput({"data-subject": ""})


def subject_field(choices: list[Any]) -> forms.Field:
    """Which part, which alert, which order; not asked when there is only one."""
    only = len(choices) == 1
    widget = _unasked() if only else widgets.UnfoldAdminSelectWidget()
    return forms.ChoiceField(choices=choices, widget=widget, initial=choices[0][0] if choices else "")


def _order(_field: Field, offer: Offer, reference: Reference) -> forms.Field:
    return subject_field(reference.orders(offer.subjects))


def _date(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    widget = widgets.UnfoldAdminTextInputWidget({"type": "date"})
    return forms.CharField(required=field.required, widget=widget)


def _number(field: Field, _offer: Offer, reference: Reference) -> forms.Field:
    most = longest_at_once(reference.case)
    widget = widgets.UnfoldAdminTextInputWidget({"type": "number", "min": "0", "step": "any", "autocomplete": "off"})
    words = _("At most %(most)s at once.") % {"most": limit_words(most)} if most else ""
    return forms.CharField(required=field.required, widget=widget, help_text=words)


def _case(field: Field, _offer: Offer, reference: Reference) -> forms.Field:
    widget = widgets.UnfoldAdminTextInputWidget({"autocomplete": "off", "placeholder": reference.case.number[:12]})
    return forms.CharField(required=field.required, max_length=24, widget=widget)


def _user(field: Field, _offer: Offer, reference: Reference) -> forms.Field:
    return forms.ChoiceField(required=field.required, choices=[NOBODY, *reference.people], widget=OneOf())


def _users(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    return OfficersField(required=field.required)


def _petitioner(field: Field, _offer: Offer, reference: Reference) -> forms.Field:
    """Whose verdict it is; not asked where the case has no other petitioners than its own."""
    choices = reference.petitioners
    widget = widgets.UnfoldAdminSelectWidget() if len(choices) > 1 else _unasked()
    return forms.ChoiceField(required=field.required, choices=[NOBODY, *choices], widget=widget)


def _photos(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    return files_field(required=field.required)


SIDE_BUILDERS: Final[dict[FieldKind, Callable[[Field, Offer, Reference], forms.Field]]] = {
    FieldKind.ORDER: _order,
    FieldKind.DATE: _date,
    FieldKind.NUMBER: _number,
    FieldKind.CASE: _case,
    FieldKind.USER: _user,
    FieldKind.USERS: _users,
    FieldKind.PETITIONER: _petitioner,
    FieldKind.PHOTOS: _photos,
}
