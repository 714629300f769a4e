"""The receipt page: who sees it, that every day explains itself, pauses and extensions with people, and its cost."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.admin.receipt_page import MOST_DAYS, Strip
from cases.calendar import ZONE
from cases.models import Case, Clock
from cases.terms import CaseType, ClockKind, Status
from cases.workflow import Action
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, at_moment, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

#: Thursday before Spring Festival 2026: a make-up Saturday and nine days off lie ahead.
BEFORE_FESTIVAL = datetime(2026, 2, 12, 9, 0, tzinfo=ZONE)


def address(number: str, clock: Clock) -> str:
    return reverse("admin:clock_receipt", args=[number, clock.pk])


def strip_of(county: County, story: Story, clock: Clock, username: str = "center") -> Strip:
    response = Web.of(county.users[username]).get(address(story.number, clock))
    assert response.status_code == 200
    strip: Strip = response.context["strip"]
    return strip


@pytest.mark.parametrize("username", USERNAMES)
def test_whoever_sees_the_case_sees_its_receipts_and_nobody_else(county: County, username: str) -> None:
    story = story_in(county, Status.HANDLING)
    web = Web.of(county.users[username])
    expected = web.case(story.number).status_code
    assert expected in {200, 404}
    assert web.get(address(story.number, story.clock(ClockKind.HANDLE))).status_code == expected


def test_a_clock_of_another_case_and_a_sealed_case_are_not_there(county: County) -> None:
    story, other = story_in(county, Status.HANDLING), story_in(county, Status.HANDLING)
    web = Web.of(county.users["center"])
    assert web.get(address(story.number, other.clock(ClockKind.HANDLE))).status_code == 404
    Case.objects.filter(pk=story.case_id).update(sealed=True, keeper="petition_officer")
    assert web.get(address(story.number, story.clock(ClockKind.HANDLE))).status_code == 404


def test_each_day_says_whether_it_counted_and_why_not(county: County) -> None:
    story = story_in(county, Status.HANDLING, at=BEFORE_FESTIVAL)
    clock = story.clock(ClockKind.HANDLE)
    cells = {cell.day: cell for cell in strip_of(county, story, clock).cells}
    assert (min(cells), max(cells)) == (date(2026, 2, 12), clock.due_at.astimezone(ZONE).date())
    assert cells[date(2026, 2, 14)].kind == "make_up"
    assert cells[date(2026, 2, 17)].kind == "holiday"
    assert "春节" in cells[date(2026, 2, 17)].why
    counted = [day for day, cell in cells.items() if cell.counted]
    assert counted == [date(2026, 2, day) for day in (13, 14, 24, 25, 26)]
    assert [mark[2] for mark in cells[max(cells)].marks] == [3, 0]
    page = Web.of(county.users["handler"]).page(address(story.number, clock))
    assert "5" in page
    assert "春节" in page


def test_hours_are_shown_by_day_and_cut_at_midnight(county: County) -> None:
    story = Story.begin(county, at=BEFORE_FESTIVAL.replace(hour=16), type=CaseType.URGENT).docket(by="center")
    story.wait(minutes=1).dispatch().report_in()
    clock = story.clock(ClockKind.HANDLE)
    assert clock.limit == "24 h"
    first, second = strip_of(county, story, clock).cells
    assert all(any(sign.isdigit() for sign in cell.counted) for cell in (first, second))
    assert (first.day, second.day) == (date(2026, 2, 12), date(2026, 2, 13))


def test_a_pause_is_hatched_and_names_who_and_why(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    until = story.now + timedelta(days=3)
    story.wait(hours=1).act(
        Action.SUSPEND, "center", reason="awaiting_material", until=until.date().isoformat(), comment="等身份证明"
    )
    story.wait(days=1).act(Action.RESUME, "center")
    clock = story.clock(ClockKind.HANDLE)
    response = Web.of(county.users["center"]).get(address(story.number, clock))
    strip: Strip = response.context["strip"]
    assert [cell.day.day for cell in strip.cells if cell.paused] == [2, 3]
    (cause,) = [cause for cause, _words in response.context["causes"]]
    assert cause.by == "center"
    assert "等身份证明" in text_of(response)


def test_a_suspension_has_a_chosen_end_and_no_strip(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    until = story.now + timedelta(days=3)
    story.wait(hours=1).act(Action.SUSPEND, "center", reason="season", until=until.date().isoformat())
    response = Web.of(county.users["center"]).get(address(story.number, story.clock(ClockKind.SUSPENSION)))
    assert (response.status_code, response.context["strip"]) == (200, None)


def test_stored_moments_that_differ_are_said_aloud(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    web = Web.of(county.users["center"])
    assert web.get(address(story.number, clock)).context["differs"] == []
    assert clock.yellow_at is not None
    Clock.objects.filter(pk=clock.pk).update(yellow_at=clock.yellow_at - timedelta(hours=1))
    assert web.get(address(story.number, clock)).context["differs"] == ["黄色起始"]


def test_a_long_course_is_cut_and_says_so(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    Clock.objects.filter(pk=clock.pk).update(limit="300 cd")
    strip = strip_of(county, story, clock)
    assert len(strip.cells) == MOST_DAYS
    assert strip.left_out > 100


def test_today_is_marked_and_the_cost_stays(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    at_moment(monkeypatch, story)
    assert [cell.day for cell in strip_of(county, story, clock).cells if cell.today] == [story.now.date()]
    web = Web.of(county.users["center"])
    web.page(address(story.number, clock))
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as seen:
            web.page(address(story.number, story.clock(ClockKind.HANDLE)))
        costs.append(len(seen))
        unit = county.police if not costs[1:] else county.housing
        story.wait(minutes=1).act(Action.ADD_ASSISTANT, "center", department=unit.code)
    assert costs[0] == costs[1]
