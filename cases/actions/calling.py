"""Calling departments in: shared by the dispatch, the approved whistle, and every later change of departments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions.notices import tell_departments, tell_each
from cases.actions.turn import Turn
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.guards import dispatches_anywhere, is_own_unit
from cases.limits import Thresholds
from cases.models import Assignment, Case
from cases.schedule import plan
from cases.terms import HOLDING_STATES, AssignmentRole, AssignmentState, ClockKind, Status, StopReason
from cases.versions import rules_of
from grids.actors import Actor
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
    refuse_beyond_reach(turn.actor, turn.case, departments)


def refuse_beyond_reach(actor: Actor, case: Case, departments: Iterable[Department]) -> None:
    """NotPermitted where somebody may not call one of them."""
    if dispatches_anywhere(actor, case):
        return
    for department in departments:
        if not is_own_unit(case, department):
            raise NotPermitted(
                _("A township calls only its own units. Propose a whistle to call %(department)s.")
                % {"department": department.short_name}
            )


def whistle(turn: Turn, *, lead: Department, assistants: Sequence[Department]) -> None:
    """吹哨: the dispatch clock stops; every department called gets its own report-in clock and is told."""
    turn.case.status, turn.case.dispatched_at, turn.case.lead = Status.DISPATCHED, turn.now, lead
    _drop_proposal(turn)
    turn.stop(ClockKind.DISPATCH)
    roles = dict.fromkeys(assistants, AssignmentRole.ASSIST)
    tell_departments(turn, assign(turn, {lead: AssignmentRole.LEAD} | roles), "whistle")


def _drop_proposal(turn: Turn) -> None:
    """What was proposed and not decided before is void: otherwise it would come back with a later round."""
    proposal = turn.proposal
    if proposal is not None:
        proposal.decided_at, proposal.decided_by_id, proposal.approved = turn.now, turn.actor.user_id, False
        proposal.save(update_fields=["decided_at", "decided_by", "approved"])


def calling_unit(turn: Turn) -> Department | None:
    """The unit of whoever acts: the township where that person sits there, the centre otherwise."""
    if turn.actor.roles_in_area(turn.case.area_code) & {Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER}:
        return dispatching_unit(turn.case.area_code)
    return center_unit()


def assign(turn: Turn, roles: Mapping[Department, AssignmentRole]) -> list[Assignment]:
    """New parts of the case, each with a report-in clock of its own. Conflict when a department holds one already.

    The unit of whoever acts answers for it if the call turns out to be a mistake.
    """
    refuse_holders(turn.assignments, roles)
    caller, due = calling_unit(turn), objection_due(turn)
    parts = [
        Assignment(
            case=turn.case,
            department=department,
            role=role,
            state=AssignmentState.WAITING,
            assigned_at=turn.now,
            called_by=caller,
            objection_due_at=due,
        )
        for department, role in roles.items()
    ]
    Assignment.objects.bulk_create(parts)
    turn.assignments += parts
    turn.start_each(ClockKind.REPORT_IN, parts)
    called = {str(part.pk): [part.department.code, str(part.role)] for part in parts}
    turn.facts.setdefault("assigned", {}).update(called)
    return parts


def refuse_holders(parts: Iterable[Assignment], departments: Iterable[Department]) -> None:
    """Conflict where one of them holds a part already."""
    holding = {a.department_id for a in parts if a.state in HOLDING_STATES}
    for department in departments:
        if department.pk in holding:
            sentence = _("%(department)s holds a part of this case already.")
            raise Conflict(sentence % {"department": department.short_name})


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
    asked = turn.asked
    if asked is not None and asked.assignment_id == part.pk:
        asked.decided_at, asked.granted = turn.now, False
        asked.save(update_fields=["decided_at", "granted"])
        turn.facts["dropped"] = asked.pk


def replace_part(turn: Turn, part: Assignment, department: Department, *, told: str) -> Assignment:
    """Hand a part to another department: its time begins anew, the old one's stays the old one's. `told`: what the old
    one hears."""
    refuse_same(part, department)
    take_away(turn, part, AssignmentState.CANCELLED)
    (fresh,) = assign(turn, {department: AssignmentRole(part.role)})
    if part.role == AssignmentRole.LEAD:
        turn.case.lead, turn.case.status = department, Status.DISPATCHED
    tell_each(turn, {part: told, fresh: "whistle"})
    return fresh


def refuse_same(part: Assignment, department: Department) -> None:
    """InvalidInput where a part would be handed to whoever has it."""
    if department.pk == part.department_id:
        message = _("%(department)s has this part already.") % {"department": department.short_name}
        raise InvalidInput(message, {"department": [message]})
