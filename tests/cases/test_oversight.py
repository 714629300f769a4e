"""The numbers of interviews and meetings are the policy's: defaults of domain.md, changed by a published version."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.access import visible_to
from cases.actions.interviews import propose_interviews
from cases.admin.policy_form import form_of
from cases.concerns import concerns
from cases.limits import Limit, Unit
from cases.models import InterviewProposal, PolicyVersion
from cases.official_days import official_calendar
from cases.oversight import Oversight
from cases.policy_check import problems
from cases.terms import ClockKind, Concern, InterviewRule
from tests.api_client import Phone
from tests.builders import MONDAY, County, policy_document, publish_test_policy
from tests.cases.admin.web import Web
from tests.cases.side_stories import in_hand, suspend

pytestmark = pytest.mark.django_db


def publish(**numbers: Any) -> None:
    """A version whose numbers are these, in force from before the stories."""
    document = policy_document() | {"oversight": numbers}
    publish_test_policy(number=2, valid_from=MONDAY - timedelta(days=1), rules=document)


def rules_found(county: County) -> set[str]:
    story = in_hand(county)
    story.at(story.clock(ClockKind.HANDLE).due_at).sweep()
    propose_interviews(now=story.now + timedelta(hours=1))
    return set(InterviewProposal.objects.values_list("rule", flat=True))


def test_what_is_left_out_goes_by_the_page() -> None:
    standing = Limit(Decimal(5), Unit.WD)
    assert Oversight.of(policy_document()) == Oversight(30, 3, standing, 5, 80, 3, 30)


def test_one_red_proposes_nothing_by_default(county: County) -> None:
    assert rules_found(county) == set()


def test_a_policy_may_propose_an_interview_at_the_first_red(county: County) -> None:
    publish(reds=1, window_days=7)
    assert rules_found(county) == {InterviewRule.THREE_REDS}
    assert InterviewProposal.objects.get().evidence["days"] == 7


def test_how_long_a_suspension_is_too_long_is_the_policys(county: County) -> None:
    publish(suspended_days=2)
    story = in_hand(county)
    suspend(story, (story.now + timedelta(days=20)).date())
    center = county.actor("center", now=story.now)

    def found_after(days: int) -> list[Concern]:
        return concerns(visible_to(center), now=story.now + timedelta(days=days)).get(story.case_id, [])

    assert Concern.SUSPENDED_LONG not in found_after(1)
    assert Concern.SUSPENDED_LONG in found_after(3)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"reds": 0}, "oversight.reds"),
        ({"reds": True}, "oversight.reds"),
        ({"satisfied": 101}, "oversight.satisfied"),
        ({"window_days": 2.5}, "oversight.window_days"),
        ({"standing": "soon"}, "oversight.standing"),
        ({"standing": 5}, "oversight.standing"),
        ({"mood": 1}, "oversight"),
        ([], "oversight"),
    ],
)
def test_a_number_that_makes_no_sense_is_named(written: object, place: str) -> None:
    found = problems(policy_document() | {"oversight": written}, official_calendar())
    assert set(found) == {place}


def test_every_number_that_is_wrong_is_named_at_once() -> None:
    found = problems(policy_document() | {"oversight": {"reds": 0, "ratings": "five"}}, official_calendar())
    assert set(found) == {"oversight.reds", "oversight.ratings"}


def test_phones_read_the_numbers_in_force(county: County) -> None:
    publish(reds=4)
    told = Phone(county.users["gridworker"]).get("policy/").json["oversight"]
    assert (told["reds"], told["standing"], told["satisfied"]) == (4, "5 wd", 80)


def test_the_editor_keeps_what_was_typed_and_refuses_words(county: County) -> None:
    web = Web.of(county.users["admin"])
    page = web.client.post("/admin/limits/", {"press": "try", "oversight.reds": "三次"}).content.decode()
    assert 'name="oversight.reds" value="三次"' in page
    assert "请填写整数" in page


def test_the_editor_publishes_the_numbers(county: County) -> None:
    web = Web.of(county.users["admin"])
    typed = {
        "base": "1",
        "oversight.reds": "2",
        "oversight.standing": "3 wd",
        "valid_from": "2030-01-01",
        "reason": "从严",
    }
    answer = web.client.post("/admin/limits/", {**form_of(policy_document()).fields, **typed, "press": "publish"})
    assert answer.status_code == 302
    newest = PolicyVersion.objects.order_by("-number")[0]
    assert newest.rules["oversight"] == {"reds": 2, "standing": "3 wd"}
