"""报到, 部门反馈, 知悉: what departments do."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from cases import telling
from cases.actions.calling import drop_request
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.geo import distance_m
from cases.guards import holds, is_told_unit
from cases.models import Alert, Assignment, Case
from cases.terms import PENDING_STATES, AssignmentRole, AssignmentState, ClockKind, Status
from cases.workflow import Action
from grids.actors import SERVICE, Actor
from grids.roles import Role
from grids.roster import roster_for


def report_in(
    *,
    case_id: int,
    assignment: int,
    actor: Actor,
    now: datetime,
    on_spot: bool = False,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    terms: Terms = NO_TERMS,
) -> Case:
    """报到: the department answers the whistle; its own handling time begins. The case is in hand once the lead is."""
    with take_turn(Action.REPORT_IN, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = own_part(turn, assignment, AssignmentState.WAITING)
        part.state, part.reported_in_at, part.reported_in_by_id = AssignmentState.WORKING, now, actor.user_id
        part.on_spot, part.distance_m = on_spot, _distance(turn.case, latitude, longitude)
        part.save(update_fields=["state", "reported_in_at", "reported_in_by", "on_spot", "distance_m"])
        turn.stop(ClockKind.REPORT_IN, assignment=part)
        turn.start(ClockKind.HANDLE, charged_id=part.department_id, assignment=part)
        if part.role == AssignmentRole.LEAD:
            turn.case.status = Status.HANDLING
        turn.facts |= {"assignment": part.pk, "on_spot": on_spot, "distance_m": part.distance_m}
    return turn.case


def finish(*, case_id: int, assignment: int, actor: Actor, now: datetime, reply: str, terms: Terms = NO_TERMS) -> Case:
    """部门反馈: the department's own clock stops at once; the case is answered when nobody is waited for any more."""
    with take_turn(Action.FINISH, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = own_part(turn, assignment, AssignmentState.WORKING)
        part.state, part.finished_at = AssignmentState.FINISHED, now
        part.save(update_fields=["state", "finished_at"])
        drop_request(turn, part)
        turn.stop(ClockKind.HANDLE, assignment=part)
        turn.facts["assignment"] = part.pk
        turn.texts["reply"] = reply
        answer_when_nobody_is_awaited(turn)
    return turn.case


def acknowledge(
    *, case_id: int, alert: int, actor: Actor, now: datetime, note: str = "", terms: Terms = NO_TERMS
) -> Case:
    """知悉: the told unit has read the alert."""
    with take_turn(Action.ACKNOWLEDGE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        row = own_alert(turn, alert)
        if row.acknowledged_at is not None:
            raise Conflict(_("This alert was already acknowledged."))
        row.acknowledged_at, row.acknowledged_by_id = now, actor.user_id
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        turn.facts["alert"] = row.pk
        turn.texts["note"] = note
    return turn.case


def own_alert(turn: Turn, alert_id: int) -> Alert:
    """The named alert of this case, raised for the actor's own unit."""
    row = Alert.objects.select_related("clock").filter(case=turn.case, pk=alert_id).first()
    if row is None:
        message = _("This case has no such alert.")
        raise InvalidInput(message, {"alert": [message]})
    if not is_told_unit(turn.actor, turn.case, row):
        raise NotPermitted(_("This alert was raised for another unit."))
    return row


def own_part(turn: Turn, assignment_id: int, state: AssignmentState) -> Assignment:
    """The named part, held by the actor's department and in the state that the action needs."""
    part = next((a for a in turn.assignments if a.pk == assignment_id), None)
    if part is None:
        message = _("This case has no such assignment.")
        raise InvalidInput(message, {"assignment": [message]})
    if turn.actor is not SERVICE and not holds(turn.actor, turn.rule.action, part):
        raise NotPermitted(_("This part of the case belongs to another department."))
    if part.state != state:
        raise Conflict(
            _("This part of the case is “%(state)s” now, which does not allow this action. Nothing was changed.")
            % {"state": part.get_state_display()}
        )
    return part


def _distance(case: Case, latitude: Decimal | None, longitude: Decimal | None) -> int | None:
    if None in (latitude, longitude, case.latitude, case.longitude):
        return None
    here, there = (latitude, longitude), (case.latitude, case.longitude)
    return distance_m((float(here[0]), float(here[1])), (float(there[0]), float(there[1])))  # type: ignore[arg-type]


def answer_when_nobody_is_awaited(turn: Turn) -> None:
    """反馈: the lead and every assistant are finished or released."""
    states = [a.state for a in turn.assignments]
    if any(state in PENDING_STATES for state in states) or AssignmentState.FINISHED not in states:
        return
    case = turn.case
    case.status, case.answered_at = Status.ANSWERED, turn.now
    turn.stop(ClockKind.RESOLVE)
    turn.start(ClockKind.VERIFY, charged_id=case.dispatch_unit_id)
    roles = [Role.GRID_WORKER, Role.TOWNSHIP_DISPATCHER, Role.CENTER_DISPATCHER]
    roster = roster_for(department_ids=[], area_roles=roles, now=turn.now)
    verifiers = [h for role in roles[:2] for h in roster.holders(role, area_code=case.area_code)]
    verifiers = verifiers or list(roster.holders(Role.CENTER_DISPATCHER, area_code=case.area_code))
    turn.drafts += telling.drafts(case, "to_verify", verifiers, key=f"{case.pk}:{case.round}")
