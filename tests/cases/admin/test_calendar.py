"""The work calendar in the browser: one who may, a draft that survives every press, and what publishing did."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.admin.calendar_draft import Draft, imported, read_draft, toggled, written
from cases.calendar import DayRule, WorkCalendar
from cases.models import CalendarRecompute, CalendarVersion
from cases.official_days import official_calendar
from cases.terms import ClockKind, Status
from cases.versions import calendar_in_force
from grids.admin import person
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.admin.web import Web, text_of
from tests.stories import story_in

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:calendar")
FRIDAY = date(2026, 3, 6)
OFF = DayRule(work=False, name="抗洪")


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person, "timezone", SimpleNamespace(now=lambda: MONDAY))


def press(web: Web, **fields: str) -> Any:
    return web.client.post(PAGE, {"year": "2026", **fields})


def turned(response: Any, day: date) -> Any:
    return next(b for month in response.context["months"] for b in month.days if b.day == day)


@pytest.mark.parametrize("username", USERNAMES)
def test_only_the_system_administrator_opens_or_publishes(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    expected = 200 if username == "admin" else 403
    assert web.get(PAGE).status_code == expected
    refused = press(web, press="publish", changes="2026-03-06 off 抗洪", reason="")
    assert refused.status_code == (400 if username == "admin" else 403)
    assert CalendarVersion.objects.count() == 1


def test_a_year_shows_every_day_as_what_it_is(county: County) -> None:
    response = Web.of(county.users["admin"]).get(PAGE, year="2026")
    assert sum(len(month.days) for month in response.context["months"]) == 365
    kinds = {day: turned(response, date(2026, *day)).kind for day in ((2, 14), (2, 17), (3, 2), (3, 7))}
    assert kinds == {(2, 14): "make_up", (2, 17): "holiday", (3, 2): "workday", (3, 7): "weekend"}
    assert Web.of(county.users["admin"]).get(PAGE, year="99999").context["typed"].year == 2026


def test_a_day_is_turned_over_and_back_and_nothing_is_stored(county: County) -> None:
    web = Web.of(county.users["admin"])
    nameless = press(web, turn="2026-03-06 work")
    assert (nameless.status_code, nameless.context["typed"].changes) == (400, "")
    off = press(web, turn="2026-03-06 work", name="抗洪")
    assert off.context["typed"].changes == "2026-03-06 off 抗洪"
    assert (turned(off, FRIDAY).kind, turned(off, FRIDAY).changed) == ("holiday", True)
    back = press(web, turn="2026-03-06 off", changes="2026-03-06 off 抗洪", reason="防汛")
    assert (back.context["typed"].changes, back.context["typed"].reason) == ("", "防汛")
    assert CalendarVersion.objects.count() == 1


def test_a_day_that_was_shown_as_something_else_is_not_turned(county: County) -> None:
    """Published from another tab meanwhile: the press would do the opposite of what it says."""
    web = Web.of(county.users["admin"])
    assert "2026-03-06 work" in {b.turn for month in web.get(PAGE).context["months"] for b in month.days}
    press(web, press="publish", changes="2026-03-06 off 抗洪", reason="防汛")
    refused = press(web, turn="2026-03-06 work", name="另一个名", changes="2026-03-09 off 抗洪")
    assert refused.status_code == 400
    assert refused.context["typed"].changes == "2026-03-09 off 抗洪"
    assert turned(refused, FRIDAY).turn == "2026-03-06 off"
    assert "2026-03-06 已不是" in refused.context["typed"].problems[0]


def test_another_year_keeps_the_draft(county: County) -> None:
    response = press(Web.of(county.users["admin"]), year="2027", changes="2026-03-06 off 抗洪", reason="防汛")
    typed = response.context["typed"]
    assert (response.status_code, typed.year, typed.reason) == (200, 2027, "防汛")
    assert typed.changes == "2026-03-06 off 抗洪"


def test_lines_that_cannot_be_read_are_named_and_kept(county: County) -> None:
    changes = "2026-03-06 off\n2026-13-01 off 春节\n2026-03-09 perhaps\n"
    response = press(Web.of(county.users["admin"]), press="publish", changes=changes, announced="20x7", reason="试")
    assert response.status_code == 400
    assert len(response.context["typed"].problems) == 4
    page = text_of(response)
    assert changes.strip() in page
    assert 'value="20x7"' in page
    assert 'value="试"' in page
    assert CalendarVersion.objects.count() == 1


def test_publishing_moves_running_clocks_and_tells_how_many(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    before = story.clock(ClockKind.HANDLE).due_at
    web = Web.of(county.users["admin"])
    response = press(web, press="publish", changes="2026-03-06 off 抗洪", reason="抗洪放假")
    assert (response.status_code, response.url) == (302, f"{PAGE}?year=2026#done=calendar")
    version = CalendarVersion.objects.get(number=2)
    assert (version.reason, version.published_by) == ("抗洪放假", county.users["admin"])
    assert calendar_in_force().calendar.days[FRIDAY] == OFF
    run = CalendarRecompute.objects.get(calendar=version)
    assert run.moved > 0
    assert run.finished_at is not None
    assert story.clock(ClockKind.HANDLE).due_at > before
    shown = web.get(PAGE)
    assert shown.context["run"] == run
    assert turned(shown, FRIDAY).kind == "holiday"
    assert LogEntry.objects.get().user == county.users["admin"]


@pytest.mark.parametrize(
    ("changes", "reason"), [("", "理由"), ("2026-03-06 off 抗洪", "  "), ("2026-03-06 off 抗洪", "长" * 201)]
)
def test_publishing_nothing_or_without_a_reason_is_refused(county: County, changes: str, reason: str) -> None:
    response = press(Web.of(county.users["admin"]), press="publish", changes=changes, reason=reason)
    assert response.status_code == 400
    assert response.context["typed"].changes == changes
    assert CalendarVersion.objects.count() == 1


def test_a_year_that_is_not_announced_is_warned_of_and_cannot_be_imported(county: County) -> None:
    web = Web.of(county.users["admin"])
    last = max(official_calendar().known_years)
    assert web.get(PAGE).context["missing"] == last + 1
    response = press(web, press="import", year=str(last + 1), changes="2026-03-06 off 抗洪")
    assert (response.status_code, len(response.context["typed"].problems)) == (400, 1)
    assert response.context["typed"].changes == "2026-03-06 off 抗洪"


def test_importing_a_year_brings_exactly_what_is_missing() -> None:
    official = official_calendar()
    year = max(official.known_years)
    own = DayRule(work=False, name="县庆")
    kept = {day: rule for day, rule in official.days.items() if day.year != year}
    before = WorkCalendar(kept | {date(year, 6, 1): own}, official.known_years - {year})
    draft = Draft()
    imported(draft, before, official, year)
    after = draft.on(before)
    assert {day: rule for day, rule in after.days.items() if day.year == year} == {
        day: rule for day, rule in official.days.items() if day.year == year
    }
    assert draft.days[date(year, 6, 1)] is None
    assert year in after.known_years
    again = read_draft(written(draft.days), " ".join(map(str, draft.announced)))
    assert (again.days, again.announced, again.problems) == (draft.days, draft.announced, [])


def test_turning_an_official_day_back_to_its_weekday_takes_the_exception_away() -> None:
    calendar, make_up = official_calendar(), date(2026, 2, 14)
    draft = Draft()
    toggled(draft, calendar, make_up, "")
    assert draft.days == {make_up: None}
    assert not draft.on(calendar).is_workday(make_up)
    toggled(draft, calendar, date(2026, 3, 7), "")
    assert draft.on(calendar).is_workday(date(2026, 3, 7))


def test_the_cost_does_not_grow_with_versions(county: County) -> None:
    web = Web.of(county.users["admin"])
    costs = []
    for number in (2, 9):
        for extra in range(number, number + 3):
            days = official_calendar().to_document()
            CalendarVersion.objects.create(number=extra, days=days, reason="x", published_at=MONDAY)
        web.page(PAGE)
        with CaptureQueriesContext(connection) as seen:
            web.page(PAGE)
        costs.append(len(seen))
    assert costs[0] == costs[1]
