"""整改计划, 撤销提醒, 督办, 回复, 销号: what follows from a colour."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions.handling import own_alert
from cases.actions.notices import tell_post, tell_unit
from cases.actions.orders import open_order
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.colours import Colour
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.models import Alert, Case, SupervisionOrder
from cases.terms import Card, ClockKind
from cases.workflow import Action
from grids.actors import Actor
from grids.models import Department, User
from grids.roles import DEPARTMENT_ROLES, Role


def submit_plan(*, case_id: int, alert: int, actor: Actor, now: datetime, plan: str, terms: Terms = NO_TERMS) -> Case:
    """整改计划: what a yellow warning asks of the told unit (within 2 working days), or a red one."""
    with take_turn(Action.SUBMIT_PLAN, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        row = own_alert(turn, alert)
        if row.colour < Colour.YELLOW:
            raise Conflict(_("A blue notice asks for no plan."))
        if row.plan_at is not None:
            raise Conflict(_("A plan was handed in already."))
        row.plan_at, row.plan_by_id = now, actor.user_id
        row.save(update_fields=["plan_at", "plan_by"])
        turn.facts["alert"] = row.pk
        turn.texts["plan"] = plan
    return turn.case


def annul_alert(
    *, case_id: int, alert: int, actor: Actor, now: datetime, comment: str, terms: Terms = NO_TERMS
) -> Case:
    """撤销提醒: the history stays, the charge goes, and the clock shows what is left of its colours."""
    with take_turn(Action.ANNUL_ALERT, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        row = Alert.objects.select_related("clock").filter(case=turn.case, pk=alert).first()
        if row is None:
            message = _("This case has no such alert.")
            raise InvalidInput(message, {"alert": [message]})
        if row.annulled_at is not None:
            raise Conflict(_("This alert was annulled already."))
        row.annulled_at, row.annulled_by_id = now, actor.user_id
        row.save(update_fields=["annulled_at", "annulled_by"])
        _show_what_is_left(turn, row)
        turn.facts["alert"] = row.pk
        turn.texts["comment"] = comment
    return turn.case


def supervise(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    department: Department,
    card: str,
    demand: str,
    person: User | None = None,
    terms: Terms = NO_TERMS,
) -> Case:
    """督办: the inspector opens an order against a unit, or a person of it, with a demand."""
    _check_person_of(department, person)
    with take_turn(Action.SUPERVISE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        if turn.case.supervision_orders.filter(department=department, signed_off_at=None).exists():
            raise Conflict(
                _("%(department)s has an open supervision order in this case.") % {"department": department.short_name}
            )
        order = open_order(
            turn, department.pk, card=Card(card), person_id=person.pk if person else None, by_id=actor.user_id
        )
        turn.facts |= {"order": order.pk, "department": department.code, "card": card}
        turn.texts["demand"] = demand
        tell_unit(turn, order.department_id, "supervised", key=str(order.pk))
    return turn.case


def answer_supervision(
    *, case_id: int, order: int, actor: Actor, now: datetime, reply: str, terms: Terms = NO_TERMS
) -> Case:
    """回复督办: by the head of the unit; its answer clock stops."""
    with take_turn(Action.ANSWER_SUPERVISION, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        row = _open_order(turn, order)
        if not actor.roles_in_department(row.department_id) & turn.rule.roles:
            raise NotPermitted(_("This supervision order was opened against another unit."))
        if row.answered_at is not None:
            raise Conflict(_("This supervision order was answered already."))
        row.answered_at, row.answered_by_id = now, actor.user_id
        row.save(update_fields=["answered_at", "answered_by"])
        turn.stop(ClockKind.SUPERVISION, order=row)
        turn.facts["order"] = row.pk
        turn.texts["reply"] = reply
        tell_post(turn, Role.INSPECTOR, "supervision_answered", key=str(row.pk))
    return turn.case


def sign_off(
    *, case_id: int, order: int, actor: Actor, now: datetime, comment: str = "", terms: Terms = NO_TERMS
) -> Case:
    """销号: only the inspector clears an order, and only once it was answered."""
    with take_turn(Action.SIGN_OFF, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        row = _open_order(turn, order)
        if row.answered_at is None:
            raise Conflict(_("This supervision order was not answered yet."))
        row.signed_off_at, row.signed_off_by_id = now, actor.user_id
        row.save(update_fields=["signed_off_at", "signed_off_by"])
        turn.facts["order"] = row.pk
        turn.texts["comment"] = comment
        tell_unit(turn, row.department_id, "signed_off", key=str(row.pk))
    return turn.case


def _show_what_is_left(turn: Turn, annulled: Alert) -> None:
    """The worst colour of the clock's alerts that still count; `raised` stays, so that none is raised twice."""
    clock = next((c for c in turn.clocks if c.pk == annulled.clock_id), annulled.clock)
    left = Alert.objects.filter(clock=clock, colour__lte=clock.raised, annulled_at=None)
    worst = max(left.values_list("colour", flat=True), default=int(Colour.NONE))
    clock.colour = min(clock.colour, worst)
    clock.save(update_fields=["colour"])


def _check_person_of(department: Department, person: User | None) -> None:
    if person is None:
        return
    roles = [role.value for role in DEPARTMENT_ROLES]
    if not person.posts.filter(department=department, role__in=roles).exists():
        message = _("This person holds no post in the department.")
        raise InvalidInput(message, {"person": [message]})


def _open_order(turn: Turn, order_id: int) -> SupervisionOrder:
    row = turn.case.supervision_orders.filter(pk=order_id).first()
    if row is None:
        message = _("This case has no such supervision order.")
        raise InvalidInput(message, {"order": [message]})
    if row.signed_off_at is not None:
        raise Conflict(_("This supervision order was signed off already."))
    return row
