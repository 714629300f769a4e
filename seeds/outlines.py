"""Schematic outlines of villages, grids and micro-grids. No public borders exist below the township.

Each village gets the ground that lies nearest to its (schematic) position, its grids strips of that from west to east,
their micro-grids strips from south to north. They cover the county without gaps, which is all that a demonstration
needs, and are marked `schematic` wherever they are shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from shapely import MultiPoint, STRtree, box, voronoi_polygons
from shapely.geometry import Point, mapping
from shapely.geometry.base import BaseGeometry

#: How far the county reaches beyond its outermost villages, in degrees: about three kilometres.
MARGIN: Final = 0.03
_VILLAGE, _GRID, _MICRO = 12, 14, 16


def schematic_outlines(codes: Sequence[str], positions: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """GeoJSON by area code. `positions` of villages: latitude and longitude; a village without one gets no outline."""
    cells = dict(_cells({code: place for code, place in positions.items() if len(code) == _VILLAGE}))
    for digits, along_x in ((_GRID, True), (_MICRO, False)):
        inner = sorted(code for code in codes if len(code) == digits)
        for parent in sorted({code[:-2] for code in inner} & cells.keys()):
            children = [code for code in inner if code[:-2] == parent]
            cells |= dict(zip(children, _strips(cells[parent], len(children), along_x=along_x), strict=True))
    return {code: mapping(cell) for code, cell in cells.items()}


def _cells(villages: Mapping[str, tuple[float, float]]) -> Iterator[tuple[str, BaseGeometry]]:
    points = {code: Point(longitude, latitude) for code, (latitude, longitude) in villages.items()}
    together = MultiPoint(list(points.values()))
    ground = together.convex_hull.buffer(MARGIN, quad_segs=2)
    cells = list(voronoi_polygons(together, extend_to=ground).geoms)
    tree = STRtree(cells)
    for code, point in points.items():
        yield code, cells[int(tree.query(point, predicate="intersects")[0])].intersection(ground)


def _strips(cell: BaseGeometry, count: int, *, along_x: bool) -> Iterator[BaseGeometry]:
    west, south, east, north = cell.bounds
    begin, end = (west, east) if along_x else (south, north)
    cuts = [begin + (end - begin) * number / count for number in range(count)] + [end]
    for first, last in pairwise(cuts):
        part = box(first, south, last, north) if along_x else box(west, first, east, last)
        yield cell.intersection(part)
