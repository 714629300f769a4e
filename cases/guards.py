"""What the table alone cannot say: on which rows of a case a person may act. One rule for buttons and actions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from cases import workflow
from cases.access import concerned_ids, roles_on
from cases.colours import Colour
from cases.duties import DISPATCHING_CLOCKS
from cases.extensions import deciders, is_extensible
from cases.models import Alert, Assignment, Case, ExtensionRequest, Objection, SupervisionOrder, WhistleProposal
from cases.terms import (
    HOLDING_STATES,
    PENDING_STATES,
    AssignmentRole,
    AssignmentState,
    Status,
)
from cases.workflow import TABLE, Action
from grids.actors import Actor
from grids.area_codes import LEVEL_DIGITS
from grids.labels import DepartmentKind
from grids.models import Department
from grids.roles import Role

#: After that many upheld objections the next one is decided by the centre as arbiter (a third bounce).
BOUNCES_BEFORE_ARBITER = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """A case with everything around it that decides who may do what. `followed`: others were merged into it."""

    case: Case
    assignments: Sequence[Assignment]
    alerts: Sequence[Alert]
    orders: Sequence[SupervisionOrder]
    objections: Sequence[Objection]
    proposals: Sequence[WhistleProposal]
    extensions: Sequence[ExtensionRequest]
    concerned: frozenset[int]
    followed: bool
    suspended_until: datetime | None = None

    @classmethod
    def of(cls, case: Case) -> "Scene":
        """From the case's relations: without a query where they were prefetched, otherwise one for each of them."""
        parts = Prefetch("assignments", Assignment.objects.select_related("objection"))
        prefetch_related_objects([case], parts, Prefetch("alerts", Alert.objects.select_related("clock")))
        assignments = list(case.assignments.all())
        return cls(
            case=case,
            assignments=assignments,
            alerts=list(case.alerts.all()),
            orders=list(case.supervision_orders.all()),
            objections=[a.objection for a in assignments if hasattr(a, "objection")],
            proposals=list(case.whistle_proposals.all()),
            extensions=list(case.extension_requests.all()),
            concerned=concerned_ids(case),
            followed=case.__dict__["has_followers"] if "has_followers" in case.__dict__ else case.merged.exists(),
            suspended_until=next((held.until for held in case.suspensions.all() if held.ended_at is None), None),
        )

    def status(self, now: datetime) -> Status:
        """Where an action finds the case: a suspension whose day has come ends before it (`cases.actions.turn`)."""
        over = self.suspended_until is not None and self.suspended_until < now
        return Status.HANDLING if over else Status(self.case.status)


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that this person may take now. `subjects`: the assignments, alerts or orders that it can name."""

    action: Action
    subjects: tuple[int, ...] = field(default=())


def offers(actor: Actor, scene: Scene, *, now: datetime) -> list[Offer]:
    """Exactly the actions that would not be refused, in the order of the loop."""
    case, found = scene.case, []
    roles = roles_on(actor, case, scene.assignments, scene.orders)
    if actor.user_id in scene.concerned:
        return []
    for action in workflow.actions_in(scene.status(now), roles, sealed=case.sealed):
        guard = _GUARDS.get(action)
        if guard is None:
            found.append(Offer(action))
        elif subjects := guard(actor, scene, now):
            found.append(Offer(action, () if subjects is _ALLOWED else subjects))
    return found


def holds(actor: Actor, action: Action, assignment: Assignment) -> bool:
    """Whether the person has a post in the assignment's department that the action asks for."""
    return bool(actor.roles_in_department(assignment.department_id) & TABLE[action].roles)


def is_told_unit(actor: Actor, case: Case, alert: Alert) -> bool:
    """The unit whose clock it is: the dispatchers of the area, or the department that was called."""
    if case.sealed:
        return bool(roles_on(actor, case, []))
    if alert.clock.kind in DISPATCHING_CLOCKS:
        return bool(actor.roles_in_area(case.area_code) & TABLE[Action.ACKNOWLEDGE].roles)
    return bool(actor.roles_in_department(alert.charged_id) & TABLE[Action.ACKNOWLEDGE].roles)


def is_party(actor: Actor, assignments: Iterable[Assignment]) -> bool:
    """Whether the person belongs to a department that holds a part: such a one never verifies its own work."""
    return any(a.department_id in actor.department_ids and a.state in HOLDING_STATES for a in assignments)


def dispatches_anywhere(actor: Actor, case: Case) -> bool:
    """The centre may call any unit; a township only units of its own."""
    return Role.CENTER_DISPATCHER in actor.roles_in_area(case.area_code)


def is_own_unit(case: Case, department: Department) -> bool:
    """Whether a unit belongs to the case's township. Not to the unit that docketed it, which may be the centre."""
    township = case.area_code[: LEVEL_DIGITS["township"]]
    own = department.kind in {DepartmentKind.TOWNSHIP, DepartmentKind.STATION}
    return own and department.area.code.startswith(township)


def needs_arbiter(objections: Iterable[Objection]) -> bool:
    """A third bounce goes to the centre as arbiter."""
    return sum(1 for objection in objections if objection.upheld) >= BOUNCES_BEFORE_ARBITER


def may_arbitrate(actor: Actor, case: Case, objections: Iterable[Objection]) -> bool:
    return not needs_arbiter(objections) or dispatches_anywhere(actor, case)


def may_decide_extension(actor: Actor, case: Case, request: ExtensionRequest, department_id: int) -> bool:
    roles = actor.roles_in_area(case.area_code)
    roles |= actor.roles_in_department(department_id) & {Role.DEPARTMENT_HEAD}
    return bool(roles & deciders(case.type, request.level))


_Guard = Callable[[Actor, Scene, datetime], tuple[int, ...]]
#: What a guard answers for an action on the case itself that is allowed.
_ALLOWED: tuple[int, ...] = (0,)


def _parts(state: AssignmentState, action: Action) -> _Guard:
    """The parts of the actor's own department in that state."""

    def guard(actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
        return tuple(a.pk for a in scene.assignments if a.state == state and holds(actor, action, a))

    return guard


def _any_part(*states: AssignmentState, role: AssignmentRole | None = None) -> _Guard:
    """Parts of any department in those states, for dispatchers."""

    def guard(_actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
        return tuple(a.pk for a in scene.assignments if a.state in states and role in {None, a.role})

    return guard


def _when(condition: Callable[[Actor, Scene], bool]) -> _Guard:
    """An action on the case itself that has a condition."""

    def guard(actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
        return _ALLOWED if condition(actor, scene) else ()

    return guard


def _objectionable(actor: Actor, scene: Scene, now: datetime) -> tuple[int, ...]:
    objected = {objection.department_id for objection in scene.objections}
    return tuple(
        a.pk
        for a in scene.assignments
        if a.state == AssignmentState.WAITING
        and holds(actor, Action.OBJECT, a)
        and a.department_id not in objected
        and (a.objection_due_at is None or now <= a.objection_due_at)
    )


def _disputed(actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
    if not may_arbitrate(actor, scene.case, scene.objections):
        return ()
    return tuple(a.pk for a in scene.assignments if a.state == AssignmentState.DISPUTED)


def _may_ask_for_extension(actor: Actor, scene: Scene) -> bool:
    leads = (a for a in scene.assignments if a.role == AssignmentRole.LEAD and a.state == AssignmentState.WORKING)
    return (
        any(holds(actor, Action.REQUEST_EXTENSION, a) for a in leads)
        and not any(request.decided_at is None for request in scene.extensions)
        and is_extensible(scene.case, sum(1 for request in scene.extensions if request.granted) + 1)
    )


def _may_decide_extension(actor: Actor, scene: Scene) -> bool:
    departments = {a.pk: a.department_id for a in scene.assignments}
    return any(
        may_decide_extension(actor, scene.case, request, departments[request.assignment_id])
        for request in scene.extensions
        if request.decided_at is None
    )


def _proposal_waits(_actor: Actor, scene: Scene) -> bool:
    return any(proposal.decided_at is None for proposal in scene.proposals)


def _alerts(condition: Callable[[Alert], bool]) -> _Guard:
    """The alerts of the actor's own unit that still ask for this."""

    def guard(actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
        return tuple(a.pk for a in scene.alerts if condition(a) and is_told_unit(actor, scene.case, a))

    return guard


def _annullable(_actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
    return tuple(a.pk for a in scene.alerts if a.annulled_at is None)


def _answerable(actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
    roles = TABLE[Action.ANSWER_SUPERVISION].roles
    return tuple(
        o.pk for o in scene.orders if o.answered_at is None and actor.roles_in_department(o.department_id) & roles
    )


def _clearable(_actor: Actor, scene: Scene, _now: datetime) -> tuple[int, ...]:
    return tuple(o.pk for o in scene.orders if o.answered_at is not None and o.signed_off_at is None)


_GUARDS: dict[Action, _Guard] = {
    Action.REPORT_IN: _parts(AssignmentState.WAITING, Action.REPORT_IN),
    Action.FINISH: _parts(AssignmentState.WORKING, Action.FINISH),
    Action.VERIFY: _when(lambda actor, scene: not is_party(actor, scene.assignments)),
    Action.WITHDRAW: _when(lambda _actor, scene: not scene.followed),
    Action.PROPOSE_WHISTLE: _when(lambda actor, scene: not _proposal_waits(actor, scene)),
    Action.APPROVE_WHISTLE: _when(_proposal_waits),
    Action.REFUSE_WHISTLE: _when(_proposal_waits),
    Action.OBJECT: _objectionable,
    Action.DECIDE_OBJECTION: _disputed,
    Action.REASSIGN: _any_part(AssignmentState.WAITING, AssignmentState.WORKING),
    Action.RELEASE_ASSISTANT: _any_part(*sorted(PENDING_STATES), role=AssignmentRole.ASSIST),
    Action.REQUEST_EXTENSION: _when(_may_ask_for_extension),
    Action.DECIDE_EXTENSION: _when(_may_decide_extension),
    Action.ACKNOWLEDGE: _alerts(lambda alert: alert.acknowledged_at is None),
    Action.SUBMIT_PLAN: _alerts(lambda alert: alert.plan_at is None and alert.colour >= Colour.YELLOW),
    Action.ANNUL_ALERT: _annullable,
    Action.ANSWER_SUPERVISION: _answerable,
    Action.SIGN_OFF: _clearable,
}
