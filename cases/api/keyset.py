"""Pages by key, not by offset: each begins behind the last row of the one before, however deep and however tied.

A page is read in segments. Row comparisons `(due_at, id) > (x, y)` follow an index where the same written with OR
reads everything before it; rows without a due time come last and are a segment of their own. Backwards the same is read
from its end: the last page costs what the first one does.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from cases.colours import Colour
from cases.models.case import CaseQuerySet

Condition = Q | Combinable | TupleGreaterThan | TupleLessThan

ORDERINGS: Final = ("due_at", "-due_at", "received_at", "-received_at", "colour", "-colour")
#: As a cursor: the last page, read from the end of the list.
LAST: Final = "last"
_LARGEST_ID: Final = 2**63 - 1
_LONGEST_CURSOR: Final = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The keys of the row behind which a page begins or, `back`, before which it ends."""

    ordering: str
    colour: int
    at: datetime | None
    id: int
    back: bool = False

    @classmethod
    def at_row(cls, ordering: str, values: dict[str, Any], *, back: bool = False) -> Self:
        return cls(ordering, values["colour"], values[_time_of(ordering)], values["id"], back)

    def write(self) -> str:
        at = self.at.isoformat() if self.at else None
        keys = [self.ordering, self.colour, at, self.id, *([1] if self.back else [])]
        plain = json.dumps(keys, separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, *, ordering: str) -> Self:
        """ValidationError for anything that `write` did not make under this ordering."""
        wrong = ValidationError({"cursor": [_("This is no cursor of this list.")]})
        try:
            padded = text[:_LONGEST_CURSOR] + "=" * (-len(text[:_LONGEST_CURSOR]) % 4)
            said, colour, at, row_id, *back = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            moment = datetime.fromisoformat(at) if at is not None else None
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise wrong from None
        whole = type(colour) is int and type(row_id) is int and colour in range(Colour.RED + 1)
        if not whole or said != ordering or not 0 < row_id <= _LARGEST_ID or back not in ([], [1]):
            raise wrong
        if moment is not None and (moment.tzinfo is None or not 1900 < moment.year < 9000):
            raise wrong
        return cls(ordering, colour, moment, row_id, bool(back))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies: behind a row, before one, or with `cursor` None at the beginning or the end of the list."""

    cursor: Cursor | None
    back: bool

    @classmethod
    def read(cls, text: str | None, *, ordering: str) -> Self:
        if text is None or text == LAST:
            return cls(None, text == LAST)
        cursor = Cursor.read(text, ordering=ordering)
        return cls(cursor, cursor.back)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the list, and the cursors of the pages around them.

    None where there is no such page, an empty text for the first one.
    """

    rows: list[dict[str, Any]]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Keys:
    """The columns by which rows are ordered."""

    colour: str
    due_at: str
    received_at: str
    id: str


OF_CASES: Final = Keys("colour", "due_at", "received_at", "id")
#: The same of open cases, where an index begins with the colour.
OF_STANDINGS: Final = Keys("standing__colour", "standing__due_at", "received_at", "standing__case_id")


def page(
    cases: CaseQuerySet, *, ordering: str, place: Place, size: int, columns: tuple[str, ...], keys: Keys = OF_CASES
) -> Page:
    """Up to `size` rows. One statement, at most three at a seam.

    Ordered by the `keys` of standings, the page holds open cases only.
    """
    rows: list[dict[str, Any]] = []
    if keys is OF_STANDINGS:
        cases = cases.filter(standing__isnull=False)  # an inner join: its index gives the order
    for segment in _segments(ordering, place, keys):
        ordered = cases.filter(*segment).order_by(*_order_by(ordering, keys, back=place.back)).values(*columns)
        rows += ordered[: size + 1 - len(rows)]
        if len(rows) > size:
            return _between(rows[:size], ordering, place, more=True)
    return _between(rows, ordering, place, more=False)


def _between(rows: list[dict[str, Any]], ordering: str, place: Place, *, more: bool) -> Page:
    """The rows as they were read, with the pages on either side. One side is known by a row that was `more`; on the
    other side lies the page that this one was reached from, or where its rows are gone, that end of the list."""
    if place.back:
        rows.reverse()
    if not rows:
        beside = None if place.cursor is None else "" if place.back else LAST
        return Page(rows, None, beside) if place.back else Page(rows, beside, None)
    before = Cursor.at_row(ordering, rows[0], back=True).write()
    behind = Cursor.at_row(ordering, rows[-1]).write()
    reached = place.cursor is not None
    there = (more, reached) if place.back else (reached, more)
    return Page(rows, before if there[0] else None, behind if there[1] else None)


def _order_by(ordering: str, keys: Keys, *, back: bool) -> tuple[str, ...]:
    descending, field = ordering.startswith("-"), ordering.removeprefix("-")
    sign = "-" if descending is not back else ""
    if field == "colour":
        within = "-" if back else ""
        return (f"{sign}{keys.colour}", f"{within}{keys.due_at}", f"{within}{keys.id}")
    return (f"{sign}{getattr(keys, field)}", f"{sign}{keys.id}")


def _time_of(ordering: str) -> str:
    return "received_at" if ordering.endswith("received_at") else "due_at"


def _segments(ordering: str, place: Place, keys: Keys) -> list[list[Condition]]:
    descending = ordering.startswith("-") is not place.back
    if not ordering.endswith("colour"):
        return _by_time(getattr(keys, _time_of(ordering)), place, keys, descending=descending)
    if place.cursor is None:
        return [[]]
    same = _by_time(keys.due_at, place, keys, descending=place.back)
    beyond = f"{keys.colour}__lt" if descending else f"{keys.colour}__gt"
    colour = place.cursor.colour
    return [*([Q(**{keys.colour: colour}), *segment] for segment in same), [Q(**{beyond: colour})]]


def _by_time(field: str, place: Place, keys: Keys, *, descending: bool) -> list[list[Condition]]:
    """Rows without a time are the last ones of the list, so the first ones backwards; PostgreSQL itself has them last
    when ascending and first when descending."""
    nullable = field == keys.due_at
    empty: list[Condition] = [Q(**{field: None})]
    timed: list[Condition] = [~Q(**{field: None})]
    if place.cursor is None:
        if not nullable or descending is place.back:
            return [[]]
        return [empty, timed] if place.back else [timed, empty]
    if place.cursor.at is None:
        same: list[Condition] = [*empty, Q(**{f"{keys.id}__lt" if descending else f"{keys.id}__gt": place.cursor.id})]
        return [same, timed] if place.back else [same]
    compare = TupleLessThan if descending else TupleGreaterThan
    beyond: list[Condition] = [compare(Tuple(F(field), F(keys.id)), (place.cursor.at, place.cursor.id))]
    return [beyond, empty] if nullable and not place.back else [beyond]
