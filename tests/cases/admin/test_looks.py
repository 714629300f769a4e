"""Looking at a petitioner in plain from the case page, and who reads that it was done (ADR 0012)."""

import csv
import io
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.erasure import erase_petitioner
from cases.actions.intake import PetitionerInput
from cases.actions.unsealing import unseal
from cases.models import ExportNote, JournalEvent
from cases.terms import CaseType, Disclosure, Status
from grids.models import Post
from tests.builders import MONDAY, NAMED, USERNAMES, County
from tests.cases.admin.web import Web, at_moment, case_page, numbers_in, text_of
from tests.stories import Story, story_in
from tests.working import sent

pytestmark = pytest.mark.django_db

LOOKS = "/admin/looks/"
HIDDEN = PetitionerInput(Disclosure.CONFIDENTIAL, "郑向明", "13955512345")
FORM_FIELD = 'name="reason" rows="2"'


def address(story: Story) -> str:
    return f"/admin/cases/case/{story.number}/petitioners/{story.case.petitioners.get().pk}/"


def look(county: County, story: Story, *, by: str = "center", reason: str = "回电核实地址") -> None:
    unseal(
        case_id=story.case_id,
        petitioner_id=story.case.petitioners.get().pk,
        actor=county.actor(by, now=story.now),
        reason=reason,
        now=story.now,
    )


@pytest.mark.parametrize("username", ["township", "center", "petition", "handler"])
def test_who_may_look_finds_the_form_and_sees_the_plain_data_once(county: County, username: str) -> None:
    story = story_in(county, Status.HANDLING, type=CaseType.PETITION)
    web = Web.of(county.users[username])
    before = web.page(case_page(story.number))
    assert FORM_FIELD in before
    assert NAMED.phone not in before
    response = web.client.post(address(story), {"reason": "回电核实地址"})
    page = text_of(response)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert (NAMED.name in page, NAMED.phone in page, NAMED.address in page) == (True, True, True)
    assert FORM_FIELD not in page
    event = story.events()[-1]
    assert (event.kind, event.actor) == ("unseal", county.users[username])
    after = web.page(case_page(story.number))
    assert NAMED.phone not in after
    assert "回电核实地址" in after


@pytest.mark.parametrize("username", ["gridworker", "leader", "deputy", "depthead", "inspector"])
def test_others_who_see_the_case_are_offered_no_look(county: County, username: str) -> None:
    story = story_in(county, Status.HANDLING)
    web = Web.of(county.users[username])
    assert FORM_FIELD not in web.page(case_page(story.number))
    response = web.client.post(address(story), {"reason": "看看"})
    assert response.status_code == 403
    assert NAMED.phone not in text_of(response)
    assert not JournalEvent.objects.filter(kind="unseal").exists()


@pytest.mark.parametrize("reason", ["", "   ", "长" * 501, "\x00"])
def test_without_a_reason_nothing_is_shown_and_nothing_is_lost(county: County, reason: str) -> None:
    story = story_in(county, Status.HANDLING)
    response = Web.of(county.users["center"]).client.post(address(story), {"reason": reason})
    page = text_of(response)
    assert response.status_code == 400
    assert NAMED.phone not in page
    assert "请说明查看理由，最多 500 字。" in page
    assert not JournalEvent.objects.filter(kind="unseal").exists()


def test_a_handler_never_looks_at_a_confidential_petitioner(county: County) -> None:
    story = story_in(county, Status.HANDLING, petitioner=HIDDEN)
    assert FORM_FIELD not in Web.of(county.users["handler"]).page(case_page(story.number))
    assert FORM_FIELD in Web.of(county.users["township"]).page(case_page(story.number))


def test_of_an_erased_petitioner_the_page_says_so(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    erase_petitioner(number=story.number, now=story.now, reason="本人申请")
    page = Web.of(county.users["center"]).page(case_page(story.number))
    assert "信息已清除" in page
    assert FORM_FIELD not in page


def test_the_way_there_without_a_press_leads_to_the_case(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    response = Web.of(county.users["center"]).get(address(story))
    assert response.status_code == 302
    assert Web.of(county.users["police-handler"]).get(address(story)).status_code == 404
    gone = Web.of(county.users["center"]).client.post(
        f"/admin/cases/case/{story.number}/petitioners/0/", {"reason": "x"}
    )
    assert gone.status_code == 404


# The list of the petition office


def test_the_petition_office_reads_who_looked_when_and_why(county: County) -> None:
    story, other = story_in(county, Status.HANDLING), story_in(county, Status.DOCKETED)
    look(county, story, by="handler", reason="联系诉求人约时间")
    look(county, other)
    web = Web.of(county.users["petition"])
    page = web.page(LOOKS)
    assert page.index(other.number) < page.index(story.number)  # newest first
    for words in ("联系诉求人约时间", "回电核实地址", "水利局", story.case.petitioners.get().pseudonym):
        assert words in page
    assert NAMED.name not in page
    assert numbers_in(web.page(LOOKS, number=story.number)) == {story.number}
    assert "没有人查看过这件事项" in web.page(LOOKS, number="350924-2026-9999999")


def test_only_cases_that_the_reader_may_open_are_linked(county: County) -> None:
    plain, petition = story_in(county, Status.HANDLING), story_in(county, Status.HANDLING, type=CaseType.PETITION)
    for story in (plain, petition):
        look(county, story)
    page = Web.of(county.users["petition"]).page(LOOKS)
    assert case_page(petition.number) in page
    assert case_page(plain.number) not in page


@pytest.mark.parametrize("username", sorted(set(USERNAMES) - {"petition"}))
def test_nobody_else_reads_it(county: County, username: str) -> None:
    story = story_in(county, Status.HANDLING)
    look(county, story)
    web = Web.of(county.users[username])
    assert web.get(LOOKS).status_code == 403
    assert web.get(f"{LOOKS}{story.case.petitioners.get().pk}/").status_code == 403
    assert LOOKS not in web.page("/admin/")


def test_the_sheet_for_the_petitioner_says_who_and_when_but_no_reason(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_in(county, Status.HANDLING)
    look(county, story, by="handler", reason="涉及邻居李某")
    Post.objects.filter(user=county.users["handler"]).update(valid_from=MONDAY.date())
    at_moment(monkeypatch, story)
    page = Web.of(county.users["petition"]).page(f"{LOOKS}{story.case.petitioners.get().pk}/")
    assert story.number in page
    assert county.users["handler"].full_name in page
    assert "水利局" in page
    assert "涉及邻居李某" not in page


def test_of_whom_nobody_looked_at_there_is_no_sheet(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    web = Web.of(county.users["petition"])
    assert web.get(f"{LOOKS}{story.case.petitioners.get().pk}/").status_code == 404
    assert "还没有人查看过" in web.page(LOOKS)


def test_of_a_sealed_case_the_inspection_keeps_no_look_is_listed(county: County) -> None:
    story = Story.begin(county, type=CaseType.ACCUSATION, accused_persons=(county.users["petition"],))
    look(county, story, by="inspector")
    page = Web.of(county.users["petition"]).page(LOOKS)
    assert numbers_in(page) == set()


def test_a_longer_list_costs_no_more_queries(county: County) -> None:
    web, costs = Web.of(county.users["petition"]), []
    story = story_in(county, Status.HANDLING, type=CaseType.PETITION)
    for count in (2, 40):
        for _ in range(count):
            look(county, story)
        with CaptureQueriesContext(connection) as queries:
            page = web.page(LOOKS)
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert len(re.findall("回电核实地址", page)) == 30
    assert "下一页" in page


def test_looks_go_out_as_the_page_shows_them_but_those_at_sealed_cases(county: County) -> None:
    story = story_in(county, Status.HANDLING, type=CaseType.PETITION)
    sealed = Story.begin(county, type=CaseType.ACCUSATION, accused_units=(county.water,))
    look(county, story)
    look(county, sealed, by="petition")
    web = Web.of(county.users["petition"])
    page, address = web.page(LOOKS), reverse("admin:looks_export")
    assert sealed.number in page
    assert f'href="{address}"' in page
    body = {"format": "csv", "key": str(uuid4())}
    content = sent(web.client.post(f"{address}?number={story.number}", body))
    (row,) = list(csv.reader(io.StringIO(content)))[1:]
    assert row[1] == "center"
    assert row[3:] == [story.number, story.case.petitioners.get().pseudonym, "回电核实地址"]
    note = ExportNote.objects.get()
    assert (note.what, note.rows, note.criteria) == ("looks", 1, {"searched": True})
    assert web.client.post(f"{address}?number={sealed.number}", body).status_code == 400, "nothing to export"
    assert Web.of(county.users["center"]).get(address).status_code == 403
