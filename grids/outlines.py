"""Outlines of areas: what is accepted as one, and which of many holds a position. Pure: no Django.

An outline is the geometry of GeoJSON (RFC 7946): a Polygon or a MultiPolygon whose positions are [longitude, latitude]
in WGS84 degrees.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from shapely import STRtree, from_geojson
from shapely.errors import GEOSException
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

KINDS: Final = frozenset({"Polygon", "MultiPolygon"})
#: Positions of one outline at most; the border of a county drawn to ten metres stays below.
MOST_POSITIONS: Final = 20_000


def shape_of(outline: Any) -> BaseGeometry:
    """The outline as a geometry. ValueError says what is wrong with it."""
    if not isinstance(outline, Mapping) or outline.get("type") not in KINDS:
        msg = "not a Polygon or MultiPolygon of GeoJSON"
        raise ValueError(msg)
    try:
        shape = from_geojson(json.dumps(outline))
    except (GEOSException, ValueError, TypeError, RecursionError) as error:
        msg = "its coordinates are not those of GeoJSON"
        raise ValueError(msg) from error
    _check(shape)
    return shape


def _check(shape: BaseGeometry) -> None:
    if shape.is_empty or not shape.is_valid:
        raise ValueError("it is empty" if shape.is_empty else explain_validity(shape))
    west, south, east, north = shape.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        msg = "positions are [longitude, latitude] in degrees"
        raise ValueError(msg)
    if _positions(shape) > MOST_POSITIONS:
        msg = f"more than {MOST_POSITIONS} positions"
        raise ValueError(msg)


def _positions(shape: BaseGeometry) -> int:
    parts = getattr(shape, "geoms", [shape])
    return sum(len(ring.coords) for part in parts for ring in (part.exterior, *part.interiors))


class Atlas:
    """Outlines by area code, searched by position in some ten microseconds."""

    def __init__(self, outlines: Iterable[tuple[str, BaseGeometry]]) -> None:
        self.shapes = dict(outlines)
        self._codes = list(self.shapes)
        self._tree = STRtree(list(self.shapes.values()))

    def holding(self, latitude: float, longitude: float) -> list[str]:
        """The codes of all areas that hold this position, innermost first.

        A border belongs to both sides; of neighbours the one with the smaller code comes first, so that a position has
        one answer, always the same.
        """
        found = self._tree.query(Point(longitude, latitude), predicate="intersects")
        return sorted((self._codes[index] for index in found), key=lambda code: (-len(code), code))
