"""What three-colour supervision would have said of matters that are long answered.

Pure: one clock per matter, from its receipt, with one limit and the default shares; the same `plan` as the live clocks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cases.calendar import WorkCalendar
from cases.colours import Colour
from cases.limits import DEFAULT_THRESHOLDS, Limit
from cases.schedule import plan

_RATE_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Answered:
    """A matter with the two moments that a replay needs; either is None when it is not known."""

    number: str
    received: datetime | None
    answered: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """When the matter was due and the highest colour that had been reached when it was answered."""

    number: str
    due: datetime
    colour: Colour
    on_time: bool


@dataclass(slots=True)
class Totals:
    """The tally of a replay. `skipped`: rows without both moments, which no colour can be told of."""

    rows: int = 0
    skipped: int = 0
    on_time: int = 0
    colours: dict[Colour, int] = field(default_factory=lambda: dict.fromkeys(Colour, 0))

    def count(self, verdict: Verdict | None) -> None:
        self.rows += 1
        if verdict is None:
            self.skipped += 1
            return
        self.colours[verdict.colour] += 1
        self.on_time += verdict.on_time

    def as_document(self) -> dict[str, Any]:
        judged = self.rows - self.skipped
        return {
            "rows": self.rows,
            "skipped": self.skipped,
            **{colour.code: count for colour, count in self.colours.items()},
            "on_time_rate": round(self.on_time / judged, _RATE_DIGITS) if judged else None,
        }


def replay(matters: Iterable[Answered], limit: Limit, calendar: WorkCalendar) -> Iterator[Verdict | None]:
    """The verdict on each matter; None on one that lacks a moment or lies outside the years of the calendar."""
    for matter in matters:
        yield judge(matter, limit, calendar)


def judge(matter: Answered, limit: Limit, calendar: WorkCalendar) -> Verdict | None:
    """A colour counts when its moment is not after the answer; answering exactly at the due time is on time."""
    if matter.received is None or matter.answered is None:
        return None
    try:
        moments = plan(start=matter.received, limit=limit, thresholds=DEFAULT_THRESHOLDS, calendar=calendar)
    except ValueError:
        return None
    rising = ((Colour.BLUE, moments.blue), (Colour.YELLOW, moments.yellow), (Colour.RED, moments.red))
    reached = [colour for colour, moment in rising if moment and moment <= matter.answered]
    return Verdict(matter.number, moments.due, max(reached, default=Colour.NONE), matter.answered <= moments.due)
