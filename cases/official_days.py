"""The official days that the `chinesecalendar` package knows, as the work calendar that the service starts with."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from chinese_calendar import constants

from cases.calendar import DayRule, WorkCalendar


@cache
def official_calendar() -> WorkCalendar:
    """Holidays and make-up workdays of the announced years (2004 onwards), with their Chinese names."""
    first, last = min(constants.holidays).year, max(constants.holidays).year
    return WorkCalendar(days=dict(_announced_days()), known_years=frozenset(range(first, last + 1)))


def _announced_days() -> Iterator[tuple[date, DayRule]]:
    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    for day, holiday in constants.holidays.items():
        yield day, DayRule(work=False, name=names[holiday])
    for day, holiday in constants.workdays.items():
        yield day, DayRule(work=True, name=f"{names[holiday]}调休")
