"""Outlines as a picture: paths of SVG in a frame of its own, north up. Pure: no Django.

An area without an outline of its own is the ground of those inside it, as townships are of their villages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, radians
from typing import Final

from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

#: The frame that the ground must fit into, in its own units.
WIDTH: Final = 600
HEIGHT: Final = 460
_EDGE: Final = 6


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area: the path of its border, and where its name goes."""

    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    areas: Mapping[str, Drawn]


def draw(shapes: Mapping[str, BaseGeometry], codes: Iterable[str]) -> Picture | None:
    """The areas of these codes side by side; None where none of them has any ground."""
    grounds = {code: ground for code in codes if (ground := _ground(shapes, code)) is not None}
    if not grounds:
        return None
    west, south, east, north = unary_union(list(grounds.values())).bounds
    narrow = cos(radians((south + north) / 2))  # a degree of longitude is shorter than one of latitude
    across, down = (east - west) * narrow, north - south
    scale = min((WIDTH - 2 * _EDGE) / across, (HEIGHT - 2 * _EDGE) / down)
    frame = _Frame(west, north, scale * narrow, scale)
    drawn = {code: frame.drawn(ground) for code, ground in grounds.items()}
    return Picture(round(across * scale) + 2 * _EDGE, round(down * scale) + 2 * _EDGE, drawn)


def _ground(shapes: Mapping[str, BaseGeometry], code: str) -> BaseGeometry | None:
    if code in shapes:
        return shapes[code]
    inside = [of for of in shapes if of.startswith(code)]
    if not inside:
        return None
    widest = min(len(of) for of in inside)
    return unary_union([shapes[of] for of in inside if len(of) == widest])


@dataclass(frozen=True, slots=True)
class _Frame:
    west: float
    north: float
    across: float
    down: float

    def drawn(self, ground: BaseGeometry) -> Drawn:
        rings = [ring for part in getattr(ground, "geoms", [ground]) for ring in (part.exterior, *part.interiors)]
        x, y = self._point(*ground.representative_point().coords[0])
        return Drawn("".join(self._ring(ring.coords) for ring in rings), x, y)

    def _ring(self, positions: Iterable[tuple[float, ...]]) -> str:
        points = [self._point(*position[:2]) for position in positions]
        return "M" + "L".join(f"{x} {y}" for x, y in points) + "Z"

    def _point(self, longitude: float, latitude: float) -> tuple[int, int]:
        return (
            round((longitude - self.west) * self.across) + _EDGE,
            round((self.north - latitude) * self.down) + _EDGE,
        )
