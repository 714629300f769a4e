"""`POST cases/{number}/actions/{action}/`: the whole loop by phone, versions, keys and refusals (api.md)."""

from typing import Any

import pytest

from cases.models import JournalEvent, Request
from cases.terms import Status
from cases.workflow import CASE_ACTIONS
from tests.api_client import Answer, Phone
from tests.builders import County
from tests.cases.api.phones import new_case
from tests.stories import Story, story_in

DOCKET: dict[str, Any] = {"type": "appeal", "category": "urban-supply", "urgency": "normal"}


def act(phone: Phone, number: str, action: str, headers: dict[str, str] | None = None, **body: Any) -> Answer:
    return phone.post(f"cases/{number}/actions/{action}/", body, headers=headers)


def test_a_case_goes_round_the_whole_loop(county: County) -> None:
    worker, township = Phone(county.users["gridworker"]), Phone(county.users["township"])
    center, handler = Phone(county.users["center"]), Phone(county.users["handler"])
    number = worker.post("cases/", new_case()).json["number"]
    assert act(township, number, "docket", **DOCKET).json["status"] == "docketed"
    called = act(center, number, "dispatch", lead="water", assistants=["police"])
    assert called.json["status"] == "dispatched"
    parts = {part["department"]["code"]: part["id"] for part in called.json["assignments"]}
    assert act(handler, number, "report_in", assignment=parts["water"], on_spot=True).json["status"] == "handling"
    police = Phone(county.users["police-handler"])
    assert act(police, number, "report_in", assignment=parts["police"]).status == 200
    assert act(police, number, "finish", assignment=parts["police"], reply="已疏导").json["status"] == "handling"
    assert act(handler, number, "finish", assignment=parts["water"], reply="已修好").json["status"] == "answered"
    assert act(worker, number, "verify", passed=True).json["status"] == "rating"
    rated = act(center, number, "rate", grade="5", solved=True, record="电话回访")
    assert (rated.json["status"], rated.json["outcome"], rated.json["rating"]["grade"]) == ("closed", "rated", 5)


def test_acknowledging_names_the_alert(county: County) -> None:
    story = Story.begin(county).wait(days=3)
    story.sweep()
    phone = Phone(county.users["township"])
    offers = phone.get(f"cases/{story.number}/").json["allowed_actions"]
    alert = next(offer for offer in offers if offer["action"] == "acknowledge")["subjects"][0]
    answer = act(phone, story.number, "acknowledge", alert=alert)
    acknowledged = next(item for item in answer.json["alerts"] if item["id"] == alert)
    assert acknowledged["acknowledged_by"] == "township"
    assert act(phone, story.number, "acknowledge", alert=alert).status == 409


def test_rejecting_and_withdrawing_end_a_case(county: County) -> None:
    phone = Phone(county.users["township"])
    rejected = act(phone, Story.begin(county).number, "reject", reason="unclear", advice="请补充")
    assert (rejected.json["status"], rejected.json["colour"], rejected.json["due_at"]) == ("rejected", "none", None)
    assert act(phone, Story.begin(county).number, "withdraw", proof="书面").json["status"] == "withdrawn"


def test_what_the_state_forbids_is_a_conflict_that_names_what_is_allowed(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    answer = act(Phone(county.users["township"]), story.number, "docket", **DOCKET)
    assert answer.status == 409
    assert {"withdraw", "remind"} <= set(answer.json["allowed_actions"])
    assert "docket" not in answer.json["allowed_actions"]
    assert "Handling" in answer.json["detail"]


def test_seeing_is_not_acting(county: County) -> None:
    story = Story.begin(county)
    answer = act(Phone(county.users["gridworker"]), story.number, "docket", **DOCKET)
    assert answer.status == 403


def test_a_stale_version_changes_nothing(county: County) -> None:
    story = Story.begin(county)
    phone = Phone(county.users["township"])
    etag = phone.get(f"cases/{story.number}/").headers["ETag"]
    assert act(phone, story.number, "docket", {"If-Match": etag}, **DOCKET).status == 200
    answer = act(phone, story.number, "reject", {"If-Match": etag}, reason="unclear", advice="x")
    assert answer.status == 412
    assert story.case.status == Status.DOCKETED


@pytest.mark.parametrize("header", ["*", "W/{}", " {} "])
def test_versions_may_be_written_in_every_usual_way(county: County, header: str) -> None:
    story = Story.begin(county)
    headers = {"If-Match": header.format('"0"')}
    assert act(Phone(county.users["township"]), story.number, "docket", headers, **DOCKET).status == 200


@pytest.mark.parametrize("header", ['"abc"', '"99999999999999999999"', '"0", "1"', "\xff", '""'])
def test_a_version_that_is_none_matches_nothing(county: County, header: str) -> None:
    story = Story.begin(county)
    answer = act(Phone(county.users["township"]), story.number, "docket", {"If-Match": header}, **DOCKET)
    assert answer.status == 412


def test_the_same_key_answers_again_and_does_nothing(county: County) -> None:
    story = Story.begin(county)
    phone = Phone(county.users["township"])
    headers = {"Idempotency-Key": "tap-1", "If-Match": '"0"'}
    first = act(phone, story.number, "docket", headers, **DOCKET)
    again = act(phone, story.number, "docket", headers, **DOCKET)
    assert (first.status, again.status) == (200, 200)
    assert first.json == again.json
    assert JournalEvent.objects.filter(case_id=story.case_id, kind="docket").count() == 1
    assert Request.objects.count() == 1


def test_the_same_key_for_something_else_is_a_conflict(county: County) -> None:
    story = Story.begin(county)
    phone = Phone(county.users["township"])
    headers = {"Idempotency-Key": "tap-1"}
    act(phone, story.number, "docket", headers, **DOCKET)
    assert act(phone, story.number, "reject", headers, reason="unclear", advice="x").status == 409


def test_a_refused_request_leaves_its_key_free(county: County) -> None:
    story = Story.begin(county)
    phone, headers = Phone(county.users["township"]), {"Idempotency-Key": "tap-1"}
    assert act(phone, story.number, "docket", headers, **{**DOCKET, "category": "nowhere"}).status == 400
    assert act(phone, story.number, "docket", headers, **DOCKET).status == 200


@pytest.mark.parametrize("key", ["a" * 101, "a\tb", "\x7f"])
def test_a_key_that_cannot_be_kept_is_refused(county: County, key: str) -> None:
    story = Story.begin(county)
    answer = act(Phone(county.users["township"]), story.number, "docket", {"Idempotency-Key": key}, **DOCKET)
    assert list(answer.json["errors"]) == ["Idempotency-Key"]


@pytest.mark.parametrize("action", ["collect", "close", "dance", "docket/x", "%00"])
def test_what_is_no_button_is_no_address(county: County, action: str) -> None:
    story = Story.begin(county)
    assert Phone(county.users["center"]).post(f"cases/{story.number}/actions/{action}/", {}).status == 404


@pytest.mark.parametrize("body", [b"[]", b"7", b'"docket"', b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(county: County, body: bytes) -> None:
    story = Story.begin(county)
    for action in CASE_ACTIONS:
        answer = Phone(county.users["township"]).post(f"cases/{story.number}/actions/{action}/", body)
        assert answer.status == 400


def test_fields_that_are_missing_unknown_or_wrong_are_all_named(county: County) -> None:
    story = Story.begin(county)
    answer = act(Phone(county.users["township"]), story.number, "docket", type="x", colour="red")
    assert answer.status == 400
    assert set(answer.json["errors"]) == {"type", "category", "urgency", "colour"}
