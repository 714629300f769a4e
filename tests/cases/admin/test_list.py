"""The case list: order, filters, tabs, pages and what one view of it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.terms import ClockKind, Status
from tests.builders import County
from tests.cases.admin.web import LIST, Web, at_moment, text_of
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def ordered(web: Web, **parameters: str) -> list[str]:
    response = web.get(LIST, **parameters)
    assert response.status_code == 200
    return [case.number for case in response.context["cl"].result_list]


def test_worst_colour_first_then_nearest_due(county: County) -> None:
    calm = Story.begin(county)
    soon = story_in(county, Status.DISPATCHED)
    late = Story.begin(county)
    Case.objects.filter(pk=late.case_id).update(colour=3)
    Case.objects.filter(pk=soon.case_id).update(due_at=calm.clock(ClockKind.DOCKET).due_at - timedelta(minutes=5))
    assert ordered(Web.of(county.users["center"])) == [late.number, soon.number, calm.number]


def test_open_cases_unless_all_are_asked_for(county: County) -> None:
    closed, running = story_in(county, Status.CLOSED), Story.begin(county)
    web = Web.of(county.users["center"])
    assert ordered(web) == [running.number]
    assert set(ordered(web, scope="all")) == {closed.number, running.number}
    assert ordered(web, scope="nonsense") == [running.number]


def test_tabs_of_what_waits_and_what_passed_through_my_hands(county: County) -> None:
    waiting = story_in(county, Status.DISPATCHED)
    handled = story_in(county, Status.CLOSED)
    web = Web.of(county.users["handler"])
    assert ordered(web, scope="todo") == [waiting.number]
    assert ordered(web, scope="mine") == [handled.number]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"status": "handling"}, {"handling"}),
        ({"status": "closed"}, {"handling", "far"}),
        ({"scope": "all", "status": "closed"}, {"closed"}),
        ({"type": "urgent"}, {"far"}),
        ({"lead": "water"}, {"handling"}),
        ({"area": "350924101"}, {"far"}),
        ({"area": "9"}, {"handling", "far"}),
        ({"colour": "red"}, {"far"}),
        ({"q": "煤气"}, {"far"}),
        ({"colour": "red", "status": "handling"}, set()),
    ],
)
def test_filters_narrow_what_is_seen(county: County, parameters: dict[str, str], found: set[str]) -> None:
    stories = {
        "handling": story_in(county, Status.HANDLING),
        "closed": story_in(county, Status.CLOSED),
        "far": Story.begin(county, by="intake", area=county.other_village, type="urgent", title="楼道煤气味"),
    }
    Case.objects.filter(pk=stories["far"].case_id).update(colour=3)
    assert set(ordered(Web.of(county.users["center"]), **parameters)) == {stories[name].number for name in found}


def test_a_row_says_what_an_officer_asks(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_in(county, Status.HANDLING)
    story.wait(days=14).sweep()
    at_moment(monkeypatch, story)
    page = Web.of(county.users["center"]).page(LIST)
    for said in ("■", "警示", story.number, "自来水管漏水", "鳌阳镇 北凤社区", "水利局", "办理中", "超期 5 个工作日"):
        assert said in page
    assert "三色提醒" in page


def test_an_empty_list_says_what_to_do_next(county: County) -> None:
    web = Web.of(county.users["center"])
    assert "这里没有您的岗位可以看到的事项。" in web.page(LIST)
    assert "没有符合筛选条件的事项。" in web.page(LIST, q="没有这样的事")


def test_pages_go_on_without_a_count(county: County) -> None:
    story = Story.begin(county)
    multiply(story.case_id, 120)
    web = Web.of(county.users["center"])
    with CaptureQueriesContext(connection) as queries:
        first = ordered(web, scope="all")
    assert not [q["sql"] for q in queries if "COUNT(" in q["sql"] and "cases_case" in q["sql"]]
    second, third = ordered(web, scope="all", p="2"), ordered(web, scope="all", p="3")
    assert len(first) == len(second) == 50
    assert len({*first, *second, *third}) == 121
    assert web.get(LIST, p="99999").status_code == 302
    assert web.get(LIST, p="x").status_code == 200


@pytest.mark.parametrize("count", [1, 10_000])
def test_a_case_page_costs_the_same_however_many_cases_there_are(county: County, count: int) -> None:
    story = story_in(county, Status.HANDLING, assistants=[county.police])
    multiply(story.case_id, count)
    web = Web.of(county.users["center"])
    web.case(story.number)
    with CaptureQueriesContext(connection) as queries:
        assert web.case(story.number).status_code == 200
    assert len(queries) <= MOST_QUERIES, "\n".join(query["sql"][:120] for query in queries)


def test_the_hot_list_reads_the_index_made_for_it(county: County) -> None:
    story = Story.begin(county)
    multiply(story.case_id, 10_000)
    cases = Case.objects.open().worst_first()[:50]
    assert "standing_worst" in cases.explain()


def test_the_list_in_english(county: County) -> None:
    story = Story.begin(county)
    user = county.users["center"]
    user.language = "en"
    user.save(update_fields=["language"])
    page = Web.of(user).page(LIST)
    for said in ("Open cases", "Waiting for me", "Collected", story.number, "Last event"):
        assert said in page
    assert 'lang="en"' in page
    assert "在办事项" not in text_of(Web.of(user).get("/admin/"))
