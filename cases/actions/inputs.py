"""Turning what a person sent into what a verb takes, by the fields of the workflow table: once for every door."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases import reasons
from cases.categories import CATEGORIES
from cases.errors import InvalidInput, Text
from cases.models import Case, Category
from cases.plain_text import plain
from cases.workflow import TABLE, Action, Field, FieldKind
from grids.book import DEPARTMENTS
from grids.models import Department, User

_TRUE = frozenset({True, "true", "True", "1", "on", "yes"})
_FALSE = frozenset({False, "false", "False", "0", "off", "no"})
_EMPTY: tuple[Any, ...] = (None, "", [])
_MAX_ID = 2**63 - 1
_MOST = 1_000_000
#: Photos of one action.
MOST_PHOTOS = 20


class _Bad(Exception):
    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


def clean(action: Action, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The verb's keyword arguments. InvalidInput names every field that is missing, unknown or wrong."""
    fields = {field.name: field for field in TABLE[action].fields}
    errors: dict[str, list[Text]] = {name: [_("This action has no such field.")] for name in raw if name not in fields}
    cleaned: dict[str, Any] = {}
    for name, field in fields.items():
        value = raw.get(name)
        try:
            if value in _EMPTY or (isinstance(value, str) and not value.strip()):
                _check_optional(field, raw)
            else:
                cleaned[name] = _CLEANERS[field.kind](field, value)
        except _Bad as error:
            errors[name] = [error.message]
    if errors:
        raise InvalidInput(_("Some fields cannot be taken as they are."), errors)
    return cleaned


def _check_optional(field: Field, raw: Mapping[str, Any]) -> None:
    excused = field.unless and _is_true(raw.get(field.unless))
    demanded = field.when and _is_true(raw.get(field.when))
    if field.required or demanded or (field.unless and not excused):
        raise _Bad(_("This field is required."))


def _is_true(value: Any) -> bool:
    return isinstance(value, bool | str) and value in _TRUE


def _storable(text: str) -> bool:
    """PostgreSQL takes neither NUL nor half of a surrogate pair, both of which JSON can carry."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _Bad(_("This must be a text."))
    text = plain(value)
    if not _storable(text):
        raise _Bad(_("The text contains characters that cannot be stored."))
    if field.max_length and len(text) > field.max_length:
        raise _Bad(_("At most %(limit)d characters.") % {"limit": field.max_length})
    return text


def _choice(field: Field, value: Any) -> str:
    if isinstance(value, bool) or str(value) not in field.choices:
        raise _Bad(_("Choose one of: %(choices)s.") % {"choices": ", ".join(field.choices)})
    return str(value)


def _reason(field: Field, value: Any) -> str:
    offered = reasons.offered(field.reasons)
    if not isinstance(value, str) or value not in offered:
        raise _Bad(_("Choose one of: %(choices)s.") % {"choices": ", ".join(offered)})
    return value


def _flag(_field: Field, value: Any) -> bool:
    if isinstance(value, bool | str):
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    raise _Bad(_("This must be true or false."))


def _category(_field: Field, value: Any) -> Category:
    if isinstance(value, Category):
        return value
    found = CATEGORIES.coded(_code(value))
    if found is None or not found.is_active:
        raise _Bad(_("There is no such category."))
    return found


def _department(_field: Field, value: Any) -> Department:
    if isinstance(value, Department):
        return value
    found = DEPARTMENTS.coded(_code(value))
    if found is None or not found.is_active:
        raise _Bad(_("There is no such department."))
    return found


def _departments(field: Field, value: Any) -> list[Department]:
    if not isinstance(value, list | tuple):
        raise _Bad(_("This must be a list."))
    if len(value) > 20:
        raise _Bad(_("At most %(limit)d departments.") % {"limit": 20})
    return [_department(field, item) for item in value]


def _code(value: Any) -> str:
    if not isinstance(value, str) or not _storable(value):
        raise _Bad(_("This must be a code."))
    return value


def _row_id(_field: Field, value: Any) -> int:
    text = str(value)
    # The length first: Python refuses to turn thousands of digits into a number.
    if isinstance(value, bool) or not text.isdecimal() or len(text) > len(str(_MAX_ID)) or int(text) > _MAX_ID:
        raise _Bad(_("This must be the number of a row."))
    return int(text)


def _date(_field: Field, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _Bad(_("This must be a date such as 2026-11-30.")) from None


def _number(_field: Field, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _Bad(_("This must be a number.")) from None
    if isinstance(value, bool) or not number.is_finite() or not 0 < number < _MOST:
        raise _Bad(_("This must be a number."))
    return number


def _case(_field: Field, value: Any) -> Case | None:
    """None for a number never given: the verb refuses it in the same breath as a case that the person does not see.

    Were it refused here, whoever types numbers could tell a sealed case from none by the other answer.
    """
    return Case.objects.filter(number=_code(value)).first()


def _user(_field: Field, value: Any) -> User:
    found = User.objects.filter(username=_code(value), is_active=True).first()
    if found is None:
        raise _Bad(_("There is no such person."))
    return found


def _users(field: Field, value: Any) -> list[User]:
    if not isinstance(value, list | tuple):
        raise _Bad(_("This must be a list."))
    if len(value) > 20:
        raise _Bad(_("At most %(limit)d people.") % {"limit": 20})
    return [_user(field, item) for item in value]


def _photos(_field: Field, value: Any) -> list[UUID]:
    """Ids of attachments, each once. Whether they are the actor's own is asked when they are used."""
    if not isinstance(value, list | tuple):
        raise _Bad(_("This must be a list."))
    if len(value) > MOST_PHOTOS:
        raise _Bad(_("At most %(limit)d photos.") % {"limit": MOST_PHOTOS})
    try:
        return list(dict.fromkeys(UUID(str(item)) for item in value))
    except ValueError:
        raise _Bad(_("This must be the id of an attachment.")) from None


def _degrees(limit: int) -> Callable[[Field, Any], Decimal]:
    def clean_degrees(_field: Field, value: Any) -> Decimal:
        try:
            degrees = Decimal(str(value))
        except InvalidOperation:
            raise _Bad(_("This must be a position in degrees.")) from None
        if not degrees.is_finite() or not -limit <= degrees <= limit:  # abs() of 1e999999999 overflows
            raise _Bad(_("This must be a position in degrees."))
        return round(degrees, 5)

    return clean_degrees


_CLEANERS: dict[FieldKind, Callable[[Field, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.REASON: _reason,
    FieldKind.FLAG: _flag,
    FieldKind.CATEGORY: _category,
    FieldKind.DEPARTMENT: _department,
    FieldKind.DEPARTMENTS: _departments,
    FieldKind.ASSIGNMENT: _row_id,
    FieldKind.ALERT: _row_id,
    FieldKind.ORDER: _row_id,
    FieldKind.DATE: _date,
    FieldKind.NUMBER: _number,
    FieldKind.CASE: _case,
    FieldKind.USER: _user,
    FieldKind.USERS: _users,
    FieldKind.PETITIONER: _row_id,
    FieldKind.PHOTOS: _photos,
    FieldKind.LATITUDE: _degrees(90),
    FieldKind.LONGITUDE: _degrees(180),
}
