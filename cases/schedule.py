"""When a clock is due and when its colours rise (domain.md, Time).

Pure, and the only place that knows: the live clocks, the recomputations and the replay all call `plan`. Inside, moments
are whole microseconds on the wall clock (`cases.calendar.to_instant`), shares are exact fractions, and every sum is
taken in *own time*: natural time for h and cd, office time for wh and wd.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from cases.calendar import DAY, WorkCalendar, from_instant, to_instant
from cases.limits import Before, Limit, Share, Threshold, Thresholds, Unit

HOUR: Final = 3600 * 1_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from `start` to `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            message = f"a pause cannot end ({self.end.isoformat()}) before it starts ({self.start.isoformat()})"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Extension:
    """The limit was extended `at` that moment; without one, after everything that is listed before it."""

    limit: Limit
    at: datetime | None = None


Adjustment = Pause | Extension


@dataclass(frozen=True, slots=True)
class Moments:
    """The due time and the moment of each colour; None where a colour is not raised. All in Asia/Shanghai."""

    due: datetime
    blue: datetime | None
    yellow: datetime | None
    red: datetime | None


@dataclass(frozen=True, slots=True)
class _Course:
    """A clock's way from its start to its due time, before the next adjustment.

    `net` is the own time that may be used until `due`, pauses taken out; `due` is exact, not yet rolled over.
    """

    start: int
    unit: Unit
    calendar: WorkCalendar
    due: int
    net: int
    pauses: tuple[tuple[int, int], ...] = ()

    def paused(self, start: int, end: int) -> "_Course":
        """One more pause: what is due after its start moves by the own time that it took."""
        start, end = max(start, self.start), max(end, self.start)
        if self.pauses:  # two suspensions that touch or overlap take their common time once
            start, end = max(start, self.pauses[-1][1]), max(end, self.pauses[-1][1])
        due = _skip(self.due, start, end, self.unit, self.calendar)
        return replace(self, due=due, pauses=(*self.pauses, (start, end)))

    def extended(self, limit: Limit) -> "_Course":
        """A longer course: from the due time in force by the same rule, its net own time reckoned anew."""
        due = due_instant(self.due_in_force(), limit, self.calendar)
        lost = sum(self._own(start, min(end, due)) for start, end in self.pauses if start < due)
        return replace(self, due=due, net=self._own(self.start, due) - lost)

    def due_in_force(self) -> int:
        """The due time as people see it: one in calendar days never falls on a day off."""
        if self.unit is not Unit.CD:
            return self.due
        day = self.due // DAY
        workday = self.calendar.workday_from(day)
        return self.due if workday == day else self.calendar.close_of_business(workday)

    def moment_of(self, threshold: Threshold) -> datetime | None:
        """When the threshold is reached; None when it is left out or would lie before the start."""
        match threshold:
            case Share(fraction=share):
                # Rounded up to a microsecond: before that the share has not been used.
                return from_instant(self._used(-(-self.net * share.numerator // share.denominator)))
            case Before(limit=limit):
                moment = instant_before(self.due_in_force(), limit, self.calendar)
                return from_instant(moment) if moment >= self.start else None
        return None

    def _used(self, own: int) -> int:
        """The first instant at which this much own time has been used, pauses skipped."""
        moment = _later(self.start, own, self.unit, self.calendar)
        for start, end in self.pauses:
            moment = _skip(moment, start, end, self.unit, self.calendar)
        return moment

    def _own(self, start: int, end: int) -> int:
        return _own_between(start, end, self.unit, self.calendar)


def plan(
    *,
    start: datetime,
    limit: Limit,
    thresholds: Thresholds,
    calendar: WorkCalendar,
    adjustments: Sequence[Adjustment] = (),
) -> Moments:
    """The moments of a clock that started at `start`, with pauses and extensions in the order in which they happened.

    Raises ValueError when a moment has no timezone or lies outside the years that the calendar reckons with.
    """
    begun = to_instant(start)
    due = due_instant(begun, limit, calendar)
    net = _own_between(begun, due, limit.unit, calendar)
    course = _Course(begun, limit.unit, calendar, due, net)
    for adjustment in _in_order(adjustments) if adjustments else ():
        if isinstance(adjustment, Pause):
            course = course.paused(to_instant(adjustment.start), to_instant(adjustment.end))
        else:
            course = course.extended(adjustment.limit)
    last = from_instant(course.due_in_force())
    return Moments(
        due=last,
        blue=course.moment_of(thresholds.blue),
        yellow=course.moment_of(thresholds.yellow),
        red=last if thresholds.red else None,
    )


def own_time(start: datetime, end: datetime, unit: Unit, calendar: WorkCalendar) -> timedelta:
    """The time between two moments as a clock of this unit counts it: natural for h and cd, else office time."""
    return timedelta(microseconds=_own_between(to_instant(start), to_instant(end), unit, calendar))


def due_instant(start: int, limit: Limit, calendar: WorkCalendar) -> int:
    """The due time of a limit that starts at this instant, without pauses."""
    match limit.unit:
        case Unit.H:
            return start + _microseconds(limit.amount)
        case Unit.WH:
            return _later(start, _microseconds(limit.amount), Unit.WH, calendar)
        case Unit.WD:
            return calendar.close_of_business(calendar.nth_workday_after(start // DAY, int(limit.amount)))
        case Unit.CD:
            return calendar.close_of_business(calendar.workday_from(start // DAY + int(limit.amount)))


def instant_before(due: int, limit: Limit, calendar: WorkCalendar) -> int:
    """The instant that lies `limit` before the due time; days are counted back at the same time of day."""
    match limit.unit:
        case Unit.H:
            return due - _microseconds(limit.amount)
        case Unit.WH:
            return calendar.when_office_time(calendar.office_time(due) - _microseconds(limit.amount))
        case Unit.WD:
            day, clock = divmod(due, DAY)
            return calendar.nth_workday_after(day, -int(limit.amount)) * DAY + clock
        case Unit.CD:
            return due - int(limit.amount) * DAY


def _in_order(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """By the moment at which each happened; an extension without one stays behind what is listed before it."""
    dated: list[tuple[int, Adjustment]] = []
    latest = 0
    for adjustment in adjustments:
        at = adjustment.start if isinstance(adjustment, Pause) else adjustment.at
        moment = to_instant(at) if at else latest
        latest = max(latest, moment)
        dated.append((moment, adjustment))
    return [adjustment for _, adjustment in sorted(dated, key=lambda pair: pair[0])]


def _own_between(start: int, end: int, unit: Unit, calendar: WorkCalendar) -> int:
    if unit in (Unit.H, Unit.CD):
        return end - start
    return calendar.office_time(end) - calendar.office_time(start)


def _later(start: int, own: int, unit: Unit, calendar: WorkCalendar) -> int:
    """The first instant, not before `start`, at which `own` more time has passed."""
    if unit in (Unit.H, Unit.CD) or own == 0:
        return start + own
    return calendar.when_office_time(calendar.office_time(start) + own)


def _skip(moment: int, start: int, end: int, unit: Unit, calendar: WorkCalendar) -> int:
    """The moment moved behind a pause, when it lies after the pause's start."""
    lost = _own_between(start, end, unit, calendar) if moment > start else 0
    return _later(moment, lost, unit, calendar) if lost else moment


def _microseconds(hours: Decimal) -> int:
    return int(hours * HOUR)
