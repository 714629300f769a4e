"""The side paths on the case page: buttons, what waits for a decision, orders, standstill, and the moments to come."""

import re
from datetime import date

import pytest
from django.urls import reverse

from cases.admin.action_forms import ActionForm
from cases.admin.card_order import LIKELY
from cases.admin.choices import Reference
from cases.guards import Offer
from cases.selectors import case_for
from cases.terms import ClockKind, Status
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action
from tests.builders import County
from tests.cases.admin.web import Web, at_moment, buttons_in, case_page, text_of
from tests.cases.side_stories import called, decide_objection, in_hand, object_to, on, supervise, suspend
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def page(patch: pytest.MonkeyPatch, county: County, story: Story, username: str = "center") -> str:
    """The case page as that person sees it at the story's time, in English."""
    at_moment(patch, story)
    user = county.users[username]
    user.language = "en"
    user.save(update_fields=["language"])
    return Web.of(user).page(case_page(story.number))


@pytest.mark.parametrize("action", ALL_CASE_ACTIONS)
def test_every_action_can_be_drawn(county: County, action: Action) -> None:
    """With no subject at all, too: what a form needs is looked up when the case has it."""
    story = in_hand(county)
    actor = county.actor("center", now=story.now)
    case = case_for(actor, story.number)
    assert case is not None
    form = ActionForm(Offer(action, (story.part().pk,)), Reference(actor, case, story.now))
    assert list(form.fields) == [field.name for field in TABLE[action].fields]
    assert form.as_p()
    assert action in LIKELY


def test_a_suspended_case_says_why_and_until_when(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = in_hand(county)
    suspend(story, date(2026, 3, 9))
    seen = page(monkeypatch, county, story)
    assert "Waiting for material of the petitioner; resumes by itself" in seen
    assert seen.count("stands still") == 2
    assert buttons_in(seen) == ["resume", "merge", "withdraw"]


def test_an_objection_waits_on_the_page_until_it_is_ruled(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = called(county)
    assert "may object until" in page(monkeypatch, county, story, "handler")
    object_to(story, county.water)
    seen = page(monkeypatch, county, story)
    assert "三定方案" in seen
    assert "waits for the ruling" in seen
    assert buttons_in(seen)[0] == "decide_objection"
    decide_objection(story, county.water, new=county.police)
    ruled = page(monkeypatch, county, story)
    assert "upheld, charged nothing" in ruled
    assert "waits for the ruling" not in ruled


def test_who_decides_an_extension_sees_what_it_would_move(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = in_hand(county)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件须定制")
    seen = page(monkeypatch, county, story)
    assert "管件须定制" in seen
    assert "If it is granted now:" in seen
    story.act(Action.DECIDE_EXTENSION, "center", granted=True)
    granted = page(monkeypatch, county, story)
    assert "If it is granted now:" not in granted
    assert granted.count("now due") == 2


def test_a_township_proposes_county_departments_and_calls_its_own(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_in(county, Status.DOCKETED)
    actor = county.actor("township", now=story.now)
    case = case_for(actor, story.number)
    assert case is not None
    reference = Reference(actor, case, story.now)
    codes = {action: str(reference.departments(action)) for action in (Action.DISPATCH, Action.PROPOSE_WHISTLE)}
    assert "station-100" in codes[Action.DISPATCH]
    assert "water" not in codes[Action.DISPATCH]
    for code in ("water", "police", "station-100"):
        assert code in codes[Action.PROPOSE_WHISTLE]
    story.act(Action.PROPOSE_WHISTLE, "township", lead="water", assistants=["police"], instruction="请到场")
    seen = page(monkeypatch, county, story, "leader")
    assert "水利局、公安局" in seen
    assert "请到场" in seen
    assert buttons_in(seen)[:2] == ["approve_whistle", "refuse_whistle"]


def test_an_order_stands_on_the_page_with_demand_answer_and_state(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = in_hand(county)
    order = supervise(story, county.water, person="depthead")
    seen = page(monkeypatch, county, story, "depthead")
    assert "三日内办结" in seen
    assert "waits for an answer" in seen
    assert "answer_supervision" in buttons_in(seen)
    story.act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="明日完成")
    answered = page(monkeypatch, county, story, "inspector")
    assert "明日完成" in answered
    assert buttons_in(answered)[0] == "sign_off"
    story.act(Action.SIGN_OFF, "inspector", order=order.pk)
    assert "signed off" in page(monkeypatch, county, story, "inspector")


def test_a_case_whose_lead_has_answered_says_for_whom_it_waits(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = in_hand(county, assistants=[county.police])
    story.finish(county.water)
    seen = page(monkeypatch, county, story)
    assert "The lead has answered; still waiting for <strong>公安局</strong>" in seen


def test_merged_cases_lead_to_each_other(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    master, follower = in_hand(county), in_hand(county)
    follower.act(Action.MERGE, "center", master=master.number, comment="同一处")
    assert case_page(master.number) in page(monkeypatch, county, follower)
    assert case_page(follower.number) in page(monkeypatch, county, master)


def test_the_journal_tells_the_side_paths_in_words(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = in_hand(county, assistants=[county.police])
    story.act(Action.REMIND, "center", comment="请加快")
    story.act(Action.REASSIGN, "center", assignment=story.part().pk, department="housing", comment="属住建局")
    story.report_in(county.housing)
    story.finish(county.housing)
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=story.part(county.police).pk, comment="不再需要")
    story.verify().rate().act(Action.REOPEN, "inspector", comment="再次漏水")
    seen = page(monkeypatch, county, story)
    for words in ("水利局、公安局", "Lead 住建局", "round 2 begins", "请加快", "属住建局", "再次漏水"):
        assert words in seen


@pytest.mark.parametrize(
    ("by", "address", "words"),
    [
        ("center", "preview/suspend/?until=2026-03-09", "→"),
        ("center", "preview/add_assistant/", "Report-in limit"),
        ("center", "preview/reassign/?assignment=1", "Report-in limit"),
        ("handler", "preview/request_extension/?amount=3", "→"),
        ("handler", "preview/request_extension/?amount=99", "At most"),
        ("center", "preview/suspend/?until=2020-01-01", "must resume on a later day"),
    ],
)
def test_the_form_shows_what_it_would_move(
    county: County, monkeypatch: pytest.MonkeyPatch, by: str, address: str, words: str
) -> None:
    story = in_hand(county)
    page(monkeypatch, county, story, by)
    web = Web.of(county.users[by])
    assert words in web.page(f"/admin/cases/case/{story.number}/{address}")
    assert story.case.version == 3


def test_who_is_called_and_what_follows_stands_there_before_it_is_confirmed(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story.begin(county).docket()
    assert 'data-watch="lead assistants"' in page(monkeypatch, county, story, "center")
    web, address = Web.of(county.users["center"]), f"/admin/cases/case/{story.number}/preview/dispatch/"
    response = web.client.get(address, {"lead": "water", "assistants": ["police", "housing", "nobody"]})
    seen = " ".join(text_of(response).split())
    for words in (
        "水利局",
        "公安局、住建局",
        "Report-in limit",
        "5 working days to handle it",
        "within 2 working days",
    ):
        assert words in seen
    assert "nobody" not in seen
    assert "w-called" not in web.page(address, lead="")


def test_what_a_docketing_starts_depends_on_the_chosen_type(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story.begin(county)
    assert 'data-watch="type category"' in page(monkeypatch, county, story, "township")
    web, address = Web.of(county.users["township"]), f"/admin/cases/case/{story.number}/preview/docket/"
    appeal, urgent = (web.page(address, type=type, category=county.category.code) for type in ("appeal", "urgent"))
    assert "Resolution limit" in appeal
    assert "Dispatch limit" in appeal
    assert appeal != urgent


@pytest.mark.parametrize("typed", ["", "x", "2026-13-01", "NaN"])
@pytest.mark.parametrize(
    ("by", "action", "field"), [("center", "suspend", "until"), ("handler", "request_extension", "amount")]
)
def test_half_typed_values_move_nothing(
    county: County, monkeypatch: pytest.MonkeyPatch, by: str, action: str, field: str, typed: str
) -> None:
    story = in_hand(county).at(on(3, 9))
    page(monkeypatch, county, story)
    web = Web.of(county.users[by])
    assert "→" not in web.page(f"/admin/cases/case/{story.number}/preview/{action}/", **{field: typed})


def test_previews_exist_only_for_those_who_may_act(county: County) -> None:
    story = in_hand(county)
    for username, action in (("police-handler", "suspend"), ("center", "finish"), ("leader", "suspend")):
        other = Web.of(county.users[username])
        assert other.get(f"/admin/cases/case/{story.number}/preview/{action}/", until="2026-03-09").status_code == 404


def test_every_due_time_leads_to_its_receipt(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head, the clocks of the case, of each department and of each order."""
    story = in_hand(county, assistants=[county.police])
    supervise(story, county.water)
    seen = page(monkeypatch, county, story, "inspector")
    newest = {clock.pk for clock in story.case.clocks.all()}
    linked = [int(pk) for pk in re.findall(rf"/{story.number}/clocks/(\d+)/receipt/", seen)]
    assert set(linked) == newest
    [due] = [clock.pk for clock in story.case.clocks.running() if clock.due_at == story.case.due_at]
    assert linked.count(due) == 2
    order = story.clock(ClockKind.SUPERVISION)
    assert (
        Web.of(county.users["inspector"]).get(reverse("admin:clock_receipt", args=[story.number, order.pk])).status_code
        == 200
    )


def test_pressing_the_buttons_of_the_side_paths(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = in_hand(county)
    at_moment(monkeypatch, story)
    web = Web.of(county.users["center"])
    refused = web.press(story, "suspend", reason="season", until="")
    assert refused.status_code == 400
    assert web.press(story, "suspend", reason="season", until="2026-03-09").status_code == 302
    assert web.press(story, "resume", comment="").status_code == 302
    assert web.press(story, "add_assistant", department="police").status_code == 302
    assert story.part(county.police).state == "waiting"
