"""Sealed cases, plain data and similar cases by phone (docs/privacy.md)."""

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cases.models import Case
from cases.terms import CaseType
from tests.api_client import Phone
from tests.builders import County
from tests.stories import Story

pytestmark = pytest.mark.django_db

SECRET = "检举某局长"


def accusation(**changes: Any) -> dict[str, Any]:
    told = {
        "client_id": str(uuid.uuid4()),
        "type": "accusation",
        "title": SECRET,
        "accused_units": ["water"],
        "accused_persons": ["depthead"],
        "petitioner": {"disclosure": "named", "name": "王小明", "phone": "13800001234"},
    }
    return told | changes


def test_who_takes_an_accusation_in_keeps_number_and_code(county: County) -> None:
    phone, body = Phone(county.users["gridworker"]), accusation()
    first, again = phone.post("cases/", body), phone.post("cases/", body)
    assert (first.status, again.status) == (201, 200)
    assert set(first.json) == {"number", "query_code", "sealed"}
    assert first.json == again.json
    case = Case.objects.get()
    assert (case.sealed, case.accused_units.get(), case.accused_persons.get()) == (
        True,
        county.water,
        county.users["depthead"],
    )
    assert SECRET not in first.content.decode()


@pytest.mark.parametrize("username", ["gridworker", "township", "center", "depthead", "inspector", "auditor"])
def test_a_sealed_case_answers_like_a_number_that_was_never_given(county: County, username: str) -> None:
    number = Phone(county.users["gridworker"]).post("cases/", accusation()).json["number"]
    phone = Phone(county.users[username])
    for path in ("", "events/", "similar/"):
        answers = [phone.get(f"cases/{n}/{path}") for n in (number, "350924-2026-9999999")]
        assert [a.status for a in answers] == [404, 404]
        assert answers[0].json["detail"] == answers[1].json["detail"]
    assert phone.get("cases/", status="all").json["results"] == []
    assert phone.get("cases/", q=SECRET).json["results"] == []
    assert phone.get("todo/").json["results"] == []
    assert Phone(county.users["petition"]).get(f"cases/{number}/").json["title"] == SECRET


@pytest.mark.parametrize(
    ("field", "value"),
    [("accused_units", ["nowhere"]), ("accused_persons", ["nobody"]), ("parties", ["nobody"]), ("type", "appeal")],
)
def test_whom_it_accuses_must_exist_and_only_an_accusation_accuses(county: County, field: str, value: Any) -> None:
    refused = Phone(county.users["gridworker"]).post("cases/", accusation(**{field: value}))
    assert refused.status == 400
    assert set(refused.json["errors"]) == {field}
    assert not Case.objects.exists()


def test_plain_data_for_a_reason_and_the_petition_office_reads_who_looked(county: County) -> None:
    story = Story.begin(county)
    person = story.case.petitioners.get().pk
    path = f"cases/{story.number}/petitioners/{person}/unseal/"
    assert Phone(county.users["township"]).post(path, {"reason": " "}).status == 400
    assert Phone(county.users["leader"]).post(path, {"reason": "看看"}).status == 403
    assert Phone(county.users["police-handler"]).post(path, {"reason": "看看"}).status == 404
    shown = Phone(county.users["township"]).post(path, {"reason": "回访核实"})
    assert shown.json["phone"] == "13800001234"
    assert "no-store" in shown.headers["Cache-Control"]
    (look,) = Phone(county.users["petition"]).get("looks/").json["results"]
    assert (look["number"], look["who"], look["reason"]) == (story.number, "township", "回访核实")
    assert Phone(county.users["center"]).get("looks/").json["results"] == []


def test_looks_are_paged(county: County) -> None:
    story = Story.begin(county)
    path = f"cases/{story.number}/petitioners/{story.case.petitioners.get().pk}/unseal/"
    for reason in ("一", "二", "三"):
        Phone(county.users["township"]).post(path, {"reason": reason})
    reader = Phone(county.users["petition"])
    first = reader.get("looks/", page_size=2).json
    assert [look["reason"] for look in first["results"]] == ["三", "二"]
    assert first["next"].startswith("http://testserver/api/v1/looks/?")
    rest = reader.get("looks/", cursor=dict(parse_qsl(urlsplit(first["next"]).query))["cursor"])
    assert [look["reason"] for look in rest.json["results"]] == ["一"]


def test_similar_cases_are_proposed_to_those_who_see_them(county: County) -> None:
    other, story = Story.begin(county), Story.begin(county)
    Story.begin(county, type=CaseType.ACCUSATION)
    (found,) = Phone(county.users["township"]).get(f"cases/{story.number}/similar/").json["results"]
    assert (found["number"], found["proposal"]) == (other.number, "duplicate")
    assert found["reasons"] == ["same_petitioner", "similar_text"]
    assert found["score"] == 1
