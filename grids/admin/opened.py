"""Forms that know what they were opened with: an older tab never takes back what was saved since.

Every form of a page carries a digest of each value that was stored when the page was opened. A field that was changed
since, and would be changed again, is refused with what it holds now; what was typed stays. No column is needed for it.
"""

import json
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, time
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.db.models import Model
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm  # generic in its stubs only

_OPENED: Final = "opened"
#: Characters of a stored value that an error shows: borders are long.
_SHOWN: Final = 200


class OpenedForm(_ModelForm):
    """Compared while the page holds the lock of the row (`RoleAdmin.get_object`), so that no save comes between."""

    def opened(self) -> tuple[str, str]:
        """Name and value of the hidden input that remembers what is stored now."""
        typed = [name for name, field in self.fields.items() if not field.disabled]  # a password is none
        return self.add_prefix(_OPENED), json.dumps({name: self._digest(name) for name in typed})

    def is_stored(self) -> bool:
        return not self.instance._state.adding  # noqa: SLF001 — Django's own way to ask

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        changed = self._changed_meanwhile() if self.is_stored() else []
        for name in changed:
            if name in self.cleaned_data and self._digest_of(self.cleaned_data[name]) == self._opened().get(name):
                self._show_stored(name)
            self.add_error(name, _("It now holds: %(value)s") % {"value": self._held(name)})
        if changed:
            self.add_error(None, _CHANGED)
        elif self._came_meanwhile():
            self.add_error(None, _("Somebody else has added this meanwhile: load the page again."))
        return cleaned

    def _changed_meanwhile(self) -> list[str]:
        """What would be changed now and was changed since. A page that says nothing of a field has not seen it."""
        opened = self._opened()
        return [name for name in self.changed_data if opened.get(name) != self._digest(name)]

    def _opened(self) -> Mapping[str, Any]:
        return _read(self.data.get(self.add_prefix(_OPENED)))

    def _show_stored(self, name: str) -> None:
        """Of a field that nobody touched on this page: saving again must not take back what others wrote."""
        key, value = self.add_prefix(name), self.initial.get(name)
        data: Any = copy(self.data)
        data[key] = "" if value is None else str(self.fields[name].prepare_value(value))
        self.data = data

    def _came_meanwhile(self) -> bool:
        """A border has the number of its area: a second one would be saved over the first."""
        if self.is_stored() or self.instance.pk is None or not self.has_changed():
            return False
        return bool(type(self.instance)._default_manager.filter(pk=self.instance.pk).exists())  # noqa: SLF001

    def _digest(self, name: str) -> str:
        return self._digest_of(self.initial.get(name))

    @staticmethod
    def _digest_of(value: Any) -> str:
        plain = value.pk if isinstance(value, Model) else "" if value is None else value
        return sha256(json.dumps(plain, default=str, sort_keys=True).encode()).hexdigest()[:16]

    def _held(self, name: str) -> str:
        """As people read it."""
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, forms.ModelChoiceField):
            value = getattr(self.instance, name)
        elif isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            value = {str(code): words for code, words in choices}.get(str(value), value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date | time):
            value = localize(value)
        return _("nothing") if value in (None, "", []) else str(value)[:_SHOWN]


_CHANGED = gettext_lazy(
    "Somebody changed this since you opened the page, and nothing was saved. "
    "What you typed is kept, what others changed is marked: look at it, then save again."
)


def opened_in(forms_of_page: Iterable[Any]) -> list[tuple[str, str]]:
    """The hidden inputs of all rows on a page that were there when it was opened."""
    return [form.opened() for form in forms_of_page if isinstance(form, OpenedForm) and form.is_stored()]


def _read(carried: str | None) -> Mapping[str, Any]:
    try:
        read = json.loads(carried or "")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
