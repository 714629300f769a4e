"""Two bulk runs over the same cases at the same moment: every case is acted on once, whoever wins it."""

from typing import Any

import pytest
from django.test import Client

from cases.models import JournalEvent
from cases.terms import Status
from grids.roles import Role
from notifications.models import Message
from tests.builders import County, add_post, add_user
from tests.cases.admin.test_bulk import confirm, happened, preview
from tests.cases.admin.web import Web, at_moment, text_of
from tests.concurrency.together import failed, together
from tests.stories import Story, story_in

CASES = 6


@pytest.fixture
def stories(county: County, monkeypatch: pytest.MonkeyPatch) -> list[Story]:
    made = [story_in(county, Status.DOCKETED) for _ in range(CASES)]
    at_moment(monkeypatch, made[-1].wait(minutes=10))
    return made


def same_person(web: Web) -> Web:
    """The same session in another window: a test client is for one thread."""
    client = Client()
    client.cookies = web.client.cookies.copy()  # type: ignore[assignment]
    return Web(client, web.user)


def done_in(page: Any) -> int:
    return text_of(page).count("✓")


def test_two_officers_dispatch_the_same_cases(county: County, stories: list[Story]) -> None:
    second = add_user("center-2")
    add_post(second, Role.CENTER_DISPATCHER, county.county)
    webs = [Web.of(county.users["center"]), Web.of(second)]
    units = [county.water.code, county.police.code]
    pages = [preview(web, "dispatch", stories, department=code) for web, code in zip(webs, units, strict=True)]
    outcomes = together(*[lambda w=web, p=page: confirm(w, p) for web, page in zip(webs, pages, strict=True)])
    assert failed(outcomes) == []
    assert sum(map(done_in, outcomes)) == CASES
    assert [happened(story, "dispatch") for story in stories] == [1] * CASES
    won = {story.part().department.code for story in stories}
    assert won <= set(units)


def test_one_officer_presses_twice_at_once(county: County, stories: list[Story]) -> None:
    web = Web.of(county.users["center"])
    page = preview(web, "dispatch", stories)
    windows = [same_person(web), same_person(web)]
    outcomes = together(*[lambda w=window: confirm(w, page) for window in windows])
    assert failed(outcomes) == []
    confirm(web, page)  # whatever was busy is told, and is done by another press
    assert JournalEvent.objects.filter(kind="dispatch").count() == CASES
    whistles = Message.objects.filter(recipient=county.users["handler"], kind="whistle")
    assert whistles.count() == CASES
