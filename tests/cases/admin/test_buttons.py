"""The buttons of a case page: exactly what is allowed, and every press of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry

from cases.admin.card_order import FINAL
from cases.models import Alert
from cases.selectors import case_for, offers_for
from cases.terms import AssignmentState, CaseType, Status
from cases.workflow import TABLE, Action
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, at_moment, buttons_in, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

REACHED = [s for s in Status if s is not Status.MERGED]


@pytest.mark.parametrize("status", REACHED)
def test_every_page_offers_exactly_what_is_allowed(
    county: County, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_in(county, status)
    at_moment(monkeypatch, story)
    for username in USERNAMES:
        actor = county.actor(username, now=story.now)
        case = case_for(actor, story.number)
        if case is None:
            continue
        page = text_of(Web.of(county.users[username]).case(story.number))
        offered = [offer.action.value for offer in offers_for(actor, case, now=story.now)]
        assert sorted(buttons_in(page)) == sorted(offered), username


def test_the_likely_step_stands_first_and_open(county: County) -> None:
    page = text_of(Web.of(county.users["center"]).case(story_in(county, Status.DOCKETED).number))
    assert buttons_in(page)[0] == "dispatch"
    assert sorted(buttons_in(page)) == ["dispatch", "merge", "reject", "withdraw"]
    assert 'data-action="dispatch" open' in page
    assert page.count(" open>") == 1


def test_only_what_nothing_leads_back_from_asks_once_more(county: County) -> None:
    """From where these end no action of an officer leads on; from where all others may end, one does."""
    moving = [rule for rule in TABLE.values() if rule.roles and not rule.stays and rule.targets != rule.sources]
    left = {source for rule in moving for source in rule.sources}
    dead_ends = {
        action
        for action, rule in TABLE.items()
        if rule.roles and rule.targets and not rule.stays and not rule.targets & left
    }
    always = {action for action, sure in FINAL.items() if not sure.field}
    assert dead_ends == always - {Action.CONCLUDE}, "a sealed case that was concluded is reopened by nobody"
    page = text_of(Web.of(county.users["center"]).case(story_in(county, Status.DOCKETED).number))
    assert page.count("data-sure=") == 3  # reject, withdraw, merge
    assert "data-sure=" not in page[page.index('data-action="dispatch"') :].partition("</form>")[0]


def test_docketing_as_an_accusation_asks_once_more_who_loses_the_case_and_not_its_keeper(county: County) -> None:
    open_case = Story.begin(county)
    docket = text_of(Web.of(county.users["center"]).case(open_case.number)).partition('data-action="docket"')[2]
    assert 'data-sure-field="type" data-sure-choice="accusation"' in docket.partition("</form>")[0]
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    kept = text_of(Web.of(county.users["petition"]).case(sealed.number)).partition('data-action="docket"')[2]
    assert kept
    assert "data-sure=" not in kept.partition("</form>")[0]


def test_a_case_through_the_whole_loop_by_buttons_alone(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story.begin(county)
    at_moment(monkeypatch, story)
    center, handler = Web.of(county.users["center"]), Web.of(county.users["handler"])
    steps: list[tuple[Web, str, dict[str, Any]]] = [
        (center, "docket", {"type": "appeal", "category": county.category.code, "urgency": "normal", "note": "请尽快"}),
        (center, "dispatch", {"lead": "water", "assistants": [], "instruction": "当日到场"}),
        (handler, "report_in", {"on_spot": "on", "latitude": "27.4571", "longitude": "119.5061"}),
        (handler, "finish", {"reply": "已更换水管"}),
        (center, "verify", {"passed": "true", "comment": ""}),
        (center, "rate", {"grade": "5", "solved": "true", "record": "电话回访满意"}),
    ]
    for web, action, inputs in steps:
        story.wait(minutes=10)
        at_moment(monkeypatch, story)
        if action in {"report_in", "finish"}:
            inputs["assignment"] = story.part().pk
        response = web.press(story, action, **inputs)
        assert response.status_code == 302, text_of(response)
    assert story.case.status == Status.CLOSED
    page = text_of(center.case(story.number))
    for said in ("已更换水管", "电话回访满意", "当日到场", "请尽快", "现场签到", "非常满意"):
        assert said in page
    assert buttons_in(page) == ["reopen"]
    assert not LogEntry.objects.exists()


def test_pressing_says_what_was_done(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    web = Web.of(county.users["handler"])
    response = web.client.post(
        f"/admin/cases/case/{story.number}/actions/report_in/",
        {"version": story.case.version, "assignment": story.part().pk},
        follow=True,
    )
    assert f"{story.number}：已完成“报到”。" in text_of(response)


def test_pressing_twice_acts_once(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    web, version, part = Web.of(county.users["handler"]), story.case.version, story.part().pk
    for _ in range(2):
        assert web.press(story, "report_in", version=version, assignment=part).status_code == 302
    assert story.case.version == version + 1


def test_acknowledging_names_the_worst_alert_first(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_in(county, Status.HANDLING)
    story.wait(days=14).sweep()
    at_moment(monkeypatch, story)
    web = Web.of(county.users["handler"])
    page = text_of(web.case(story.number))
    assert page.index("■ 红色警示 · 办理时限") < page.index("● 蓝色提示 · 办理时限")
    red = Alert.objects.filter(case_id=story.case_id, colour=3, clock__kind="handle").get()
    assert web.press(story, "acknowledge", alert=red.pk).status_code == 302
    red.refresh_from_db()
    assert red.acknowledged_by == county.users["handler"]


def test_a_township_is_offered_only_its_own_units(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    page = text_of(Web.of(county.users["township"]).case(story.number))
    dispatch = page[page.index('data-action="dispatch"') :].partition("</form>")[0]
    assert 'value="station-100"' in dispatch
    assert 'value="police"' not in dispatch
    assert 'value="police"' in page, "a whistle is proposed to any unit"
    assert 'value="police"' in text_of(Web.of(county.users["center"]).case(story.number))


def test_the_usual_department_is_chosen_already(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    page = text_of(Web.of(county.users["center"]).case(story.number))
    assert '<option value="water" selected>' in page


def test_a_part_is_named_when_several_could_be_meant(county: County) -> None:
    story = Story.begin(county).wait(minutes=1).docket().dispatch(assistants=[county.police])
    web = Web.of(county.users["handler"])
    page = text_of(web.case(story.number))
    assert f'<input type="hidden" name="assignment" value="{story.part().pk}"' in page
    assert web.press(story, "report_in", assignment=story.part(county.police).pk).status_code == 403
    assert story.part(county.police).state == AssignmentState.WAITING


def test_an_address_without_an_action_is_not_there(county: County) -> None:
    story = story_in(county, Status.COLLECTED)
    web = Web.of(county.users["center"])
    for action in ("close", "collect", "delete", "x"):
        assert web.press(story, action).status_code == 404
    assert web.get(f"/admin/cases/case/{story.number}/actions/docket/").status_code == 302


def test_what_an_act_takes_out_of_sight_leads_to_the_list(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """A petition officer sees petitions; docketed as something else the case is gone for that person."""
    story = story_in(county, Status.DISPATCHED)
    at_moment(monkeypatch, story)
    response = Web.of(county.users["township"]).press(story, "withdraw", proof="书面申请")
    assert f"{story.number}/change/#done=withdraw-" in response.headers["Location"], "so that its draft is forgotten"
    assert story.case.status == Status.WITHDRAWN


def test_due_times_are_told_in_words(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_in(county, Status.HANDLING)
    at_moment(monkeypatch, story)
    page = text_of(Web.of(county.users["handler"]).case(story.number))
    assert "剩 5 个工作日" in page
    story.at(story.now + timedelta(days=14)).sweep()
    at_moment(monkeypatch, story)
    page = text_of(Web.of(county.users["handler"]).case(story.number))
    assert "超期 5 个工作日" in page
    assert Action.FINISH.value in buttons_in(page)
