"""What a what-if is asked about: running clocks, closed cases, rows of a file. Read inside `read_only`, a chunk at a
time. Sealed cases are left out of everything (domain.md, "Scores")."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from cases.limits import Limit
from cases.models import Case, Category, Clock, ClockAdjustment
from cases.schedule import Adjustment, Extension, Moments, Pause
from cases.sheets import Row
from cases.terms import CaseType, ClockKind, Outcome, Status, StopReason
from cases.versions import calendar_in_force, calendar_of, policy_in_force, rules_of
from cases.what_if import Past, Ruling, Running, Terms

_CHUNK = 5_000
_Item = TypeVar("_Item")

#: Whom a case's clocks are told of: the department that led it for the county's promise, else the unit charged.
_BY_LEAD = frozenset({ClockKind.RESOLVE})


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction in which the database itself refuses to be written to."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def todays(now: datetime) -> Ruling:
    """The policy and the calendar in force. NotReady without one of them."""
    return Ruling(rules_of(policy_in_force(now).pk), calendar_in_force().calendar)


def running_clocks(*, now: datetime) -> Iterator[Running]:
    """Every running clock of the open cases; suspensions end on a day that people chose and are no subject."""
    clocks = Clock.objects.running().filter(case__sealed=False).exclude(kind=ClockKind.SUSPENSION)
    columns = (
        "case__number",
        "kind",
        "charged__short_name",
        "case__type",
        "case__category__code",
        "started_at",
        "paused_at",
        "due_at",
        "blue_at",
        "yellow_at",
        "red_at",
        "limit",
        "rule",
        "policy_id",
        "calendar_id",
    )
    for pk, row, adjustments in _rows(clocks, columns):
        (number, kind, unit, case_type, category, start, paused, due, blue, yellow, red, *rule) = row
        yield Running(
            number=number,
            clock_id=pk,
            kind=kind,
            department=unit or "",
            case_type=case_type,
            category=category,
            start=start,
            seen=paused or now,
            stored=Moments(due, blue, yellow, red),
            own=_own_terms(rule[0], rule[1], rule[2], (case_type, kind, category)),
            calendar=calendar_of(rule[3]),
            adjustments=adjustments,
        )


def closed_cases(kind: ClockKind = ClockKind.RESOLVE) -> Iterator[Past]:
    """The obligations of this kind in the first round of closed cases, with the pauses and extensions they had.

    The county's promise (`resolve`) also counts in cases taken over from other systems, from receipt to answer.
    """
    clocks = Clock.objects.filter(
        kind=kind, round=1, stop_reason=StopReason.DONE, case__status=Status.CLOSED, case__sealed=False
    )
    unit = "case__lead__short_name" if kind in _BY_LEAD else "charged__short_name"
    columns = ("case__type", "case__category__code", unit, "started_at", "stopped_at")
    for _pk, (case_type, category, name, start, end), adjustments in _rows(clocks, columns):
        yield Past(case_type, category, name or "", start, end, adjustments)
    if kind is ClockKind.RESOLVE:
        yield from _historic()


def _historic() -> Iterator[Past]:
    cases = Case.objects.filter(outcome=Outcome.HISTORIC, sealed=False, answered_at__isnull=False).order_by("pk")
    columns = ("type", "category__code", "lead__short_name", "received_at", "answered_at")
    for case_type, category, name, start, end in cases.values_list(*columns).iterator(_CHUNK):
        if start <= end:
            yield Past(case_type, category, name or "", start, end)


def past_of_rows(rows: Iterable[Row], *, types: dict[str, CaseType], default: CaseType) -> Iterator[Past | None]:
    """Rows of a file (`sheets.read_rows`) as obligations; None for one without both moments or of an unknown type."""
    topics = {name: code for code, name in Category.objects.order_by("-parent").values_list("code", "name")}
    for row in rows:
        start, end = row.values.get("received_at"), row.values.get("answered_at")
        written = str(row.values.get("type", "")).casefold()
        case_type = types.get(written) if written else default
        if case_type is None or not isinstance(start, datetime) or not isinstance(end, datetime):
            yield None
            continue
        category = topics.get(str(row.values.get("topic", "")))
        yield Past(case_type.value, category, str(row.values.get("department", "")), start, end)


def _rows(
    clocks: QuerySet[Clock], columns: tuple[str, ...]
) -> Iterator[tuple[int, tuple[Any, ...], tuple[Adjustment, ...]]]:
    """Clocks in the order of their ids with their adjustments, looked up for a chunk at once."""
    found = clocks.order_by("pk").values_list("pk", *columns).iterator(_CHUNK)
    for chunk in _chunks(found, _CHUNK):
        adjustments = _adjustments(chunk[0][0], chunk[-1][0])
        for pk, *row in chunk:
            yield pk, tuple(row), tuple(adjustments.get(pk, ()))


def _adjustments(first: int, last: int) -> dict[int, list[Adjustment]]:
    """Of the clocks between two ids. A pause that still runs has moved nothing yet."""
    found: dict[int, list[Adjustment]] = defaultdict(list)
    columns = ("clock_id", "starts_at", "ends_at", "extension__limit")
    between = ClockAdjustment.objects.filter(clock__gte=first, clock__lte=last)
    rows: Iterable[tuple[Any, ...]] = between.order_by("starts_at", "pk").values_list(*columns)
    for pk, start, end, limit in rows:
        if limit is not None:
            found[pk].append(Extension(Limit.parse(limit), at=start))
        elif end is not None:
            found[pk].append(Pause(start, end))
    return found


def _chunks(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    items = iter(items)
    while chunk := list(islice(items, size)):
        yield chunk


@lru_cache(maxsize=4096)
def _own_terms(limit: str, rule: str, policy_id: int, place: tuple[str, str, str | None]) -> Terms:
    """What the clock's own policy version says, by the rule that was noted or by the case."""
    rules = rules_of(policy_id)
    cell = rules.cell_at(rule) if rule else None
    return Limit.parse(limit), cell.thresholds if cell else rules.thresholds(*place)
