"""What becomes of the supervision orders in the demo's stories: some units answer, and the inspector signs some off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.actions.supervising import answer_supervision, sign_off
from cases.models import Clock, SupervisionOrder
from grids.roles import Role
from seeds.demo_cast import Cast, needed
from seeds.office_time import in_office

#: Of so many cases, the first ones answer no order, the next ones answer theirs, and the last ones see them signed off.
SILENT, ANSWERED, OUT_OF = 2, 3, 5
ANSWERED_AT = 0.6  # of the answer clock
REPLIES = (
    "已约谈经办人并重新排定工期，本周内办结，逐日报进度。",
    "因材料未到造成延误，已从邻近单位调剂，现场已复工。",
    "已由分管领导包案，向诉求人当面说明情况并致歉。",
)
SIGNED_OFF = "整改情况已核实，准予销号。"
SIGNED_OFF_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    order: SupervisionOrder


def next_step(case_id: int, seed: int) -> Step | None:
    """The next that somebody does about an order of this case. `seed` is the case's own number, always the same."""
    return min(_steps(case_id, seed % OUT_OF), key=lambda step: step.at, default=None)


def _steps(case_id: int, kind: int) -> Iterator[Step]:
    if kind < SILENT:
        return
    for order in SupervisionOrder.objects.select_related("case__area").filter(case_id=case_id, signed_off_at=None):
        if order.answered_at is None:
            clock = Clock.objects.filter(order=order).first()
            limit = clock.due_at - clock.started_at if clock else SIGNED_OFF_AFTER
            yield Step(in_office(order.opened_at + limit * ANSWERED_AT, minutes=order.pk % 60), order)
        elif kind >= ANSWERED:
            yield Step(in_office(order.answered_at + SIGNED_OFF_AFTER, minutes=order.pk % 60), order)


def take(step: Step, cast: Cast) -> None:
    order = step.order
    if order.answered_at is None:
        head = needed(cast.in_department(Role.DEPARTMENT_HEAD, order.department_id), Role.DEPARTMENT_HEAD)
        reply = REPLIES[order.pk % len(REPLIES)]
        answer_supervision(case_id=order.case_id, order=order.pk, actor=head, now=step.at, reply=reply)
        return
    inspector = needed(cast.in_area(Role.INSPECTOR, order.case.area.code), Role.INSPECTOR)
    sign_off(case_id=order.case_id, order=order.pk, actor=inspector, now=step.at, comment=SIGNED_OFF)
