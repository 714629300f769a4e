"""Moments, due times and colours in the words of an officer (desk.md, "Looks")."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext, pgettext_lazy

from cases import labels, phrases
from cases.calendar import DAY, WorkCalendar, to_instant
from cases.colours import Colour
from cases.errors import NotReady
from cases.versions import calendar_in_force
from grids.actors import ZONE

#: A colour never comes without its shape and its word: a colour-blind officer and a print lose nothing.
SHAPES = {Colour.NONE: "", Colour.BLUE: "●", Colour.YELLOW: "▲", Colour.RED: "■"}
WORDS = {
    Colour.BLUE: pgettext_lazy("colour", "Notice"),
    Colour.YELLOW: pgettext_lazy("colour", "Warning"),
    Colour.RED: pgettext_lazy("colour", "Alert"),
}

moment = phrases.moment


def day(at: datetime, *, now: datetime) -> str:
    """The time alone when it is today, else 11月22日."""
    local = at.astimezone(ZONE)
    return (
        date_format(local, "H:i") if local.date() == now.astimezone(ZONE).date() else phrases.day_of_year(local.date())
    )


def chip(colour: int) -> SafeString:
    """A colour as shape and word; nothing at all for a clock that is in time."""
    found = Colour(colour)
    if found is Colour.NONE:
        return SafeString("")
    return format_html(
        '<span class="w-chip w-c{}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
        int(found),
        labels.COLOUR[found],
        SHAPES[found],
        WORDS[found],
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A due time beside its words. Exactly at the due time is not yet late."""

    at: str
    words: str
    late: bool


def due(at: datetime, *, now: datetime, calendar: WorkCalendar | None) -> Due:
    late = now > at
    words = _late(now - at, at, now, calendar) if late else _left(at - now, now, at, calendar)
    return Due(moment(at, now=now), words, late)


def _left(span: timedelta, now: datetime, at: datetime, calendar: WorkCalendar | None) -> str:
    unit, count = _counted(span, now, at, calendar)
    words = {
        "minute": ngettext("%(count)d minute left", "%(count)d minutes left", count),
        "hour": ngettext("%(count)d hour left", "%(count)d hours left", count),
        "workday": ngettext("%(count)d working day left", "%(count)d working days left", count),
        "day": ngettext("%(count)d day left", "%(count)d days left", count),
    }
    return words[unit] % {"count": count}


def _late(span: timedelta, at: datetime, now: datetime, calendar: WorkCalendar | None) -> str:
    unit, count = _counted(span, at, now, calendar)
    words = {
        "minute": ngettext("%(count)d minute overdue", "%(count)d minutes overdue", count),
        "hour": ngettext("%(count)d hour overdue", "%(count)d hours overdue", count),
        "workday": ngettext("%(count)d working day overdue", "%(count)d working days overdue", count),
        "day": ngettext("%(count)d day overdue", "%(count)d days overdue", count),
    }
    return words[unit] % {"count": count}


def _counted(span: timedelta, start: datetime, end: datetime, calendar: WorkCalendar | None) -> tuple[str, int]:
    """Minutes under an hour, hours under a day, then working days; natural days where no workday lies between."""
    if span < timedelta(hours=1):
        return "minute", max(span // timedelta(minutes=1), 1)
    if span < timedelta(days=1):
        return "hour", span // timedelta(hours=1)
    if calendar is not None and (days := workdays_between(start, end, calendar)):
        return "workday", days
    return "day", span.days


def workdays_between(start: datetime, end: datetime, calendar: WorkCalendar) -> int:
    """Workdays after the day of `start` up to and with the day of `end`: the start day is not counted."""
    day_length = sum(
        (closes.hour - opens.hour) * 3600 + (closes.minute - opens.minute) * 60 for opens, closes in calendar.hours
    )
    used = calendar.office_time(_day_end(end)) - calendar.office_time(_day_end(start))
    return used // (day_length * 1_000_000)


def _day_end(at: datetime) -> int:
    return (to_instant(at) // DAY + 1) * DAY


def live_calendar() -> WorkCalendar | None:
    """The calendar for words alone: a page without one still tells natural days."""
    try:
        return calendar_in_force().calendar
    except NotReady:
        return None
