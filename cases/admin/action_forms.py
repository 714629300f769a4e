"""The forms of the buttons, made from the fields of the workflow table.

They only draw: what was typed goes to `cases.actions.perform`, whose checks are the same for every door, and what it
says of a field comes back beside that field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from cases import labels, phrasebook, reasons
from cases.admin.card_order import FINAL, LIKELY, QUIET, UNASKED, Sure
from cases.admin.choices import Reference
from cases.admin.choosing import OneOf, SomeOf
from cases.admin.preview_page import watched
from cases.admin.side_fields import SIDE_BUILDERS, help_words, subject_field
from cases.admin.suggested_page import SUGGESTED
from cases.admin.text_field import TextField
from cases.guards import Offer
from cases.workflow import REASON_LENGTH, TABLE, Action, Field, FieldKind
from cases.workflow.rule import ACCUSED

_POSITION = frozenset({FieldKind.LATITUDE, FieldKind.LONGITUDE})
_SEVERAL = frozenset({FieldKind.DEPARTMENTS, FieldKind.USERS, FieldKind.PHOTOS})
_EMPTY = ("", _("Please choose"))
_YES_NO = [("true", _("Yes")), ("false", _("No"))]


class ActionForm(forms.Form):
    """One action on one case. `sentences` are what the action answered to each field that it could not take."""

    def __init__(
        self,
        offer: Offer,
        reference: Reference,
        data: QueryDict | None = None,
        sentences: Mapping[str, Sequence[Any]] | None = None,
        *,
        master: str = "",
    ) -> None:
        self.action = offer.action
        self.sentences = dict(sentences or {})
        super().__init__(data, initial=_initial(offer, reference, master), auto_id=f"{offer.action.value}-%s")
        self.folded = {field.name for field in TABLE[offer.action].fields if field.kind in _POSITION}
        self.accusing = {field.name for field in ACCUSED}
        for field in TABLE[offer.action].fields:
            self.fields[field.name] = _BUILDERS[field.kind](field, offer, reference)
            self.fields[field.name].label = labels.FIELD[field.name]
            self.fields[field.name].help_text = self.fields[field.name].help_text or help_words(field)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.folded | self.accusing]

    @property
    def accused(self) -> list[forms.BoundField]:
        """Whom an accusation is against: asked only of one."""
        return [field for field in self if field.name in self.accusing]

    @property
    def position(self) -> list[forms.BoundField]:
        """Where somebody stood: phones fill it in, so at a desk it is folded away."""
        return [field for field in self if field.name in self.folded]

    def full_clean(self) -> None:
        """Only what the action said counts: one rule, wherever a request comes from."""
        super().full_clean()
        self._errors = forms.utils.ErrorDict()
        for name, sentences in self.sentences.items():
            self._errors[name if name in self.fields else NON_FIELD_ERRORS] = self.error_class(sentences)


@dataclass(frozen=True, slots=True)
class Card:
    """One button of the right column with its form. `watched`: the fields on which the moments that it moves depend.

    `suggests`: its form is given suggestions once it is open. `sure`: what is asked once more before it is sent.
    `phrases`: what may be put into its text by one press.
    """

    action: Action
    label: Any
    form: ActionForm
    open: bool
    quiet: bool
    watched: str | None = None
    suggests: bool = False
    sure: Sure | None = None
    phrases: Sequence[str] = ()


def cards(
    offers: list[Offer], reference: Reference, refused: ActionForm | None = None, *, master: str = ""
) -> list[Card]:
    """A card for every offer and for nothing else, likely ones first; the form that was just refused stays open.

    `master`: the number of the case into which somebody thinks of merging this one; its form is filled in and open.
    """
    ordered = sorted(offers, key=lambda offer: LIKELY.index(offer.action))
    actions = [offer.action for offer in ordered]
    wanted = Action.MERGE if master and Action.MERGE in actions else None
    likely = next((action for action in actions if action not in UNASKED), None)
    shown = refused.action if refused else wanted or likely
    return [
        Card(
            action=offer.action,
            label=labels.ACTION[offer.action],
            form=refused if refused and refused.action is offer.action else ActionForm(offer, reference, master=master),
            open=offer.action is shown,
            quiet=offer.action in QUIET,
            watched=watched(offer.action),
            suggests=offer.action in SUGGESTED,
            sure=_sure(offer.action, reference),
            phrases=phrasebook.offered(offer.action),
        )
        for offer in ordered
    ]


def _sure(action: Action, reference: Reference) -> Sure | None:
    """A sealed case is docketed by its keeper, who keeps it."""
    sure = FINAL.get(action)
    return None if sure and sure.field and reference.case.sealed else sure


def read_inputs(action: Action, data: QueryDict) -> dict[str, Any]:
    """What was sent for the action's fields; what was not sent is left out."""
    return {
        field.name: data.getlist(field.name) if field.kind in _SEVERAL else data[field.name]
        for field in TABLE[action].fields
        if field.name in data
    }


def typed_texts(action: Action, data: QueryDict) -> list[tuple[Any, str]]:
    """The texts of a form that no longer exists for this person, so that nothing typed is lost."""
    fields = [field for field in TABLE[action].fields if field.kind is FieldKind.TEXT]
    return [(labels.FIELD[field.name], str(data[field.name])) for field in fields if data.get(field.name)]


def _initial(offer: Offer, reference: Reference, master: str) -> dict[str, Any]:
    """What is known already, so that nobody types it again."""
    case = reference.case
    if offer.action is Action.DOCKET:
        return {"type": case.type, "category": case.category.code if case.category else "", "urgency": case.urgency}
    if offer.action in {Action.DISPATCH, Action.PROPOSE_WHISTLE}:
        return {"lead": reference.usual_lead(offer.action)}
    if offer.action is Action.MERGE:
        return {"master": master}
    return {}


def _text(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    rows = 3 if field.max_length <= REASON_LENGTH else 6
    widget = widgets.UnfoldAdminTextareaWidget({"rows": rows})
    return TextField(required=field.required, max_length=field.max_length, widget=widget)


def _choice(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    words = labels.choice_words(field.name)
    choices = _with_empty([(code, words[code]) for code in field.choices])
    return forms.ChoiceField(required=field.required, choices=choices, widget=widgets.UnfoldAdminSelectWidget())


def _reason(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    choices = _with_empty(list(reasons.offered(field.reasons).items()))
    return forms.ChoiceField(required=field.required, choices=choices, widget=widgets.UnfoldAdminSelectWidget())


def _flag(field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    """A flag that must be answered is asked with yes and no; one that may be left out is a box to tick."""
    if field.required:
        return forms.ChoiceField(choices=_YES_NO, widget=forms.RadioSelect({"class": "w-radio"}))
    return forms.BooleanField(required=False, widget=widgets.UnfoldBooleanWidget())


def _category(field: Field, _offer: Offer, reference: Reference) -> forms.Field:
    return _searchable(field, _with_empty(reference.categories))


def _department(field: Field, offer: Offer, reference: Reference) -> forms.Field:
    return _searchable(field, _with_empty(reference.departments(offer.action)))


def _departments(field: Field, offer: Offer, reference: Reference) -> forms.Field:
    choices = reference.departments(offer.action)
    return forms.MultipleChoiceField(required=field.required, choices=choices, widget=SomeOf())


def _with_empty(choices: list[Any]) -> list[Any]:
    return [_EMPTY, *choices]


def _searchable(field: Field, choices: list[Any]) -> forms.Field:
    return forms.ChoiceField(required=field.required, choices=choices, widget=OneOf())


def _assignment(_field: Field, offer: Offer, reference: Reference) -> forms.Field:
    return subject_field(reference.assignments(offer.subjects))


def _alert(_field: Field, offer: Offer, reference: Reference) -> forms.Field:
    return subject_field(reference.alerts(offer.subjects))


def _degrees(_field: Field, _offer: Offer, _reference: Reference) -> forms.Field:
    widget = widgets.UnfoldAdminTextInputWidget({"inputmode": "decimal", "autocomplete": "off"})
    return forms.CharField(required=False, widget=widget)


_BUILDERS: dict[FieldKind, Callable[[Field, Offer, Reference], forms.Field]] = {
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.REASON: _reason,
    FieldKind.FLAG: _flag,
    FieldKind.CATEGORY: _category,
    FieldKind.DEPARTMENT: _department,
    FieldKind.DEPARTMENTS: _departments,
    FieldKind.ASSIGNMENT: _assignment,
    FieldKind.ALERT: _alert,
    FieldKind.LATITUDE: _degrees,
    FieldKind.LONGITUDE: _degrees,
    **SIDE_BUILDERS,
}
