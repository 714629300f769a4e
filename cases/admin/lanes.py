"""Whose turn it is: the departments of a case with their clocks, and the clocks of the case itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases import reasons
from cases.admin import wording
from cases.models import Assignment, Case, Clock
from cases.phrases import limit_words
from cases.terms import UNCOLOURED_CLOCKS, AssignmentState, ReasonList, StopReason

Dueness = Callable[[datetime], wording.Due]

#: A part that a department no longer holds stays visible, without clocks of its own.
_GONE = frozenset({AssignmentState.CANCELLED, AssignmentState.RELEASED})


@dataclass(frozen=True, slots=True)
class Timer:
    """One clock in words, with the address of its receipt. `verdict` is empty while it runs."""

    label: Any
    colour: int
    due: wording.Due
    limit: str
    unit: str
    verdict: str
    late: bool
    paused: bool
    kept: bool
    receipt: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One department's part with the newest clock of each kind."""

    department: str
    role: Any
    state: Any
    gone: bool
    reported_in: str
    objection: str
    timers: list[Timer]


def lanes(case: Case, *, dueness: Dueness) -> list[Lane]:
    clocks = list(case.clocks.all())
    return [_lane(case, part, clocks, dueness) for part in case.assignments.all()]


def own_timers(case: Case, *, dueness: Dueness) -> list[Timer]:
    """The clocks of the case itself: docketing, dispatch, resolution, verification, rating."""
    own = [clock for clock in case.clocks.all() if clock.assignment_id is None and clock.order_id is None]
    return _timers(case, own, dueness)


def receipt_address(case: Case, clock: Clock) -> str:
    """Where a due time explains itself."""
    return reverse("admin:clock_receipt", args=[case.number, clock.pk])


def next_due_receipt(case: Case) -> str:
    """The receipt of the clock whose due time stands in the head of the page."""
    clocks = (clock for clock in case.clocks.all() if clock.stopped_at is None and clock.due_at == case.due_at)
    return next((receipt_address(case, clock) for clock in clocks if clock.kind not in UNCOLOURED_CLOCKS), "")


def _lane(case: Case, part: Assignment, clocks: Iterable[Clock], dueness: Dueness) -> Lane:
    return Lane(
        department=part.department.short_name,
        role=part.get_role_display(),
        state=part.get_state_display(),
        gone=part.state in _GONE,
        reported_in=_report_in_words(part),
        objection=_objection_words(part, dueness),
        timers=_timers(case, [clock for clock in clocks if clock.assignment_id == part.pk], dueness),
    )


def _report_in_words(part: Assignment) -> str:
    if part.reported_in_at is None:
        return ""
    words = [str(part.reported_in_by or "")]
    if part.on_spot:
        words.append(_("on the spot"))
    if part.distance_m is not None:
        words.append(_("%(metres)d m away") % {"metres": part.distance_m})
    return " · ".join(word for word in words if word)


def _objection_words(part: Assignment, dueness: Dueness) -> str:
    """What the department objected and what came of it; or until when it may object."""
    if hasattr(part, "objection"):
        raised = part.objection
        states = {None: _("waits for the ruling"), True: _("upheld"), False: _("overruled")}
        reason = _("objected: %(reason)s") % {"reason": reasons.words(ReasonList.OBJECT, raised.reason)}
        return f"{reason} · {states[raised.upheld]}"
    if part.state != AssignmentState.WAITING or part.objection_due_at is None:
        return ""
    due = dueness(part.objection_due_at)
    return "" if due.late else _("may object until %(moment)s") % {"moment": due.at}


def _timers(case: Case, clocks: list[Clock], dueness: Dueness) -> list[Timer]:
    newest = {clock.kind: clock for clock in sorted(clocks, key=lambda clock: clock.pk)}
    return [_timer(case, clock, dueness) for clock in newest.values()]


def _timer(case: Case, clock: Clock, dueness: Dueness) -> Timer:
    due = dueness(clock.due_at)
    running = clock.stopped_at is None
    paused = running and clock.paused_at is not None
    return Timer(
        label=clock.get_kind_display(),
        colour=clock.colour if running else 0,
        due=due,
        limit=limit_words(clock.limit) if clock.limit else "",
        unit=clock.charged.short_name if clock.charged else "",
        verdict="" if running else _verdict(clock),
        late=(running and not paused and due.late) or clock.on_time is False,
        paused=paused,
        kept=bool(clock.on_time) and clock.stop_reason == StopReason.DONE,
        receipt=receipt_address(case, clock),
    )


def _verdict(clock: Clock) -> str:
    if clock.stop_reason == StopReason.ENDED:
        return _("no longer counted")
    return _("in time") if clock.on_time else _("late")
