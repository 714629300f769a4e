"""What a button would start or move, before the officer confirms it. Reads only; nothing is written.

The moments come from `cases.schedule`, by the same clocks and adjustments that the actions store; a test takes every
action and holds the two together.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.actions.extension import allowed_extension
from cases.actions.raters import raters_of
from cases.actions.standstill import end_on
from cases.actions.timing import adjustments_of, moments_of, new_clock
from cases.actions.whistle import effective_at_once
from cases.colours import Colour
from cases.errors import NotReady
from cases.limits import Limit
from cases.models import Assignment, Case, Clock, ExtensionRequest
from cases.receipts import stored_moments
from cases.schedule import Adjustment, Extension, Moments, Pause, plan
from cases.terms import (
    MAX_ROUNDS,
    PENDING_STATES,
    AssignmentRole,
    AssignmentState,
    CaseType,
    ClockKind,
    ExtensionLevel,
    Grade,
)
from cases.versions import CalendarInForce, calendar_in_force, policy_in_force, rules_of
from cases.workflow import Action

#: What a form says so far, by field; what it does not say yet is left out.
Said = Mapping[str, Any]
_Start = tuple[ClockKind, Assignment | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """One clock with the moments that it would have. A clock without an id is one that would start."""

    clock: Clock
    moments: Moments


def foreseen(
    action: Action, case: Case, said: Said, *, now: datetime, calendar: CalendarInForce | None = None
) -> list[Moved]:
    """The clocks that this action would start or move, of a case from `selectors.case_for`.

    `calendar`: the one in force, for whoever asks for many cases. Empty while the form does not say enough. Errors:
    InvalidInput and Conflict, where the action would answer them.
    """
    if action in _MOVES:
        return _MOVES[action](case, said, now)
    told = _as_told(case, said)
    return _started(told, _STARTS[action](told, said), now, calendar)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A limit that would apply to a new case, with its moments if it started now. `rule`: its cell of the policy."""

    kind: ClockKind
    limit: Limit
    rule: str
    moments: Moments


def limits_ahead(case_type: str, category: str | None, *, now: datetime) -> list[Ahead]:
    """All limits of a matter that nobody took in yet, by the policy in force. NotReady when it lacks the type."""
    version, calendar = policy_in_force(now), calendar_in_force().calendar
    rules, found = rules_of(version.pk), []
    if not rules.knows(case_type):
        raise NotReady(_("The limits in force know no such type: an administrator must publish them."))
    for kind in _AHEAD:
        if (limit := rules.limit(case_type, kind.value, category)) is not None:
            thresholds = rules.thresholds(case_type, kind.value, category)
            moments = plan(start=now, limit=limit, thresholds=thresholds, calendar=calendar)
            found.append(Ahead(kind, limit, rules.place(case_type, kind.value, category), moments))
    return found


def objection_limit(case: Case) -> Limit | None:
    """How long a department that is called may object: a right by the case's own policy, and no clock."""
    return rules_of(case.policy_id).objection(case.type)


#: In the order in which a case meets them.
_AHEAD = (
    ClockKind.DOCKET,
    ClockKind.DISPATCH,
    ClockKind.RESOLVE,
    ClockKind.REPORT_IN,
    ClockKind.HANDLE,
    ClockKind.VERIFY,
    ClockKind.RATE,
    ClockKind.SUPERVISION,
)


def suspension_preview(case: Case, until: date, *, now: datetime) -> list[Moved]:
    """Every running clock, paused from now until the case resumes on that day. InvalidInput as in `suspend`."""
    pause = Pause(now, end_on(until, now=now))
    return _moved(case, [clock for clock in case.clocks.all() if clock.stopped_at is None], pause)


def asked_extension(case: Case) -> ExtensionRequest | None:
    """The extension that waits for its decision, of a case from `selectors.case_for`."""
    return next((request for request in case.extension_requests.all() if request.decided_at is None), None)


def extension_preview(case: Case, *, now: datetime, amount: Decimal | None = None) -> list[Moved]:
    """The lead's handle and the resolve clock, extended now by `amount` units, or else as was asked for.

    Errors: those of `request_extension` for the amount. Empty where nothing runs or nothing was asked for.
    """
    request = asked_extension(case)
    if amount is not None:
        granted = sum(1 for earlier in case.extension_requests.all() if earlier.granted)
        limit = allowed_extension(case, amount, granted + 1)
    elif request is not None:
        limit = Limit.parse(request.limit)
    else:
        return []
    leads = {a.pk for a in case.assignments.all() if a.role == AssignmentRole.LEAD}
    clocks = [
        clock
        for clock in case.clocks.all()
        if clock.stopped_at is None
        and (clock.kind == ClockKind.RESOLVE or (clock.kind == ClockKind.HANDLE and clock.assignment_id in leads))
    ]
    return _moved(case, clocks, Extension(limit, at=now))


def resumption_preview(case: Case, *, now: datetime) -> list[Moved]:
    """Every clock that stands still, going on now; behind the day of the suspension from that day on."""
    until = next((held.until for held in case.suspensions.all() if held.ended_at is None), now)
    paused = [clock for clock in case.clocks.all() if clock.stopped_at is None and clock.paused_at is not None]
    return [
        moved for clock in paused for moved in _moved(case, [clock], Pause(clock.paused_at or now, min(now, until)))
    ]


def _moved(case: Case, clocks: Sequence[Clock], adjustment: Adjustment) -> list[Moved]:
    earlier = adjustments_of(clocks)
    return [
        Moved(clock, moments_of(clock, case=case, adjustments=[*earlier[clock.pk], adjustment])) for clock in clocks
    ]


def _suspension(case: Case, said: Said, now: datetime) -> list[Moved]:
    return suspension_preview(case, said["until"], now=now) if "until" in said else []


def _extension_asked(case: Case, said: Said, now: datetime) -> list[Moved]:
    return extension_preview(case, amount=said["amount"], now=now) if "amount" in said else []


def _extension_decided(case: Case, said: Said, now: datetime) -> list[Moved]:
    """A third one is red, and a red opens a supervision order (domain.md, "Colours")."""
    if not said.get("granted"):
        return []
    moved, request = extension_preview(case, now=now), asked_extension(case)
    handled = any(one.clock.kind == ClockKind.HANDLE and one.clock.raised < Colour.RED for one in moved)
    if request is not None and request.level == ExtensionLevel.HIGHEST and handled:
        moved += _started(case, _order_of_red(case), now)
    return moved


def _order_of_red(case: Case) -> Iterator[_Start]:
    """A further red joins the open order against the lead."""
    open_orders = (order for order in case.supervision_orders.all() if order.signed_off_at is None)
    if case.lead_id is not None and all(order.department_id != case.lead_id for order in open_orders):
        yield ClockKind.SUPERVISION, None


_MOVES: Mapping[Action, Callable[[Case, Said, datetime], list[Moved]]] = {
    Action.SUSPEND: _suspension,
    Action.RESUME: lambda case, _said, now: resumption_preview(case, now=now),
    Action.REQUEST_EXTENSION: _extension_asked,
    Action.DECIDE_EXTENSION: _extension_decided,
}


def _as_told(case: Case, said: Said) -> Case:
    """The case as the form would make it: its limits go by type and category."""
    told = copy.copy(case)
    for name in ("type", "category"):
        if name in said:
            setattr(told, name, said[name])
    return told


def _started(
    case: Case, starts: Iterable[_Start], now: datetime, calendar: CalendarInForce | None = None
) -> list[Moved]:
    calendar = calendar or calendar_in_force()
    clocks = (
        new_clock(case=case, kind=kind, charged_id=None, assignment=part, calendar=calendar, now=now)
        for kind, part in starts
    )
    return [Moved(clock, stored_moments(clock)) for clock in clocks if clock is not None]


def _docketing(case: Case, _said: Said) -> Iterator[_Start]:
    yield ClockKind.RESOLVE, None
    if case.type != CaseType.ACCUSATION:  # which is dispatched to nobody
        yield ClockKind.DISPATCH, None


def _calling(_case: Case, _said: Said) -> Iterator[_Start]:
    yield ClockKind.REPORT_IN, None


def _proposing(case: Case, _said: Said) -> Iterator[_Start]:
    """An emergency is effective at once; anything else waits for the leader."""
    if effective_at_once(case):
        yield ClockKind.REPORT_IN, None


def _ruling(_case: Case, said: Said) -> Iterator[_Start]:
    if said.get("upheld"):
        yield ClockKind.REPORT_IN, None


def _reporting_in(case: Case, said: Said) -> Iterator[_Start]:
    yield ClockKind.HANDLE, _part(case, said)


def _finishing(case: Case, said: Said) -> Iterator[_Start]:
    """The case is answered when nobody else is awaited."""
    if not _awaited_beside(case, _part(case, said)):
        yield ClockKind.VERIFY, None


def _releasing(case: Case, said: Said) -> Iterator[_Start]:
    """As `_finishing`, where somebody has finished."""
    if _finished(case) and not _awaited_beside(case, _part(case, said)):
        yield ClockKind.VERIFY, None


def _awaited_beside(case: Case, ending: Assignment | None) -> bool:
    return any(part.state in PENDING_STATES for part in case.assignments.all() if part != ending)


def _verdict(case: Case, said: Said) -> Iterator[_Start]:
    if said.get("passed"):
        yield from _invitation(case, said)
    elif "passed" in said:
        yield from _next_round(case, said)


def _invitation(case: Case, _said: Said) -> Iterator[_Start]:
    if raters_of(case).awaited:
        yield ClockKind.RATE, None


def _grading(case: Case, said: Said) -> Iterator[_Start]:
    """The last dissatisfied verdict begins another round, up to the third."""
    graded = said.get("grade")
    last = graded is not None and not Grade(graded).satisfied and len(raters_of(case).awaited) == 1
    if last and case.dissatisfied + 1 < MAX_ROUNDS:
        yield from _next_round(case, said)
        if case.dissatisfied == 1 and _led(case):  # the second one is red
            yield from _order_of_red(case)


def _next_round(case: Case, _said: Said) -> Iterator[_Start]:
    """As `closing.next_round`: the same departments handle again, or a dispatcher calls anew."""
    yield ClockKind.RESOLVE, None
    if _led(case):
        yield from ((ClockKind.HANDLE, part) for part in _finished(case))
    else:
        yield ClockKind.DISPATCH, None


def _finished(case: Case) -> list[Assignment]:
    return [part for part in case.assignments.all() if part.state == AssignmentState.FINISHED]


def _led(case: Case) -> bool:
    """Whether a lead handled it, who handles it again."""
    return any(part.role == AssignmentRole.LEAD for part in _finished(case))


def _supervising(case: Case, _said: Said) -> Iterator[_Start]:
    if case.is_open:  # an order of a case that has ended waits without a clock
        yield ClockKind.SUPERVISION, None


def _part(case: Case, said: Said) -> Assignment | None:
    return next((part for part in case.assignments.all() if part.pk == said.get("assignment")), None)


_STARTS: Mapping[Action, Callable[[Case, Said], Iterable[_Start]]] = {
    Action.RESOLVE_ON_SPOT: _invitation,
    Action.DOCKET: _docketing,
    Action.DISPATCH: _calling,
    Action.PROPOSE_WHISTLE: _proposing,
    Action.APPROVE_WHISTLE: _calling,
    Action.REPORT_IN: _reporting_in,
    Action.FINISH: _finishing,
    Action.RELEASE_ASSISTANT: _releasing,
    Action.VERIFY: _verdict,
    Action.RATE: _grading,
    Action.DECIDE_OBJECTION: _ruling,
    Action.REASSIGN: _calling,
    Action.ADD_ASSISTANT: _calling,
    Action.REOPEN: _next_round,
    Action.SUPERVISE: _supervising,
}

#: The actions that can be foreseen: all that start or move a clock and that a person takes on a case.
FORESEEN = frozenset(_MOVES) | frozenset(_STARTS)
