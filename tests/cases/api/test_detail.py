"""One case and its journal: what is shown, and to whom it exists at all (api.md, "Cases")."""

import pytest

from cases.terms import Status
from grids.roles import Role
from tests.api_client import Phone
from tests.builders import County, add_post, add_user
from tests.stories import Story, story_in


def test_a_case_in_hand_shows_its_parts_clocks_and_offers(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    seen = Phone(county.users["handler"]).get(f"cases/{story.number}/")
    assert seen.status == 200
    assert seen.headers["ETag"] == f'"{story.case.version}"'
    part = seen.json["assignments"][0]
    assert (part["department"], part["role"], part["state"]) == (
        {"code": "water", "name": "水利局"},
        "lead",
        "working",
    )
    running = {clock["kind"] for clock in seen.json["clocks"] if clock["stopped_at"] is None}
    assert running == {"handle", "resolve"}
    assert {clock["kind"]: clock["on_time"] for clock in seen.json["clocks"]}["docket"] is True


def test_allowed_actions_carry_fields_choices_and_subjects(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    offers = Phone(county.users["handler"]).get(f"cases/{story.number}/").json["allowed_actions"]
    finish = next(offer for offer in offers if offer["action"] == "finish")
    assert finish["subjects"] == [story.part().pk]
    assert [(field["name"], field["required"]) for field in finish["fields"]] == [
        ("assignment", True),
        ("reply", True),
    ]
    fresh = Story.begin(county)
    dispatcher = Phone(county.users["township"])
    docket = dispatcher.get(f"cases/{fresh.number}/").json["allowed_actions"][0]
    assert docket["action"] == "docket"
    urgency = next(field for field in docket["fields"] if field["name"] == "urgency")
    assert {"value": "emergency", "label": "Emergency"} in urgency["choices"]


def test_who_sees_without_a_duty_is_offered_nothing(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    seen = Phone(county.users["leader"]).get(f"cases/{story.number}/")
    assert (seen.status, seen.json["allowed_actions"]) == (200, [])


@pytest.mark.parametrize(
    "path", ["cases/{}/", "cases/{}/events/", "cases/350924-2026-9999999/", "cases/350924-2026-9999999/events/"]
)
@pytest.mark.parametrize("username", ["police-handler", "auditor", "security", "admin", "intake"])
def test_what_one_may_not_know_of_does_not_exist(county: County, username: str, path: str) -> None:
    story = story_in(county, Status.HANDLING)
    answer = Phone(county.users[username]).get(path.format(story.number))
    assert answer.status == 404
    assert answer.json["detail"] == "There is no such case."


def test_a_superuser_without_posts_sees_no_case(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    phone = Phone(add_user("root", superuser=True))
    assert phone.get(f"cases/{story.number}/").status == 404
    assert phone.get("cases/", status="all").json["results"] == []


def test_the_neighbouring_township_sees_nothing_of_it(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    neighbour = add_user("neighbour")
    add_post(neighbour, Role.TOWNSHIP_DISPATCHER, county.other_township)
    phone = Phone(neighbour)
    assert phone.get(f"cases/{story.number}/").status == 404
    assert phone.get("cases/", q=story.number).json["results"] == []
    assert phone.post(f"cases/{story.number}/actions/withdraw/", {"proof": "x"}).status == 404
    assert phone.get("me/").json["todo"]["total"] == 0


@pytest.mark.parametrize(
    "number", ["1", "350924-2026", "x" * 300, "350924-2026-0000001%00", "%ff", "..%2f..", "%F0%9F%98%80"]
)
def test_what_is_no_number_is_no_address(county: County, number: str) -> None:
    answer = Phone(county.users["gridworker"]).get(f"cases/{number}/")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_journal_is_read_newest_first_and_in_pages(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    phone = Phone(county.users["center"])
    whole = phone.get(f"cases/{story.number}/events/").json["results"]
    assert [event["seq"] for event in whole] == sorted((e.seq for e in story.events()), reverse=True)
    assert whole[0]["kind"] == "rate"
    assert (whole[0]["grade"], whole[0]["status_to"]) == (4, "closed")
    assert whole[0]["texts"] == [{"field": "record", "text": "电话回访"}]
    assert whole[-1]["hash"] == bytes(story.events()[0].hash).hex()
    page, read = phone.get(f"cases/{story.number}/events/", page_size=2), []
    while page.json["next"]:
        read += page.json["results"]
        page = phone.get(page.json["next"].replace("http://testserver", ""))
    assert read + page.json["results"] == whole


def test_an_alert_in_the_journal_says_its_colour(county: County) -> None:
    story = Story.begin(county).wait(days=3)
    story.sweep()
    events = Phone(county.users["center"]).get(f"cases/{story.number}/events/").json["results"]
    assert [event["alert"]["colour"] for event in events if event["kind"] == "alert"] == ["red", "yellow", "blue"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "\x00", "9" * 201])
def test_a_cursor_of_the_journal_that_is_none(county: County, cursor: str) -> None:
    story = Story.begin(county)
    answer = Phone(county.users["center"]).get(f"cases/{story.number}/events/", cursor=cursor)
    assert answer.status == 400
