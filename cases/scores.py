"""What is scored and over which time: shares with numerator and denominator, periods, a department's month. Pure.

The formulas are those of domain.md, "Scores"; the rows that they count are chosen in `cases.statistics`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Self

from cases.calendar import ZONE

_DIGITS: Final = 4
#: Fewer than so many counted matters say little; the figure is marked.
SMALL: Final = 5
#: A department's month: response, solved, satisfaction.
WEIGHTS: Final[Mapping[str, float]] = {"report_in": 0.30, "solved": 0.35, "satisfaction": 0.35}

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_WEEK = re.compile(r"(20\d\d)-W(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    numerator: int = 0
    denominator: int = 0

    @property
    def value(self) -> float | None:
        """None where nothing was counted: shown as "—", never as 0."""
        return round(self.numerator / self.denominator, _DIGITS) if self.denominator else None

    @property
    def small(self) -> bool:
        return self.denominator < SMALL


NOTHING: Final = Share()


def month_score(shares: Mapping[str, Share]) -> float | None:
    """The weighted mean of `WEIGHTS`; None as long as one of its parts has nothing to count."""
    values = {name: shares[name].value for name in WEIGHTS}
    weighed = [weight * value for name, weight in WEIGHTS.items() if (value := values[name]) is not None]
    return round(sum(weighed), _DIGITS) if len(weighed) == len(WEIGHTS) else None


@dataclass(frozen=True, slots=True)
class Period:
    """A month or an ISO week of the county's own time: from `begins`, before `ends`."""

    name: str
    begins: datetime
    ends: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """`2026-11` or `2026-W48`. ValueError for anything else, a week that its year does not have included."""
        if month := _MONTH.fullmatch(text):
            year, number = int(month[1]), int(month[2])
            first, after = date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
        elif week := _WEEK.fullmatch(text):
            first = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            after = first + timedelta(days=7)
        else:
            msg = f"{text!r} is neither a month nor a week"
            raise ValueError(msg)
        return cls(text, _midnight(first), _midnight(after))

    @classmethod
    def month_of(cls, moment: datetime) -> Self:
        return cls.parse(f"{moment.astimezone(ZONE):%Y-%m}")

    @property
    def last_month(self) -> "Period":
        """The month before the one in which this period begins."""
        return Period.month_of(self.begins - timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)
