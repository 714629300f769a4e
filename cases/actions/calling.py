"""Calling departments in: shared by the dispatch, the approved whistle, and every later change of departments."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions.notices import tell_departments
from cases.actions.turn import Turn
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.guards import dispatches_anywhere, is_own_unit
from cases.limits import Thresholds
from cases.models import Assignment
from cases.schedule import plan
from cases.terms import HOLDING_STATES, AssignmentRole, AssignmentState, ClockKind, Status, StopReason
from cases.versions import rules_of
from grids.models import Department
from grids.roles import Role
from grids.units import center_unit, dispatching_unit


def check_distinct(lead: Department, assistants: Sequence[Department]) -> None:
    ids = [department.pk for department in assistants]
    if lead.pk in ids or len(set(ids)) != len(ids):
        message = _("Each department can be called once: either as the lead or as an assistant.")
        raise InvalidInput(message, {"assistants": [message]})


def check_reach(turn: Turn, *departments: Department) -> None:
    """A township calls only its own units; the centre calls any."""
    if dispatches_anywhere(turn.actor, turn.case):
        return
    for department in departments:
        if not is_own_unit(turn.case, department):
            raise NotPermitted(
                _("A township calls only its own units. Propose a whistle to call %(department)s.")
                % {"department": department.short_name}
            )


def whistle(turn: Turn, *, lead: Department, assistants: Sequence[Department]) -> None:
    """吹哨: the dispatch clock stops; every department called gets its own report-in clock and is told."""
    turn.case.status, turn.case.dispatched_at, turn.case.lead = Status.DISPATCHED, turn.now, lead
    # What was proposed and not decided before is void: otherwise it would come back with a later round.
    void = {"decided_at": turn.now, "decided_by": turn.actor.user_id, "approved": False}
    turn.case.whistle_proposals.filter(decided_at=None).update(**void)
    turn.stop(ClockKind.DISPATCH)
    caller = calling_unit(turn)
    called = [assign(turn, lead, AssignmentRole.LEAD, caller=caller)]
    called += [assign(turn, department, AssignmentRole.ASSIST, caller=caller) for department in assistants]
    tell_departments(turn, called, "whistle")


def calling_unit(turn: Turn) -> Department | None:
    """The unit of whoever acts: the township where that person sits there, the centre otherwise."""
    if turn.actor.roles_in_area(turn.case.area_code) & {Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER}:
        return dispatching_unit(turn.case.area_code)
    return center_unit()


def assign(turn: Turn, department: Department, role: AssignmentRole, *, caller: Department | None) -> Assignment:
    """A new part of the case with a report-in clock of its own. Conflict when the department holds a part already.

    `caller` answers for it if the call turns out to be a mistake.
    """
    if any(a.department_id == department.pk and a.state in HOLDING_STATES for a in turn.assignments):
        raise Conflict(_("%(department)s holds a part of this case already.") % {"department": department.short_name})
    assignment = Assignment.objects.create(
        case=turn.case,
        department=department,
        role=role,
        state=AssignmentState.WAITING,
        assigned_at=turn.now,
        called_by=caller,
        objection_due_at=objection_due(turn),
    )
    turn.assignments.append(assignment)
    turn.start(ClockKind.REPORT_IN, charged_id=department.pk, assignment=assignment)
    turn.facts.setdefault("assigned", {})[str(assignment.pk)] = [department.code, role.value]
    return assignment


def objection_due(turn: Turn) -> datetime | None:
    """Until when the department may object; None where the policy sets no limit to it."""
    limit = rules_of(turn.case.policy_id).objection(turn.case.type)
    if limit is None:
        return None
    uncoloured = Thresholds(blue=None, yellow=None, red=False)
    return plan(start=turn.now, limit=limit, thresholds=uncoloured, calendar=turn.calendar_in_force().calendar).due


def take_away(turn: Turn, part: Assignment, state: AssignmentState) -> None:
    """End a department's part: its clocks stop with it, so that it inherits nothing and is charged nothing more."""
    part.state = state
    part.save(update_fields=["state"])
    drop_request(turn, part)
    for kind in (ClockKind.REPORT_IN, ClockKind.HANDLE):
        if kind in turn.rule.stops:
            turn.stop(kind, assignment=part, reason=StopReason.ENDED)
    turn.facts.setdefault("taken", {})[str(part.pk)] = state.value


def drop_request(turn: Turn, part: Assignment) -> None:
    """Nobody decides any more about an extension for a department that is done or gone."""
    asked = turn.case.extension_requests.filter(assignment=part, decided_at=None).first()
    if asked is not None:
        asked.decided_at, asked.granted = turn.now, False
        asked.save(update_fields=["decided_at", "granted"])
        turn.facts["dropped"] = asked.pk


def replace_part(turn: Turn, part: Assignment, department: Department, *, told: str) -> Assignment:
    """Hand a part to another department: its time begins anew, the old one's stays the old one's. `told`: what the old
    one hears."""
    if department.pk == part.department_id:
        message = _("%(department)s has this part already.") % {"department": department.short_name}
        raise InvalidInput(message, {"department": [message]})
    take_away(turn, part, AssignmentState.CANCELLED)
    fresh = assign(turn, department, AssignmentRole(part.role), caller=calling_unit(turn))
    if part.role == AssignmentRole.LEAD:
        turn.case.lead, turn.case.status = department, Status.DISPATCHED
    tell_departments(turn, [part], told)
    tell_departments(turn, [fresh], "whistle")
    return fresh
