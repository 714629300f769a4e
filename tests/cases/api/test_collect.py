"""`POST cases/`: a matter comes in (api.md, "Cases" and "Repeating"; domain.md, "Privacy")."""

from typing import Any

import pytest

from cases.models import Case, Petitioner
from cases.terms import ClockKind
from grids.roles import Role
from tests.api_client import Phone
from tests.builders import County, add_post, add_user, unpublish
from tests.cases.api.phones import new_case


@pytest.fixture
def phone(county: County) -> Phone:
    return Phone(county.users["gridworker"])


def test_a_new_case_is_answered_with_its_number_and_query_code(phone: Phone) -> None:
    answer = phone.post("cases/", new_case())
    assert answer.status == 201
    assert answer.json["status"] == "collected"
    assert answer.json["phase"] == "collection"
    assert len(answer.json["query_code"]) == 16
    assert answer.headers["Location"] == f"/api/v1/cases/{answer.json['number']}/"
    assert answer.headers["ETag"] == f'"{answer.json["version"]}"'
    assert [clock["kind"] for clock in answer.json["clocks"]] == [ClockKind.DOCKET.value]
    assert answer.json["due_at"] == answer.json["clocks"][0]["due_at"]
    assert answer.json["due_at"].endswith("+08:00")


def test_the_answer_from_memory_is_the_case_as_it_is_read_afterwards(county: County, phone: Phone) -> None:
    answer = phone.post("cases/", new_case())
    created = {name: value for name, value in answer.json.items() if name != "query_code"}
    assert phone.get(f"cases/{answer.json['number']}/").json == created


def test_the_same_again_answers_the_same_case_and_code(phone: Phone) -> None:
    body = new_case()
    first, again = phone.post("cases/", body), phone.post("cases/", body)
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json
    assert Case.objects.count() == 1


def test_the_same_client_id_with_another_body_is_a_conflict(phone: Phone) -> None:
    body = new_case()
    phone.post("cases/", body)
    answer = phone.post("cases/", body | {"title": "另一件事"})
    assert answer.status == 409
    assert Case.objects.count() == 1


def test_client_ids_of_two_people_do_not_meet(county: County, phone: Phone) -> None:
    body = new_case()
    assert phone.post("cases/", body).status == 201
    assert Phone(county.users["intake"]).post("cases/", body).status == 201


def test_who_works_in_one_village_need_not_name_it(county: County, phone: Phone) -> None:
    answer = phone.post("cases/", new_case(area=None))
    assert answer.json["area"] == {"code": county.village.code, "name": county.village.name}


def test_who_works_in_two_must_say_which(county: County) -> None:
    worker = county.users["gridworker"]
    add_post(worker, Role.GRID_WORKER, county.other_village)
    answer = Phone(worker).post("cases/", new_case(area=None, location=None))
    assert answer.status == 400
    assert "area" in answer.json["errors"]


def test_an_officer_of_the_county_must_name_the_area(county: County) -> None:
    answer = Phone(county.users["intake"]).post("cases/", new_case(area=None, location=None))
    assert list(answer.json["errors"]) == ["area"]


def test_collecting_elsewhere_is_not_permitted(county: County, phone: Phone) -> None:
    assert phone.post("cases/", new_case(area=county.other_village.code)).status == 403


@pytest.mark.parametrize("username", ["handler", "inspector", "auditor", "admin", "township"])
def test_only_collectors_collect(county: County, username: str) -> None:
    assert Phone(county.users[username]).post("cases/", new_case()).status == 403


def test_a_superuser_without_posts_collects_nothing(county: County) -> None:
    assert Phone(add_user("root", superuser=True)).post("cases/", new_case()).status == 403


def test_the_petitioner_is_masked(phone: Phone) -> None:
    told = {"disclosure": "named", "name": "王小明", "phone": "13800001234", "id_number": "350924199001011234"}
    answer = phone.post("cases/", new_case(petitioner=told | {"address": "鳌阳镇解放街 1 号"}))
    assert answer.json["petitioner"] == {
        "id": Petitioner.objects.get().pk,
        "disclosure": "named",
        "name": "王**",
        "phone": "138****1234",
        "id_number": "3****************4",
        "address": "鳌阳镇****",
    }


def test_of_a_confidential_petitioner_only_a_pseudonym_is_shown(phone: Phone) -> None:
    told = {"disclosure": "confidential", "name": "王小明", "phone": "13800001234"}
    shown = phone.post("cases/", new_case(petitioner=told)).json["petitioner"]
    assert shown["name"] == Petitioner.objects.get().pseudonym
    assert (shown["phone"], shown["id_number"], shown["address"]) == ("", "", "")


def test_of_an_anonymous_petitioner_nothing_is_kept(phone: Phone) -> None:
    told = {"disclosure": "anonymous", "name": "王小明", "phone": "13800001234"}
    answer = phone.post("cases/", new_case(petitioner=told))
    assert (answer.json["petitioner"], answer.json["disclosure"]) == (None, "anonymous")
    assert not Petitioner.objects.exists()


def test_a_patrol_matter_has_no_petitioner(phone: Phone) -> None:
    answer = phone.post("cases/", new_case(type="patrol", petitioner=None))
    assert (answer.json["petitioner"], answer.json["disclosure"]) == (None, None)


def test_the_source_follows_the_post_unless_it_is_said(county: County, phone: Phone) -> None:
    assert phone.post("cases/", new_case()).json["source"] == "grid"
    intake = Phone(county.users["intake"])
    assert intake.post("cases/", new_case()).json["source"] == "hotline"
    assert intake.post("cases/", new_case(source="window")).json["source"] == "window"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_id": None}, "client_id"),
        ({"client_id": "abc"}, "client_id"),
        ({"type": "nonsense"}, "type"),
        ({"type": ["appeal"]}, "type"),
        ({"title": ""}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": 7.5e300}, "title"),
        ({"title": {"a": 1}}, "title"),
        ({"description": "长" * 4001}, "description"),
        ({"category": "nowhere"}, "category"),
        ({"category": "\x00"}, "category"),
        ({"area": "999999"}, "area"),
        ({"area": "\x00"}, "area"),
        ({"area": "9" * 5000}, "area"),
        ({"location": {"lat": 91, "lng": 0}}, "location.lat"),
        ({"location": {"lat": "nan", "lng": 0}}, "location.lat"),
        ({"location": {"lat": "sNaN", "lng": 0}}, "location.lat"),
        ({"location": {"lat": True, "lng": 0}}, "location.lat"),
        ({"location": {"lat": 1e308, "lng": 0}}, "location.lat"),
        ({"location": {"lat": "1e999999999", "lng": 0}}, "location.lat"),
        ({"location": {"lat": 0}}, "location.lng"),
        ({"location": 3}, "location"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"captured_at": "0001-01-01T00:00:00+08:00"}, "captured_at"),
        ({"captured_at": "9999-12-31T23:59:59-12:00"}, "captured_at"),
        ({"captured_at": 5}, "captured_at"),
        ({"urgency": "very"}, "urgency"),
        ({"source": "import"}, "source"),
        ({"petitioner": {"disclosure": "famous"}}, "petitioner.disclosure"),
        ({"petitioner": {"phone": "call me"}}, "petitioner.phone"),
        ({"petitioner": []}, "petitioner"),
        ({"attachments": ["5f0f6a52-6a3f-4d2e-9a55-0b6f2f0a7c11"]}, "attachments"),
    ],
)
def test_what_cannot_be_taken_is_named(phone: Phone, changes: dict[str, Any], field: str) -> None:
    answer = phone.post("cases/", new_case(**changes))
    assert answer.status == 400
    assert list(answer.json["errors"]) == [field]
    assert not Case.objects.exists()


def test_positions_are_rounded_to_a_metre(phone: Phone) -> None:
    answer = phone.post("cases/", new_case(location={"lat": 27.4570012345, "lng": "119.506"}))
    assert answer.json["location"] == {"lat": 27.457, "lng": 119.506}
    assert phone.post("cases/", new_case(location={"lat": "1e-999999999", "lng": -0.0})).json["location"] == {
        "lat": 0.0,
        "lng": 0.0,
    }


def test_without_a_policy_the_service_says_so(county: County, phone: Phone) -> None:
    unpublish(county.policy)
    answer = phone.post("cases/", new_case())
    assert answer.status == 503
    assert answer.headers["Retry-After"]
