"""The receipt of a due time: a strip of days, one sentence of sum, and everything in words (desk.md, "receipt")."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import labels, reasons
from cases.access import visible_to
from cases.admin import wording
from cases.admin.documents import rule_words
from cases.admin.pages import render
from cases.calendar import ZONE, DayKind, WorkCalendar
from cases.colours import Colour
from cases.limits import Unit
from cases.models import Case, Clock
from cases.phrases import limit_words
from cases.receipt import DayNote, Reckoning
from cases.receipt_words import day_words, sentences, span_words
from cases.receipts import Cause, Receipt, clocks_of, differences, receipt_of
from cases.schedule import Moments
from cases.terms import ClockKind, ReasonList
from cases.versions import calendar_of
from grids.admin.person import actor_of, now_of

#: Days of one strip; a longer course says how many it left out.
MOST_DAYS = 189
_DAYS = frozenset({Unit.WD, Unit.CD})


@dataclass(slots=True)
class DayCell:
    """One day of the strip. `counted` is what it gave: the n-th day of the limit, or hours; `why` for the rest."""

    day: date
    kind: str
    why: str
    counted: str = ""
    paused: bool = False
    today: bool = False
    marks: list[tuple[Any, str, int]] = field(default_factory=list)  # word, shape, colour


@dataclass(frozen=True, slots=True)
class Strip:
    """Whole weeks from Monday: `lead` empty places before the first day."""

    lead: range
    cells: list[DayCell]
    left_out: int


def receipt(request: HttpRequest, number: str, clock_id: int) -> HttpResponse:
    """For whoever sees the case; for anybody else there is no such clock. `?part`: without the page around it."""
    case, clock = _found(request, number, clock_id)
    found, now = receipt_of(clock), now_of(request)
    context = {
        "title": f"{labels.CLOCK[ClockKind(clock.kind)]} · {case.number}",
        "case": case,
        "clock": clock,
        "rule": rule_words(clock.rule) if clock.rule else "",
        "limit": limit_words(clock.limit) if clock.limit else "",
        "now": now,
        "due": wording.due(clock.due_at, now=now, calendar=wording.live_calendar()),
        "sum": sum_words(found, now=now),
        "sentences": sentences(found, now=now),
        "strip": strip_of(found, now=now) if found.course else None,
        "weekdays": [WEEKDAYS_ABBR[number] for number in range(7)],
        "moments": list(_coloured(found.moments)),
        "causes": [(cause, _cause_words(cause)) for cause in found.causes],
        "differs": [label_for_field(one.field, Clock) for one in differences(clock)],
    }
    if "part" in request.GET:
        return TemplateResponse(request, "cases/receipt_body.html", context)
    return render(request, "cases/receipt.html", context)


def _found(request: HttpRequest, number: str, clock_id: int) -> tuple[Case, Clock]:
    case = None if "\x00" in number else visible_to(actor_of(request)).filter(number=number).first()
    clock = clocks_of(case).filter(pk=clock_id).first() if case else None
    if case is None or clock is None:
        raise Http404(_("There is no such clock."))
    return case, clock


def sum_words(receipt: Receipt, *, now: datetime) -> str:
    """The whole reckoning in one sentence."""
    course, clock = receipt.course, receipt.clock
    due = wording.moment(receipt.moments.due, now=now)
    if course is None:
        return _("A day that was chosen: %(due)s.") % {"due": due}
    parts = [" + ".join(limit_words(grant.limit) for grant in course.grants)]
    if idle := sum(1 for note in course.days if not note.counted):
        parts.append(ngettext("%(count)d day off left out", "%(count)d days off left out", idle) % {"count": idle})
    if lost := sum((pause.lost for pause in course.pauses), timedelta()):
        parts.append(_("%(span)s stood still") % {"span": span_words(lost)})
    facts = {"start": wording.moment(clock.started_at, now=now), "parts": _(", ").join(parts), "due": due}
    return _("From %(start)s: %(parts)s → due %(due)s") % facts


# The strip


def strip_of(receipt: Receipt, *, now: datetime) -> Strip:
    """A cell for each day from the start to the due time, in the calendar that the clock was computed with."""
    course, calendar = receipt.course, calendar_of(receipt.clock.calendar_id)
    first, last = _day(receipt.clock.started_at), _day(receipt.moments.due)
    length = (last - first).days + 1
    shown = min(length, MOST_DAYS)
    cells = {day: _cell(day, calendar) for day in (first + timedelta(days=n) for n in range(shown))}
    if course is not None:
        _count(cells, course)
    for start, end in _pauses(receipt, now):
        for day in _days_of(start, end):
            if day in cells:
                cells[day].paused = True
    for day, mark in _marks(receipt):
        if day in cells:
            cells[day].marks.append(mark)
    if (today := _day(now)) in cells:
        cells[today].today = True
    return Strip(range(first.weekday()), list(cells.values()), length - shown)


def _cell(day: date, calendar: WorkCalendar) -> DayCell:
    reason = calendar.reason(day)
    plain = reason.kind is DayKind.WORKDAY and not reason.provisional
    note = DayNote(day, reason.kind, reason.name, reason.provisional)
    return DayCell(day, reason.kind.value, "" if plain else day_words(note))


def _count(cells: dict[date, DayCell], course: Reckoning) -> None:
    """What each day gave: its place in a limit in days, else the hours that were used on it."""
    if course.unit in _DAYS:
        days = [day for grant in course.grants for day in grant.days]
        words = {day: _("day %(number)d") % {"number": number} for number, day in enumerate(days, start=1)}
    else:
        words = {day: span_words(span) for day, span in _used(course).items()}
    for day, word in words.items():
        if day in cells:
            cells[day].counted = word


def _used(course: Reckoning) -> dict[date, timedelta]:
    """Counted time by day; a stretch over midnight is cut there."""
    used: dict[date, timedelta] = defaultdict(timedelta)
    for segment in course.segments:
        start, end = segment.start.astimezone(ZONE), segment.end.astimezone(ZONE)
        while start < end:
            midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time(), tzinfo=ZONE)
            stop = min(end, midnight)
            used[start.date()] += stop - start
            start = stop
    return used


def _pauses(receipt: Receipt, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    for cause in receipt.causes:
        if cause.kind == "pause":
            yield cause.start, cause.end or now


def _days_of(start: datetime, end: datetime) -> Iterator[date]:
    day = _day(start)
    while day <= _day(end):
        yield day
        day += timedelta(days=1)


def _marks(receipt: Receipt) -> Iterator[tuple[date, tuple[Any, str, int]]]:
    yield _day(receipt.clock.started_at), (_("start"), "▸", 0)
    for colour, at in _coloured(receipt.moments):
        yield _day(at), (wording.WORDS[colour], wording.SHAPES[colour], int(colour))
    yield _day(receipt.moments.due), (_("due"), "◂", 0)
    if receipt.clock.stopped_at:
        yield _day(receipt.clock.stopped_at), (_("ended"), "✓", 0)


def _coloured(moments: Moments) -> Iterator[tuple[Colour, datetime]]:
    for colour, at in ((Colour.BLUE, moments.blue), (Colour.YELLOW, moments.yellow), (Colour.RED, moments.red)):
        if at is not None:
            yield colour, at


def _cause_words(cause: Cause) -> str:
    if cause.kind == "extension":
        return _("Extension")
    return reasons.words(ReasonList.SUSPEND, cause.reason)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
