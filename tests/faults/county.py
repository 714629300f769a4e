"""The county of tests/builders.py, found again in a database where another process built it."""

from typing import Any

from cases.models import CalendarVersion, Category, PolicyVersion
from grids.models import Area, Department, User
from tests.builders import County

_AREAS = {
    "county": "350924",
    "township": "350924100",
    "village": "350924100001",
    "grid": "35092410000101",
    "other_township": "350924101",
    "other_village": "350924101001",
}
_DEPARTMENTS = {
    "center": "grid-center",
    "government": "township-100",
    "other_government": "township-101",
    "water": "water",
    "police": "police",
    "housing": "housing",
    "station": "station-100",
}


def county_again() -> County:
    areas = {area.code: area for area in Area.objects.all()}
    departments = {department.code: department for department in Department.objects.all()}
    places: dict[str, Any] = {name: areas[code] for name, code in _AREAS.items()}
    places |= {name: departments[code] for name, code in _DEPARTMENTS.items()}
    return County(
        **places,
        category=Category.objects.get(),
        policy=PolicyVersion.objects.get(),
        calendar=CalendarVersion.objects.get(),
        users={user.username: user for user in User.objects.all()},
    )
