"""延期, 挂起, 恢复: what moves due times. Never backdated; every moment is computed by `cases.schedule`."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from cases import chain
from cases.actions.notices import tell_departments
from cases.actions.timing import reschedule
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.calendar import ZONE
from cases.errors import InvalidInput
from cases.limits import Limit
from cases.models import Case, Clock, ClockAdjustment, Suspension
from cases.schedule import Adjustment, Extension, Pause
from cases.terms import PENDING_STATES, ClockKind, Status
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
        _tell(turn, "suspended", key=f":{suspension.pk}")
    return turn.case


def resume(*, case_id: int, actor: Actor, now: datetime, comment: str = "", terms: Terms = NO_TERMS) -> Case:
    """恢复: the pause is credited exactly; colours that were raised and stay past are kept silently."""
    with take_turn(Action.RESUME, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.stop(ClockKind.SUSPENSION)
        turn.write_stops()
        suspension = turn.case.suspensions.get(ended_at=None)
        # At its own moment at the latest, also when the sweep, or an officer before it, comes later.
        end = min(now, suspension.until)
        end_suspension(suspension, at=end, by_id=actor.user_id)
        turn.case.status = Status.HANDLING
        for clock in turn.running():
            if clock.paused_at is not None:  # an order that was opened meanwhile has its own time
                _continue(turn, clock)
        turn.facts |= {"suspension": suspension.pk, "moment": chain.stamp(end)}
        turn.texts["comment"] = comment
        _tell(turn, "resumed", key=f":{suspension.pk}")
    return turn.case


def resume_by_clock(*, case_id: int, now: datetime) -> Case:
    """The day has come: the case resumes by itself."""
    return resume(case_id=case_id, actor=SERVICE, now=now)


def end_suspension(suspension: Suspension, *, at: datetime, by_id: int | None) -> None:
    suspension.ended_at, suspension.ended_by_id = at, by_id
    suspension.save(update_fields=["ended_at", "ended_by"])
    suspension.adjustments.update(ends_at=at)


def lift(turn: Turn) -> None:
    """A suspended case that ends stands still no longer."""
    for suspension in turn.case.suspensions.filter(ended_at=None):
        end_suspension(suspension, at=turn.now, by_id=turn.actor.user_id)


def extend(turn: Turn, clock: Clock, adjustment: ClockAdjustment) -> None:
    """Apply a granted extension to one running clock."""
    adjustment.clock = clock
    adjustment.save(force_insert=True)
    reschedule(clock, case=turn.case, adjustments=adjustments_of(clock), now=turn.now)
    _save_moments(clock)
    note_moved(turn, clock)


def adjustments_of(clock: Clock) -> list[Adjustment]:
    """The clock's pauses and extensions for `cases.schedule`; a pause that still runs is left out."""
    rows = clock.adjustments.select_related("extension").order_by("starts_at", "pk")
    return list(_adjustments(rows))


def _adjustments(rows: Iterable[ClockAdjustment]) -> Iterable[Adjustment]:
    for row in rows:
        if row.extension is not None:
            yield Extension(Limit.parse(row.extension.limit), at=row.starts_at)
        elif row.ends_at is not None:
            yield Pause(row.starts_at, row.ends_at)


def note_moved(turn: Turn, clock: Clock) -> None:
    moved = turn.facts.setdefault("moved", {})
    moved[str(clock.pk)] = [clock.generation, chain.stamp(clock.due_at)]


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


def _continue(turn: Turn, clock: Clock) -> None:
    clock.paused_at = None
    reschedule(clock, case=turn.case, adjustments=adjustments_of(clock), now=turn.now)
    _save_moments(clock)
    note_moved(turn, clock)


def _save_moments(clock: Clock) -> None:
    clock.save(
        update_fields=[
            "due_at",
            "blue_at",
            "yellow_at",
            "red_at",
            "generation",
            "colour",
            "raised",
            "next_moment",
            "paused_at",
        ]
    )


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


def _tell(turn: Turn, kind: str, *, key: str) -> None:
    tell_departments(turn, [a for a in turn.assignments if a.state in PENDING_STATES], kind, again=key)
