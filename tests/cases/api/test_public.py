"""What citizens do without a login (api.md, "Public" and "Repeating"; domain.md, "Privacy")."""

import logging
import random
import uuid
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries
from rest_framework.request import Request

from cases.api.public_examples import MATTER
from cases.codes import RatingLink, rating_token
from cases.models import Case, JournalEvent, Petitioner, Rating
from cases.terms import PUBLIC_TYPES, CaseType, Grade, Status
from grids.api.throttles import AddressThrottle
from tests.api_client import Answer, Phone
from tests.builders import NAMED, County
from tests.cases.api.crowd import multiply
from tests.cases.api.test_refusals import NASTY
from tests.stories import Story, story_in

CITIZEN = Phone()


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AddressThrottle, "allow_request", lambda *_: True)


def matter(**changes: Any) -> dict[str, Any]:
    return {**MATTER, "client_id": str(uuid.uuid4()), **changes}


def recent(county: County, status: Status, **changes: Any) -> Story:
    """A story of this afternoon, because a door reads the clock."""
    return story_in(county, status, at=timezone.now() - timedelta(hours=3), **changes)


def look_up(story: Story) -> Answer:
    return CITIZEN.post("public/lookup/", {"number": story.number, "code": story.query_code})


# Bringing a matter in


def test_a_matter_is_brought_in_without_a_login(county: County) -> None:
    answer = CITIZEN.post("public/cases/", matter())
    assert answer.status == 201
    case = Case.objects.get()
    assert set(answer.json) == {"number", "query_code", "received_at"}
    assert (answer.json["number"], case.source, case.created_by, case.disclosure) == (
        case.number,
        "online",
        None,
        "named",
    )
    assert Petitioner.objects.get().name == "王小明"
    assert answer.headers["Cache-Control"] == "no-store"
    found = CITIZEN.post("public/lookup/", {"number": case.number, "code": answer.json["query_code"]})
    assert (found.status, found.json["status"]) == (200, "collected")
    facts = JournalEvent.objects.get().payload
    assert (facts["by"], facts["source"]) == ("citizen", "online")


def test_the_same_again_answers_the_same_number_and_code(county: County) -> None:
    body = matter()
    first, again = CITIZEN.post("public/cases/", body), CITIZEN.post("public/cases/", body)
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert CITIZEN.post("public/cases/", body | {"title": "另一件事"}).status == 409
    assert Case.objects.count() == 1


def test_a_client_id_is_the_endpoints_own(county: County) -> None:
    """Neither an officer's nor an imported row's can be met by a citizen who knows it."""
    body = matter()
    officer = Phone(county.users["gridworker"]).post("cases/", body)
    assert (officer.status, CITIZEN.post("public/cases/", body).status) == (201, 201)
    assert Case.objects.filter(client_id=body["client_id"]).count() == 1


@pytest.mark.parametrize("code", PUBLIC_TYPES)
def test_every_type_is_answered_alike(county: County, code: CaseType) -> None:
    answer = CITIZEN.post("public/cases/", matter(type=code.value))
    assert answer.status == 201
    assert set(answer.json) == {"number", "query_code", "received_at"}
    assert Case.objects.get().sealed == (code is CaseType.ACCUSATION)


@pytest.mark.parametrize("code", sorted(set(CaseType) - set(PUBLIC_TYPES)))
def test_other_types_begin_with_an_officer(county: County, code: CaseType) -> None:
    answer = CITIZEN.post("public/cases/", matter(type=code.value))
    assert (answer.status, list(answer.json["errors"])) == (400, ["type"])


def test_without_a_petitioner_the_matter_is_anonymous(county: County) -> None:
    body = matter()
    del body["petitioner"]
    assert CITIZEN.post("public/cases/", body).status == 201
    assert Case.objects.get().disclosure == "anonymous"
    assert (Petitioner.objects.count(), Case.objects.get().address) == (0, "")


def test_a_place_is_needed_and_one_without_an_area_goes_to_the_centre(county: County) -> None:
    answer = CITIZEN.post("public/cases/", matter(area=None))
    assert (answer.status, list(answer.json["errors"])) == (400, ["area"])
    assert CITIZEN.post("public/cases/", matter(area=None, location={"lat": 27.457, "lng": 119.506})).status == 201
    assert Case.objects.get().area == county.county


def test_an_accused_officer_never_keeps_the_case(county: County) -> None:
    """Accounts are not for a public door: names are, and whoever bears one is left out."""
    accused = county.users["petition"]
    body = matter(type="accusation", accused_units=["water"], accused_names=[accused.full_name, "某某人"])
    assert CITIZEN.post("public/cases/", body).status == 201
    case = Case.objects.get()
    assert (case.keeper, list(case.accused_persons.all())) == ("inspector", [accused])
    assert "某某人" in case.description
    assert [unit.code for unit in case.accused_units.all()] == ["water"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_id": None}, "client_id"),
        ({"title": ""}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"category": "nowhere"}, "category"),
        ({"area": "999999"}, "area"),
        ({"location": {"lat": 91, "lng": 0}}, "location.lat"),
        ({"petitioner": {"disclosure": "famous"}}, "petitioner.disclosure"),
        ({"accused_names": ["张三"]}, "type"),
        ({"type": "accusation", "accused_units": ["nowhere"]}, "accused_units"),
        ({"type": "accusation", "accused_names": ["长" * 61]}, "accused_names.0"),
    ],
)
def test_what_cannot_be_taken_is_named(county: County, changes: dict[str, Any], field: str) -> None:
    answer = CITIZEN.post("public/cases/", matter(**changes))
    assert (answer.status, list(answer.json["errors"])) == (400, [field])
    assert not Case.objects.exists()


# Nobody learns what does not belong to him


def test_a_number_without_its_code_is_answered_like_none(county: County) -> None:
    """Same statements, same words, same status: for a number that was given, one that was not, and an accusation's."""
    story, other = Story.begin(county), Story.begin(county)
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    asked = [
        (story.number, other.query_code),
        (story.number, "A" * 16),
        (sealed.number, "A" * 16),
        ("350924-2026-9999999", "A" * 16),
        ("nonsense", "x"),
    ]
    for path in ("public/lookup/", "public/withdraw/"):
        answers, statements = [], []
        for number, code in asked:
            with CaptureQueriesContext(connection) as captured:
                answers.append(CITIZEN.post(path, {"number": number, "code": code, "reason": "x"}))
            statements.append([_condition(item["sql"]) for item in captured])
        assert {answer.status for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert statements == [['cases_case"."query_code_hash']] * len(asked), "the code alone is asked for"
        assert not any(number.encode() in answer.content for answer in answers for number, _ in asked)


def _condition(sql: str) -> str:
    """What the statement asks for, without the value."""
    return sql.partition("WHERE")[2].partition("=")[0].strip(' ("')


def test_a_link_that_nobody_made_asks_the_database_nothing(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        forged = [CITIZEN.get(f"public/ratings/{token}/") for token in ("A" * 39, "x", "%E8%B7%AF", "A" * 500)]
        forged.append(CITIZEN.post(f"public/ratings/{'A' * 39}/", {"grade": 1, "solved": False}))
    assert {answer.status for answer in forged} == {404}
    assert len({answer.content for answer in forged}) == 1


def test_a_token_of_an_officer_opens_nothing_more(county: County) -> None:
    story = recent(county, Status.HANDLING)
    body = {"number": story.number, "code": "A" * 16}
    assert Phone(county.users["center"]).post("public/lookup/", body).status == 404
    assert Phone().post("public/lookup/", body, headers={"Authorization": "Token nonsense"}).status == 404


def test_nothing_is_told_of_officers_departments_or_the_matter_itself(county: County) -> None:
    story = recent(county, Status.RATING, assistants=[county.police], petitioner=NAMED)
    answer = look_up(story)
    text = answer.content.decode()
    for said in (NAMED.name, NAMED.phone, "水利局", "公安局", "handler", "gridworker", story.case.title):
        assert said not in text
    assert set(answer.json) == {
        "number",
        "status",
        "status_name",
        "phase",
        "received_at",
        "answered_at",
        "closed_at",
        "answers",
        "rating",
    }


def test_an_accusation_answers_in_the_same_shape_with_nothing_in_it(county: County) -> None:
    sealed = recent(county, Status.COLLECTED, type=CaseType.ACCUSATION)
    plain = recent(county, Status.COLLECTED)
    told = {name: (look_up(sealed).json[name], look_up(plain).json[name]) for name in look_up(plain).json}
    assert {name for name, (one, other) in told.items() if one != other} <= {"number", "received_at"}
    body = {"number": sealed.number, "code": sealed.query_code, "reason": "算了"}
    refused = CITIZEN.post("public/withdraw/", body)
    assert refused.status == 409
    assert "accus" not in refused.content.decode().lower()
    assert sealed.case.status == Status.COLLECTED


def test_no_log_and_no_address_holds_a_code_or_a_person(county: County, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="django.request")
    caplog.set_level(logging.DEBUG, logger="cases")
    body = matter()
    taken = CITIZEN.post("public/cases/", body).json
    CITIZEN.post("public/lookup/", {"number": taken["number"], "code": taken["query_code"]})
    CITIZEN.post("public/lookup/", {"number": taken["number"], "code": "B" * 16})
    said = caplog.text
    assert not [
        word for word in (taken["query_code"], "王小明", "13800001234", body["title"], "B" * 16) if word in said
    ]
    assert CITIZEN.get("public/lookup/", number=taken["number"], code=taken["query_code"]).status == 405
    facts = str(list(JournalEvent.objects.values_list("payload", flat=True)))
    assert not [word for word in (taken["query_code"], "王小明", "13800001234", body["title"]) if word in facts]


# Rating and taking back


def test_looking_at_a_link_changes_nothing(county: County) -> None:
    story = recent(county, Status.RATING)
    token = look_up(story).json["rating"]["token"]
    before = story.case.version, JournalEvent.objects.count()
    for _ in range(2):
        seen = CITIZEN.get(f"public/ratings/{token}/")
        assert (seen.status, seen.json["grade"], seen.json["token"]) == (200, None, token)
    assert CITIZEN.client.head(f"/api/v1/public/ratings/{token}/").status_code == 200
    assert (story.case.version, JournalEvent.objects.count(), Rating.objects.count()) == (*before, 0)


def test_a_matter_is_rated_once_by_its_link(county: County) -> None:
    story = recent(county, Status.RATING)
    address = f"public/ratings/{look_up(story).json['rating']['token']}/"
    rated = CITIZEN.post(address, {"grade": 4, "solved": True})
    assert (rated.status, rated.json["grade"], rated.json["solved"], rated.json["token"]) == (200, 4, True, None)
    assert CITIZEN.post(address, {"grade": 4, "solved": True, "record": "又按了一次"}).json == rated.json
    assert CITIZEN.post(address, {"grade": 1, "solved": False}).status == 409
    assert (story.case.status, Rating.objects.count()) == (Status.CLOSED, 1)
    assert look_up(story).json["rating"]["grade"] == 4
    assert look_up(story).json["status"] == "closed"


def test_a_call_back_is_replaced_by_the_petitioner(county: County) -> None:
    story = recent(county, Status.CLOSED)
    address = f"public/ratings/{look_up(story).json['rating']['token']}/"
    assert CITIZEN.get(address).json["grade"] == Grade.SATISFIED
    assert CITIZEN.post(address, {"grade": 1, "solved": False, "record": "没有修好"}).json["grade"] == 1
    assert look_up(story).json["status"] == "handling"
    events = Phone(county.users["center"]).get(f"cases/{story.number}/events/").json["results"]
    revised = next(event for event in events if event["kind"] == "revise_rating")
    assert (revised["actor"], revised["by_citizen"], revised["grade"]) == (None, True, 1)


@pytest.mark.parametrize(
    "body", [{}, {"grade": 0, "solved": True}, {"grade": 6, "solved": True}, {"grade": True, "solved": True}]
)
def test_a_verdict_without_sense_is_none(county: County, body: dict[str, Any]) -> None:
    story = recent(county, Status.RATING)
    answer = CITIZEN.post(f"public/ratings/{look_up(story).json['rating']['token']}/", body)
    assert answer.status == 400
    assert not Rating.objects.exists()


def test_a_matter_is_taken_back_with_number_and_code(county: County) -> None:
    story = recent(county, Status.HANDLING)
    body = {"number": story.number, "code": story.query_code, "reason": "邻居自己修好了"}
    answer = CITIZEN.post("public/withdraw/", body)
    assert (answer.status, answer.json["status"], story.case.status) == (200, "withdrawn", "withdrawn")
    assert CITIZEN.post("public/withdraw/", body).json == answer.json
    answered = recent(county, Status.ANSWERED)
    body = {"number": answered.number, "code": answered.query_code, "reason": "不用了"}
    refused = CITIZEN.post("public/withdraw/", body)
    assert (refused.status, refused.json["allowed_actions"]) == (409, [])


# Limits, costs, garbage


@pytest.mark.parametrize(
    ("scope", "call"),
    [
        ("public_cases", lambda: CITIZEN.post("public/cases/", matter())),
        ("public_lookup", lambda: CITIZEN.post("public/lookup/", {"number": "1", "code": "2"})),
        ("public_withdraw", lambda: CITIZEN.post("public/withdraw/", {"number": "1", "code": "2", "reason": "3"})),
        ("public_rating", lambda: CITIZEN.get("public/ratings/x/")),
        ("public_rating", lambda: CITIZEN.post("public/ratings/x/", {"grade": 1, "solved": True})),
    ],
)
def test_one_address_is_slowed_down(county: County, monkeypatch: pytest.MonkeyPatch, scope: str, call: Any) -> None:
    monkeypatch.setattr(AddressThrottle, "THROTTLE_RATES", AddressThrottle.THROTTLE_RATES | {scope: "2/min"})
    answers = [call() for _ in range(3)]
    assert [answer.status == 429 for answer in answers] == [False, False, True]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    elsewhere = Client(REMOTE_ADDR="10.1.2.3").post("/api/v1/public/lookup/", b"{}", content_type="application/json")
    assert elsewhere.status_code == 400


@pytest.mark.parametrize(
    ("address", "ident"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("", ""),
    ],
)
def test_a_household_is_one_address(address: str, ident: str) -> None:
    assert AddressThrottle().get_ident(Request(RequestFactory().get("/", REMOTE_ADDR=address))) == ident


@pytest.mark.parametrize("count", [100, 10_000])
def test_costs_do_not_grow(county: County, count: int) -> None:
    """The phone itself counts (tests/budget.py)."""
    story = recent(county, Status.RATING, assistants=[county.police, county.housing])
    multiply(story.case_id, count)
    open_one = recent(county, Status.HANDLING)
    token = look_up(story).json["rating"]["token"]
    assert CITIZEN.get(f"public/ratings/{token}/").status == 200
    assert CITIZEN.post("public/cases/", matter()).status == 201
    for _ in range(2):
        assert CITIZEN.post(f"public/ratings/{token}/", {"grade": 5, "solved": True}).status == 200
    body = {"number": open_one.number, "code": open_one.query_code, "reason": "不用了"}
    assert CITIZEN.post("public/withdraw/", body).status == 200


def test_anything_may_be_sent_and_is_never_an_error(county: County, unlimited: None) -> None:
    story = recent(county, Status.RATING)
    token = rating_token(RatingLink(story.case_id, story.case.petitioners.get().pk, 1))
    bodies = {
        "public/cases/": matter(accused_units=[], accused_names=[], location=None, category=None, description=""),
        "public/lookup/": {"number": story.number, "code": story.query_code},
        "public/withdraw/": {"number": story.number, "code": story.query_code, "reason": "x"},
        f"public/ratings/{token}/": {"grade": 3, "solved": True, "record": ""},
    }
    client = Client(raise_request_exception=False)
    for path, body in bodies.items():
        for name in body:
            for value in random.sample(NASTY, 9):
                sent = orjson.dumps({**body, name: value})
                response = client.post(f"/api/v1/{path}", sent, content_type="application/json")
                assert response.status_code < 500, (path, name, value)
        for sent in (b"", b"[]", b"7", b"null", b"{", b'"x"', b"\xff", b"[" * 100_000):
            response = client.post(f"/api/v1/{path}", sent, content_type="application/json")
            assert response.status_code == 400, (path, sent)
            assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("language", "word"), [("en", "There is no matter"), ("zh-CN", "没有")])
def test_refusals_speak_the_readers_language(county: County, language: str, word: str) -> None:
    answer = Phone(language=language).post("public/lookup/", {"number": "1", "code": "2"})
    assert word in answer.json["detail"]
