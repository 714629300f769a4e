"""`GET stats/…`: who reads which figures, periods, and what they cost at two sizes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.actions.intake import PetitionerInput
from cases.models import Case
from cases.terms import CaseType, Disclosure, Grade, Status
from tests.api_client import Phone
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.api.crowd import multiply
from tests.stories import Story, story_in

ADDRESSES = ("overview", "departments", "areas", "alerts")
LEADERS = {"center", "inspector", "leader", "auditor"}
UNIT_PEOPLE = {"handler", "deputy", "depthead"}


def stats(county: County, username: str, name: str, **query: str) -> Any:
    asked: dict[str, Any] = {"period": "2026-03"} | query
    return Phone(county.users[username]).get(f"stats/{name}/", **asked)


@pytest.mark.parametrize("name", ADDRESSES)
def test_leaders_read_all_departments_their_own_and_others_nothing(county: County, name: str) -> None:
    story_in(county, Status.CLOSED)
    for username in USERNAMES:
        answer = stats(county, username, name)
        may = username in LEADERS or (username in UNIT_PEOPLE and name in {"departments", "alerts"})
        assert answer.status == (200 if may else 403), username


def test_every_figure_has_numerator_denominator_and_value(county: County) -> None:
    story = story_in(county, Status.RATING)
    story.rate(Grade.SATISFIED)
    overview = stats(county, "center", "overview").json
    one = {"numerator": 1, "denominator": 1, "value": 1.0, "small_sample": True}
    for name in ("closure", "on_time", "report_in", "satisfaction", "solved", "participation"):
        assert overview["figures"][name] == one, name
    assert overview["figures"]["rework"] == one | {"numerator": 0, "value": 0.0}
    assert (overview["period"], overview["begins_at"], overview["ends_at"]) == (
        "2026-03",
        "2026-03-01T00:00:00+08:00",
        "2026-04-01T00:00:00+08:00",
    )
    (unit,) = stats(county, "depthead", "departments").json["results"]
    assert (unit["code"], unit["score"], unit["figures"]["on_time"]) == ("water", 1.0, one)
    (area,) = stats(county, "leader", "areas", parent=county.township.code).json["results"]
    assert (area["code"], area["name"]) == (county.village.code, county.village.name)


def test_where_nothing_was_counted_there_is_no_value(county: County) -> None:
    figures = stats(county, "center", "overview", period="2025-01").json["figures"]
    assert {figure["value"] for figure in figures.values()} == {None}
    assert stats(county, "center", "departments", period="2025-W01").json["results"] == []
    alerts = stats(county, "auditor", "alerts", period="2025-01").json["results"]
    assert [(row["colour"], row["raised"]) for row in alerts] == [("blue", 0), ("yellow", 0), ("red", 0)]


@pytest.mark.parametrize("period", ["2026", "2026-13", "2026-W54", "2025-W53", "march", "2026-03-01", "1999-01"])
def test_what_is_no_period_is_400(county: County, period: str) -> None:
    for name in ADDRESSES:
        answer = stats(county, "center", name, period=period)
        assert (answer.status, list(answer.json["errors"])) == (400, ["period"])


def test_without_a_period_it_is_this_month(county: County) -> None:
    now = timezone.localtime(timezone.now())
    told = Phone(county.users["center"]).get("stats/overview/").json["period"]
    assert told in {f"{now:%Y-%m}", f"{now + timedelta(minutes=5):%Y-%m}"}


def test_a_neighbour_and_another_unit_are_in_nobody_elses_figures(county: County) -> None:
    story_in(county, Status.CLOSED)
    Case.objects.update(area=county.other_village, area_code=county.other_village.code)
    assert stats(county, "leader", "overview").json["figures"]["closure"]["denominator"] == 0
    assert stats(county, "leader", "areas", parent=county.other_township.code).json["results"] == []
    assert stats(county, "leader", "departments").json["results"] == []
    assert stats(county, "center", "overview").json["figures"]["closure"]["denominator"] == 1
    police = Phone(county.handler_of(county.police)).get("stats/departments/", period="2026-03")
    assert police.json["results"] == []


def test_a_sealed_case_changes_no_figure_of_anybody(county: County) -> None:
    before = {name: stats(county, "center", name).content for name in ADDRESSES}
    Story.begin(
        county,
        by="intake",
        type=CaseType.ACCUSATION,
        petitioner=PetitionerInput(Disclosure.ANONYMOUS),
        accused_units=(county.water,),
    )
    assert {name: stats(county, "center", name).content for name in ADDRESSES} == before
    for username in ("petition", "inspector", "auditor"):
        for name in ADDRESSES:
            assert b"accus" not in stats(county, username, name).content


@pytest.mark.parametrize("count", [100, 10_000])
def test_figures_cost_the_same_at_any_size(county: County, count: int) -> None:
    multiply(story_in(county, Status.CLOSED, assistants=[county.police]).case_id, count)
    center = Phone(county.users["center"])
    for name in ADDRESSES:
        answer = center.get(f"stats/{name}/", period="2026-03")
        assert len(answer.content) < 60_000


def test_a_merged_matter_is_left_out_and_listed(county: County) -> None:
    story_in(county, Status.MERGED)
    overview = stats(county, "center", "overview").json
    assert overview["left_out"]["merged"] == 1
    assert overview["figures"]["repeat"]["numerator"] == 1
    assert MONDAY.isoformat() > overview["begins_at"]
