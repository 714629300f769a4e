"""Which unit answers for dispatching in an area."""

from grids.area_codes import LEVEL_DIGITS
from grids.book import DEPARTMENTS
from grids.labels import DepartmentKind
from grids.models import Department

_COUNTY, _TOWNSHIP = LEVEL_DIGITS["county"], LEVEL_DIGITS["township"]


_DISPATCHING = frozenset({DepartmentKind.TOWNSHIP, DepartmentKind.CENTER})


def dispatching_unit(area_code: str) -> Department | None:
    """The township government of the area, or the county's centre where there is none."""
    units = {unit.area.code: unit for unit in DEPARTMENTS.all() if unit.kind in _DISPATCHING and unit.is_active}
    return units.get(area_code[:_TOWNSHIP]) or units.get(area_code[:_COUNTY])


def center_unit() -> Department | None:
    return next((unit for unit in DEPARTMENTS.all() if unit.kind == DepartmentKind.CENTER and unit.is_active), None)
