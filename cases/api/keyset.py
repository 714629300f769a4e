"""Pages by key, not by offset: each begins behind the last row of the one before, however deep and however tied.

A page is read in segments. Row comparisons `(due_at, id) > (x, y)` follow an index where the same written with OR
reads everything before it; rows without a due time come last and are a segment of their own.
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
_LARGEST_ID: Final = 2**63 - 1
_LONGEST_CURSOR: Final = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """The keys of the last row of a page."""

    ordering: str
    colour: int
    at: datetime | None
    id: int

    @classmethod
    def behind(cls, ordering: str, last: dict[str, Any]) -> Self:
        return cls(ordering, last["colour"], last[_time_of(ordering)], last["id"])

    def write(self) -> str:
        at = self.at.isoformat() if self.at else None
        plain = json.dumps([self.ordering, self.colour, at, self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, *, ordering: str) -> Self:
        """ValidationError for anything that `write` did not make under this ordering."""
        wrong = ValidationError({"cursor": [_("This is no cursor of this list.")]})
        try:
            padded = text[:_LONGEST_CURSOR] + "=" * (-len(text[:_LONGEST_CURSOR]) % 4)
            said, colour, at, row_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            moment = datetime.fromisoformat(at) if at is not None else None
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise wrong from None
        whole = type(colour) is int and type(row_id) is int and colour in range(Colour.RED + 1)
        if not whole or said != ordering or not 0 < row_id <= _LARGEST_ID:
            raise wrong
        if moment is not None and (moment.tzinfo is None or not 1900 < moment.year < 9000):
            raise wrong
        return cls(ordering, colour, moment, row_id)


def page(
    cases: CaseQuerySet, *, ordering: str, after: Cursor | None, size: int, columns: tuple[str, ...]
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """Up to `size` rows and the cursor of the next page, if there is one. One statement, at most three at a seam."""
    rows: list[dict[str, Any]] = []
    for segment in _segments(ordering, after):
        ordered = cases.filter(*segment).order_by(*_order_by(ordering)).values(*columns)
        rows += ordered[: size + 1 - len(rows)]
        if len(rows) > size:
            return rows[:size], Cursor.behind(ordering, rows[size - 1])
    return rows, None


def _order_by(ordering: str) -> tuple[str, ...]:
    if ordering.endswith("colour"):
        return (ordering, "due_at", "id")
    return (ordering, "-id" if ordering.startswith("-") else "id")


def _time_of(ordering: str) -> str:
    return "received_at" if ordering.endswith("received_at") else "due_at"


def _segments(ordering: str, after: Cursor | None) -> list[list[Condition]]:
    descending = ordering.startswith("-")
    if not ordering.endswith("colour"):
        return _by_time(_time_of(ordering), after, descending=descending)
    if after is None:
        return [[]]
    same = [[Q(colour=after.colour), *segment] for segment in _by_time("due_at", after, descending=False)]
    beyond = Q(colour__lt=after.colour) if descending else Q(colour__gt=after.colour)
    return [*same, [beyond]]


def _by_time(field: str, after: Cursor | None, *, descending: bool) -> list[list[Condition]]:
    """PostgreSQL itself puts nulls last when ascending and first when descending; here they are always last."""
    nullable = field == "due_at"
    empty: list[Condition] = [Q(**{field: None})]
    if after is None:
        return [[~Q(**{field: None})], empty] if nullable and descending else [[]]
    if after.at is None:
        return [[*empty, Q(pk__lt=after.id) if descending else Q(pk__gt=after.id)]]
    compare = TupleLessThan if descending else TupleGreaterThan
    valued: list[Condition] = [compare(Tuple(F(field), F("id")), (after.at, after.id))]
    return [valued, empty] if nullable else [valued]
