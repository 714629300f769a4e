"""相似事项 in the web: beside what is typed, after it was stored, and beside a case, with the way to the merge form."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.intake import PetitionerInput
from cases.models import Case
from cases.terms import CaseType, Disclosure, Status
from tests.builders import NAMED, USERNAMES, County
from tests.cases.admin.test_collect import FORM, told
from tests.cases.admin.web import Web, buttons_in, case_page, numbers_in, text_of
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

DRAFT = f"{FORM}similar/"
UNKNOWN = PetitionerInput(Disclosure.ANONYMOUS)
TYPED = {"title": "自来水管漏水", "description": "路口的自来水管漏水三天了", "phone": ""}


def beside(web: Web, number: str, *, merge: bool = True) -> str:
    return web.page(f"/admin/cases/case/{number}/similar/{'?merge' if merge else ''}")


def test_what_is_typed_is_compared_with_what_the_collector_sees(county: County) -> None:
    near = Story.begin(county)
    Story.begin(county, area=county.other_village, by="intake")
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    page = text_of(Web.of(county.users["gridworker"]).client.post(DRAFT, TYPED))
    assert numbers_in(page) == {near.number}
    assert "疑似重复" in page
    assert sealed.number not in page
    assert Case.objects.filter(status=Status.MERGED).count() == 0


def test_the_same_petitioner_is_recognised_by_the_number_that_is_typed(county: County) -> None:
    told_before = Story.begin(county, title="路灯不亮", description="夜里看不清")
    sent = {"title": "噪声扰民", "description": "", "phone": NAMED.phone}
    page = text_of(Web.of(county.users["gridworker"]).client.post(DRAFT, sent))
    assert numbers_in(page) == {told_before.number}
    assert "同一诉求人" in page
    assert NAMED.phone not in page


@pytest.mark.parametrize("sent", [{}, {"title": " "}, {"title": "\x00", "phone": "\x00"}, {"description": "水" * 9000}])
def test_nothing_typed_is_like_nothing(county: County, sent: dict[str, str]) -> None:
    Story.begin(county)
    assert numbers_in(text_of(Web.of(county.users["gridworker"]).client.post(DRAFT, sent))) == set()


@pytest.mark.parametrize("username", sorted(set(USERNAMES) - {"gridworker", "intake"}))
def test_nobody_else_compares_drafts(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    assert web.client.post(DRAFT, TYPED).status_code == 403
    assert Web.of(county.users["intake"]).get(DRAFT).status_code == 405


def test_after_a_matter_was_stored_its_likes_are_named(county: County) -> None:
    web = Web.of(county.users["intake"])
    first = text_of(web.client.post(FORM, told(county)))
    second = web.client.post(FORM, told(county))
    assert "疑似重复" not in first
    assert "疑似重复" in text_of(second)
    assert numbers_in(first) < numbers_in(text_of(second))
    assert "no-store" in second["Cache-Control"]


def test_of_an_accusation_nothing_is_said_after_it_was_stored(county: County) -> None:
    web = Web.of(county.users["intake"])
    web.client.post(FORM, told(county))
    page = text_of(web.client.post(FORM, told(county, type="accusation", accused_units=["water"])))
    assert "疑似重复" not in page
    assert len(numbers_in(page)) == 1


def test_a_dispatcher_is_led_from_a_like_case_to_the_merge(county: County) -> None:
    earlier, later = Story.begin(county), Story.begin(county)
    web = Web.of(county.users["township"])
    assert f'data-load="/admin/cases/case/{later.number}/similar/?merge"' in web.page(case_page(later.number))
    way = re.search(r'href="([^"]*master=[^"]*)"', beside(web, later.number))
    assert way is not None
    page = web.page(way[1])
    assert re.search(r'data-action="merge" open', page)
    assert f'value="{earlier.number}"' in page
    assert web.press(later, "merge", master=earlier.number, comment="同一处漏水").status_code == 302
    assert (later.case.status, later.case.master_id) == (Status.MERGED, earlier.case_id)


def test_into_a_case_that_has_ended_nothing_is_merged(county: County) -> None:
    ended, later = story_in(county, Status.CLOSED), Story.begin(county)
    page = beside(Web.of(county.users["township"]), later.number)
    assert numbers_in(page) == {ended.number}
    assert "疑似再次反映" in page
    assert "master=" not in page


def test_who_may_not_merge_is_not_led_there(county: County) -> None:
    Story.begin(county)
    later = Story.begin(county)
    web = Web.of(county.users["inspector"])
    page = web.page(case_page(later.number), master="350924-2026-0000001")
    assert "merge" not in buttons_in(page)
    assert "similar/?merge" not in page
    assert "master=" not in beside(web, later.number, merge=False)


def test_beside_a_case_stand_those_of_the_same_place_within_a_year(county: County) -> None:
    here = Story.begin(county, title="路灯不亮", description="夜里看不清", petitioner=UNKNOWN)
    Story.begin(
        county, title="噪声扰民", description="夜里施工", petitioner=UNKNOWN, area=county.other_village, by="intake"
    )
    old = Story.begin(county, title="井盖缺失", description="雨天危险", petitioner=UNKNOWN)
    Case.objects.filter(pk=old.case_id).update(received_at=old.now - timedelta(days=400))
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    later = story_in(county, Status.ANSWERED, title="护栏松动", description="桥头护栏松了", petitioner=UNKNOWN)
    page = beside(Web.of(county.users["center"]), later.number, merge=False)
    assert "同地点近一年" in page
    assert numbers_in(page) == {here.number}
    assert sealed.number not in page


def test_of_the_same_place_the_same_address_stands_first(county: County) -> None:
    people = [replace(NAMED, phone=f"1390000000{number}") for number in range(3)]
    same = Story.begin(county, title="路灯不亮", description="夜里看不清", petitioner=people[0], address="村口 3 号")
    Story.begin(county, title="噪声扰民", description="夜里施工", petitioner=people[1], address="村尾")
    later = Story.begin(county, title="护栏松动", description="桥头松了", petitioner=people[2], address="村口 3 号")
    page = beside(Web.of(county.users["center"]), later.number, merge=False)
    assert re.findall(r"350924-\d{4}-\d{7}", page.split("同地点近一年")[1])[0] == same.number


def test_for_whom_a_case_does_not_exist_it_is_like_nothing(county: County) -> None:
    story = Story.begin(county, area=county.other_village, by="intake")
    address = f"/admin/cases/case/{story.number}/similar/"
    assert Web.of(county.users["township"]).get(address).status_code == 404
    assert Web.of(county.users["township"]).get("/admin/cases/case/%00/similar/").status_code == 404


def test_a_master_that_is_nonsense_is_only_a_text_in_a_field(county: County) -> None:
    story = Story.begin(county)
    response = Web.of(county.users["township"]).get(case_page(story.number), master='"><script>' + "9" * 500)
    assert b"<script>9" not in response.content
    assert b'data-action="merge" open' in response.content


@pytest.mark.parametrize("count", [5, 500])
def test_more_cases_cost_no_more_queries(county: County, count: int) -> None:
    story = Story.begin(county)
    multiply(story.case_id, count)
    web = Web.of(county.users["center"])
    with CaptureQueriesContext(connection) as queries:
        page = beside(web, story.number)
    assert 5 <= len(re.findall('class="w-title"', page)) <= 8
    # session, user, posts, the case, its petitioner's number and whose it is too, a threshold for the one search, and
    # what lies in the same place
    assert len(queries) <= 11, "\n".join(query["sql"][:120] for query in queries)


def test_the_accused_are_chosen_by_name(county: County) -> None:
    found: Any = Web.of(county.users["intake"]).get("/admin/officers/", term="depth").json()
    assert [row["id"] for row in found["results"]] == ["depthead"]
    assert "水利局" in found["results"][0]["text"]
    assert Web.of(county.users["intake"]).get("/admin/officers/", term=" \x00").json() == {"results": []}
    assert Web.of(county.users["handler"]).get("/admin/officers/", term="depth").status_code == 403
