"""Clocks set aside in the browser: what went wrong, and another try at the press of a button."""

import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.colours import Colour
from cases.models import Alert, Clock
from cases.terms import ClockKind
from tests.builders import County
from tests.cases.admin.web import Web, at_moment, text_of
from tests.stories import Story

pytestmark = pytest.mark.django_db

LIST = reverse("admin:cases_clock_changelist")


def retry_of(clock: Clock) -> str:
    return reverse("admin:cases_clock_retry", args=[clock.pk])


def held(county: County, patch: pytest.MonkeyPatch) -> tuple[Story, Clock]:
    """A colour that history holds already although its clock does not know it: the sweep could not write it again."""
    story = Story.begin(county)
    clock = story.clock(ClockKind.DOCKET)
    moments = {"moment": story.now, "raised_at": story.now}
    Alert.objects.create(clock=clock, case=story.case, generation=1, colour=Colour.YELLOW, **moments)
    assert story.wait(days=3).sweep().held == 1
    at_moment(patch, story.wait(minutes=1))
    clock.refresh_from_db()
    return story, clock


def test_the_list_shows_the_error_and_a_button(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    _, clock = held(county, monkeypatch)
    page = Web.of(county.users["admin"]).page(LIST)
    assert "alert_once" in page
    assert f'formaction="{retry_of(clock)}"' in page


def test_a_try_after_the_repair_writes_what_was_owed(
    county: County, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    story, clock = held(county, monkeypatch)
    Alert.objects.filter(clock=clock).delete()
    with caplog.at_level(logging.INFO):
        answer = Web.of(county.users["admin"]).client.post(retry_of(clock), follow=True)
    assert "已完成" in text_of(answer)
    assert [alert.colour for alert in story.alerts()] == [1, 2, 3]
    clock.refresh_from_db()
    assert (clock.held_until, clock.held_error, clock.raised) == (None, "", Colour.RED)
    admin = county.users["admin"]
    assert f"clock {clock.pk} was tried again by user {admin.pk}: done" in caplog.text
    entry = LogEntry.objects.get(object_id=str(clock.pk))
    assert (entry.user, entry.change_message) == (admin, "tried again: done")


def test_a_try_that_fails_again_keeps_the_row_aside_with_its_error(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, clock = held(county, monkeypatch)
    answer = Web.of(county.users["admin"]).client.post(retry_of(clock), follow=True)
    assert "再次失败" in text_of(answer)
    before = clock.held_until
    clock.refresh_from_db()
    assert before is not None
    assert clock.held_until is not None
    assert clock.held_until > before, "its rest begins anew"
    assert "alert_once" in clock.held_error
    assert [alert.colour for alert in story.alerts()] == [Colour.YELLOW]


def test_a_row_that_is_not_set_aside_cannot_be_tried(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story.begin(county)
    at_moment(monkeypatch, story.wait(days=3))
    answer = Web.of(county.users["admin"]).client.post(retry_of(story.clock(ClockKind.DOCKET)), follow=True)
    assert "已不在搁置之列" in text_of(answer)
    assert story.alerts() == []


def test_only_a_post_of_a_system_administrator_tries_again(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    _, clock = held(county, monkeypatch)
    assert Web.of(county.users["admin"]).get(retry_of(clock)).status_code == 405
    for name in county.users.keys() - {"admin"}:
        assert Web.of(county.users[name]).client.post(retry_of(clock)).status_code == 403
    assert not LogEntry.objects.exists()


def test_the_list_costs_the_same_for_two_and_for_forty(county: County) -> None:
    web, costs = Web.of(county.users["admin"]), []
    for count in (2, 38):
        for _ in range(count):
            story = Story.begin(county)
            Clock.objects.filter(case=story.case_id).update(held_until=story.now, held_error="X")
        with CaptureQueriesContext(connection) as queries:
            web.page(LIST)
        costs.append(len(queries))
    assert costs[0] == costs[1]
