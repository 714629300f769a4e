"""检举控告 in the web: taken in whole, kept by its keeper, and for everybody else not there on any page."""

import re
from typing import Any

import pytest

from cases.actions.intake import PetitionerInput
from cases.models import Case
from cases.terms import CaseType, Disclosure, Status
from grids.roles import Role
from tests.builders import USERNAMES, County
from tests.cases.admin.test_collect import FORM, told
from tests.cases.admin.web import LIST, Web, buttons_in, case_page, text_of
from tests.stories import Story

pytestmark = pytest.mark.django_db

TITLE = "反映水利局负责人收受好处"
PHONE = "13800135246"
NOBODY = "350924-2026-9999999"
OTHERS = sorted({*USERNAMES, "police-handler", "township-100-handler"} - {"petition"})
PAGES = [
    "/admin/",
    LIST,
    f"{LIST}?scope=all",
    f"{LIST}?scope=todo",
    f"{LIST}?scope=mine",
    f"{LIST}?scope=all&type=accusation",
    f"{LIST}?scope=all&q=%E6%94%B6%E5%8F%97%E5%A5%BD%E5%A4%84",
    f"{LIST}?scope=all&q={PHONE}",
    "/admin/notifications/message/",
    "/admin/meetings/",
    "/admin/supervision/",
    "/admin/looks/",
    "/admin/cases/journalevent/",
    "/admin/cases/exportnote/",
    "/admin/exports/?scope=all",
    "/admin/cases/clock/",
    "/admin/notifications/delivery/",
]


def accuse(county: County, **changes: Any) -> Story:
    told_of: dict[str, Any] = {
        "type": CaseType.ACCUSATION,
        "title": TITLE,
        "description": TITLE,
        "accused_units": (county.water,),
        "accused_persons": (county.users["depthead"],),
        "petitioner": PetitionerInput(Disclosure.NAMED, "郑向明", PHONE),
        "by": "intake",
    }
    return Story.begin(county, **(told_of | changes))


def test_an_accusation_is_taken_in_whole(county: County) -> None:
    web = Web.of(county.users["intake"])
    sent = told(county, type="accusation", accused_units=["water"], accused_persons=["depthead", "handler"])
    page = text_of(web.client.post(FORM, sent))
    case = Case.objects.get()
    assert (case.sealed, case.keeper) == (True, Role.PETITION_OFFICER)
    assert list(case.accused_units.all()) == [county.water]
    assert {user.username for user in case.accused_persons.all()} == {"depthead", "handler"}
    assert case.number in page
    assert case_page(case.number) not in page
    assert web.case(case.number).status_code == 404


def test_the_form_asks_for_the_accused_and_keeps_them_when_it_is_refused(county: County) -> None:
    web = Web.of(county.users["intake"])
    assert 'name="accused_units"' in web.page(FORM)
    assert 'data-for-type="accusation"' in web.page(FORM)
    sent = told(county, type="accusation", title="", accused_units=["water"], accused_persons=["depthead"])
    page = text_of(web.client.post(FORM, sent))
    assert re.search(r'<option value="water" selected', page)
    assert re.search(r'<option value="depthead" selected', page)
    wrong = told(county, type="accusation", accused_persons=["nobody-at-all"])
    assert "nobody-at-all" in text_of(web.client.post(FORM, wrong))
    other = told(county, type="appeal", accused_units=["water"])
    assert web.client.post(FORM, other).status_code == 400
    assert not Case.objects.exists()


@pytest.mark.parametrize("username", ["gridworker", "intake"])
def test_a_browser_without_a_chosen_file_sends_an_empty_field(county: County, username: str) -> None:
    """Multipart as browsers write it: a file field without a file is a field without a name of a file."""
    sent = told(county, source="grid" if username == "gridworker" else "hotline", attachments="")
    assert Web.of(county.users[username]).client.post(FORM, sent).status_code == 200


def test_its_keeper_finds_reads_and_concludes_it(county: County) -> None:
    story = accuse(county)
    web = Web.of(county.users["petition"])
    for address in ("/admin/", LIST, f"{LIST}?scope=todo", "/admin/notifications/message/"):
        assert story.number in web.page(address), address
    page = web.page(case_page(story.number))
    for words in ("已密封，由信访办保管", "水利局", county.users["depthead"].full_name, "被检举单位"):
        assert words in page
    assert buttons_in(page) == ["docket", "reject"]
    docketed: dict[str, Any] = {
        "type": "accusation",
        "category": county.category.code,
        "urgency": "normal",
        "accused_units": ["police"],
    }
    assert web.press(story, "docket", **docketed).status_code == 302
    assert set(story.case.accused_units.values_list("code", flat=True)) == {"water", "police"}
    assert web.press(story, "conclude", reply="经核查不属实，已当面答复").status_code == 302
    assert story.case.status == Status.CLOSED


@pytest.mark.parametrize("username", OTHERS)
def test_for_nobody_else_is_it_on_any_page(county: County, username: str) -> None:
    story = accuse(county)
    story.wait(days=90).sweep()
    web = Web.of(county.users[username])
    for address in PAGES:
        page = text_of(web.client.get(address))
        assert story.number not in page, address
        assert TITLE not in page, address


@pytest.mark.parametrize("username", OTHERS)
def test_its_addresses_answer_what_they_answer_for_a_number_never_given(county: County, username: str) -> None:
    story = accuse(county)
    web = Web.of(county.users[username])
    person, clock = story.case.petitioners.get().pk, story.case.clocks.get().pk
    paths = [
        "/admin/cases/case/{}/change/",
        "/admin/cases/case/{}/similar/",
        "/admin/cases/case/{}/preview/docket/",
        "/admin/cases/case/{}/actions/docket/",
        f"/admin/cases/case/{{}}/petitioners/{person}/",
        f"/admin/cases/{{}}/clocks/{clock}/receipt/",
    ]
    for path in paths:
        for send in (web.client.get, web.client.post):
            answers = [send(path.format(number)) for number in (story.number, NOBODY)]
            assert {answer.status_code for answer in answers} == {404}, path
            same = {plain(text_of(a), number) for a, number in zip(answers, (story.number, NOBODY), strict=True)}
            assert len(same) == 1, path


def test_a_merge_into_it_is_refused_like_one_into_a_number_never_given(county: County) -> None:
    """Also where something else is wrong with the form, or the case was changed meanwhile."""
    sealed, own = accuse(county), Story.begin(county)
    web = Web.of(county.users["center"])
    for version, comment, status in ((None, "同一件事", 400), (None, "", 400), (99, "同一件事", 412)):
        told_so = []
        for number in (sealed.number, NOBODY):
            response = web.press(own, "merge", version=version, master=number, comment=comment, key=number)
            told_so.append((response.status_code, plain(text_of(response), number)))
        assert told_so[0] == told_so[1]
        assert told_so[0][0] == status


def plain(page: str, number: str) -> str:
    """A page without what differs from one answer to the next."""
    page = re.sub(r'csrfmiddlewaretoken" value="[^"]*"|csrftoken[^;]*|name="key" value="[^"]*"', "", page)
    return page.replace(number, "…")
