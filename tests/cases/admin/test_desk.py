"""The desk: what must I do now, told by role."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.terms import Status
from grids.models import AreaOutline, User
from tests.builders import USERNAMES, County
from tests.cases.admin.web import LIST, Web, numbers_in, text_of
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


def part_of(web: Web, etag: str = "") -> Any:
    return web.client.get("/admin/", {"part": "1"}, headers={"If-None-Match": etag} if etag else {})


def test_what_the_page_renews_is_the_same_as_the_page_and_304_while_nothing_changes(county: County) -> None:
    story_in(county, Status.DISPATCHED)
    for username in USERNAMES:
        web = Web.of(county.users[username])
        part = part_of(web)
        assert (part.status_code, "no-store" in part["Cache-Control"]) == (200, True)
        assert "<html" not in text_of(part)
        assert "csrfmiddlewaretoken" not in text_of(part)
        names = re.findall(r'data-part="(\w+)"', text_of(part))
        assert names == re.findall(r'data-part="(\w+)"', web.page("/admin/")) != []
        same = part_of(web, part["ETag"])
        assert (same.status_code, same.content) == (304, b"")
        assert (same["X-As-Of"], same["X-Until"][:10]) == (part["X-As-Of"], part["X-Until"][:10])
    story_in(county, Status.DISPATCHED)
    assert part_of(web_of_handler(county), part_of(web_of_handler(county))["ETag"]).status_code == 304


def web_of_handler(county: County) -> Web:
    return Web.of(county.users["handler"])


def test_something_new_is_another_answer(county: County) -> None:
    web = web_of_handler(county)
    etag = part_of(web)["ETag"]
    story_in(county, Status.DISPATCHED)
    changed = part_of(web, etag)
    assert (changed.status_code, changed["ETag"] != etag) == (200, True)


def test_renewing_does_not_keep_a_session_alive(county: County) -> None:
    web = web_of_handler(county)
    web.page("/admin/")
    ends = Session.objects.get().expire_date
    answer = part_of(web)
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    assert Session.objects.get().expire_date == ends
    Session.objects.all().delete()
    assert part_of(web).status_code == 302


def test_news_are_marked_as_seen_by_a_press_up_to_the_page_that_was_read(county: County) -> None:
    now = timezone.now()
    story = story_in(county, Status.DISPATCHED)
    Case.objects.filter(pk=story.case_id).update(updated_at=now - timedelta(minutes=10))
    web = web_of_handler(county)
    told = web.get("/admin/").context
    assert (told["changed_total"], [row.case.number for row in told["changed"]]) == (1, [story.number])
    press = reverse("admin:desk_seen")
    assert web.get(press).status_code == 405
    for nonsense in ("", "yesterday", "2026-03-02", "2026-99-99T00:00:00+08:00"):
        assert web.client.post(press, {"until": nonsense}).status_code == 302
    assert web.get("/admin/").context["changed_total"] == 1
    web.client.post(press, {"until": (now - timedelta(minutes=20)).isoformat()})
    assert web.get("/admin/").context["changed_total"] == 1
    web.client.post(press, {"until": told["now"].isoformat()})
    assert web.get("/admin/").context["changed_total"] == 0
    web.client.post(press, {"until": (now - timedelta(minutes=30)).isoformat()})
    web.user.refresh_from_db()
    assert web.user.desk_seen_at == told["now"]
    web.client.post(press, {"until": "2999-01-01T00:00:00+08:00"})
    web.user.refresh_from_db()
    assert web.user.desk_seen_at is not None
    assert told["now"] < web.user.desk_seen_at <= timezone.now()


def test_what_one_did_oneself_is_no_news(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    Case.objects.filter(pk=story.case_id).update(updated_at=timezone.now())
    assert web_of_handler(county).get("/admin/").context["changed_total"] == 0
    assert Web.of(county.users["depthead"]).get("/admin/").context["changed_total"] == 1


def test_a_week_is_the_most_that_is_told(county: County) -> None:
    user = county.users["handler"]
    User.objects.filter(pk=user.pk).update(desk_seen_at=timezone.now() - timedelta(days=90))
    since = Web.of(user).get("/admin/").context["since"]
    assert timedelta(days=6) < timezone.now() - since <= timedelta(days=8)


def test_dispatchers_have_lanes_with_age_and_limit(county: County) -> None:
    collected, docketed = story_in(county, Status.COLLECTED), story_in(county, Status.DOCKETED)
    for username in ("township", "center"):
        lanes = Web.of(county.users[username]).get("/admin/").context["lanes"]
        assert [[row.case.number for row in lane.rows] for lane in lanes] == [[collected.number], [docketed.number], []]
        assert all(row.age and row.due for lane in lanes for row in lane.rows)
        page = Web.of(county.users[username]).page("/admin/")
        assert "没有待裁定的退单。" in page


def test_the_map_is_drawn_without_script_or_style_and_says_that_it_is_schematic(county: County) -> None:
    ground = {"type": "Polygon", "coordinates": [[[119, 27], [119.1, 27], [119.1, 27.1], [119, 27]]]}
    AreaOutline.objects.create(area=county.village, outline=ground, schematic=True)
    Story.begin(county)
    web = Web.of(county.users["center"])
    page = text_of(part_of(web))
    svg = page[page.index('<svg class="w-map') : page.index("</svg>")]
    assert "示意图" in page
    assert county.township.name in svg
    assert f"area={county.township.code}" in svg
    assert not re.search(r"style=|<script|onclick|https?:", page)
    assert "w-map-late" in svg
    assert "w-map-open" in text_of(web.get("/admin/", part="1", map="open"))
    assert "w-map-late" in text_of(web.get("/admin/", part="1", map="<b>"))


def test_an_empty_county_says_what_to_do_next(county: County) -> None:
    for username, words in {
        "handler": "没有待办事项。",
        "center": "没有待立项的事项。",
        "leader": "您分管的事项目前没有三色提醒。",
        "intake": "没有在等他人办理的事项。",
    }.items():
        assert words in Web.of(county.users[username]).page("/admin/"), username
