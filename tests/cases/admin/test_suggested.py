"""派单建议: what stands beside the forms, one press to take it, and what was chosen instead."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.colours import Colour
from cases.models import Case, Clock, SuggestionChoice
from cases.terms import CaseType, Status
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, case_page
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def suggested(web: Web, story: Story, action: str = "dispatch") -> str:
    return web.page(f"/admin/cases/case/{story.number}/suggested/{action}/")


def offers_in(page: str) -> set[str]:
    return set(re.findall(r'name="offered" value="([^"]+)"', page))


def test_the_category_table_says_whom_to_call(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    page = suggested(Web.of(county.users["center"]), story)
    assert offers_in(page) == {f"lead {county.water.code} category"}
    assert "分类表中的主办部门" in page


def test_similar_cases_say_whom_somebody_called_and_how_they_were_classified(county: County) -> None:
    for _ in range(3):
        story_in(county, Status.HANDLING)
    Case.objects.filter(status=Status.HANDLING).update(lead=county.police)
    story = Story.begin(county)
    web = Web.of(county.users["center"])
    docket = suggested(web, story, "docket")
    handled = Case.objects.filter(status=Status.HANDLING).select_related("category").first()
    assert handled is not None
    assert handled.category is not None
    assert offers_in(docket) == {f"category {handled.category.code} similar"}
    assert "3 件相似事项" in docket
    later = story_in(county, Status.DOCKETED)
    assert f"lead {county.police.code} similar" in offers_in(suggested(web, later))


def test_nothing_alike_suggests_nothing(county: County) -> None:
    story = Story.begin(county)
    assert suggested(Web.of(county.users["center"]), story, "docket").strip() == ""


def test_what_one_does_not_see_suggests_nothing(county: County) -> None:
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    Case.objects.filter(pk=sealed.case_id).update(lead=county.police)
    story = Story.begin(county)
    assert offers_in(suggested(Web.of(county.users["center"]), story, "docket")) == set()


@pytest.mark.parametrize("username", USERNAMES)
def test_only_whoever_may_act_is_given_suggestions(county: County, username: str) -> None:
    story = story_in(county, Status.DOCKETED)
    web = Web.of(county.users[username])
    for action in ("dispatch", "propose_whistle", "docket", "finish", "nonsense"):
        status = web.get(f"/admin/cases/case/{story.number}/suggested/{action}/").status_code
        offered = f'data-action="{action}"' in (web.case(story.number).content.decode())
        assert status == (200 if offered and action in {"dispatch", "propose_whistle", "docket"} else 404), action
    assert web.get("/admin/cases/case/%00/suggested/dispatch/").status_code == 404


def press_dispatch(web: Web, story: Story, lead: str, offered: list[str]) -> Any:
    return web.press(story, "dispatch", lead=lead, offered=offered, key=story.number)


def test_what_was_taken_and_what_was_corrected_is_kept(county: County) -> None:
    web = Web.of(county.users["center"])
    taken, corrected = story_in(county, Status.DOCKETED), story_in(county, Status.DOCKETED)
    offered = [f"lead {county.water.code} category"]
    assert press_dispatch(web, taken, county.water.code, offered).status_code == 302
    assert press_dispatch(web, corrected, county.police.code, offered).status_code == 302
    kept = set(SuggestionChoice.objects.values_list("case_id", "field", "why", "suggested", "chosen", "chosen_by"))
    center = county.users["center"].pk
    assert kept == {
        (taken.case_id, "lead", "category", county.water.code, county.water.code, center),
        (corrected.case_id, "lead", "category", county.water.code, county.police.code, center),
    }


def test_sent_twice_it_is_kept_once_and_a_refused_form_keeps_nothing(county: County) -> None:
    web, story = Web.of(county.users["center"]), story_in(county, Status.DOCKETED)
    offered = [f"lead {county.water.code} category"]
    assert press_dispatch(web, story, "", offered).status_code == 400
    assert not SuggestionChoice.objects.exists()
    version = story.case.version
    for _ in range(2):
        response = web.press(story, "dispatch", version=version, lead=county.water.code, offered=offered)
        assert response.status_code == 302
    assert SuggestionChoice.objects.count() == 1


@pytest.mark.parametrize(
    "offered", [["lead nowhere category"], ["status x category"], ["lead"], ["lead water invented"], ["", "\x00"]]
)
def test_an_invented_suggestion_is_not_kept(county: County, offered: list[str]) -> None:
    web, story = Web.of(county.users["center"]), story_in(county, Status.DOCKETED)
    assert press_dispatch(web, story, county.water.code, offered).status_code == 302
    assert not SuggestionChoice.objects.exists()


def test_the_forms_ask_for_their_suggestions(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    page = Web.of(county.users["center"]).page(case_page(story.number))
    assert f'data-suggest="/admin/cases/case/{story.number}/suggested/dispatch/"' in page


@pytest.mark.parametrize("count", [5, 500])
def test_suggesting_costs_the_same_at_any_size(county: County, count: int) -> None:
    story = story_in(county, Status.DOCKETED)
    multiply(story_in(county, Status.HANDLING).case_id, count)
    web = Web.of(county.users["center"])
    suggested(web, story)
    with CaptureQueriesContext(connection) as queries:
        suggested(web, story)
    assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)


def test_what_a_department_has_in_hand_is_seen_while_choosing(county: County) -> None:
    for _ in range(2):
        story_in(county, Status.HANDLING)
    running = Clock.objects.running().filter(charged=county.water).first()
    assert running is not None
    Clock.objects.filter(pk=running.pk).update(colour=Colour.RED)
    Case.objects.filter(pk=running.case_id).update(colour=Colour.RED)
    story = story_in(county, Status.DOCKETED)
    page = Web.of(county.users["center"]).page(case_page(story.number))
    assert f"{county.water.name} · 在办 2 · ■ 1" in page
    assert f">{county.police.name}<" in page
