"""立项, 不予受理, 派单: what dispatchers decide."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases import telling
from cases.actions.calling import tell_departments
from cases.actions.intake import refuse_accusation
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.errors import InvalidInput, NotPermitted
from cases.guards import dispatches_anywhere
from cases.models import Assignment, Case, Category
from cases.terms import AssignmentRole, AssignmentState, ClockKind, Outcome, Status
from cases.workflow import Action
from grids.actors import Actor
from grids.area_codes import LEVEL_DIGITS
from grids.labels import DepartmentKind
from grids.models import Department
from grids.roles import Role
from grids.units import center_unit, dispatching_unit


def docket(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    type: str,
    category: Category,
    urgency: str,
    note: str = "",
    terms: Terms = NO_TERMS,
) -> Case:
    """立项: fix type, category and urgency; the county's promise to the citizen begins to run."""
    refuse_accusation(type)
    with take_turn(Action.DOCKET, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        case = turn.case
        case.type, case.category, case.urgency = type, category, urgency
        case.status, case.docketed_at = Status.DOCKETED, now
        case.dispatch_unit = _unit_of(turn)
        charged = case.dispatch_unit.pk if case.dispatch_unit else None
        turn.stop(ClockKind.DOCKET)
        turn.start(ClockKind.RESOLVE, charged_id=charged)
        turn.start(ClockKind.DISPATCH, charged_id=charged)
        turn.facts |= {"type": type, "category": category.code, "urgency": urgency, "unit": charged}
        turn.texts["note"] = note
    return case


def reject(*, case_id: int, actor: Actor, now: datetime, reason: str, advice: str, terms: Terms = NO_TERMS) -> Case:
    """不予受理: with a reason from the closed list and the place to go instead."""
    with take_turn(Action.REJECT, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.stop(ClockKind.DOCKET)  # it waited for this decision as well; what else runs ends with the case
        turn.case.status, turn.case.outcome = Status.REJECTED, Outcome.REJECTED
        turn.facts["reason"] = reason
        turn.texts["advice"] = advice
        if turn.case.created_by is not None:
            turn.drafts += telling.to_user(turn.case, "rejected", turn.case.created_by, key=str(turn.case.pk))
    return turn.case


def dispatch(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    lead: Department,
    assistants: Sequence[Department] = (),
    instruction: str = "",
    terms: Terms = NO_TERMS,
) -> Case:
    """吹哨派单: one lead, any assistants; each gets its own report-in clock. A township calls only its own units."""
    _check_distinct(lead, assistants)
    with take_turn(Action.DISPATCH, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        for department in (lead, *assistants):
            _check_reach(turn, department)
        turn.case.status, turn.case.dispatched_at, turn.case.lead = Status.DISPATCHED, now, lead
        turn.stop(ClockKind.DISPATCH)
        _assign(turn, lead, AssignmentRole.LEAD)
        for department in assistants:
            _assign(turn, department, AssignmentRole.ASSIST)
        turn.texts["instruction"] = instruction
        tell_departments(turn, [a for a in turn.assignments if a.state == AssignmentState.WAITING], "whistle")
    return turn.case


def _unit_of(turn: Turn) -> Department | None:
    """The dispatcher's own unit: the township where the dispatcher sits there, the centre otherwise."""
    if Role.TOWNSHIP_DISPATCHER in turn.actor.roles_in_area(turn.case.area_code):
        return dispatching_unit(turn.case.area_code)
    return center_unit()


def _check_distinct(lead: Department, assistants: Sequence[Department]) -> None:
    ids = [department.pk for department in assistants]
    if lead.pk in ids or len(set(ids)) != len(ids):
        message = _("Each department can be called once: either as the lead or as an assistant.")
        raise InvalidInput(message, {"assistants": [message]})


def _check_reach(turn: Turn, department: Department) -> None:
    if dispatches_anywhere(turn.actor, turn.case):
        return
    # The case's township, not the unit that docketed it: that may have been the county's centre.
    township = turn.case.area_code[: LEVEL_DIGITS["township"]]
    own = department.kind in {DepartmentKind.TOWNSHIP, DepartmentKind.STATION}
    if not (own and department.area.code.startswith(township)):
        raise NotPermitted(
            _("A township calls only its own units. Ask the county's center to call %(department)s.")
            % {"department": department.short_name}
        )


def _assign(turn: Turn, department: Department, role: AssignmentRole) -> None:
    assignment = Assignment.objects.create(
        case=turn.case,
        department=department,
        role=role,
        state=AssignmentState.WAITING,
        assigned_at=turn.now,
    )
    turn.assignments.append(assignment)
    turn.start(ClockKind.REPORT_IN, charged_id=department.pk, assignment=assignment)
    turn.facts.setdefault("assigned", {})[str(assignment.pk)] = [department.code, role.value]
