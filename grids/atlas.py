"""Where a position lies: the outlines of all areas as this process knows them."""

import time
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Count, Max

from grids.book import AREAS, KEPT
from grids.models import Area, AreaOutline
from grids.outlines import Atlas, shape_of


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
        self._atlas = Atlas((code, shape_of(outline)) for code, outline, _ in rows)
        self._schematic = frozenset(code for code, _, schematic in rows if schematic)

    def forget(self) -> None:
        """Look again next time: between tests, and after an edit that must be seen at once."""
        self._edition = None


ATLAS: Final = _Atlases()


def locate(latitude: Decimal | float, longitude: Decimal | float) -> Found | None:
    """The innermost area in use whose outline holds this WGS84 position; None outside of all of them."""
    atlas, schematic = ATLAS.current()
    for code in atlas.holding(float(latitude), float(longitude)):
        area = AREAS.coded(code)
        if area is not None and area.is_active:
            return Found(area, code in schematic)
    return None
