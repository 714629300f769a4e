"""What people type: sensible and senseless inputs for every field of the workflow table, by the luck of a step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cases import reasons
from cases.models import Alert, Assignment, Attachment, Petitioner, SupervisionOrder
from cases.workflow import TABLE, Action, Field, FieldKind
from grids.models import Department, User

NONSENSE: tuple[Any, ...] = (
    None, "", "   ", "x", "是", "\x00", "\ud800", "NaN", "-1", "1e400", "9" * 40, 0, -1, 2.5, True, [], ["x"], {"a": 1},
    "2026-02-30", "0001-01-01", "9999-12-31", "长" * 5000,
)  # fmt: skip
UNKNOWN = "350924-2026-9999999"
TEXTS = ("已处理", "材料不全 ", "a", "说明\n第二行")
SPANS = (-1, 0, 1, 1, 2, 2, 5, 5, 14, 14, 40, 40, 200, 365, 366)  # days from today
AMOUNTS: tuple[Any, ...] = (1, 1, 2, 3, "5", 10, 15, 30, "2.5", "1e1", 31)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the inputs of one action may refer to."""

    case_id: int
    numbers: Sequence[str]
    departments: Sequence[Department]
    users: Sequence[User]
    subjects: tuple[int, ...]
    now: datetime


def inputs_for(action: Action, around: Surroundings, luck: Random, *, sensible: bool) -> dict[str, Any]:
    """Sensible ones fill every field that is needed, and some others, with something that exists."""
    fields = TABLE[action].fields
    if sensible:
        return {
            f.name: _value(f, around, luck) for f in fields if f.required or f.when or f.unless or luck.random() < 0.15
        }
    drawn = {
        field.name: luck.choice(NONSENSE) if luck.random() < 0.3 else _value(field, around, luck)
        for field in fields
        if luck.random() < 0.9
    }
    return drawn | ({"surprise": "!"} if luck.random() < 0.05 else {})


def _value(field: Field, around: Surroundings, luck: Random) -> Any:
    codes = [department.code for department in around.departments]
    usernames = [user.username for user in around.users]
    one_of: dict[FieldKind, Sequence[Any]] = {
        FieldKind.TEXT: TEXTS,
        FieldKind.CHOICE: field.choices,
        FieldKind.REASON: tuple(reasons.offered(field.reasons)),
        FieldKind.FLAG: (True, False),
        FieldKind.CATEGORY: ("urban-supply",),
        FieldKind.DEPARTMENT: codes,
        FieldKind.DATE: [(around.now + timedelta(days=span)).date().isoformat() for span in SPANS],
        FieldKind.NUMBER: AMOUNTS,
        FieldKind.CASE: [*around.numbers, UNKNOWN],
        FieldKind.USER: usernames,
        FieldKind.LATITUDE: ("27.457", 0),
        FieldKind.LONGITUDE: ("119.506", -180),
    }
    several_of = {FieldKind.DEPARTMENTS: codes, FieldKind.USERS: usernames}
    if field.kind in several_of:
        return luck.choices(several_of[field.kind], k=luck.randrange(int(field.required), 4))
    if field.kind is FieldKind.PHOTOS:
        return _photos(luck)
    return luck.choice(one_of.get(field.kind) or _rows(field.kind, around))


def _photos(luck: Random) -> list[str]:
    unused = Attachment.objects.filter(case=None).order_by("created_at", "pk").values_list("pk", flat=True)
    return [str(pk) for pk in list(unused)[: luck.randrange(1, 3)]] or ["00000000-0000-4000-8000-000000000000"]


def _rows(kind: FieldKind, around: Surroundings) -> list[int]:
    """Those that the action may name; without any, every row of the kind, those of other cases too."""
    if kind is FieldKind.PETITIONER:
        own = Petitioner.objects.filter(case=around.case_id) | Petitioner.objects.filter(case__master=around.case_id)
        found = list(own.order_by("pk").values_list("pk", flat=True))
    elif around.subjects:
        found = list(around.subjects)
    else:
        models = {FieldKind.ASSIGNMENT: Assignment, FieldKind.ALERT: Alert, FieldKind.ORDER: SupervisionOrder}
        found = list(models[kind]._default_manager.order_by("pk").values_list("pk", flat=True))
    return found or [1]
