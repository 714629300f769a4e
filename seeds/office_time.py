"""Demo stories happen while offices are open."""

from datetime import datetime

from cases.calendar import from_instant, to_instant
from cases.official_days import official_calendar


def in_office(moment: datetime, *, minutes: int) -> datetime:
    """The moment itself in office time, otherwise that many minutes after the next opening."""
    calendar, instant = official_calendar(), to_instant(moment)
    used = calendar.office_time(instant)
    if calendar.office_time(instant + 1) > used:
        return moment
    return from_instant(calendar.when_office_time(used + (minutes + 1) * 60_000_000))
