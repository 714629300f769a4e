"""Supervision orders that a red alert opens by itself (挂牌督办; domain.md, "Colours"), many at once.

Callers hold the locks of the cases. One open order per case and unit; a further red joins it.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cases import chain
from cases.bulk import array, copy_rows
from cases.calendar import WorkCalendar
from cases.models import SupervisionOrder
from cases.reached import Timer
from cases.schedule import Moments, plan
from cases.terms import Card, ClockKind
from cases.versions import calendar_in_force, rules_of

#: Policy version, type and category of a case: what sets the limit of an answer.
Rule = tuple[int, str, str | None]
#: A case and the unit that is charged in it.
Pair = tuple[int, int]

_OPEN = """
INSERT INTO cases_supervisionorder (case_id, department_id, card, opened_at)
SELECT new.case_id, new.department_id, %s, %s FROM unnest(%s::bigint[], %s::bigint[]) AS new(case_id, department_id)
ON CONFLICT (case_id, department_id) WHERE signed_off_at IS NULL DO NOTHING
RETURNING case_id, department_id, id
"""
_COPY_CLOCKS = """
COPY cases_clock (case_id, order_id, kind, charged_id, round, started_at, "limit", rule, policy_id, calendar_id,
                  due_at, blue_at, yellow_at, red_at, next_moment, generation, colour, raised, stop_reason, held_error)
FROM STDIN
"""
_NEWBORN = (1, 0, 0, "", "")  # generation, colour, raised; neither stopped nor set aside


@dataclass(frozen=True, slots=True)
class Red:
    """A red alert that is about to be raised. `opens` is false for a red that only joins an order."""

    case_id: int
    department_id: int
    rule: Rule
    round: int
    opens: bool = True

    @property
    def pair(self) -> Pair:
        return (self.case_id, self.department_id)


def open_orders(reds: Iterable[Red], *, now: datetime) -> dict[Pair, int]:
    """The open order of every red's case and unit, opened now where there was none."""
    wanted = {red.pair: red for red in sorted(reds, key=lambda red: red.opens)}
    opened = _opened([red for red in wanted.values() if red.opens], now)
    return opened | _open_before(wanted.keys() - opened.keys())


def _open_before(pairs: Set[Pair]) -> dict[Pair, int]:
    if not pairs:
        return {}
    orders = SupervisionOrder.objects.filter(case__in={case_id for case_id, _ in pairs}, signed_off_at=None)
    rows = orders.values_list("case_id", "department_id", "pk")
    return {(case_id, department_id): pk for case_id, department_id, pk in rows}


def _opened(reds: list[Red], now: datetime) -> dict[Pair, int]:
    """New orders, each with the clock of its answer where the policy sets a limit."""
    if not reds:
        return {}
    with connection.cursor() as cursor:
        pairs = [array(column) for column in zip(*(red.pair for red in reds), strict=True)]
        cursor.execute(_OPEN, [Card.LISTED.value, now, *pairs])
        orders = {(case_id, department_id): pk for case_id, department_id, pk in cursor.fetchall()}
    clocks = list(_clocks([red for red in reds if red.pair in orders], orders, now))  # a COPY has its connection alone
    copy_rows(_COPY_CLOCKS, clocks)
    return orders


def _clocks(reds: list[Red], orders: dict[Pair, int], now: datetime) -> Iterator[tuple[Any, ...]]:
    if not reds:
        return
    calendar = calendar_in_force()
    answers: dict[Rule, tuple[Any, ...] | None] = {}
    for red in reds:
        if red.rule not in answers:
            answers[red.rule] = _answer(red.rule, calendar.calendar, calendar.version_id, now)
        if (answer := answers[red.rule]) is not None:
            yield (
                red.case_id,
                orders[red.pair],
                ClockKind.SUPERVISION.value,
                red.department_id,
                red.round,
                *answer,
                *_NEWBORN,
            )


def _answer(rule: Rule, calendar: WorkCalendar, calendar_id: int, now: datetime) -> tuple[Any, ...] | None:
    """The columns of an answer's clock from its start to its next moment: the same for all orders of one moment."""
    policy_id, case_type, category = rule
    rules, kind = rules_of(policy_id), ClockKind.SUPERVISION.value
    limit = rules.limit(case_type, kind, category)
    if limit is None:
        return None
    moments = plan(start=now, limit=limit, thresholds=rules.thresholds(case_type, kind, category), calendar=calendar)
    place = rules.place(case_type, kind, category)
    return (chain.stamp(now), str(limit), place, policy_id, calendar_id, *_stamps(moments))


def _stamps(moments: Moments) -> list[str | None]:
    first = Timer(ClockKind.SUPERVISION, moments.due, moments.blue, moments.yellow, moments.red).first()
    times = (moments.due, moments.blue, moments.yellow, moments.red, first)
    return [chain.stamp(moment) if moment is not None else None for moment in times]
