"""Opening a supervision order inside a turn: one open order per case and unit; further reds join it."""

from cases.actions.turn import Turn
from cases.models import SupervisionOrder
from cases.terms import Card, ClockKind


def open_order(
    turn: Turn, department_id: int, *, card: Card = Card.LISTED, person_id: int | None = None, by_id: int | None = None
) -> SupervisionOrder:
    """The open order against that unit; a new one with its answer clock when there is none (挂牌督办)."""
    earlier = turn.case.supervision_orders.filter(department_id=department_id, signed_off_at=None).first()
    if earlier is not None:
        return earlier
    order = SupervisionOrder.objects.create(
        case=turn.case,
        department_id=department_id,
        person_id=person_id,
        card=card,
        opened_at=turn.now,
        opened_by_id=by_id,
    )
    turn.facts["order"] = order.pk
    if turn.case.is_open:  # a case that has ended keeps no running clock; the order waits for its answer all the same
        turn.start(ClockKind.SUPERVISION, charged_id=department_id, order=order)
    return order
