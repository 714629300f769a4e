"""What the table alone cannot say: on which rows of a case a person may act. One rule for buttons and actions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cases import workflow
from cases.access import roles_on
from cases.duties import DISPATCHING_CLOCKS
from cases.models import Alert, Assignment, Case
from cases.terms import HOLDING_STATES, AssignmentState, Status
from cases.workflow import TABLE, Action, Subject
from grids.actors import Actor
from grids.roles import Role

_STATE_FOR = {Action.REPORT_IN: AssignmentState.WAITING, Action.FINISH: AssignmentState.WORKING}


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that this person may take now. `subjects`: the assignments or alerts that it can name."""

    action: Action
    subjects: tuple[int, ...] = field(default=())


def offers(actor: Actor, case: Case, assignments: Sequence[Assignment], alerts: Iterable[Alert]) -> list[Offer]:
    """Exactly the actions that would not be refused, in the order of the loop. `alerts`: those of the case."""
    found = []
    for action in workflow.actions_in(Status(case.status), roles_on(actor, case, list(assignments))):
        rule = TABLE[action]
        if rule.subject is Subject.ASSIGNMENT:
            subjects = tuple(a.pk for a in assignments if may_take(actor, action, a))
        elif rule.subject is Subject.ALERT:
            subjects = tuple(a.pk for a in alerts if may_acknowledge(actor, case, a))
        else:
            subjects = ()
            if action is Action.VERIFY and is_party(actor, assignments):
                continue
        if subjects or rule.subject is Subject.CASE:
            found.append(Offer(action, subjects))
    return found


def holds(actor: Actor, action: Action, assignment: Assignment) -> bool:
    """Whether the person has a post in the assignment's department that the action asks for."""
    return bool(actor.roles_in_department(assignment.department_id) & TABLE[action].roles)


def may_take(actor: Actor, action: Action, assignment: Assignment) -> bool:
    return assignment.state == _STATE_FOR[action] and holds(actor, action, assignment)


def may_acknowledge(actor: Actor, case: Case, alert: Alert) -> bool:
    return alert.acknowledged_at is None and is_told_unit(actor, case, alert)


def is_told_unit(actor: Actor, case: Case, alert: Alert) -> bool:
    """The unit whose clock it is: the dispatchers of the area, or the department that was called."""
    if alert.clock.kind in DISPATCHING_CLOCKS:
        return bool(actor.roles_in_area(case.area_code) & TABLE[Action.ACKNOWLEDGE].roles)
    return bool(actor.roles_in_department(alert.charged_id) & TABLE[Action.ACKNOWLEDGE].roles)


def is_party(actor: Actor, assignments: Iterable[Assignment]) -> bool:
    """Whether the person belongs to a department that holds a part: such a one never verifies its own work."""
    return any(a.department_id in actor.department_ids and a.state in HOLDING_STATES for a in assignments)


def dispatches_anywhere(actor: Actor, case: Case) -> bool:
    """The centre may call any unit; a township only units of its own."""
    return Role.CENTER_DISPATCHER in actor.roles_in_area(case.area_code)
