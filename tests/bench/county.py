"""寿宁 for the bench: the reference data of the seeds, and officers in every post."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from cases.models import CalendarVersion, Category, PolicyVersion
from grids.labels import AreaLevel, DepartmentKind
from grids.models import Area, Department, Post, User
from grids.roles import Role
from seeds.reference import load_reference

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class County:
    """What the load and the requests choose from."""

    villages: list[Area]
    units: dict[str, int]  # township code → id of its government
    departments: list[Department]
    categories: list[Category]
    policy_id: int
    calendar_id: int
    intake: User
    center: User
    handlers: dict[int, User]  # department id → its handler


def make_county(*, now: datetime) -> County:
    """Everything but cases. The policy and the posts begin a year before `now`."""
    load_reference(valid_from=now - YEAR, now=now)
    county = Area.objects.get(level=AreaLevel.COUNTY)
    departments = list(Department.objects.select_related("area"))
    people = _People(since=now - YEAR)
    for township in Area.objects.filter(level=AreaLevel.TOWNSHIP):
        people.area(Role.TOWNSHIP_DISPATCHER, township)
        people.area(Role.TOWNSHIP_LEADER, township)
    for role in (Role.INSPECTOR, Role.PETITION_OFFICER, Role.AUDITOR, Role.SYSTEM_ADMIN):
        people.area(role, county)
    return County(
        villages=list(Area.objects.filter(level=AreaLevel.VILLAGE)),
        units={d.area.code: d.pk for d in departments if d.kind == DepartmentKind.TOWNSHIP},
        departments=[d for d in departments if d.kind == DepartmentKind.COUNTY],
        categories=list(Category.objects.all()),
        policy_id=PolicyVersion.objects.get().pk,
        calendar_id=CalendarVersion.objects.get().pk,
        intake=people.area(Role.INTAKE_OFFICER, county),
        center=people.area(Role.CENTER_DISPATCHER, county),
        handlers={department.pk: people.department(department) for department in departments},
    )


class _People:
    """Officers, one for each post."""

    def __init__(self, *, since: datetime) -> None:
        self._since = since.date()
        self._count = 0

    def department(self, department: Department) -> User:
        """Handler, deputy and head; the handler is answered."""
        handler, *_others = [
            self._post(role, department=department)
            for role in (Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD)
        ]
        return handler

    def area(self, role: Role, area: Area) -> User:
        return self._post(role, area=area)

    def _post(self, role: Role, **place: Any) -> User:
        self._count += 1
        user = User.objects.create(username=f"bench{self._count}", full_name=f"Officer {self._count}")
        Post.objects.create(user=user, role=role, valid_from=self._since, **place)
        return user


def vacuum() -> None:
    """As the server's own housekeeping would have done by now."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
