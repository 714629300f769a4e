"""A small county for every test that needs one; tests/stories.py drives cases through it.

    def test_something(county: County) -> None:    # the fixture of tests/conftest.py; it needs the database
        actor = county.actor("handler")            # the user with the posts held on that day, as doors see it
        story = story_in(county, Status.HANDLING)  # see tests/stories.py

Nothing here reads the clock.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

from cases.actions.intake import PetitionerInput
from cases.calendar import ZONE
from cases.models import CalendarVersion, Category, PolicyVersion
from cases.official_days import official_calendar
from cases.terms import Disclosure
from grids.actors import Actor, actor_for
from grids.labels import AreaLevel, DepartmentKind
from grids.models import Area, Department, Post, User
from grids.roles import DEPARTMENT_ROLES, Role
from seeds.reference import load_reasons

#: A workday morning in a week without holidays: Monday 2 March 2026, 09:00.
MONDAY: Final = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
SINCE: Final = date(2020, 1, 1)

#: One user for each role, by the names of the demo accounts.
USERNAMES: Final = {
    "gridworker": Role.GRID_WORKER,
    "intake": Role.INTAKE_OFFICER,
    "township": Role.TOWNSHIP_DISPATCHER,
    "leader": Role.TOWNSHIP_LEADER,
    "center": Role.CENTER_DISPATCHER,
    "handler": Role.DEPARTMENT_HANDLER,
    "deputy": Role.DEPARTMENT_DEPUTY,
    "depthead": Role.DEPARTMENT_HEAD,
    "inspector": Role.INSPECTOR,
    "petition": Role.PETITION_OFFICER,
    "auditor": Role.AUDITOR,
    "security": Role.SECURITY_ADMIN,
    "admin": Role.SYSTEM_ADMIN,
}
USERNAME_OF: Final = {role: username for username, role in USERNAMES.items()}
NAMED: Final = PetitionerInput(Disclosure.NAMED, name="王小明", phone="13800001234", address="解放街 1 号")
ANONYMOUS: Final = PetitionerInput(Disclosure.ANONYMOUS)


@dataclass(slots=True)
class County:
    """One county with two townships. The users of `USERNAMES` hold their posts in the first township and in `water`.

    `police` and `housing` are county departments too, `station` is a unit of the first township; each of them has a
    handler of its own (`handler_of`). `other_*` is the neighbour whose cases the first township must never see.
    """

    county: Area
    township: Area
    village: Area
    grid: Area
    other_township: Area
    other_village: Area
    center: Department
    government: Department
    other_government: Department
    water: Department
    police: Department
    housing: Department
    station: Department
    category: Category
    policy: PolicyVersion
    calendar: CalendarVersion
    users: dict[str, User] = field(default_factory=dict)

    def actor(self, username: str, *, now: datetime = MONDAY) -> Actor:
        """The user as the doors see it: with the posts held on that day."""
        return actor_for(self.users[username], now=now)

    def handler_of(self, department: Department) -> User:
        return self.users["handler" if department == self.water else f"{department.code}-handler"]


def build_county() -> County:
    """Everything of `County`, in about ten statements."""
    load_reasons()
    areas = _areas()
    departments = _departments(areas)
    places: dict[str, Any] = areas | departments
    built = County(
        **places,
        category=Category.objects.create(
            code="urban-supply", name="城镇供水供气", lead_department=departments["water"]
        ),
        policy=publish_test_policy(),
        calendar=publish_test_calendar(),
    )
    built.users = _users(built)
    return built


def policy_document() -> dict[str, Any]:
    """The default policy of domain.md, as it is seeded; a copy that a test may change."""
    document: dict[str, Any] = json.loads(_read_policy())
    return document


@cache
def _read_policy() -> str:
    return (Path(settings.BASE_DIR) / "seeds" / "policy.json").read_text(encoding="utf-8")


def publish_test_policy(
    *, number: int = 1, valid_from: datetime | None = None, rules: Mapping[str, Any] | None = None
) -> PolicyVersion:
    return PolicyVersion.objects.create(
        number=number,
        valid_from=valid_from or datetime(2020, 1, 1, tzinfo=ZONE),
        rules=dict(rules or policy_document()),
        reason="test",
        published_at=MONDAY,
    )


def publish_test_calendar(*, number: int = 1) -> CalendarVersion:
    """The official calendar of the announced years."""
    return CalendarVersion.objects.create(
        number=number, days=official_calendar().to_document(), reason="test", published_at=MONDAY
    )


def add_user(username: str, *, full_name: str = "", language: str = "zh-hans", superuser: bool = False) -> User:
    """A user without a post and without a usable password (`set_password` costs time; log in by force)."""
    return User.objects.create(
        username=username,
        full_name=full_name or username,
        password="!",
        language=language,
        is_staff=True,
        is_superuser=superuser,
    )


def add_post(
    user: User, role: Role, place: Area | Department, *, since: date = SINCE, until: date | None = None
) -> Post:
    area, department = (None, place) if isinstance(place, Department) else (place, None)
    return Post.objects.create(user=user, role=role, area=area, department=department, valid_from=since, valid_to=until)


def _areas() -> dict[str, Area]:
    rows: list[tuple[str, str, str, AreaLevel, str | None]] = [
        ("county", "350924", "寿宁县", AreaLevel.COUNTY, None),
        ("township", "350924100", "鳌阳镇", AreaLevel.TOWNSHIP, "county"),
        ("village", "350924100001", "北凤社区", AreaLevel.VILLAGE, "township"),
        ("grid", "35092410000101", "北凤社区第一网格", AreaLevel.GRID, "village"),
        ("other_township", "350924101", "斜滩镇", AreaLevel.TOWNSHIP, "county"),
        ("other_village", "350924101001", "斜滩村", AreaLevel.VILLAGE, "other_township"),
    ]
    areas: dict[str, Area] = {}
    for name, code, label, level, parent in rows:
        areas[name] = Area(
            code=code,
            name=label,
            level=level,
            parent=areas[parent] if parent else None,
            latitude=27.457,
            longitude=119.506,
        )
        areas[name].save(force_insert=True)
    return areas


def _departments(areas: Mapping[str, Area]) -> dict[str, Department]:
    rows = [
        ("center", "grid-center", "县网格服务管理中心", "网格中心", DepartmentKind.CENTER, "county"),
        ("government", "township-100", "鳌阳镇人民政府", "鳌阳镇", DepartmentKind.TOWNSHIP, "township"),
        ("other_government", "township-101", "斜滩镇人民政府", "斜滩镇", DepartmentKind.TOWNSHIP, "other_township"),
        ("water", "water", "寿宁县水利局", "水利局", DepartmentKind.COUNTY, "county"),
        ("police", "police", "寿宁县公安局", "公安局", DepartmentKind.COUNTY, "county"),
        ("housing", "housing", "寿宁县住建局", "住建局", DepartmentKind.COUNTY, "county"),
        ("station", "station-100", "鳌阳镇综治办", "综治办", DepartmentKind.STATION, "township"),
    ]
    built = {
        name: Department(code=code, name=label, short_name=short, kind=kind, area=areas[area])
        for name, code, label, short, kind, area in rows
    }
    Department.objects.bulk_create(built.values())
    return built


def _users(county: County) -> dict[str, User]:
    """The thirteen of `USERNAMES` and a handler for every other department that can be called."""
    others = [county.police, county.housing, county.station, county.government, county.other_government]
    handlers = {f"{department.code}-handler": department for department in others}
    users = {
        username: User(username=username, full_name=username, password="!", is_staff=True)
        for username in (*USERNAMES, *handlers)
    }
    User.objects.bulk_create(users.values())
    places = {username: _place_of(county, role) for username, role in USERNAMES.items()}
    posts = [(users[username], USERNAMES[username], place) for username, place in places.items()]
    posts += [(users[username], Role.DEPARTMENT_HANDLER, department) for username, department in handlers.items()]
    Post.objects.bulk_create(
        Post(
            user=user,
            role=role,
            area=place if isinstance(place, Area) else None,
            department=place if isinstance(place, Department) else None,
            valid_from=SINCE,
        )
        for user, role, place in posts
    )
    return users


def _place_of(county: County, role: Role) -> Area | Department:
    if role in DEPARTMENT_ROLES:
        return county.water
    own = {
        Role.GRID_WORKER: county.village,
        Role.TOWNSHIP_DISPATCHER: county.township,
        Role.TOWNSHIP_LEADER: county.township,
    }
    return own.get(role, county.county)


def unpublish(version: PolicyVersion | CalendarVersion) -> None:
    """Take back what can never be taken back outside a test: the trigger stands aside for this transaction."""
    table = version._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending checks cannot be altered
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        version.delete()
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
