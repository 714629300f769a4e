"""恢复: how a case that stood still goes on, by an officer, by its day, or before the first action behind that day."""

from datetime import datetime

from cases import chain
from cases.actions.held import Turn
from cases.actions.notices import tell_awaited
from cases.models import Suspension
from cases.terms import ClockKind, Status


def resume_case(turn: Turn) -> None:
    """The pause ends now, at its own moment at the latest, and every clock that it paused goes on from there.

    An order that was opened meanwhile has its own time and is left alone.
    """
    turn.stop(ClockKind.SUSPENSION)
    turn.write_stops()
    suspension = turn.case.suspensions.get(ended_at=None)
    end = min(turn.now, suspension.until)
    end_suspension(suspension, at=end, by_id=turn.actor.user_id)
    turn.case.status = Status.HANDLING
    turn.go_on(turn.running(), at=end)
    turn.facts |= {"suspension": suspension.pk, "moment": chain.stamp(end)}
    tell_awaited(turn, "resumed", again=f":{suspension.pk}")


def end_suspension(suspension: Suspension, *, at: datetime, by_id: int | None) -> None:
    suspension.ended_at, suspension.ended_by_id = at, by_id
    suspension.save(update_fields=["ended_at", "ended_by"])
