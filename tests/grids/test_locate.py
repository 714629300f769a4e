"""Which area holds a position: outlines, borders, errors, and what a phone may keep of the answer."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grids.atlas import ATLAS
from grids.models import Area, AreaOutline
from grids.outlines import MOST_POSITIONS, Atlas, shape_of
from seeds.outlines import schematic_outlines
from seeds.reference import load_areas, load_outlines, rows
from tests.api_client import Answer, Phone
from tests.builders import County
from tests.cases.admin.web import Web, opened_by
from tests.cases.api.phones import new_case

WIDE = (119.0, 27.0, 120.0, 28.0)
NARROW = (119.4, 27.4, 119.6, 27.6)


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def draw(area: Area, *corners: float, schematic: bool = False) -> None:
    AreaOutline.objects.update_or_create(area=area, defaults={"outline": square(*corners), "schematic": schematic})
    ATLAS.forget()


def at(phone: Phone, lat: object, lng: object, *, kept: str = "") -> Answer:
    headers = {"If-None-Match": kept} if kept else {}
    return phone.get("areas/locate/", headers=headers, lat=lat, lng=lng)


@pytest.fixture
def phone(county: County) -> Phone:
    draw(county.village, *WIDE)
    draw(county.grid, *NARROW)
    return Phone(county.users["gridworker"])


def test_the_innermost_area_answers(county: County, phone: Phone) -> None:
    inside = at(phone, 27.5, 119.5)
    assert inside.json == {
        "code": county.grid.code,
        "name": county.grid.name,
        "level": "grid",
        "parent": county.village.code,
        "position": {"lat": 27.457, "lng": 119.506},
        "schematic": False,
    }
    assert at(phone, 27.1, 119.1).json["code"] == county.village.code


def test_an_outline_that_cannot_be_read_takes_no_other_with_it(county: County, phone: Phone) -> None:
    AreaOutline.objects.create(area=county.other_village, outline={"type": "Polygon"}, schematic=False)
    ATLAS.forget()
    assert at(phone, 27.5, 119.5).json["code"] == county.grid.code


def test_outside_is_404_with_a_problem(phone: Phone) -> None:
    answer = at(phone, 30, 119.5)
    assert (answer.status, answer.json["type"]) == (404, "urn:whistle:problem:not-found")
    assert answer.json["detail"] == "No area of ours holds this position."


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"lat": "27.5"},
        {"lat": "north", "lng": "119.5"},
        {"lat": "91", "lng": "119.5"},
        {"lat": "27.5", "lng": "181"},
        {"lat": "nan", "lng": "119.5"},
        {"lat": "27.5", "lng": "1e400"},
        {"lat": "27,5", "lng": "119.5"},
    ],
)
def test_what_is_no_position_is_400(phone: Phone, query: dict[str, Any]) -> None:
    answer = phone.get("areas/locate/", **query)
    assert answer.status == 400
    assert set(answer.json["errors"]) <= {"lat", "lng"}
    assert answer.json["errors"]


def test_a_border_has_one_answer_always_the_same(county: County, phone: Phone) -> None:
    draw(county.other_village, 120.0, 27.0, 121.0, 28.0)
    assert at(phone, 27.5, 120.0).json["code"] == county.village.code
    assert at(phone, 27.5, 120.00001).json["code"] == county.other_village.code
    assert at(phone, 27.4, 119.5).json["code"] == county.grid.code


def test_an_area_out_of_use_answers_for_nothing(county: County, phone: Phone) -> None:
    Area.objects.filter(pk=county.grid.pk).update(is_active=False)
    assert at(phone, 27.5, 119.5).json["code"] == county.village.code


def test_the_answer_is_kept_by_etag_until_the_outline_changes(county: County, phone: Phone) -> None:
    etag = at(phone, 27.5, 119.5).headers["ETag"]
    assert at(phone, 27.5, 119.5, kept=etag).status == 304
    draw(county.grid, 119.0, 27.0, 119.1, 27.1)
    assert at(phone, 27.5, 119.5, kept=etag).status == 200


@pytest.mark.parametrize("count", [10, 400])
def test_the_outlines_are_read_once_and_not_by_each_request(county: County, phone: Phone, count: int) -> None:
    codes = [f"{county.village.code}{number // 100:02d}{number % 100:02d}" for number in range(100, 100 + count)]
    areas = Area.objects.bulk_create(Area(code=code, name=code, level="micro_grid") for code in codes)
    AreaOutline.objects.bulk_create(AreaOutline(area=area, outline=square(*NARROW)) for area in areas)
    ATLAS.forget()
    assert at(phone, 27.5, 119.5).json["code"] == codes[0]
    with CaptureQueriesContext(connection) as captured:
        at(phone, 27.5, 119.5)
    assert len(captured) == 1, "the token"


@pytest.mark.parametrize("name", ["areas", "departments", "categories", "reasons", "policy"])
def test_whatever_a_phone_keeps_has_an_etag(county: County, phone: Phone, name: str) -> None:
    first = phone.get(f"{name}/")
    assert first.status == 200
    again = phone.get(f"{name}/", headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert phone.get(f"{name}/", headers={"If-None-Match": '"another"'}).status == 200


def test_without_a_login_nobody_asks(phone: Phone) -> None:
    assert at(Phone(), 27.5, 119.5).status == 401


class TestIntake:
    def test_a_location_stands_for_the_area(self, county: County, phone: Phone) -> None:
        body = new_case(location={"lat": 27.5, "lng": 119.5})
        body.pop("area", None)
        taken = Phone(county.users["intake"]).post("cases/", body)
        assert (taken.status, taken.json["area"]["code"]) == (201, county.grid.code)

    def test_outside_of_all_outlines_the_location_is_refused(self, county: County, phone: Phone) -> None:
        body = new_case(location={"lat": 10, "lng": 10})
        body.pop("area", None)
        refused = Phone(county.users["intake"]).post("cases/", body)
        assert (refused.status, list(refused.json["errors"])) == (400, ["location"])

    def test_a_schematic_outline_takes_nothing_away_from_the_own_village(self, county: County, phone: Phone) -> None:
        draw(county.grid, *NARROW, schematic=True)
        body = new_case(location={"lat": 27.5, "lng": 119.5})
        body.pop("area", None)
        assert phone.post("cases/", body).json["area"]["code"] == county.village.code
        taken = Phone(county.users["intake"]).post("cases/", body)
        assert taken.json["area"]["code"] == county.grid.code

    def test_the_border_of_a_township_takes_nothing_away_from_a_village_inside(self, county: County) -> None:
        draw(county.township, *WIDE)
        body = new_case(location={"lat": 27.5, "lng": 119.5})
        body.pop("area", None)
        assert Phone(county.users["gridworker"]).post("cases/", body).json["area"]["code"] == county.village.code

    def test_an_area_that_is_named_is_taken_at_its_word(self, county: County, phone: Phone) -> None:
        body = new_case(location={"lat": 27.5, "lng": 119.5}, area=county.village.code)
        assert phone.post("cases/", body).json["area"]["code"] == county.village.code


@pytest.mark.parametrize(
    "outline",
    [
        None,
        [],
        "Polygon",
        {"type": "Point", "coordinates": [119.5, 27.5]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[119, 27], [120, 27]]]},
        {"type": "Polygon", "coordinates": [[[119, "x"], [120, 27], [120, 28], [119, 27]]]},
        {"type": "Polygon", "coordinates": [[[119, 27], [120, 28], [120, 27], [119, 28], [119, 27]]]},
        square(27.0, 119.0, 28.0, 120.0),
        {
            "type": "Polygon",
            "coordinates": [[[119 + n / MOST_POSITIONS, 27] for n in range(MOST_POSITIONS)] + [[119.5, 28], [119, 27]]],
        },
    ],
)
def test_what_is_no_outline_is_refused_with_the_reason(outline: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        shape_of(outline)
    with pytest.raises(ValidationError):
        AreaOutline(outline=outline).clean_fields(exclude=["area"])


def test_an_administrator_enters_an_outline(county: County) -> None:
    web, page = Web.of(county.users["admin"]), f"/admin/grids/area/{county.village.pk}/change/"
    body = {
        "code": county.village.code,
        "name": county.village.name,
        "level": "village",
        "parent": county.township.pk,
        "is_active": "on",
        "outline-TOTAL_FORMS": "1",
        "outline-INITIAL_FORMS": "0",
        "outline-0-area": county.village.pk,
        "outline-0-outline": '{"type": "Point", "coordinates": [1, 2]}',
    }
    body |= opened_by(web.get(page))
    refused = web.client.post(page, body)
    assert refused.status_code == 200
    assert not AreaOutline.objects.exists()
    good = '{"type": "Polygon", "coordinates": [[[119, 27], [120, 27], [120, 28], [119, 27]]]}'
    assert web.client.post(page, body | {"outline-0-outline": good}).status_code == 302
    assert AreaOutline.objects.get().area == county.village
    assert Web.of(county.users["security"]).client.post(page, body).status_code == 403


def test_seeded_outlines_cover_the_county_and_say_that_they_are_schematic(county: County) -> None:
    load_areas()
    load_outlines()
    load_outlines()
    assert set(AreaOutline.objects.values_list("schematic", flat=True)) == {True}
    drawn = set(AreaOutline.objects.values_list("area__code", flat=True))
    expected = {row["code"] for row in rows("areas.csv") if row["level"] not in {"county", "township"}}
    assert drawn == expected
    atlas = Atlas((row.area.code, shape_of(row.outline)) for row in AreaOutline.objects.select_related("area"))
    for row in rows("areas.csv"):
        if row["level"] == "village":
            held = atlas.holding(float(row["lat"]), float(row["lng"]))
            assert len(held[0]) >= 14
            assert held[0].startswith(row["code"])


def test_neighbours_meet_without_a_gap() -> None:
    codes = ["350924100001", "350924100002", "35092410000101", "35092410000102", "3509241000010101", "3509241000010102"]
    places = {"350924100001": (27.4, 119.4), "350924100002": (27.5, 119.5)}
    outlines = schematic_outlines(codes, places)
    assert set(outlines) == set(codes)
    atlas = Atlas((code, shape_of(outline)) for code, outline in outlines.items())
    for step in range(101):
        assert atlas.holding(27.4 + step / 1000, 119.4 + step / 1000)
