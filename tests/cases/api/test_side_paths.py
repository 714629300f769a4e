"""The side paths by phone: what is offered, sent, shown and previewed, and what a case costs that took all of them."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from cases import labels
from cases.api import answers
from cases.api.examples import BODIES
from cases.colours import Colour
from cases.models import Case
from cases.terms import CaseType, Status
from cases.workflow import CASE_ACTIONS, TABLE, Action, FieldKind
from tests.api_client import Phone
from tests.builders import MONDAY, County, policy_document, publish_test_policy
from tests.cases.side_stories import (
    alert_of,
    called,
    decide_objection,
    extend,
    head_of,
    in_hand,
    object_to,
    on,
    supervise,
    suspend,
)
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

#: api.md and the bars of the loop: one case in at most so many statements, logging in included.
MOST_QUERIES = 12


def detail(county: County, story: Story, username: str = "center") -> dict[str, Any]:
    answer = Phone(county.users[username]).get(f"cases/{story.number}/")
    assert answer.status == 200
    shown: dict[str, Any] = answer.json
    return shown


@pytest.mark.parametrize("action", CASE_ACTIONS)
def test_every_action_has_words_an_example_and_choices_that_can_be_read(action: Action) -> None:
    fields = {field.name: field for field in TABLE[action].fields}
    assert str(labels.ACTION[action])
    assert set(BODIES[action]) <= set(fields)
    assert {name for name, field in fields.items() if field.required} <= set(BODIES[action])
    for field in fields.values():
        assert str(labels.FIELD[field.name])
        if field.kind is FieldKind.CHOICE:
            assert {str(code) for code in labels.choice_words(field.name)} >= set(field.choices)


def test_a_suspended_case_says_until_when_and_since_when_its_clocks_stand_still(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = in_hand(county)
    suspend(story, date(2026, 3, 9))
    monkeypatch.setattr(answers, "timezone", SimpleNamespace(now=lambda: story.now))
    shown = detail(county, story)
    assert shown["status"] == "suspended"
    assert shown["suspension"]["until"] == "2026-03-09T08:00:00+08:00"
    paused = {clock["kind"] for clock in shown["clocks"] if clock["paused_at"] and not clock["stopped_at"]}
    assert paused == {"handle", "resolve"}
    assert {offer["action"] for offer in shown["allowed_actions"]} == {"resume", "withdraw", "merge"}


def test_an_objection_and_its_ruling_are_shown_with_the_part(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    part = detail(county, story)["assignments"][0]
    assert (part["state"], part["objection"]["reason"], part["objection"]["upheld"]) == (
        "disputed",
        "other_lead",
        None,
    )
    decide_objection(story, county.water, new=county.police)
    first, second = detail(county, story)["assignments"]
    assert (first["state"], first["objection"]["upheld"]) == ("cancelled", True)
    assert (second["department"]["code"], second["objection"]) == ("police", None)


def test_a_proposal_waits_for_the_leader_and_is_shown_with_its_departments(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    body = {"lead": "water", "assistants": ["police", "housing"], "instruction": "请到场"}
    township = Phone(county.users["township"])
    assert township.post(f"cases/{story.number}/actions/propose_whistle/", body).status == 200
    shown = detail(county, story, "leader")
    assert {unit["code"] for unit in shown["whistle_proposal"]["assistants"]} == {"police", "housing"}
    assert {offer["action"] for offer in shown["allowed_actions"]} >= {"approve_whistle", "refuse_whistle"}
    leader = Phone(county.users["leader"])
    approved = leader.post(f"cases/{story.number}/actions/approve_whistle/", {})
    assert (approved.json["status"], approved.json["whistle_proposal"]["approved"]) == ("dispatched", True)


def test_orders_are_shown_with_state_and_deadline(county: County) -> None:
    story = in_hand(county)
    order = supervise(story, county.water, card="yellow", person="depthead")
    shown = detail(county, story, "depthead")["supervision_orders"][0]
    assert (shown["id"], shown["card"], shown["person"], shown["answered_at"]) == (order.pk, "yellow", "depthead", None)
    assert shown["due_at"] == "2026-03-03T17:30:00+08:00"
    head = Phone(county.users["depthead"])
    answered = head.post(f"cases/{story.number}/actions/answer_supervision/", {"order": order.pk, "reply": "明日完成"})
    row = next(row for row in answered.json["supervision_orders"] if row["id"] == order.pk)
    assert (row["answered_by"], row["signed_off_at"]) == ("depthead", None)
    inspector = Phone(county.users["inspector"])
    assert inspector.post(f"cases/{story.number}/actions/sign_off/", {"order": order.pk}).status == 200


def test_both_cases_of_a_merger_name_each_other_to_who_sees_both(county: County) -> None:
    master, follower = in_hand(county), in_hand(county)
    follower.act(Action.MERGE, "center", master=master.number, comment="同一处")
    assert detail(county, follower)["master"] == master.number
    assert detail(county, master)["merged"] == [follower.number]


def test_the_journal_tells_what_moved_and_who_lost_a_part(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    extend(story, 2)
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=story.part(county.police).pk, comment="不再需要")
    events = Phone(county.users["center"]).get(f"cases/{story.number}/events/").json["results"]
    released, granted, asked = events[:3]
    assert [part["state"] for part in released["taken"]] == ["released"]
    assert granted["granted"] is True
    assert {moved["generation"] for moved in granted["moved"]} == {2}
    assert (asked["limit"], asked["ordinal"]) == ("2 wd", 1)


def test_moments_are_shown_before_they_are_confirmed(county: County) -> None:
    """The preview of a request is what granting it then sets."""
    story = in_hand(county)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    path = f"cases/{story.number}/preview/"
    center = Phone(county.users["center"])
    granted = center.get(path, action="decide_extension", granted="true").json["results"]
    typed = center.get(path, action="request_extension", amount="3").json["results"]
    asked = {one["kind"]: one["new_due_at"] for one in granted}
    assert asked == {one["kind"]: one["new_due_at"] for one in typed}
    story.act(Action.DECIDE_EXTENSION, "center", granted=True)
    clocks = detail(county, story)["clocks"]
    assert {c["kind"]: c["due_at"] for c in clocks if c["stopped_at"] is None} == asked


def test_a_clock_that_would_start_has_no_number_yet(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    answer = Phone(county.users["center"]).get(f"cases/{story.number}/preview/", action="dispatch")
    (would_start,) = answer.json["results"]
    assert (would_start["clock"], would_start["kind"], would_start["due_at"]) == (None, "report_in", None)
    assert would_start["new_due_at"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"action": "request_extension", "amount": "11"}, 400),
        ({"action": "request_extension", "amount": "x"}, 400),
        ({"action": "suspend", "until": "2020-01-01"}, 400),
        ({"action": "suspend", "until": "soon"}, 400),
        ({"action": "acknowledge"}, 400),
        ({"action": "docket", "type": "nonsense"}, 400),
        ({"action": "docket", "category": "nonsense"}, 400),
        ({"action": "rate", "grade": "9"}, 400),
        ({}, 400),
        ({"action": "suspend"}, 200),
        ({"action": "report_in", "assignment": "999999"}, 200),
    ],
)
def test_a_preview_refuses_what_the_action_would_refuse(county: County, query: dict[str, Any], status: int) -> None:
    story = in_hand(county)
    assert Phone(county.users["center"]).get(f"cases/{story.number}/preview/", **query).status == status


def test_a_preview_of_a_type_without_extensions_is_a_conflict(county: County) -> None:
    story = in_hand(county, type="urgent")
    path = f"cases/{story.number}/preview/"
    assert Phone(county.users["center"]).get(path, action="request_extension", amount="1").status == 409


def test_who_sees_no_case_sees_no_preview(county: County) -> None:
    story = in_hand(county)
    answer = Phone(county.users["police-handler"]).get(f"cases/{story.number}/preview/", action="suspend")
    assert answer.status == 404


def test_the_limits_of_a_new_matter_are_told_before_anything_is_saved(county: County) -> None:
    phone = Phone(county.users["gridworker"])
    found = phone.post("cases/preview/", {"type": "appeal"}).json["results"]
    assert [(one["kind"], one["limit"]) for one in found] == [
        ("docket", "4 wh"),
        ("dispatch", "4 wh"),
        ("resolve", "7 wd"),
        ("report_in", "1 wd"),
        ("handle", "5 wd"),
        ("verify", "2 wd"),
        ("rate", "7 cd"),
        ("supervision", "1 wd"),
    ]
    assert all(one["blue_at"] <= one["yellow_at"] <= one["due_at"] for one in found if one["blue_at"])
    assert Case.objects.count() == 0


def test_a_category_narrows_what_is_told(county: County) -> None:
    document = policy_document() | {"categories": {county.category.code: {"handle": "1 wd"}}}
    publish_test_policy(number=2, valid_from=MONDAY, rules=document)
    told = {"type": "appeal", "category": county.category.code}
    found = Phone(county.users["gridworker"]).post("cases/preview/", told).json["results"]
    handle = next(one for one in found if one["kind"] == "handle")
    assert (handle["limit"], handle["rule"]) == ("1 wd", f"categories.{county.category.code}.handle")


@pytest.mark.parametrize("body", [{}, {"type": "nonsense"}, {"type": "appeal", "category": 7 * "x" * 10}, [], "x"])
def test_a_preview_of_nothing_is_refused(county: County, body: Any) -> None:
    assert Phone(county.users["gridworker"]).post("cases/preview/", body).status == 400


def test_keepers_read_whom_an_accusation_is_against(county: County) -> None:
    story = Story.begin(
        county,
        by="intake",
        type=CaseType.ACCUSATION,
        accused_units=(county.water,),
        accused_persons=(county.users["handler"],),
    )
    shown = detail(county, story, "petition")
    assert [unit["code"] for unit in shown["accused_units"]] == ["water"]
    assert [person["username"] for person in shown["accused_persons"]] == ["handler"]


def test_a_unit_under_supervision_sees_the_case_until_it_is_signed_off(county: County) -> None:
    """The township that let the docketing run into red holds no part of the case, and must answer all the same."""
    head = head_of(county, county.government)
    story = Story.begin(county).at(on(3, 12))
    assert Phone(county.users[head]).get(f"cases/{story.number}/").status == 404
    story.sweep()
    shown = detail(county, story, head)
    assert [offer["action"] for offer in shown["allowed_actions"]] == ["answer_supervision"]
    order = shown["supervision_orders"][0]["id"]
    story.act(Action.ANSWER_SUPERVISION, head, order=order, reply="已补办")
    story.act(Action.SIGN_OFF, "inspector", order=order)
    assert Phone(county.users[head]).get(f"cases/{story.number}/").status == 404


def everything(county: County) -> Story:
    """A case that took every side path that leaves something behind."""
    story = story_in(county, Status.DOCKETED)
    story.act(Action.PROPOSE_WHISTLE, "township", lead="water", assistants=["police", "housing"])
    story.act(Action.APPROVE_WHISTLE, "leader")
    object_to(story, county.police)
    decide_objection(story, county.police, new=county.station)
    story.report_in(county.water)
    extend(story, 2)
    suspend(story, date(2026, 3, 4))
    story.at(on(4, 8)).sweep()
    story.at(on(17, 9)).sweep()
    alert = alert_of(story, county.water, Colour.BLUE)
    story.act(Action.ANNUL_ALERT, "inspector", alert=alert.pk, comment="误报")
    follower = in_hand(county)
    follower.act(Action.MERGE, "center", master=story.number, comment="同一处")
    return story


@pytest.mark.parametrize("username", ["center", "handler", "inspector"])
def test_the_busiest_case_stays_within_the_budget(
    county: County, username: str, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    story = everything(county)
    phone = Phone(county.users[username])
    phone.get(f"cases/{story.number}/")
    with django_assert_max_num_queries(MOST_QUERIES):
        shown = phone.get(f"cases/{story.number}/").json
    assert len(shown["supervision_orders"]) >= 2
    assert shown["merged"] or username != "center"
