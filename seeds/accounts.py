"""The demo's accounts: one for each role and enough others that the county works. In demo mode only."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from grids.models import Area, Department, Post, User
from seeds.reference import rows

PASSWORD = "Whistle-demo-2026"  # noqa: S105 — printed at every start of the demo, refused everywhere else
SINCE = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    role: str
    full_name: str
    area: str
    department: str


def accounts() -> list[Account]:
    return [Account(**row) for row in rows("accounts.csv")]


def load_accounts() -> None:
    """Make the accounts and posts that are missing; one password hash serves them all, so that it takes no minute."""
    wanted = accounts()
    hashed = make_password(PASSWORD)
    User.objects.bulk_create(
        [
            User(username=a.username, full_name=a.full_name, password=hashed, is_staff=True)
            for a in {account.username: account for account in wanted}.values()
        ],
        ignore_conflicts=True,
    )
    users = dict(User.objects.filter(username__in=[a.username for a in wanted]).values_list("username", "pk"))
    areas = dict(Area.objects.values_list("code", "pk"))
    departments = dict(Department.objects.values_list("code", "pk"))
    Post.objects.bulk_create(
        [
            Post(
                user_id=users[a.username],
                role=a.role,
                area_id=areas[a.area] if a.area else None,
                department_id=departments[a.department] if a.department else None,
                valid_from=SINCE,
            )
            for a in wanted
        ],
        ignore_conflicts=True,
    )
