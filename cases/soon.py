"""What a person cannot do yet and will be able to once something else has happened: shown grey, with its reason.

Of the loop's next steps alone. A promise is no right: `cases.guards` decides when the time has come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.access import roles_on
from cases.extensions import is_extensible
from cases.guards import Scene, holds, is_party
from cases.models import Assignment
from cases.terms import AssignmentRole, AssignmentState, ClockKind, Status
from cases.versions import rules_of
from cases.workflow import TABLE, Action
from grids.actors import Actor

_Condition = Callable[[Actor, Scene], bool]
_WITH_DEPARTMENTS: Final = frozenset({Status.DISPATCHED, Status.HANDLING})


@dataclass(frozen=True, slots=True)
class Soon:
    """An action with what must happen before it."""

    action: Action
    reason: Any


@dataclass(frozen=True, slots=True)
class _Promise:
    """In these statuses, for whoever has a post for the action and where `when` holds."""

    action: Action
    statuses: frozenset[Status]
    when: _Condition
    reason: Any


def _has_part(action: Action, state: AssignmentState) -> _Condition:
    """Whether the own department holds a part in that state; only the lead asks for extensions."""

    def met(actor: Actor, scene: Scene) -> bool:
        parts = (part for part in scene.assignments if part.state == state and holds(actor, action, part))
        return any(_asks(action, part, scene) for part in parts)

    return met


def _asks(action: Action, part: Assignment, scene: Scene) -> bool:
    if action is not Action.REQUEST_EXTENSION:
        return True
    granted = sum(1 for request in scene.extensions if request.granted)
    return part.role == AssignmentRole.LEAD and is_extensible(scene.case, granted + 1)


def _waits_for_a_decision(actor: Actor, scene: Scene) -> bool:
    asked = any(request.decided_at is None for request in scene.extensions)
    return asked and _has_part(Action.REQUEST_EXTENSION, AssignmentState.WORKING)(actor, scene)


def _will_be_rated(_actor: Actor, scene: Scene) -> bool:
    case = scene.case
    invited = rules_of(case.policy_id).limit(case.type, ClockKind.RATE.value, None) is not None
    return invited and bool(case.petitioners.all())


def _waits_for_an_answer(_actor: Actor, scene: Scene) -> bool:
    return any(order.answered_at is None and order.signed_off_at is None for order in scene.orders)


def _always(_actor: Actor, _scene: Scene) -> bool:
    return True


_IN_HAND: Final = (Action.FINISH, Action.REQUEST_EXTENSION)
_PROMISES: Final = (
    _Promise(Action.DISPATCH, frozenset({Status.COLLECTED}), _always, _("once the matter is docketed")),
    _Promise(Action.PROPOSE_WHISTLE, frozenset({Status.COLLECTED}), _always, _("once the matter is docketed")),
    *(
        _Promise(action, statuses, _has_part(action, state), reason)
        for statuses, state, reason in (
            (_WITH_DEPARTMENTS, AssignmentState.WAITING, _("once your department has reported in")),
            (
                _WITH_DEPARTMENTS,
                AssignmentState.DISPUTED,
                _("if the objection is overruled, once you have reported in"),
            ),
            (frozenset({Status.SUSPENDED}), AssignmentState.WORKING, _("once the suspended case goes on")),
        )
        for action in _IN_HAND
    ),
    _Promise(
        Action.REQUEST_EXTENSION,
        frozenset({Status.HANDLING}),
        _waits_for_a_decision,
        _("once the request that waits is decided"),
    ),
    _Promise(
        Action.VERIFY,
        _WITH_DEPARTMENTS,
        lambda actor, scene: not is_party(actor, scene.assignments),
        _("once every department has answered"),
    ),
    _Promise(Action.RATE, frozenset({Status.ANSWERED}), _will_be_rated, _("once the answer has passed verification")),
    _Promise(
        Action.SIGN_OFF, TABLE[Action.SIGN_OFF].sources, _waits_for_an_answer, _("once the department has answered it")
    ),
)


def soon(actor: Actor, scene: Scene, offered: frozenset[Action]) -> list[Soon]:
    """The next steps that are not `offered` yet. None on a sealed case, nor to whom the case names."""
    case = scene.case
    if case.sealed or actor.user_id in scene.concerned:
        return []
    roles = roles_on(actor, case, scene.assignments, scene.orders)
    found: dict[Action, Soon] = {}
    for promise in _PROMISES:
        if promise.action in offered or case.status not in promise.statuses or not roles & TABLE[promise.action].roles:
            continue
        if promise.when(actor, scene):
            found.setdefault(promise.action, Soon(promise.action, promise.reason))
    return list(found.values())
