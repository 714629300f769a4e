"""The desk: what must I do now, told by role."""

import pytest

from cases.models import Case
from cases.terms import Status
from tests.builders import USERNAMES, County
from tests.cases.admin.web import LIST, Web, numbers_in
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("username", USERNAMES)
def test_every_role_has_a_desk(county: County, username: str) -> None:
    story_in(county, Status.DISPATCHED)
    page = Web.of(county.users[username]).page("/admin/")
    assert "最新消息" in page
    assert "最近动作" not in page


def test_what_waits_stands_worst_first_with_links_that_hold_it(county: County) -> None:
    calm, red = story_in(county, Status.DISPATCHED), story_in(county, Status.DISPATCHED)
    Case.objects.filter(pk=red.case_id).update(colour=3)
    web = Web.of(county.users["handler"])
    response = web.get("/admin/")
    assert [row.case.number for row in response.context["waiting"]] == [red.number, calm.number]
    counters = {counter.colour: counter for counter in response.context["waiting_colours"]}
    assert {colour: counter.count for colour, counter in counters.items()} == {3: 1, 2: 0, 1: 0, 0: 1}
    assert numbers_in(web.page(counters[3].link)) == {red.number}
    (lane,) = response.context["waiting_statuses"]
    assert (str(lane.label), lane.count) == ("待报到", 2)
    assert numbers_in(web.page(lane.link)) == {red.number, calm.number}


def test_a_leader_sees_where_it_is_late(county: County) -> None:
    Story.begin(county)
    response = Web.of(county.users["leader"]).get("/admin/")
    assert "waiting" not in response.context
    assert sum(counter.count for counter in response.context["watched"]) == 1


def test_with_nothing_to_do_the_way_leads_on(county: County) -> None:
    page = Web.of(county.users["handler"]).page("/admin/")
    assert "没有待办事项。" in page
    assert f'href="{LIST}"' in page


def test_new_messages_stand_beside_it(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    page = Web.of(county.users["handler"]).page("/admin/")
    assert f"已吹哨，请报到 · {story.number}" in page
