"""退单异议, 裁定, 转派, 增派, 撤销协办, 催办: who handles it, settled after the whistle was blown.

Relay: a department never inherits time that another burnt, and the case's resolve clock never stops for any of it.
"""

from collections.abc import Container
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.calling import assign, check_reach, replace_part, take_away
from cases.actions.handling import answer_when_nobody_is_awaited, own_part
from cases.actions.notices import tell_center, tell_departments, tell_dispatcher
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.colours import Colour
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.guards import may_arbitrate, needs_arbiter
from cases.models import Alert, Assignment, Case, Clock, Objection
from cases.terms import PENDING_STATES, AssignmentRole, AssignmentState
from cases.workflow import Action
from grids.actors import Actor
from grids.models import Department

#: Parts that can be handed on: not what is disputed, which an arbiter decides, nor what is finished.
REASSIGNABLE = frozenset({AssignmentState.WAITING, AssignmentState.WORKING})


def object_to(
    *,
    case_id: int,
    assignment: int,
    actor: Actor,
    now: datetime,
    reason: str,
    basis: str,
    terms: Terms = NO_TERMS,
) -> Case:
    """退单异议: within the objection limit and once in a case; the clocks keep running."""
    with take_turn(Action.OBJECT, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = own_part(turn, assignment, AssignmentState.WAITING)
        _check_objection_limit(turn, part)
        objection = _store_objection(turn, part, reason)
        part.state = AssignmentState.DISPUTED
        part.save(update_fields=["state"])
        turn.facts |= {"assignment": part.pk, "objection": objection.pk, "reason": reason}
        turn.texts["basis"] = basis
        if needs_arbiter(_objections(turn)):
            tell_center(turn, "objected", key=str(objection.pk))
        else:
            tell_dispatcher(turn, "objected", key=str(objection.pk))
    return turn.case


def decide_objection(
    *,
    case_id: int,
    assignment: int,
    actor: Actor,
    now: datetime,
    upheld: bool,
    comment: str,
    department: Department | None = None,
    terms: Terms = NO_TERMS,
) -> Case:
    """裁定. Upheld: the new unit is called in the same act, the old one is charged nothing and the unit that called it
    is charged with the misrouting. Overruled: it must report in and cannot return the case again."""
    with take_turn(Action.DECIDE_OBJECTION, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = _named_part(turn, assignment, {AssignmentState.DISPUTED})
        _check_arbiter(turn)
        objection = part.objection
        objection.decided_at, objection.decided_by_id, objection.upheld = now, actor.user_id, upheld
        turn.facts |= {"assignment": part.pk, "objection": objection.pk, "upheld": upheld}
        turn.texts["comment"] = comment
        if upheld and department is not None:
            check_reach(turn, department)
            objection.misrouted_by_id = part.called_by_id or turn.case.dispatch_unit_id
            _uncharge(turn, part)
            replace_part(turn, part, department, told="objection_upheld")
        else:
            part.state = AssignmentState.WAITING
            part.save(update_fields=["state"])
            tell_departments(turn, [part], "objection_overruled")
        objection.save(update_fields=["decided_at", "decided_by", "upheld", "misrouted_by"])
    return turn.case


def reassign(
    *,
    case_id: int,
    assignment: int,
    actor: Actor,
    now: datetime,
    department: Department,
    comment: str,
    terms: Terms = NO_TERMS,
) -> Case:
    """转派: another department takes the part over, with its own clocks."""
    with take_turn(Action.REASSIGN, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = _named_part(turn, assignment, REASSIGNABLE)
        check_reach(turn, department)
        turn.facts["assignment"] = part.pk
        turn.texts["comment"] = comment
        replace_part(turn, part, department, told="taken_over")
    return turn.case


def add_assistant(
    *, case_id: int, actor: Actor, now: datetime, department: Department, comment: str = "", terms: Terms = NO_TERMS
) -> Case:
    """增派协办."""
    with take_turn(Action.ADD_ASSISTANT, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        check_reach(turn, department)
        turn.texts["comment"] = comment
        tell_departments(turn, assign(turn, {department: AssignmentRole.ASSIST}), "whistle")
    return turn.case


def release_assistant(
    *, case_id: int, assignment: int, actor: Actor, now: datetime, comment: str, terms: Terms = NO_TERMS
) -> Case:
    """撤销协办: the case no longer waits for this department; it is answered when nobody else is awaited."""
    with take_turn(Action.RELEASE_ASSISTANT, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = _named_part(turn, assignment, set(PENDING_STATES))
        if part.role != AssignmentRole.ASSIST:
            raise Conflict(_("The lead cannot be released. Reassign its part instead."))
        turn.facts["assignment"] = part.pk
        turn.texts["comment"] = comment
        take_away(turn, part, AssignmentState.RELEASED)
        tell_departments(turn, [part], "released")
        answer_when_nobody_is_awaited(turn)
    return turn.case


def remind(*, case_id: int, actor: Actor, now: datetime, comment: str, terms: Terms = NO_TERMS) -> Case:
    """催办: every department that is still awaited is told once more."""
    with take_turn(Action.REMIND, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        awaited = [a for a in turn.assignments if a.state in PENDING_STATES]
        turn.facts["reminded"] = [a.pk for a in awaited]
        turn.texts["comment"] = comment
        tell_departments(turn, awaited, "reminded", again=f":{turn.case.event_seq}")
    return turn.case


def _named_part(turn: Turn, assignment_id: int, states: Container[str]) -> Assignment:
    part = next((a for a in turn.assignments if a.pk == assignment_id), None)
    if part is None:
        message = _("This case has no such assignment.")
        raise InvalidInput(message, {"assignment": [message]})
    refuse_state(part, states)
    return part


def refuse_state(part: Assignment, states: Container[str]) -> None:
    """Conflict where the part stands in none of these."""
    if part.state not in states:
        raise Conflict(
            _("This part of the case is “%(state)s” now, which does not allow this action. Nothing was changed.")
            % {"state": part.get_state_display()}
        )


def _check_objection_limit(turn: Turn, part: Assignment) -> None:
    if part.objection_due_at is not None and turn.now > part.objection_due_at:
        raise Conflict(_("The time to object is over. Please report in; the dispatcher can reassign the case."))


def _store_objection(turn: Turn, part: Assignment, reason: str) -> Objection:
    try:
        with transaction.atomic():
            return Objection.objects.create(
                case=turn.case,
                assignment=part,
                department=part.department,
                reason=reason,
                raised_at=turn.now,
                raised_by_id=turn.actor.user_id,
            )
    except IntegrityError as error:
        raise Conflict(_("Your department has objected in this case before and cannot return it again.")) from error


def _objections(turn: Turn) -> list[Objection]:
    return [part.objection for part in turn.assignments if hasattr(part, "objection")]


def _check_arbiter(turn: Turn) -> None:
    if not may_arbitrate(turn.actor, turn.case, _objections(turn)):
        raise NotPermitted(_("This case bounced twice already: the county's center decides as arbiter."))


def _uncharge(turn: Turn, part: Assignment) -> None:
    """A department that was called by mistake is not charged, and its clocks show no colour; the history stays."""
    alerts = Alert.objects.filter(case=turn.case, clock__assignment=part, annulled_at=None)
    turn.facts["annulled"] = list(alerts.values_list("pk", flat=True))
    if not turn.facts["annulled"]:
        return
    alerts.update(annulled_at=turn.now, annulled_by_id=turn.actor.user_id)
    Clock.objects.filter(case=turn.case, assignment=part).update(colour=Colour.NONE)
