"""Supervision orders that a red alert opens by itself (挂牌督办; domain.md, "Colours"), many at once.

Callers hold the locks of the cases. One open order per case and unit; a further red joins it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cases.models import Clock, SupervisionOrder
from cases.reached import Timer
from cases.schedule import plan
from cases.terms import Card, ClockKind
from cases.versions import calendar_in_force, rules_of

#: A case and the unit that is charged in it.
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Red:
    """A red alert that is about to be raised. `opens` is false for a red that only joins an order."""

    case_id: int
    department_id: int
    policy_id: int
    case_type: str
    round: int
    opens: bool = True

    @property
    def pair(self) -> Pair:
        return (self.case_id, self.department_id)


def open_orders(reds: Iterable[Red], *, now: datetime) -> dict[Pair, int]:
    """The open order of every red's case and unit, opened now where there was none."""
    wanted = {red.pair: red for red in sorted(reds, key=lambda red: red.opens)}
    if not wanted:
        return {}
    rows = SupervisionOrder.objects.filter(case__in={case_id for case_id, _ in wanted}, signed_off_at=None).values_list(
        "case_id", "department_id", "pk"
    )
    found = {(case_id, department_id): pk for case_id, department_id, pk in rows}
    new = [red for pair, red in wanted.items() if pair not in found and red.opens]
    opened = SupervisionOrder.objects.bulk_create(
        [
            SupervisionOrder(case_id=red.case_id, department_id=red.department_id, card=Card.LISTED, opened_at=now)
            for red in new
        ]
    )
    _start_clocks(list(zip(new, opened, strict=True)), now=now)
    found |= {(order.case_id, order.department_id): order.pk for order in opened}
    return found


def _start_clocks(pairs: list[tuple[Red, SupervisionOrder]], *, now: datetime) -> None:
    if not pairs:
        return
    calendar = calendar_in_force()
    clocks = []
    for red, order in pairs:
        limit = rules_of(red.policy_id).limit(red.case_type, ClockKind.SUPERVISION.value)
        if limit is None:
            continue
        thresholds = rules_of(red.policy_id).thresholds(red.case_type, ClockKind.SUPERVISION.value)
        moments = plan(start=now, limit=limit, thresholds=thresholds, calendar=calendar.calendar)
        timer = Timer(ClockKind.SUPERVISION, moments.due, moments.blue, moments.yellow, moments.red)
        clocks.append(
            Clock(
                case_id=red.case_id,
                order=order,
                kind=ClockKind.SUPERVISION,
                charged_id=red.department_id,
                round=red.round,
                started_at=now,
                limit=str(limit),
                rule=rules_of(red.policy_id).place(red.case_type, ClockKind.SUPERVISION.value),
                policy_id=red.policy_id,
                calendar_id=calendar.version_id,
                due_at=moments.due,
                blue_at=moments.blue,
                yellow_at=moments.yellow,
                red_at=moments.red,
                next_moment=timer.first(),
            )
        )
    Clock.objects.bulk_create(clocks)
