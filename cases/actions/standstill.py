"""延期, 挂起, 恢复: what moves due times. Never backdated; every moment is computed by `cases.schedule`."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from cases import chain
from cases.actions.notices import tell_awaited, tell_collector
from cases.actions.timing import adjustments_of, reschedule, save_moments
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.actions.waking import end_suspension, resume_case
from cases.calendar import ZONE
from cases.errors import InvalidInput
from cases.models import Case, Clock, ClockAdjustment, ExtensionRequest, Suspension
from cases.terms import ClockKind, Status
from cases.workflow import Action
from grids.actors import SERVICE, Actor

#: A suspended case resumes when offices open on the chosen day.
RESUMES_AT = time(8)
LONGEST_SUSPENSION = timedelta(days=365)


def suspend(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    reason: str,
    until: date,
    comment: str = "",
    terms: Terms = NO_TERMS,
) -> Case:
    """挂起: pauses every other running clock of the case until that day."""
    end = end_on(until, now=now)
    with take_turn(Action.SUSPEND, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        suspension = Suspension.objects.create(
            case=turn.case, reason=reason, started_at=now, started_by_id=actor.user_id, until=end
        )
        _pause(turn, suspension)
        turn.case.status = Status.SUSPENDED
        turn.keep(_suspension_clock(turn, end))
        turn.facts |= {"suspension": suspension.pk, "reason": reason, "until": chain.stamp(end)}
        turn.texts["comment"] = comment
        tell_awaited(turn, "suspended", again=f":{suspension.pk}")
        tell_collector(turn, "tell_suspended", key=str(suspension.pk))
    return turn.case


def resume(*, case_id: int, actor: Actor, now: datetime, comment: str = "", terms: Terms = NO_TERMS) -> Case:
    """恢复: the pause is credited exactly; colours that were raised and stay past are kept silently, and what the new
    schedule has passed already is raised at once."""
    with take_turn(Action.RESUME, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        resume_case(turn)
        turn.texts["comment"] = comment
    return turn.case


def resume_by_clock(*, case_id: int, now: datetime) -> Case:
    """The day has come: the case resumes by itself."""
    return resume(case_id=case_id, actor=SERVICE, now=now)


def lift(turn: Turn) -> None:
    """A suspended case that ends stands still no longer."""
    if turn.case.status != Status.SUSPENDED:
        return
    for suspension in turn.case.suspensions.filter(ended_at=None):
        end_suspension(suspension, at=turn.now, by_id=turn.actor.user_id)


def extend(turn: Turn, clocks: Collection[Clock], request: ExtensionRequest) -> None:
    """Apply a granted extension to these running clocks."""
    ClockAdjustment.objects.bulk_create(
        [ClockAdjustment(clock=clock, extension=request, starts_at=turn.now) for clock in clocks]
    )
    adjustments = adjustments_of(clocks)
    for clock in clocks:
        reschedule(clock, case=turn.case, adjustments=adjustments[clock.pk], now=turn.now)
        turn.note_moved(clock)
    save_moments(clocks)


def _pause(turn: Turn, suspension: Suspension) -> None:
    paused = turn.running()
    for clock in paused:
        clock.paused_at, clock.next_moment = turn.now, None
        clock.generation += 1
    Clock.objects.bulk_update(paused, ["paused_at", "next_moment", "generation"])
    ClockAdjustment.objects.bulk_create(
        [ClockAdjustment(clock=clock, suspension=suspension, starts_at=turn.now) for clock in paused]
    )
    turn.facts["paused"] = [clock.pk for clock in paused]


def _suspension_clock(turn: Turn, end: datetime) -> Clock:
    return Clock(
        case=turn.case,
        kind=ClockKind.SUSPENSION,
        round=turn.case.round,
        started_at=turn.now,
        limit="",
        policy_id=turn.case.policy_id,
        calendar_id=turn.calendar_in_force().version_id,
        due_at=end,
        next_moment=end,
    )


def end_on(until: date, *, now: datetime) -> datetime:
    """The moment at which a case suspended until that day resumes. InvalidInput unless it lies ahead, within a year."""
    end = datetime.combine(until, RESUMES_AT, tzinfo=ZONE)
    if not now < end <= now + LONGEST_SUSPENSION:
        message = _("The case must resume on a later day, within a year.")
        raise InvalidInput(message, {"until": [message]})
    return end
