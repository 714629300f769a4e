"""The seed files hold together (seeds/README.md): codes, references, spread over the loop, nobody real."""

import csv
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cases.terms import CaseType, Disclosure, Source, Urgency
from grids.labels import AreaLevel, DepartmentKind
from grids.roles import DEPARTMENT_ROLES, Role

FOLDER = Path(__file__).parents[2] / "seeds"
COUNTY = "350924"
CODE_DIGITS = {
    AreaLevel.COUNTY: 6,
    AreaLevel.TOWNSHIP: 9,
    AreaLevel.VILLAGE: 12,
    AreaLevel.GRID: 14,
    AreaLevel.MICRO_GRID: 16,
}
PRINTED = {
    "gridworker": Role.GRID_WORKER,
    "intake": Role.INTAKE_OFFICER,
    "township": Role.TOWNSHIP_DISPATCHER,
    "leader": Role.TOWNSHIP_LEADER,
    "center": Role.CENTER_DISPATCHER,
    "handler": Role.DEPARTMENT_HANDLER,
    "deputy": Role.DEPARTMENT_DEPUTY,
    "depthead": Role.DEPARTMENT_HEAD,
    "inspector": Role.INSPECTOR,
    "petition": Role.PETITION_OFFICER,
    "auditor": Role.AUDITOR,
    "security": Role.SECURITY_ADMIN,
    "admin": Role.SYSTEM_ADMIN,
}
LEAST_BY_PATH = {
    "collected": 35,
    "docketed": 28,
    "dispatched": 38,
    "handling": 65,
    "answered": 24,
    "rating": 18,
    "closed": 60,
    "rejected": 3,
    "withdrawn": 3,
    "closed_unrated": 3,
    "second_round": 3,
}
REPLIED = {"answered", "rating", "closed", "closed_unrated", "second_round", "rejected", "withdrawn"}


@cache
def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def by_code(name: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in table(name)}


@cache
def demo_cases() -> list[dict[str, Any]]:
    lines = (FOLDER / "demo_cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def by_liveness(*, live: bool) -> list[dict[str, Any]]:
    return [case for case in demo_cases() if case.get("live", False) is live]


@pytest.mark.parametrize("name", ["areas.csv", "departments.csv", "categories.csv"])
def test_codes_are_unique(name: str) -> None:
    assert len(by_code(name)) == len(table(name))


def test_the_county_has_its_14_townships_and_205_villages() -> None:
    levels = Counter(row["level"] for row in table("areas.csv"))
    assert (levels["county"], levels["township"], levels["village"]) == (1, 14, 205)


def test_area_codes_are_hierarchical() -> None:
    for row in table("areas.csv"):
        digits = CODE_DIGITS[AreaLevel(row["level"])]
        assert re.fullmatch(rf"{COUNTY}\d{{{digits - 6}}}", row["code"])
        if row["level"] != AreaLevel.COUNTY:
            assert row["code"].startswith(row["parent"])
            assert len(by_code("areas.csv")[row["parent"]]["code"]) == digits - (3 if digits <= 12 else 2)


def test_every_village_has_one_to_three_grids() -> None:
    grids = Counter(row["parent"] for row in table("areas.csv") if row["level"] == AreaLevel.GRID)
    villages = {row["code"] for row in table("areas.csv") if row["level"] == AreaLevel.VILLAGE}
    assert set(grids) == villages
    assert set(grids.values()) == {1, 2, 3}


def test_micro_grids_are_in_the_county_town_only() -> None:
    micro = [row["code"] for row in table("areas.csv") if row["level"] == AreaLevel.MICRO_GRID]
    assert micro
    assert all(code.startswith(f"{COUNTY}100") for code in micro)


def test_townships_and_villages_stand_in_the_county() -> None:
    placed = [row for row in table("areas.csv") if row["level"] in {"county", "township", "village"}]
    assert all(27.2 < float(row["lat"]) < 27.7 and 119.2 < float(row["lng"]) < 119.7 for row in placed)
    assert len({(row["lat"], row["lng"]) for row in placed if row["level"] == "village"}) == 205


def test_there_are_108_departments_with_one_dispatching_unit_for_each_area() -> None:
    assert len(table("departments.csv")) == 108
    kinds = Counter(row["kind"] for row in table("departments.csv"))
    assert set(kinds) == set(DepartmentKind)
    townships = [row["area"] for row in table("departments.csv") if row["kind"] == DepartmentKind.TOWNSHIP]
    assert sorted(townships) == sorted(r["code"] for r in table("areas.csv") if r["level"] == "township")
    assert [row["area"] for row in table("departments.csv") if row["kind"] == "center"] == [COUNTY]


def test_departments_stand_in_an_area() -> None:
    assert {row["area"] for row in table("departments.csv")} <= set(by_code("areas.csv"))
    assert all(row["area"] == COUNTY for row in table("departments.csv") if row["kind"] == "county")
    assert len({row["name"] for row in table("departments.csv")}) == 108
    assert len({row["short_name"] for row in table("departments.csv")}) == 108


def test_fifteen_topics_have_four_to_eight_each_under_them() -> None:
    topics = {row["code"] for row in table("categories.csv") if not row["parent"]}
    below = Counter(row["parent"] for row in table("categories.csv") if row["parent"])
    assert len(topics) == 15
    assert set(below) == topics
    assert all(4 <= count <= 8 for count in below.values())


def test_categories_name_a_department_as_their_usual_lead() -> None:
    assert {row["lead_department"] for row in table("categories.csv")} <= set(by_code("departments.csv"))


def test_every_role_has_its_demo_account() -> None:
    roles = {row["username"]: row["role"] for row in table("accounts.csv")}
    assert {name: roles[name] for name in PRINTED} == PRINTED
    assert set(PRINTED.values()) == set(Role)


def test_accounts_hold_posts_in_places_that_exist() -> None:
    assert len({row["username"] for row in table("accounts.csv")}) == len(table("accounts.csv"))
    for row in table("accounts.csv"):
        if Role(row["role"]) in DEPARTMENT_ROLES:
            assert row["department"] in by_code("departments.csv")
            assert not row["area"]
        else:
            assert row["area"] in by_code("areas.csv")
            assert not row["department"]


def test_every_township_has_a_dispatcher_and_a_leader() -> None:
    townships = {row["code"] for row in table("areas.csv") if row["level"] == "township"}
    for role in (Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER):
        assert {row["area"] for row in table("accounts.csv") if row["role"] == role} == townships


def test_the_printed_department_accounts_belong_to_the_busiest_department() -> None:
    leads = Counter(case["lead"] for case in demo_cases())
    departments = {row["username"]: row["department"] for row in table("accounts.csv")}
    busiest = leads.most_common(1)[0][0]
    assert {departments[name] for name in ("handler", "deputy", "depthead")} == {busiest}


@pytest.mark.parametrize("role", sorted(DEPARTMENT_ROLES))
def test_every_department_with_a_case_is_staffed(role: Role) -> None:
    called = {code for case in demo_cases() for code in (case["lead"], *case["assistants"])}
    assert called <= {row["department"] for row in table("accounts.csv") if row["role"] == role}


def test_a_grid_worker_stands_wherever_a_case_came_from_the_grid() -> None:
    covered = tuple(row["area"] for row in table("accounts.csv") if row["role"] == Role.GRID_WORKER)
    assert all(case["area"].startswith(covered) for case in demo_cases() if case["source"] == Source.GRID)


def test_the_printed_grid_worker_has_a_village_of_the_county_town_with_cases() -> None:
    area = next(row["area"] for row in table("accounts.csv") if row["username"] == "gridworker")
    assert by_code("areas.csv")[area]["parent"] == f"{COUNTY}100"
    assert sum(case["area"].startswith(area) for case in demo_cases()) >= 8


def test_about_300_cases_are_spread_over_the_loop() -> None:
    settled = by_liveness(live=False)
    paths = Counter(case["path"] for case in settled)
    assert 290 <= len(settled) <= 330
    assert set(paths) == set(LEAST_BY_PATH)
    assert all(paths[path] >= least for path, least in LEAST_BY_PATH.items())
    assert {case["tempo"] for case in settled} == {"quick", "normal", "late"}
    assert all(0 < case["age_days"] <= 150 for case in settled)


def test_live_cases_are_of_types_in_natural_hours() -> None:
    live = by_liveness(live=True)
    assert len(live) >= 14
    assert {case["type"] for case in live} == {CaseType.URGENT, CaseType.WHISTLE_EMERGENCY}
    assert {case["path"] for case in live} == {"collected", "dispatched"}


def test_every_case_is_told_differently() -> None:
    for field in ("key", "title", "description"):
        assert len({case[field] for case in demo_cases()}) == len(demo_cases())
    assert all(6 <= len(case["title"]) <= 40 and len(case["description"]) >= 12 for case in demo_cases())


def test_cases_use_codes_that_exist() -> None:
    for case in demo_cases():
        assert case["type"] in set(CaseType) - {CaseType.ACCUSATION, CaseType.REVIEW, CaseType.RECHECK}
        assert case["source"] in set(Source) - {Source.IMPORT}
        assert case["urgency"] in set(Urgency)
        assert by_code("areas.csv")[case["area"]]["level"] in {"village", "grid"}
        assert by_code("categories.csv")[case["category"]]["parent"]


def test_cases_call_departments_that_may_be_called() -> None:
    for case in demo_cases():
        called = [case["lead"], *case["assistants"]]
        assert len(set(called)) == len(called)
        assert all(case["area"].startswith(by_code("departments.csv")[code]["area"]) for code in called)


def test_every_township_topic_and_type_appears() -> None:
    types = {case["type"] for case in by_liveness(live=False)}
    assert types == set(CaseType) - {CaseType.ACCUSATION, CaseType.REVIEW, CaseType.RECHECK}
    assert len({case["area"][:9] for case in demo_cases()}) == 14
    assert len({by_code("categories.csv")[case["category"]]["parent"] for case in demo_cases()}) == 15


def test_answers_stand_where_the_path_needs_them() -> None:
    known = {row["code"] for row in table("reasons.csv") if row["list"] == "reject"}
    for case in demo_cases():
        assert bool(case["reply"]) is (case["path"] in REPLIED)
        assert ("reject_reason" in case) is (case["path"] == "rejected")
        assert case.get("reject_reason") in {None, *known}


def test_ratings_stand_where_somebody_could_give_one() -> None:
    for case in demo_cases():
        person = case["petitioner"]
        rated = case["path"] == "second_round" or (case["path"] == "closed" and person is not None)
        assert (case["rating"] is not None) is rated
        if rated:
            assert person["disclosure"] != Disclosure.ANONYMOUS
            assert (case["rating"]["grade"] <= 2) is (case["path"] == "second_round")


def test_nobody_rates_or_is_answered_where_nobody_asked() -> None:
    for case in demo_cases():
        if case["type"] == CaseType.PATROL:
            assert case["petitioner"] is None
        if case["path"] in {"rating", "closed_unrated", "second_round"}:
            assert case["petitioner"] is not None


def test_petitioners_are_invented() -> None:
    officers = {row["full_name"] for row in table("accounts.csv")}
    for person in (case["petitioner"] for case in demo_cases() if case["petitioner"]):
        if person["disclosure"] == Disclosure.ANONYMOUS:
            assert (person["name"], person["phone"]) == ("", "")
        else:
            assert re.fullmatch(r"1380000\d{4}", person["phone"])
            assert person["name"]
            assert person["name"] not in officers
    phones = [case["petitioner"]["phone"] for case in demo_cases() if case["petitioner"]]
    assert len(set(filter(None, phones))) == len(list(filter(None, phones)))


def test_texts_hold_no_numbers_of_people() -> None:
    """No phone, identity card or bank card number, no plate and no address of the net."""
    for case in demo_cases():
        rating = case["rating"] or {"comment": ""}
        text = " ".join([case["title"], case["description"], case["reply"] or "", rating["comment"]])
        assert not re.search(r"\d{5,}|闽[A-Z]|@|https?:", text)
