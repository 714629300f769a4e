"""The work calendar: a year to click on, the official days to import, publishing, and what it did to running clocks.

The draft lives in the form, so that nothing is lost by an error and nothing is stored before it is published.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cases.actions.calendar_change import edit_calendar
from cases.actions.publishing import publish_calendar
from cases.admin import wording
from cases.admin.calendar_draft import OFF, WORK, Draft, imported, read_draft, toggled, written
from cases.admin.pages import open_to, render, status_of
from cases.calendar import ZONE, DayKind, WorkCalendar
from cases.coverage import missing_year
from cases.errors import CaseError, InvalidInput
from cases.models import CalendarRecompute, CalendarVersion
from cases.official_days import official_calendar
from cases.recomputing import recompute
from grids.admin.person import actor_of, now_of
from grids.roles import Role

EDITORS = frozenset({Role.SYSTEM_ADMIN})
YEARS_AROUND, VERSIONS_SHOWN, LONGEST_REASON = 3, 6, 200
#: How long the page itself works on the running clocks after publishing; the worker goes on with the rest.
SECONDS = 4


#: Heads of a month's columns.
WEEKDAYS: Final = (
    pgettext_lazy("head of a column", "Mo"),
    pgettext_lazy("head of a column", "Tu"),
    pgettext_lazy("head of a column", "We"),
    pgettext_lazy("head of a column", "Th"),
    pgettext_lazy("head of a column", "Fr"),
    pgettext_lazy("head of a column", "Sa"),
    pgettext_lazy("head of a column", "Su"),
)


@dataclass(frozen=True, slots=True)
class DayButton:
    """`turn`: what its press says, the day and what it was shown as."""

    day: date
    turn: str
    kind: str
    name: str
    changed: bool
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of whole weeks from Monday: `lead` empty places before its first day."""

    name: Any
    lead: range
    days: list[DayButton]


@dataclass(slots=True)
class Typed:
    """What stands in the fields, and what is wrong with it."""

    year: int
    changes: str = ""
    announced: str = ""
    name: str = ""
    reason: str = ""
    problems: tuple[Any, ...] = ()


@open_to(EDITORS)
def calendar(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _posted(request)
    return _page(request, Typed(year=_year(request.GET.get("year", ""), request)), Draft())


def _posted(request: HttpRequest) -> HttpResponse:
    """One press: turn a day over, look, import a year, or publish. Whatever happens, the draft stays."""
    form = request.POST
    typed = Typed(
        year=_year(form.get("year", ""), request),
        changes=form.get("changes", ""),
        announced=form.get("announced", ""),
        name=form.get("name", "").strip(),
        reason=form.get("reason", "").strip(),
    )
    draft = read_draft(typed.changes, typed.announced)
    if draft.problems:
        typed.problems = tuple(draft.problems)
        return _page(request, typed, draft, status=HTTPStatus.BAD_REQUEST)
    if form.get("press") == "publish":
        return _publish(request, typed, draft)
    _edit(request, typed, draft)
    return _page(request, typed, draft, status=HTTPStatus.BAD_REQUEST if typed.problems else HTTPStatus.OK)


def _edit(request: HttpRequest, typed: Typed, draft: Draft) -> None:
    current = _in_force()
    pressed, was_work = _turned(request.POST.get("turn", ""))
    if pressed is not None:
        if draft.on(current).is_workday(pressed) != was_work:
            words = _("%(day)s is no longer what this page had shown: nothing was turned. Please look at it again.")
            typed.problems = (words % {"day": pressed.isoformat()},)
            return
        if current.is_workday(pressed) and pressed not in draft.days and not typed.name:
            typed.problems = (_("Type the name of the day off first, then press the day."),)
            return
        toggled(draft, current, pressed, typed.name)
    elif request.POST.get("press") == "import":
        try:
            imported(draft, current, official_calendar(), typed.year)
        except ValueError:
            words = _("The official days of %(year)d are not known here yet: update chinesecalendar or press the days.")
            typed.problems = (words % {"year": typed.year},)
    typed.changes, typed.announced = written(draft.days), " ".join(map(str, draft.announced))


def _publish(request: HttpRequest, typed: Typed, draft: Draft) -> HttpResponse:
    typed.problems = tuple(_missing(typed, draft))
    if typed.problems:
        return _page(request, typed, draft, status=HTTPStatus.BAD_REQUEST)
    try:
        version = _published(request, typed, draft)
    except CaseError as error:
        own = error.errors.values() if isinstance(error, InvalidInput) else ()
        typed.problems = (error.message, *(sentence for sentences in own for sentence in sentences))
        return _page(request, typed, draft, status=status_of(error))
    run = CalendarRecompute.objects.filter(calendar=version).first()
    if run is not None:
        recompute(run, ticks=_ticks())
    messages.success(request, _("The work calendar is published as version %(number)d.") % {"number": version.number})
    done = "#done=calendar"  # the browser forgets its draft
    return HttpResponseRedirect(f"{reverse('admin:calendar')}?year={typed.year}{done}")


def _published(request: HttpRequest, typed: Typed, draft: Draft) -> CalendarVersion:
    terms: dict[str, Any] = {"reason": typed.reason, "actor": actor_of(request), "now": now_of(request)}
    if not CalendarVersion.objects.exists():
        return publish_calendar(calendar=draft.on(_in_force()), **terms)
    return edit_calendar(days=draft.days, announced=draft.announced, **terms)


def _missing(typed: Typed, draft: Draft) -> Iterator[str]:
    if not draft.days and not draft.announced:
        yield _("Nothing was changed yet: press a day or import a year.")
    if not typed.reason or "\x00" in typed.reason:
        yield _("Say why the calendar changes.")
    if len(typed.reason) > LONGEST_REASON:
        yield _("A reason has at most %(count)d characters.") % {"count": LONGEST_REASON}


def _ticks() -> Iterator[datetime]:
    end = monotonic() + SECONDS
    while monotonic() < end:
        yield timezone.now()


# The page


def _page(request: HttpRequest, typed: Typed, draft: Draft, *, status: int = HTTPStatus.OK) -> HttpResponse:
    now, current = now_of(request), _in_force()
    shown = draft.on(current)
    versions = CalendarVersion.objects.select_related("published_by").defer("days")
    runs = CalendarRecompute.objects.select_related("calendar").order_by("-pk")
    context = {
        "title": _("Work calendar"),
        "typed": typed,
        "months": [_month(typed.year, month, current, shown, draft, today=_today(now)) for month in range(1, 13)],
        "weekdays": WEEKDAYS,
        "years": _years(current, now),
        "known": typed.year in shown.known_years,
        "missing": _missing_year(now),
        "versions": versions[:VERSIONS_SHOWN],
        "run": runs.first(),
        "changed": len(draft.days),
        "now": now,
    }
    return render(request, "cases/calendar.html", context, status=status)


def _month(year: int, month: int, current: WorkCalendar, shown: WorkCalendar, draft: Draft, *, today: date) -> Month:
    first, length = date(year, month, 1), monthrange(year, month)[1]
    days = [_button(date(year, month, number), current, shown, draft, today=today) for number in range(1, length + 1)]
    return Month(MONTHS[month], range(first.weekday()), days)


def _button(day: date, current: WorkCalendar, shown: WorkCalendar, draft: Draft, *, today: date) -> DayButton:
    reason = shown.reason(day)
    changed = day in draft.days and current.days.get(day) != draft.days[day]
    name = reason.name or (_("weekend") if reason.kind is DayKind.WEEKEND else "")
    turn = f"{day.isoformat()} {WORK if shown.is_workday(day) else OFF}"
    return DayButton(day, turn, reason.kind.value, name, changed, day == today)


def _in_force() -> WorkCalendar:
    """Before the first version there are weekends and the fixed days alone."""
    return wording.live_calendar() or WorkCalendar({}, frozenset())


def _missing_year(now: datetime) -> int | None:
    """The year that the next limits reach into without official days, or that begins without them."""
    current = _in_force()
    try:
        found = missing_year(now)
    except CaseError:
        found = None
    return found or current.missing_year(now, date(_today(now).year + 1, 12, 31))


def _years(current: WorkCalendar, now: datetime) -> list[tuple[int, bool]]:
    """The years to choose from, with whether their official days are known."""
    around = range(_today(now).year - YEARS_AROUND, _today(now).year + YEARS_AROUND)
    return [(year, year in current.known_years) for year in around]


def _year(text: str, request: HttpRequest) -> int:
    known = text.isascii() and text.isdecimal() and len(text) == 4 and 1971 <= int(text) <= 2198
    return int(text) if known else _today(now_of(request)).year


def _turned(text: str) -> tuple[date | None, bool]:
    """The day that was pressed, and whether it was shown as a workday: `2026-12-07 work`."""
    day, _blank, shown = text.partition(" ")
    try:
        return date.fromisoformat(day), shown == WORK
    except ValueError:
        return None, False


def _today(now: datetime) -> date:
    return now.astimezone(ZONE).date()
