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
    cases: CaseQuerySet,
    *,
    ordering: str,
    after: Cursor | None,
    size: int,
    columns: tuple[str, ...],
    keys: Keys = OF_CASES,
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """Up to `size` rows and the cursor of the next page, if there is one. One statement, at most three at a seam.

    Ordered by the `keys` of standings, the page holds open cases only.
    """
    rows: list[dict[str, Any]] = []
    if keys is OF_STANDINGS:
        cases = cases.filter(standing__isnull=False)  # an inner join: its index gives the order
    for segment in _segments(ordering, after, keys):
        ordered = cases.filter(*segment).order_by(*_order_by(ordering, keys)).values(*columns)
        rows += ordered[: size + 1 - len(rows)]
        if len(rows) > size:
            return rows[:size], Cursor.behind(ordering, rows[size - 1])
    return rows, None


def _order_by(ordering: str, keys: Keys) -> tuple[str, ...]:
    sign, field = ("-" if ordering.startswith("-") else ""), ordering.removeprefix("-")
    if field == "colour":
        return (f"{sign}{keys.colour}", keys.due_at, keys.id)
    return (f"{sign}{getattr(keys, field)}", f"{sign}{keys.id}")


def _time_of(ordering: str) -> str:
    return "received_at" if ordering.endswith("received_at") else "due_at"


def _segments(ordering: str, after: Cursor | None, keys: Keys) -> list[list[Condition]]:
    descending = ordering.startswith("-")
    if not ordering.endswith("colour"):
        return _by_time(getattr(keys, _time_of(ordering)), after, keys, descending=descending)
    if after is None:
        return [[]]
    same = _by_time(keys.due_at, after, keys, descending=False)
    beyond = f"{keys.colour}__lt" if descending else f"{keys.colour}__gt"
    return [*([Q(**{keys.colour: after.colour}), *segment] for segment in same), [Q(**{beyond: after.colour})]]


def _by_time(field: str, after: Cursor | None, keys: Keys, *, descending: bool) -> list[list[Condition]]:
    """PostgreSQL itself puts nulls last when ascending and first when descending; here they are always last."""
    nullable = field == keys.due_at
    empty: list[Condition] = [Q(**{field: None})]
    if after is None:
        return [[~Q(**{field: None})], empty] if nullable and descending else [[]]
    if after.at is None:
        return [[*empty, Q(**{f"{keys.id}__lt" if descending else f"{keys.id}__gt": after.id})]]
    compare = TupleLessThan if descending else TupleGreaterThan
    valued: list[Condition] = [compare(Tuple(F(field), F(keys.id)), (after.at, after.id))]
    return [valued, empty] if nullable else [valued]
