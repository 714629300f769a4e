"""Outlines as a picture: north up, everything inside the frame, townships made of their villages."""

import re

import pytest
from shapely.geometry import box

from grids.atlas import ATLAS, picture
from grids.drawing import HEIGHT, WIDTH, draw
from grids.models import AreaOutline
from tests.builders import County

VILLAGES = {
    "350924100001": box(119.0, 27.0, 119.1, 27.1),
    "350924100002": box(119.1, 27.0, 119.2, 27.1),
    "350924101001": box(119.0, 27.1, 119.2, 27.3),
    "35092410100101": box(119.0, 27.1, 119.1, 27.3),
}


def positions(path: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", path)]


def test_townships_are_the_ground_of_their_villages_north_up() -> None:
    drawn = draw(VILLAGES, ["350924100", "350924101"])
    assert drawn is not None
    south, north = drawn.areas["350924100"], drawn.areas["350924101"]
    assert min(y for _x, y in positions(north.path)) < min(y for _x, y in positions(south.path))
    assert {x for x, _y in positions(south.path)} >= {x for x, _y in positions(north.path)}
    for area in (south, north):
        assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in positions(area.path))
        assert 0 < area.x < drawn.width
        assert 0 < area.y < drawn.height
    assert drawn.width <= WIDTH
    assert drawn.height <= HEIGHT


def test_what_has_no_ground_is_left_out() -> None:
    drawn = draw(VILLAGES, ["350924100", "350924999"])
    assert drawn is not None
    assert set(drawn.areas) == {"350924100"}
    assert draw(VILLAGES, ["350924999"]) is None


@pytest.mark.django_db
def test_the_picture_follows_an_edited_outline(county: County) -> None:
    assert picture([county.township.code]) == (None, False)
    ground = {"type": "Polygon", "coordinates": [[[119, 27], [119.1, 27], [119.1, 27.1], [119, 27]]]}
    AreaOutline.objects.create(area=county.village, outline=ground, schematic=True)
    ATLAS.forget()
    drawn, schematic = picture([county.township.code])
    assert drawn is not None
    assert schematic
    assert picture([county.township.code])[0] is drawn
