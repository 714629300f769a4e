"""How a due time comes about, added up piece by piece: what an officer would do on paper (domain.md, Time).

Pure, and a second reckoning on purpose: it walks day by day through the calendar and adds stretches of counted time,
where `cases.schedule` computes with sums and shares. Both must come to the same moments; `manage.py verify_receipts`
and the property tests hold them against each other. Inside, moments are whole microseconds (`cases.calendar`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count, islice
from typing import Final

from cases.calendar import DAY, DayKind, WorkCalendar, from_instant, to_instant
from cases.limits import Before, Limit, Share, Threshold, Thresholds, Unit
from cases.schedule import HOUR, Adjustment, Moments, Pause

#: Units whose own time is natural time: every hour counts.
NATURAL: Final = frozenset({Unit.H, Unit.CD})

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of counted time without a gap."""

    start: datetime
    end: datetime

    @property
    def counted(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class DayNote:
    """A day that does not count as its weekday says, or may still change (`provisional`), and why."""

    day: date
    kind: DayKind
    name: str
    provisional: bool

    @property
    def counted(self) -> bool:
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)


@dataclass(frozen=True, slots=True)
class Grant:
    """Time that was given: the limit itself, then each extension, from `since` until `until`.

    `days` are the days that were counted one by one, for limits in days.
    """

    limit: Limit
    since: datetime
    until: datetime
    days: tuple[date, ...] = ()
    extension: bool = False


@dataclass(frozen=True, slots=True)
class PauseNote:
    """A pause with the own time that lies in it: by so much it moves what is due after its start."""

    start: datetime
    end: datetime
    lost: timedelta


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Everything that was added up. `counted` is the sum of the segments; `rolled_from` the exact due time in
    calendar days that fell on a day off and moved to the next close of business."""

    unit: Unit
    grants: tuple[Grant, ...]
    pauses: tuple[PauseNote, ...]
    segments: tuple[Segment, ...]
    days: tuple[DayNote, ...]
    counted: timedelta
    rolled_from: datetime | None
    moments: Moments


@dataclass(slots=True)
class _Walk:
    """A walk through the calendar from `start`: what has been given so far, and what was paused."""

    start: int
    unit: Unit
    calendar: WorkCalendar
    anchor: int = 0  # the due time that the last grant set, before later pauses
    budget: int = 0  # own time that may be used until then, pauses taken out
    due: int = 0
    pauses: list[Stretch] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    def grant(self, limit: Limit, *, extension: bool = False) -> None:
        """The limit itself from the start, an extension from the due time in force."""
        since = self.rolled() if extension else self.start
        self.anchor, days = self._granted(since, limit)
        self.budget = sum(end - begin for begin, end in self._until(self.anchor))
        self.due = self.anchor
        dates = tuple(date.fromordinal(day) for day in days)
        self.grants.append(Grant(limit, from_instant(since), from_instant(self.anchor), dates, extension))

    def pause(self, start: int, end: int) -> None:
        earliest = self.pauses[-1][1] if self.pauses else self.start
        self.pauses.append((max(start, earliest), max(end, earliest)))
        # Time granted late may end inside a pause that was over before: then it is due there all the same.
        self.due = max(self.reaching(self.budget), self.anchor)

    def rolled(self) -> int:
        """The due time as people see it: one in calendar days never falls on a day off."""
        day = self.due // DAY
        if self.unit is not Unit.CD or self.calendar.is_workday(date.fromordinal(day)):
            return self.due
        return self._close(self._workday_from(day))

    def reaching(self, own: int) -> int:
        """The first instant at which so much own time has been used, pauses skipped."""
        used = list(self.using(own))
        return used[-1][1] if used else self.start

    def using(self, own: int) -> Iterator[Stretch]:
        """The stretches from the start that make up so much own time."""
        for begin, end in self._stretches(self.start, self.pauses) if own else ():
            taken = min(own, end - begin)
            yield begin, begin + taken
            own -= taken
            if not own:
                return

    def own_in(self, start: int, end: int) -> int:
        """The own time between two moments, pauses or not."""
        whole = (min(stop, end) - begin for begin, stop in self._before(start, end, ()))
        return sum(whole)

    def back(self, due: int, limit: Limit) -> int:
        """The instant that lies `limit` before the due time, walked backwards."""
        match limit.unit:
            case Unit.H:
                return due - int(limit.amount * HOUR)
            case Unit.CD:
                return due - int(limit.amount) * DAY
            case Unit.WH:
                return self._office_back(due, int(limit.amount * HOUR))
            case Unit.WD:
                workdays = (day for day in count(due // DAY - 1, -1) if self._works(day))
                return list(islice(workdays, int(limit.amount)))[-1] * DAY + due % DAY

    def _office_back(self, due: int, own: int) -> int:
        for opens, closes in self._office_before(due):
            if own == 0:
                return closes  # the close before, not the opening after it
            if own < closes - opens:
                return closes - own
            own -= closes - opens
        raise AssertionError  # there is always an earlier day, or the calendar has refused it

    def _office_before(self, end: int) -> Iterator[Stretch]:
        for day in count(end // DAY, -1):
            for opens, closes in reversed(self._office(day)):
                if opens < end:
                    yield opens, min(closes, end)

    def _granted(self, since: int, limit: Limit) -> tuple[int, list[int]]:
        """When the time is over that is given from this moment on, and the days that were counted for it."""
        day, amount = since // DAY, limit.amount
        match limit.unit:
            case Unit.H:
                return since + int(amount * HOUR), []
            case Unit.WH:
                return self._office_ahead(since, int(amount * HOUR)), []
            case Unit.WD:
                workdays = (later for later in count(day + 1) if self._works(later))
                days = list(islice(workdays, int(amount)))
                return self._close(days[-1]), days
            case Unit.CD:
                days = [day + number for number in range(1, int(amount) + 1)]
                return self._close(self._workday_from(days[-1])), days

    def _office_ahead(self, since: int, own: int) -> int:
        for day in count(since // DAY) if own else ():
            for opens, closes in self._office(day):
                begin = max(opens, since)
                if begin < closes and own <= closes - begin:
                    return begin + own
                own -= max(closes - begin, 0)
        return since

    def _until(self, end: int) -> Iterator[Stretch]:
        """The stretches from the start until `end`, pauses taken out."""
        return self._before(self.start, end, self.pauses)

    def _before(self, start: int, end: int, pauses: Sequence[Stretch]) -> Iterator[Stretch]:
        if start >= end:
            return
        for begin, stop in self._stretches(start, pauses):
            if begin >= end:
                return
            yield begin, min(stop, end)

    def _stretches(self, start: int, pauses: Sequence[Stretch]) -> Iterator[Stretch]:
        """Counted time from `start` on, day by day, with the pauses cut out."""
        for day in count(start // DAY):
            for opens, closes in self._hours(day):
                begin = max(opens, start)
                for paused, resumed in pauses:
                    if begin < paused < closes:
                        yield begin, paused
                    if begin < resumed and paused < closes:
                        begin = max(begin, resumed)
                if begin < closes:
                    yield begin, closes

    def _hours(self, day: int) -> list[Stretch]:
        return [(day * DAY, (day + 1) * DAY)] if self.unit in NATURAL else self._office(day)

    def _office(self, day: int) -> list[Stretch]:
        if not self._works(day):
            return []
        return [(day * DAY + _since_midnight(a), day * DAY + _since_midnight(b)) for a, b in self.calendar.hours]

    def _workday_from(self, day: int) -> int:
        return next(later for later in count(day) if self._works(later))

    def _works(self, day: int) -> bool:
        return self.calendar.is_workday(from_instant(day * DAY).date())

    def _close(self, day: int) -> int:
        return day * DAY + _since_midnight(self.calendar.hours[-1][1])


def reckon(
    *,
    start: datetime,
    limit: Limit,
    thresholds: Thresholds,
    calendar: WorkCalendar,
    adjustments: Sequence[Adjustment] = (),
) -> Reckoning:
    """Add up the course of a clock. The same arguments as `schedule.plan`, and it must come to the same moments.

    Raises ValueError when a moment has no timezone or lies outside the years that the calendar reckons with.
    """
    walk = _Walk(to_instant(start), limit.unit, calendar)
    walk.grant(limit)
    for adjustment in _in_order(adjustments):
        if isinstance(adjustment, Pause):
            walk.pause(to_instant(adjustment.start), to_instant(adjustment.end))
        else:
            walk.grant(adjustment.limit, extension=True)
    return Reckoning(
        unit=walk.unit,
        grants=tuple(walk.grants),
        pauses=tuple(_noted(walk, begin, end) for begin, end in walk.pauses),
        segments=tuple(_segments(walk)),
        days=tuple(_days(walk)),
        counted=timedelta(microseconds=walk.budget),
        rolled_from=from_instant(walk.due) if walk.rolled() != walk.due else None,
        moments=_moments(walk, thresholds),
    )


def _moments(walk: _Walk, thresholds: Thresholds) -> Moments:
    last = from_instant(walk.rolled())
    return Moments(
        due=last,
        blue=_moment(walk, thresholds.blue),
        yellow=_moment(walk, thresholds.yellow),
        red=last if thresholds.red else None,
    )


def _moment(walk: _Walk, threshold: Threshold) -> datetime | None:
    match threshold:
        case Share(fraction=share):
            return from_instant(walk.reaching(-(-walk.budget * share.numerator // share.denominator)))
        case Before(limit=limit):
            moment = walk.back(walk.rolled(), limit)
            return from_instant(moment) if moment >= walk.start else None
    return None


def _noted(walk: _Walk, begin: int, end: int) -> PauseNote:
    return PauseNote(from_instant(begin), from_instant(end), timedelta(microseconds=walk.own_in(begin, end)))


def _segments(walk: _Walk) -> Iterator[Segment]:
    """The stretches used, those that touch made one."""
    begin = end = walk.start
    for start, stop in walk.using(walk.budget):
        if start != end:
            if end > begin:
                yield Segment(from_instant(begin), from_instant(end))
            begin = start
        end = stop
    if end > begin:
        yield Segment(from_instant(begin), from_instant(end))


def _days(walk: _Walk) -> Iterator[DayNote]:
    """Days between start and due time that want an explanation; for natural hours none does.

    For calendar days only those are named over which a due time rolled.
    """
    for day in _looked_at(walk):
        reason = walk.calendar.reason(date.fromordinal(day))
        if reason.kind is not DayKind.WORKDAY or reason.provisional:
            yield DayNote(date.fromordinal(day), reason.kind, reason.name, reason.provisional)


def _looked_at(walk: _Walk) -> Iterable[int]:
    last = walk.rolled() // DAY
    if walk.unit is Unit.H:
        return ()
    if walk.unit is not Unit.CD:
        return range(walk.start // DAY, last + 1)
    rolled = {day for grant in walk.grants if grant.days for day in _between(grant.days[-1], grant.until.date())}
    return sorted(rolled | set(range(walk.due // DAY, last)))


def _between(first: date, behind: date) -> range:
    return range(first.toordinal(), behind.toordinal())


def _in_order(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """By the moment at which each happened; an extension without one stays behind what is listed before it."""
    latest, dated = 0, []
    for adjustment in adjustments:
        at = adjustment.start if isinstance(adjustment, Pause) else adjustment.at
        moment = to_instant(at) if at else latest
        latest = max(latest, moment)
        dated.append((moment, adjustment))
    dated.sort(key=lambda pair: pair[0])
    return [adjustment for _, adjustment in dated]


def _since_midnight(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond
