"""The next version of the work calendar, made of the one in force: edited days, and years announced meanwhile. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from cases.calendar import FIRST_YEAR, FIXED_STATUTORY_DAYS, LAST_YEAR, DayRule, WorkCalendar
from cases.faults import Fault
from cases.faults import gettext_noop as _

LONGEST_NAME: Final = 40


def edited(
    calendar: WorkCalendar, days: Mapping[date, DayRule | None], *, announced: Collection[int] = ()
) -> WorkCalendar:
    """The calendar with these days as written; None takes a day's exception away, so that its weekday counts again.

    `announced` are years whose official days are complete with this change. Raises Fault.
    """
    for day, rule in days.items():
        _check(day, rule)
    _check_years(announced)
    kept = {day: rule for day, rule in calendar.days.items() if day not in days}
    written = {day: rule for day, rule in days.items() if rule is not None}
    return replace(calendar, days=kept | written, known_years=calendar.known_years | frozenset(announced))


def with_years_of(calendar: WorkCalendar, official: WorkCalendar, years: Collection[int]) -> WorkCalendar:
    """The calendar with the official days of these years in place of its own. Fault for a year not announced."""
    unknown = sorted(set(years) - official.known_years)
    if unknown:
        raise Fault(_("The official days of %(year)d are not known."), year=unknown[0])
    kept = {day: rule for day, rule in calendar.days.items() if day.year not in years}
    taken = {day: rule for day, rule in official.days.items() if day.year in years}
    return replace(calendar, days=kept | taken, known_years=calendar.known_years | frozenset(years))


def changed_days(before: WorkCalendar, after: WorkCalendar) -> list[date]:
    """The days that become workdays or cease to be; names alone do not count."""
    years = before.known_years ^ after.known_years
    looked_at = set(before.days) | set(after.days) | {day for year in years for day in _fixed(year)}
    return sorted(day for day in looked_at if before.is_workday(day) != after.is_workday(day))


def _fixed(year: int) -> Iterable[date]:
    """Days off by decree that count as long as the year is not announced."""
    return (date(year, month, day) for month, day in FIXED_STATUTORY_DAYS)


def _check(day: date, rule: DayRule | None) -> None:
    _check_years([day.year])
    if rule is not None and len(rule.name) > LONGEST_NAME:
        sentence = _("%(day)s: the name has more than %(most)d characters.")
        raise Fault(sentence, day=day.isoformat(), most=LONGEST_NAME)


def _check_years(years: Iterable[int]) -> None:
    for year in years:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            sentence = _("%(year)d is outside the years %(first)d to %(last)d, which the calendar reckons with.")
            raise Fault(sentence, year=year, first=FIRST_YEAR, last=LAST_YEAR)
