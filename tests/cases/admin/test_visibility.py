"""Posts decide what the pages show: in list, search, filters, case page, buttons and autocompletes alike."""

import pytest
from django.urls import reverse

from cases.terms import Status
from grids.roles import CASELESS_ROLES
from tests.builders import USERNAME_OF, USERNAMES, County, add_user
from tests.cases.admin.web import LIST, Web, numbers_in
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

#: Who sees the case of the first township that water handles, and who sees the fresh one of the neighbour.
NEAR = {"gridworker", "township", "leader", "center", "handler", "deputy", "depthead", "inspector"}
FAR = {"center", "inspector", "intake"}


@pytest.fixture
def near(county: County) -> Story:
    return story_in(county, Status.HANDLING, title="北凤社区水管漏水")


@pytest.fixture
def far(county: County) -> Story:
    return Story.begin(county, by="intake", area=county.other_village, title="斜滩村路灯不亮")


@pytest.mark.parametrize("username", USERNAMES)
def test_each_sees_the_own_cases_everywhere_and_no_others(
    county: County, near: Story, far: Story, username: str
) -> None:
    web = Web.of(county.users[username])
    expected = {near.number} if username in NEAR else set()
    expected |= {far.number} if username in FAR else set()
    assert numbers_in(web.page(LIST)) == expected
    assert numbers_in(web.page(LIST, scope="all")) == expected
    assert numbers_in(web.page(LIST, q="350924")) == expected
    assert numbers_in(web.page(LIST, q="北凤社区水管")) == expected & {near.number}
    assert numbers_in(web.page(LIST, scope="all", area=county.other_township.code)) <= expected
    for story in (near, far):
        if story.number in expected:
            assert web.case(story.number).status_code == 200
            assert web.press(story, "withdraw", proof="").status_code in {400, 403}
        else:
            assert web.case(story.number).status_code == 404
            assert web.press(story, "withdraw", proof="").status_code == 404


def test_a_superuser_without_posts_sees_no_case(near: Story, far: Story) -> None:
    web = Web.of(add_user("root", superuser=True))
    assert numbers_in(web.page(LIST, scope="all")) == set()
    assert web.case(near.number).status_code == 404
    assert web.press(near, "withdraw", proof="x").status_code == 404
    assert near.case.status == Status.HANDLING
    assert "斜滩村路灯不亮" not in web.page("/admin/")


@pytest.mark.parametrize("role", sorted(CASELESS_ROLES))
def test_the_desk_of_a_caseless_role_counts_no_cases(county: County, near: Story, far: Story, role: str) -> None:
    page = Web.of(county.users[USERNAME_OF[role]]).page("/admin/")  # type: ignore[index]
    assert numbers_in(page) == set()
    assert "w-counter" not in page


def test_counts_on_the_desk_are_those_of_the_own_cases(county: County, near: Story, far: Story) -> None:
    def counted(username: str) -> list[int]:
        response = Web.of(county.users[username]).get("/admin/")
        return [counter.count for counter in response.context["watched"]]

    assert sum(counted("township")) == 1
    assert sum(counted("center")) == 2


def test_a_department_that_never_was_called_sees_nothing(county: County, near: Story) -> None:
    web = Web.of(county.handler_of(county.police))
    assert numbers_in(web.page(LIST, scope="all")) == set()
    assert web.case(near.number).status_code == 404


def test_autocomplete_offers_no_case_of_others(county: County, near: Story, far: Story) -> None:
    asked = {"app_label": "cases", "model_name": "clock", "field_name": "case", "term": "350924"}
    response = Web.of(county.users["township"]).client.get(reverse("admin:autocomplete"), asked)
    assert [found["text"] for found in response.json()["results"]] == [near.number]


@pytest.mark.parametrize(
    "lookup", ["query_code_hash__startswith", "description__contains", "petitioners__name__startswith", "status__in"]
)
def test_the_list_answers_no_lookup_beside_its_filters(county: County, near: Story, lookup: str) -> None:
    """Otherwise one could ask letter by letter for what a case hides."""
    response = Web.of(county.users["township"]).get(LIST, **{lookup: "a"})
    assert response.status_code == 400


@pytest.mark.parametrize("text", ["\x00", "%", "_", "' OR 1=1 --", "水" * 2000])
def test_any_search_is_answered(county: County, near: Story, text: str) -> None:
    assert Web.of(county.users["township"]).get(LIST, q=text).status_code == 200


@pytest.mark.parametrize("number", ["350924-2026-9999999", "x", "%00", "1"])
def test_an_unknown_number_is_not_there(county: County, near: Story, number: str) -> None:
    web = Web.of(county.users["center"])
    assert web.get(f"{LIST}{number}/change/").status_code == 404
    assert web.client.post(f"{LIST}{number}/actions/docket/").status_code == 404


def test_whoever_is_not_logged_in_is_sent_to_the_login(county: County, near: Story) -> None:
    web = Web.of(county.users["center"])
    web.client.logout()
    for address in ("/admin/", LIST, f"{LIST}{near.number}/change/"):
        response = web.get(address)
        assert response.status_code == 302
        assert "/admin/login/" in response.headers["Location"]
