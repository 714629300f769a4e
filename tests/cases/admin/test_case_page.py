"""What a case page tells besides the case: receipts in place, news from others, messages, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.terms import CaseType, Status
from notifications.models import Message
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, case_page, text_of
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def news(web: Web, story: Story, version: int | str) -> str:
    return web.page(f"/admin/cases/case/{story.number}/news/", version=str(version)).strip()


def test_a_page_hears_what_somebody_else_did(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    web, seen = Web.of(county.users["township"]), story.case.version
    assert news(web, story, seen) == ""
    Web.of(county.users["center"]).press(story, "dispatch", lead=county.water.code)
    told = news(web, story, seen)
    assert "您打开之后，这件事项已有变动：吹哨" in told
    assert case_page(story.number) in told
    assert news(web, story, story.case.version) == ""


@pytest.mark.parametrize("version", ["", "x", "-1", "\x00", "9" * 40])
def test_a_page_that_says_nonsense_hears_nothing_wrong(county: County, version: str) -> None:
    story = story_in(county, Status.HANDLING)
    assert (
        Web.of(county.users["center"]).get(f"/admin/cases/case/{story.number}/news/", version=version).status_code
        == 200
    )


@pytest.mark.parametrize("username", USERNAMES)
def test_news_and_receipts_in_place_are_for_those_who_see_the_case(county: County, username: str) -> None:
    story, sealed = story_in(county, Status.HANDLING), Story.begin(county, type=CaseType.ACCUSATION)
    web = Web.of(county.users[username])
    for one in (story, sealed):
        sees = web.case(one.number).status_code
        clock = one.case.clocks.order_by("pk").first()
        assert web.get(f"/admin/cases/case/{one.number}/news/", version="1").status_code == sees
        if clock is not None:
            receipt = web.get(f"/admin/cases/{one.number}/clocks/{clock.pk}/receipt/", part="")
            assert receipt.status_code == sees
            assert b"<html" not in receipt.content or sees != 200


def test_who_was_told_stands_in_the_story_without_names(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    Message.objects.filter(reference=story.number).update(routed_at=timezone.now())
    one = Message.objects.filter(reference=story.number, recipient=county.users["handler"]).first()
    assert one is not None
    Message.objects.filter(pk=one.pk).update(read_at=timezone.now())
    page = Web.of(county.users["center"]).page(case_page(story.number))
    assert "已通知" in page
    assert "1 人已读" in page


@pytest.mark.parametrize("count", [5, 500])
@pytest.mark.parametrize("username", ["center", "handler", "inspector", "gridworker"])
def test_a_case_page_costs_at_most_twelve_statements(county: County, count: int, username: str) -> None:
    story = story_in(county, Status.HANDLING, assistants=[county.police, county.housing])
    multiply(story.case_id, count)
    web = Web.of(county.users[username])
    web.case(story.number)
    with CaptureQueriesContext(connection) as queries:
        assert "主办" in text_of(web.case(story.number))
    assert len(queries) <= 12, "\n".join(query["sql"][:140] for query in queries)
