"""What a list and a case cost at 100 and at 10,000 cases (architecture.md, house rule 12)."""

import json
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import DjangoAssertNumQueries

from cases.models import Case
from cases.terms import Status
from tests.api_client import Phone
from tests.budget import DETAIL, LIST, within_budget
from tests.builders import County
from tests.cases.api.crowd import end, multiply
from tests.stories import story_in


@pytest.mark.parametrize("count", [100, 10_000])
@pytest.mark.parametrize("username", ["center", "gridworker", "handler", "intake", "petition"])
def test_a_list_of_fifty_costs_the_same_at_any_size(
    county: County, count: int, username: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    multiply(story_in(county, Status.HANDLING).case_id, count)
    phone = Phone(county.users[username])
    phone.get("cases/")  # the books of this process are read every half minute, not by each request
    with django_assert_max_num_queries(2):
        answer = phone.get("cases/")
    with django_assert_max_num_queries(LIST):
        phone.get("cases/", q="水管", ordering="-due_at", status="all", department="water")
    if username == "center":
        assert len(answer.json["results"]) == 50
        with django_assert_max_num_queries(LIST):
            assert phone.get(answer.json["next"].replace("http://testserver", "")).json["results"]


@pytest.mark.parametrize("count", [100, 10_000])
def test_a_case_costs_the_same_at_any_size(
    county: County, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    story = story_in(county, Status.RATING, assistants=[county.police, county.housing])
    multiply(story.case_id, count)
    with django_assert_max_num_queries(DETAIL):
        assert Phone(county.users["center"]).get(f"cases/{story.number}/").status == 200
    with django_assert_max_num_queries(DETAIL):
        assert Phone(county.users["center"]).get(f"cases/{story.number}/events/").status == 200


@pytest.mark.parametrize("count", [100, 10_000])
def test_taking_in_and_acting_cost_the_same_at_any_size(county: County, count: int) -> None:
    """The phone itself counts (tests/budget.py)."""
    story = story_in(county, Status.DOCKETED)
    multiply(story.case_id, count)
    water = Phone(county.users["handler"])
    new = {"client_id": str(uuid.uuid4()), "type": "appeal", "title": "路灯不亮", "area": county.grid.code}
    assert Phone(county.users["intake"]).post("cases/", new).status == 201
    called = {"lead": county.water.code, "assistants": [county.police.code, county.housing.code]}
    assert Phone(county.users["center"]).post(f"cases/{story.number}/actions/dispatch/", called).status == 200
    part = story.part(county.water).pk
    assert water.post(f"cases/{story.number}/actions/report_in/", {"assignment": part}).status == 200
    done = {"assignment": part, "reply": "已修好"}
    assert water.post(f"cases/{story.number}/actions/finish/", done, headers={"Idempotency-Key": "a"}).status == 200


def test_a_request_over_its_budget_is_noticed(county: County) -> None:
    def spend() -> None:
        with within_budget("GET", "/api/v1/cases/"):
            for _ in range(5):
                Case.objects.exists()

    with pytest.raises(AssertionError, match="5 statements of 4"):
        spend()


@pytest.mark.slow  # each plan wants ten thousand cases of its own
@pytest.mark.parametrize(
    ("username", "query", "index"),
    [
        ("center", {}, "case_open_due"),
        ("center", {"colour": "red", "ordering": "-colour"}, "standing_worst"),
        ("center", {"colour": "blue"}, "standing_worst"),
        ("center", {"colour": "yellow", "area": "350924101", "status": "handling"}, "standing_township"),
        ("center", {"ordering": "-colour"}, "standing_worst"),
        ("center", {"status": "all", "ordering": "-received_at"}, "case_received"),
        ("center", {"ordering": "-received_at"}, "case_open_received"),
        ("gridworker", {}, "case_open_area_due"),
        ("center", {"area": "350924101005"}, "case_open_area_due"),
    ],
)
def test_hot_lists_follow_their_index(county: County, username: str, query: dict[str, str], index: str) -> None:
    multiply(story_in(county, Status.HANDLING).case_id, 10_000)
    assert index in plans(Phone(county.users[username]), "cases/", query)


def test_the_worst_are_found_among_many_that_ended(county: County) -> None:
    """What is said of case and standing alike is said once, or the planner reads every case by its key (ADR 0017)."""
    multiply(story_in(county, Status.HANDLING).case_id, 20_000)
    end(share=20)
    found = plans(Phone(county.users["center"]), "cases/", {"ordering": "-colour", "page_size": "50"})
    assert "standing_worst" in found
    assert "Sort" not in found


def test_a_later_page_begins_where_it_should_instead_of_reading_up_to_it(county: County) -> None:
    multiply(story_in(county, Status.HANDLING).case_id, 10_000)
    phone = Phone(county.users["center"])
    following = phone.get("cases/").json["next"].replace("http://testserver", "")
    plan = plans(phone, following, {})
    assert "case_open_due" in plan
    assert "Index Cond: (ROW(due_at, id) > ROW(" in plan


@pytest.mark.slow  # each plan wants ten thousand cases of its own
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "case_open_due"),
        ({"ordering": "-colour"}, "standing_worst"),
        ({"status": "all", "ordering": "-received_at"}, "case_received"),
        ({"ordering": "-received_at"}, "case_open_received"),
        ({"ordering": "received_at"}, "case_open_received"),
        ({"area": "350924101005"}, "case_open_area_due"),
    ],
)
def test_the_last_page_is_read_from_the_end_of_its_index(county: County, query: dict[str, str], index: str) -> None:
    multiply(story_in(county, Status.HANDLING).case_id, 10_000)
    phone = Phone(county.users["center"])
    path = f"cases/?{urlencode(query | {'cursor': 'last', 'page_size': '10'})}"
    assert index in plans(phone, path, {})
    last = phone.get(path)
    assert index in plans(phone, last.json["previous"].replace("http://testserver", ""), {})


def plans(phone: Phone, path: str, query: dict[str, Any]) -> str:
    """The plans of the statements that read cases for this request."""
    with CaptureQueriesContext(connection) as captured:
        assert phone.get(path, **query).status == 200
    lists = [item["sql"] for item in captured if 'FROM "cases_case"' in item["sql"]]
    assert lists, json.dumps([item["sql"] for item in captured])
    explained = []
    with connection.cursor() as cursor:
        for sql in lists:
            cursor.execute(f"EXPLAIN {sql}")
            explained += [line for (line,) in cursor.fetchall()]
    return "\n".join(explained)
