"""Which colours a clock has reached and when it must be looked at next. Pure: no Django, `now` is a parameter."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from cases.colours import Colour
from cases.terms import UNCOLOURED_CLOCKS, ClockKind


class Timer(NamedTuple):
    """The stored moments of one running clock and the highest colour raised so far."""

    kind: ClockKind
    due_at: datetime
    blue_at: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    raised: Colour = Colour.NONE

    def pending(self) -> Iterator[tuple[Colour, datetime]]:
        """Colours still to be raised, in their order, with their moments."""
        for colour, moment in (
            (Colour.BLUE, self.blue_at),
            (Colour.YELLOW, self.yellow_at),
            (Colour.RED, self.red_at),
        ):
            if moment is not None and colour > self.raised:
                yield colour, moment

    def passed(self, now: datetime) -> list[tuple[Colour, datetime]]:
        """Colours whose moment is `now` or earlier and which were not raised yet, in their order."""
        return [(colour, moment) for colour, moment in self.pending() if moment <= now]

    def next_after(self, now: datetime) -> datetime | None:
        """The first moment later than `now`; None when red was the last. Uncoloured clocks wait for their due time."""
        if self.kind in UNCOLOURED_CLOCKS:
            return self.due_at
        return min((moment for _, moment in self.pending() if moment > now), default=None)

    def first(self) -> datetime | None:
        """The next moment of a clock that starts now: the earliest one, also when it lies in the past."""
        if self.kind in UNCOLOURED_CLOCKS:
            return self.due_at
        return min((moment for _, moment in self.pending()), default=None)
