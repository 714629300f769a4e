"""Which unit answers for dispatching in an area."""

from grids.area_codes import LEVEL_DIGITS
from grids.labels import DepartmentKind
from grids.models import Department

_COUNTY, _TOWNSHIP = LEVEL_DIGITS["county"], LEVEL_DIGITS["township"]


def dispatching_unit(area_code: str) -> Department | None:
    """The township government of the area, or the county's centre where there is none."""
    return (
        Department.objects.filter(
            kind__in=[DepartmentKind.TOWNSHIP, DepartmentKind.CENTER],
            area__code__in={area_code[:_TOWNSHIP], area_code[:_COUNTY]},
            is_active=True,
        )
        .order_by("-area__code")
        .first()
    )


def center_unit() -> Department | None:
    return Department.objects.filter(kind=DepartmentKind.CENTER, is_active=True).first()
