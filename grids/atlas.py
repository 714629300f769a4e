"""Where a position lies: the outlines of all areas as this process knows them."""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.db.models import Count, Max
from shapely.geometry.base import BaseGeometry

from grids.book import AREAS, KEPT
from grids.drawing import Picture, draw
from grids.models import Area, AreaOutline
from grids.outlines import Atlas, shape_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """`schematic`: the outline was drawn for demonstration and is no survey."""

    area: Area
    schematic: bool


#: How many outlines there are and when one was changed last: what is the same is not drawn anew.
_Edition = tuple[int, datetime | None]


class _Atlases:
    """The last one that was drawn. Looked at every half minute like the books, drawn anew only after an edit."""

    def __init__(self) -> None:
        self._looked_at = 0.0
        self._edition: _Edition | None = None
        self._atlas = Atlas([])
        self._schematic: frozenset[str] = frozenset()

    def current(self) -> tuple[Atlas, frozenset[str]]:
        if self._edition is None or time.monotonic() - self._looked_at > KEPT:
            counted = AreaOutline.objects.aggregate(count=Count("pk"), changed=Max("changed_at"))
            edition = (counted["count"], counted["changed"])
            if edition != self._edition:
                self._draw()
            self._edition, self._looked_at = edition, time.monotonic()
        return self._atlas, self._schematic

    def _draw(self) -> None:
        rows = list(AreaOutline.objects.order_by("area__code").values_list("area__code", "outline", "schematic"))
        self._atlas = Atlas(_shapes((code, outline) for code, outline, _ in rows))
        self._schematic = frozenset(code for code, _, schematic in rows if schematic)

    def forget(self) -> None:
        """Look again next time: between tests, and after an edit that must be seen at once."""
        self._edition = None


def _shapes(outlines: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, BaseGeometry]]:
    """One outline that came past the form must not take all others with it."""
    for code, outline in outlines:
        try:
            yield code, shape_of(outline)
        except ValueError as error:
            log.warning("the outline of area %s is left out: %s", code, error)


ATLAS: Final = _Atlases()


@lru_cache(maxsize=64)
def _picture(atlas: Atlas, codes: tuple[str, ...]) -> Picture | None:
    return draw(atlas.shapes, codes)


def picture(codes: Iterable[str]) -> tuple[Picture | None, bool]:
    """These areas as a picture, drawn anew only when an outline was edited; and whether any of it is schematic."""
    atlas, schematic = ATLAS.current()
    wanted = tuple(sorted(codes))
    return _picture(atlas, wanted), any(of.startswith(wanted) for of in schematic)


def locate(latitude: Decimal | float, longitude: Decimal | float) -> Found | None:
    """The innermost area in use whose outline holds this WGS84 position; None outside of all of them."""
    atlas, schematic = ATLAS.current()
    for code in atlas.holding(float(latitude), float(longitude)):
        area = AREAS.coded(code)
        if area is not None and area.is_active:
            return Found(area, code in schematic)
    return None
