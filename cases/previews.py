"""What an extension or a suspension would move, before the officer confirms. Reads only; nothing is written.

The moments come from `cases.schedule`, by the same adjustments that the actions store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cases.actions.extension import allowed_extension
from cases.actions.standstill import end_on
from cases.actions.timing import adjustments_of, moments_of
from cases.limits import Limit
from cases.models import Case, Clock, ExtensionRequest
from cases.schedule import Adjustment, Extension, Moments, Pause
from cases.terms import AssignmentRole, ClockKind


@dataclass(frozen=True, slots=True)
class Moved:
    """One clock with the moments that it would have."""

    clock: Clock
    moments: Moments


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


def _moved(case: Case, clocks: Sequence[Clock], adjustment: Adjustment) -> list[Moved]:
    return [
        Moved(clock, moments_of(clock, case=case, adjustments=[*adjustments_of(clock), adjustment])) for clock in clocks
    ]
