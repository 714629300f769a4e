"""Deadlines by the thousand in the format of `manage.py check_deadlines`, worked out in the slowest way there is:
minute by minute, from the official days as `chinesecalendar` gives them and from nothing of the service.

Around the days on which others miscount: leap days, Spring Festival, National Day, make-up weekends, the turn of a year
into one that nobody has announced.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any, Final

import chinese_calendar

DAY: Final = 24 * 60  # minutes
OFFICE: Final = ((8 * 60, 12 * 60), (14 * 60 + 30, 17 * 60 + 30))
CLOSE: Final = OFFICE[-1][1]
LAST_ANNOUNCED: Final = 2026
FIXED_DAYS_OFF: Final = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
NATURAL: Final = {"h", "cd"}

#: Lines begin up to two weeks before one of these, or within a week behind it.
CORNERS: Final = (
    date(2024, 2, 29), date(2020, 2, 29), date(2028, 2, 29), date(2023, 2, 28), date(2024, 2, 10), date(2025, 1, 28),
    date(2026, 2, 14), date(2026, 2, 17), date(2026, 2, 28), date(2025, 10, 1), date(2026, 10, 1), date(2026, 10, 10),
    date(2026, 5, 1), date(2026, 5, 9), date(2026, 12, 31), date(2027, 1, 1), date(2027, 5, 1), date(2019, 12, 31),
)  # fmt: skip
#: Minutes of a day at which things are likely to go wrong, beside any other.
EDGES: Final = (0, 1, 8 * 60 - 1, 8 * 60, 12 * 60, 12 * 60 + 1, 14 * 60 + 30, CLOSE - 1, CLOSE, CLOSE + 1, DAY - 1)
LIMITS: Final[dict[str, Sequence[float]]] = {
    "h": (0.5, 1, 2, 4, 24, 26, 72.5),
    "wh": (0.5, 1, 2.5, 4, 7, 8, 21),
    "wd": (1, 2, 3, 5, 7, 10, 15),
    "cd": (1, 3, 7, 15, 20),
}

Span = tuple[int, int]


def lines(count: int, *, seed: int) -> Iterator[str]:
    luck = Random(seed)
    for _ in range(count):
        yield json.dumps(_example(luck))


def _example(luck: Random) -> dict[str, Any]:
    corner = luck.choice(CORNERS) + timedelta(days=luck.randrange(-14, 8))
    start = corner.toordinal() * DAY + (luck.choice(EDGES) if luck.random() < 0.5 else luck.randrange(DAY))
    unit = luck.choice(sorted(LIMITS))
    limit = luck.choice(LIMITS[unit])
    pauses = _pauses(luck, start)
    extension = luck.choice((1, 2, 3, 5)) if luck.random() < 0.3 else None
    due, blue, yellow = _worked_out(start, limit, unit, pauses, extension)
    return {
        "start": _written(start),
        "limit": limit,
        "unit": unit,
        "pauses": [[_written(begin), _written(end)] for begin, end in pauses],
        "extension": extension,
        "due": _written(due),
        "blue": _written(blue),
        "yellow": _written(yellow),
    }


def _pauses(luck: Random, start: int) -> list[Span]:
    """None, or up to three, one after the other; some of a moment, some of weeks, some that touch."""
    found: list[Span] = []
    at = start
    for _ in range(luck.choice((0, 0, 0, 1, 1, 2, 3))):
        begin = at + luck.choice((0, 1, 60, 5 * 60, DAY, 2 * DAY, luck.randrange(4 * DAY)))
        at = begin + luck.choice((0, 1, 90, 12 * 60, DAY, 3 * DAY, 9 * DAY, luck.randrange(1, 3 * DAY)))
        found.append((begin, at))
    return found


def _worked_out(
    start: int, limit: float, unit: str, pauses: Sequence[Span], extension: int | None
) -> tuple[Fraction, Fraction, Fraction]:
    """Due time, blue and yellow: due when the own time is used that an unpaused clock would have had, or as long
    behind that as was granted; the colours are shares of the own time until then with the pauses taken out."""
    own = _Own(start, unit, pauses)
    budget = _Own(start, unit).before(_granted(start, limit, unit))
    due = _rolled(own.used(Fraction(budget)), unit)
    if extension is not None:
        assert due.denominator == 1
        due = Fraction(_granted(int(due), extension, unit))
        budget = own.before(int(due))
    return due, own.used(budget * Fraction(1, 2)), own.used(budget * Fraction(4, 5))


def _granted(since: int, amount: float, unit: str) -> int:
    """When a limit ends that begins at this minute and is not paused."""
    if unit in {"h", "wh"}:
        return int(_Own(since, unit).used(Fraction(str(amount)) * 60))
    day, left = since // DAY, int(amount)
    while left:
        day += 1
        left -= unit == "cd" or works(day)
    while not works(day):
        day += 1
    return day * DAY + CLOSE


def _rolled(due: Fraction, unit: str) -> Fraction:
    """A due time in calendar days that falls on a day off moves to the close of the next workday."""
    day = int(due // DAY)
    if unit != "cd" or works(day):
        return due
    while not works(day):
        day += 1
    return Fraction(day * DAY + CLOSE)


class _Own:
    """The minutes that count from `start` on, one by one, as far as anybody asks."""

    def __init__(self, start: int, unit: str, pauses: Sequence[Span] = ()) -> None:
        self._start, self._unit, self._pauses = start, unit, pauses
        self._day = start // DAY
        self._minutes: list[int] = []

    def used(self, own: Fraction) -> Fraction:
        """The first instant at which so many minutes have been used."""
        whole, rest = divmod(own, 1)
        while len(self._minutes) <= whole:
            self._another_day()
        if rest:
            return self._minutes[whole] + rest
        return Fraction(self._minutes[whole - 1] + 1 if whole else self._start)

    def before(self, end: int) -> int:
        """How many of them lie before that minute."""
        while self._day * DAY < end:
            self._another_day()
        return bisect_left(self._minutes, end)

    def _another_day(self) -> None:
        spans = ((0, DAY),) if self._unit in NATURAL else OFFICE if works(self._day) else ()
        for opens, closes in spans:
            counted = range(max(self._start, self._day * DAY + opens), self._day * DAY + closes)
            if any(begin < counted.stop and end > counted.start for begin, end in self._pauses):
                self._minutes += [m for m in counted if not any(begin <= m < end for begin, end in self._pauses)]
            else:
                self._minutes += counted
        self._day += 1


@cache
def works(day: int) -> bool:
    there = date.fromordinal(day)
    if there.year <= LAST_ANNOUNCED:
        return bool(chinese_calendar.is_workday(there))
    return there.weekday() < 5 and (there.month, there.day) not in FIXED_DAYS_OFF


def _written(minute: Fraction | int) -> str:
    day, rest = divmod(minute, DAY)
    moment = datetime.combine(date.fromordinal(int(day)), datetime.min.time())
    return f"{(moment + timedelta(seconds=float(rest * 60))).isoformat()}+08:00"
