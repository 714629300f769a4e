"""What is shown grey with its reason: the next steps, for whoever will be able to take them, and what comes true."""

from datetime import date

import pytest
from django.utils.translation import override

from cases.guards import Offer
from cases.selectors import case_for, offers_for, soon_for
from cases.terms import CaseType, Status
from cases.workflow import ALL_CASE_ACTIONS, Action
from tests.builders import USERNAMES, County
from tests.cases.admin.test_sealed import accuse
from tests.cases.admin.web import Web, at_moment, buttons_in, case_page
from tests.cases.side_stories import called, in_hand, object_to, supervise, suspend
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def promised(story: Story, username: str) -> dict[Action, str]:
    """The grey buttons of that person with their reasons; never one that is allowed already."""
    actor = story.county.actor(username, now=story.now)
    case = case_for(actor, story.number)
    assert case is not None
    offered = offers_for(actor, case, now=story.now)
    with override("en"):
        found = {one.action: str(one.reason) for one in soon_for(actor, case, offered)}
    assert not found.keys() & {offer.action for offer in offered}
    return found


def test_a_dispatcher_is_told_that_docketing_comes_first(county: County) -> None:
    story = story_in(county, Status.COLLECTED)
    assert promised(story, "center") == {Action.DISPATCH: "once the matter is docketed"}
    assert set(promised(story, "township")) == {Action.DISPATCH, Action.PROPOSE_WHISTLE}
    assert Action.DISPATCH in {offer.action for offer in _offers(story.docket(), "center")}
    assert promised(story, "center") == {}


def test_a_handler_is_told_that_reporting_in_comes_first(county: County) -> None:
    story = called(county)
    waiting = {Action.FINISH: "once your department has reported in"}
    assert promised(story, "handler") == waiting | {Action.REQUEST_EXTENSION: "once your department has reported in"}
    story.report_in()
    assert promised(story, "handler") == {}
    assert {Action.FINISH, Action.REQUEST_EXTENSION} <= {offer.action for offer in _offers(story, "handler")}


def test_an_assistant_never_asks_for_an_extension(county: County) -> None:
    story = called(county, assistants=[county.police])
    actor = county.handler_of(county.police).username
    county.users.setdefault(actor, county.handler_of(county.police))
    assert set(promised(story, actor)) == {Action.FINISH}


def test_what_waits_for_a_decision_says_for_which(county: County) -> None:
    objecting = called(county)
    object_to(objecting, county.water)
    assert "if the objection is overruled" in promised(objecting, "handler")[Action.FINISH]
    asking = in_hand(county)
    asking.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    assert promised(asking, "handler") == {Action.REQUEST_EXTENSION: "once the request that waits is decided"}
    halted = in_hand(county)
    suspend(halted, date(2026, 3, 20))
    assert set(promised(halted, "handler")) == {Action.FINISH, Action.REQUEST_EXTENSION}


def test_who_verifies_rates_or_signs_off_is_told_what_is_awaited(county: County) -> None:
    story = in_hand(county)
    assert promised(story, "gridworker") == {Action.VERIFY: "once every department has answered"}
    supervise(story, county.water)
    assert promised(story, "inspector") == {Action.SIGN_OFF: "once the department has answered it"}
    story.finish()
    assert promised(story, "gridworker") == {}
    assert promised(story, "center") == {Action.RATE: "once the answer has passed verification"}
    patrol = story_in(county, Status.ANSWERED, type=CaseType.PATROL)
    assert promised(patrol, "center") == {}


def test_nothing_is_promised_on_a_sealed_case(county: County) -> None:
    story = accuse(county)
    assert promised(story, "petition") == {}


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.MERGED])
def test_the_page_shows_them_grey_and_takes_no_press(
    county: County, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = story_in(county, status)
    at_moment(monkeypatch, story)
    for username in USERNAMES:
        web = Web.of(county.users[username])
        if web.get(case_page(story.number)).status_code != 200:
            continue
        page, grey = web.page(case_page(story.number)), promised(story, username)
        assert page.count("disabled>") == len(grey), username
        for action in grey.keys() & set(ALL_CASE_ACTIONS):
            assert action.value not in buttons_in(page)


def _offers(story: Story, username: str) -> list[Offer]:
    actor = story.county.actor(username, now=story.now)
    case = case_for(actor, story.number)
    assert case is not None
    return offers_for(actor, case, now=story.now)
