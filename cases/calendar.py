"""Office time: which days are workdays, and how much office time lies between two moments (domain.md, Time).

Pure. Moments are timezone-aware; amounts of office time are whole microseconds. All arithmetic is on the wall clock of
Asia/Shanghai, which has had no summer time since 1991. Days are numbered as `date.toordinal` numbers them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")

DAY: Final = 24 * 3600 * 1_000_000  # microseconds
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
FIRST_DAY: Final = date(FIRST_YEAR, 1, 1).toordinal()
LAST_DAY: Final = date(LAST_YEAR, 12, 31).toordinal()

#: Days off that have a fixed date (the State Council's decree of 2024, in force since 2025). Festivals of the lunar
#: calendar and make-up weekends are only known once they are announced.
FIXED_STATUTORY_DAYS: Final[Mapping[tuple[int, int], str]] = MappingProxyType(
    {
        (1, 1): "元旦",
        (5, 1): "劳动节",
        (5, 2): "劳动节",
        (10, 1): "国庆节",
        (10, 2): "国庆节",
        (10, 3): "国庆节",
    }
)

Hours = tuple[tuple[time, time], ...]
OFFICE_HOURS: Final[Hours] = ((time(8), time(12)), (time(14, 30), time(17, 30)))


class DayKind(StrEnum):
    WORKDAY = "workday"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class DayRule:
    """What an official notice says of one day: work or not, and the name of the festival behind it."""

    work: bool
    name: str


@dataclass(frozen=True, slots=True)
class DayReason:
    """Why a day is a workday or not. `provisional`: its year has not been announced yet."""

    kind: DayKind
    name: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Workdays counted from 1 January of FIRST_YEAR to the end of `last_year`."""

    last_year: int
    before: tuple[int, ...]  # workdays that lie before the n-th day
    workdays: tuple[int, ...]  # the days themselves


@dataclass(frozen=True, eq=False)
class WorkCalendar:
    """One immutable version of the work calendar.

    `days` are the exceptions to Monday-to-Friday; `known_years` the years whose exceptions are complete. In other years
    weekends and the fixed statutory days count, marked provisional.
    """

    days: Mapping[date, DayRule]
    known_years: frozenset[int]
    hours: Hours = OFFICE_HOURS
    _spans: tuple[tuple[int, int], ...] = field(init=False, repr=False)
    _day_length: int = field(init=False, repr=False)
    _ledger: _Ledger = field(init=False, repr=False)

    def __post_init__(self) -> None:
        spans = tuple((_since_midnight(opens), _since_midnight(closes)) for opens, closes in self.hours)
        edges = [edge for span in spans for edge in span]
        if not edges or any(earlier >= later for earlier, later in pairwise(edges)):
            message = "office hours must be at least one span, in order and without overlap"
            raise ValueError(message)
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))
        object.__setattr__(self, "_spans", spans)
        object.__setattr__(self, "_day_length", sum(closes - opens for opens, closes in spans))
        object.__setattr__(self, "_ledger", _Ledger(FIRST_YEAR - 1, (0,), ()))

    # Days

    def is_workday(self, day: date) -> bool:
        rule = self.days.get(day)
        if rule is not None:
            return rule.work
        return day.weekday() < 5 and not self._is_provisional_holiday(day)

    def provisional(self, day: date) -> bool:
        """Whether the answer for this day may still change when its year is announced."""
        return day.year not in self.known_years and day not in self.days

    def reason(self, day: date) -> DayReason:
        rule = self.days.get(day)
        provisional = self.provisional(day)
        if rule is not None and not rule.work:
            return DayReason(DayKind.HOLIDAY, rule.name)
        if self._is_provisional_holiday(day):
            return DayReason(DayKind.HOLIDAY, FIXED_STATUTORY_DAYS[day.month, day.day], provisional)
        if rule is not None:
            return DayReason(DayKind.WORKDAY if day.weekday() < 5 else DayKind.MAKE_UP, rule.name)
        return DayReason(DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND, "", provisional)

    def missing_year(self, now: date, until: date) -> int | None:
        """The first year from `now` to `until` whose official days are not known, or None."""
        years = range(_local_date(now).year, _local_date(until).year + 1)
        return next((year for year in years if year not in self.known_years), None)

    def first_workday(self, year: int, month: int) -> date:
        """The first workday of a month; of a month without one, the first after it."""
        return date.fromordinal(self.workday_from(date(year, month, 1).toordinal()))

    def _is_provisional_holiday(self, day: date) -> bool:
        return self.provisional(day) and (day.month, day.day) in FIXED_STATUTORY_DAYS

    # Counting days

    def nth_workday_after(self, day: int, n: int) -> int:
        """The n-th workday after `day`, which is not counted itself; before it for a negative n."""
        ledger = self._ledger_at(day)
        if n > 0:
            return self._workday(ledger.before[day + 1 - FIRST_DAY] + n - 1)
        return self._workday(ledger.before[day - FIRST_DAY] + n)

    def workday_from(self, day: int) -> int:
        """`day` itself when it is a workday, else the next workday."""
        ledger = self._ledger_at(day)
        return self._workday(ledger.before[day - FIRST_DAY])

    def close_of_business(self, day: int) -> int:
        """The end of office hours of `day`, in microseconds of `instant`."""
        return day * DAY + self._spans[-1][1]

    # Office time

    def office_time(self, instant: int) -> int:
        """Microseconds of office time from 1 January of FIRST_YEAR to `instant`."""
        day, clock = divmod(instant, DAY)
        ledger = self._ledger_at(day)
        passed = ledger.before[day - FIRST_DAY]
        used = passed * self._day_length
        if ledger.before[day + 1 - FIRST_DAY] == passed:
            return used
        for opens, closes in self._spans:
            if clock <= opens:
                break
            used += min(clock, closes) - opens
        return used

    def when_office_time(self, used: int) -> int:
        """The first instant at which `office_time` reaches `used`: close of business rather than the next opening."""
        index, left = divmod(used, self._day_length)
        if left == 0:
            index, left = index - 1, self._day_length
        for opens, closes in self._spans:
            if left <= closes - opens:
                break
            left -= closes - opens
        return self._workday(index) * DAY + opens + left

    # The ledger grows by decades as later days are asked for, and is replaced whole, so that threads may share it.

    def _ledger_at(self, day: int) -> _Ledger:
        ledger = self._ledger
        if 0 <= day - FIRST_DAY < len(ledger.before) - 1:
            return ledger
        if not FIRST_DAY <= day <= LAST_DAY:
            raise _beyond()
        return self._grown_to(date.fromordinal(day).year)

    def _workday(self, index: int) -> int:
        ledger = self._ledger
        while index >= len(ledger.workdays) and ledger.last_year < LAST_YEAR:
            ledger = self._grown_to(ledger.last_year + 1)
        if not 0 <= index < len(ledger.workdays):
            raise _beyond()
        return ledger.workdays[index]

    def _grown_to(self, year: int) -> _Ledger:
        last_year = year // 10 * 10 + 9
        last_day = date(last_year, 12, 31).toordinal()
        workdays = tuple(self._workdays_until(last_day))
        ledger = _Ledger(last_year, _running_count(workdays, last_day), workdays)
        object.__setattr__(self, "_ledger", ledger)
        return ledger

    def _workdays_until(self, last: int) -> Iterator[int]:
        exceptions = {day.toordinal(): self.is_workday(day) for day in self._exceptions(last)}
        for day in range(FIRST_DAY, last + 1):
            # Ordinal 1 was a Monday.
            if exceptions.get(day, (day - 1) % 7 < 5):
                yield day

    def _exceptions(self, last: int) -> Iterator[date]:
        yield from self.days
        for year in range(FIRST_YEAR, date.fromordinal(last).year + 1):
            if year not in self.known_years:
                yield from (date(year, month, day) for month, day in FIXED_STATUTORY_DAYS)

    # The JSON form, as stored with each version

    def to_document(self) -> dict[str, Any]:
        return {
            "known_years": sorted(self.known_years),
            "hours": [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in self.hours],
            "days": {
                day.isoformat(): {"work": rule.work, "name": rule.name} for day, rule in sorted(self.days.items())
            },
        }

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """The calendar of a document of `to_document`. Raises ValueError with a sentence when it is not one."""
        try:
            days = {date.fromisoformat(day): _parse_rule(rule) for day, rule in document["days"].items()}
            known_years = frozenset(int(year) for year in document["known_years"])
            hours = (
                tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in document["hours"])
                if "hours" in document
                else OFFICE_HOURS
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            message = f"not a work calendar: {error!r}"
            raise ValueError(message) from error
        return cls(days=days, known_years=known_years, hours=hours)


def to_instant(moment: datetime) -> int:
    """Microseconds on the wall clock of Asia/Shanghai in days of `toordinal`. ValueError without a timezone."""
    if moment.tzinfo is None:
        message = "a moment without a timezone cannot be reckoned with"
        raise ValueError(message)
    if moment.tzinfo is not ZONE:
        moment = _local(moment)
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return moment.toordinal() * DAY + seconds * 1_000_000 + moment.microsecond


def from_instant(instant: int) -> datetime:
    """The moment of `to_instant`, in Asia/Shanghai."""
    day, clock = divmod(instant, DAY)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _beyond()
    return _ORIGIN + timedelta(days=day - FIRST_DAY, microseconds=clock)


_ORIGIN: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=ZONE)


def _local(moment: datetime) -> datetime:
    try:
        return moment.astimezone(ZONE)
    except OverflowError as error:
        raise _beyond() from error


def _since_midnight(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def _local_date(moment: date) -> date:
    return moment.astimezone(ZONE).date() if isinstance(moment, datetime) else moment


def _running_count(workdays: tuple[int, ...], last: int) -> tuple[int, ...]:
    """For each day from FIRST_DAY to the day after `last`: how many of the workdays lie before it."""
    marks = [0] * (last + 2 - FIRST_DAY)
    for day in workdays:
        marks[day + 1 - FIRST_DAY] = 1
    return tuple(accumulate(marks))


def _parse_rule(rule: Mapping[str, Any]) -> DayRule:
    if not isinstance(rule["work"], bool):
        message = f"'work' is true or false, not {rule['work']!r}"
        raise TypeError(message)
    return DayRule(work=rule["work"], name=str(rule.get("name", "")))


def _parse_hours(spans: Iterable[tuple[str, str]]) -> Hours:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans)


def _beyond() -> ValueError:
    return ValueError(f"outside the years {FIRST_YEAR} to {LAST_YEAR}, which the calendar reckons with")
