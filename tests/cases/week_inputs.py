"""What people type: sensible and senseless inputs for every field of the workflow table, drawn by hypothesis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from cases.models import Alert, Assignment, Case, Petitioner, SupervisionOrder
from cases.workflow import TABLE, Action, Field, FieldKind
from grids.models import Department, User

NONSENSE: tuple[Any, ...] = (
    None, "", "   ", "x", "是", "\x00", "\ud800", "NaN", "-1", "1e400", "9" * 40, 0, -1, 2.5, True, [], ["x"], {"a": 1},
    "2026-02-30", "0001-01-01", "9999-12-31", "长" * 5000,
)  # fmt: skip
TEXTS = ("已处理", "材料不全 ", "a", "说明\n第二行")
SPANS = (-1, 0, 1, 2, 5, 14, 40, 200, 365, 366)  # days from today
AMOUNTS: tuple[Any, ...] = (1, 3, "5", 10, 15, 30, "2.5", "1e1", 31)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the inputs of one action may refer to."""

    case_id: int
    numbers: Sequence[str]
    departments: Sequence[Department]
    users: Sequence[User]
    subjects: tuple[int, ...]
    now: datetime


def inputs_for(action: Action, around: Surroundings, *, sensible: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Sensible ones fill every required field, and most others, with something that exists."""
    drawn = {field.name: _value(field, around) for field in TABLE[action].fields}
    if sensible:
        needed = {field.name for field in TABLE[action].fields if field.required or field.when or field.unless}
        return st.fixed_dictionaries(
            {name: value for name, value in drawn.items() if name in needed},
            optional={name: value for name, value in drawn.items() if name not in needed},
        )
    mixed = {name: value | st.sampled_from(NONSENSE) for name, value in drawn.items()}
    return st.fixed_dictionaries({}, optional={**mixed, "surprise": st.just("!")})


def _value(field: Field, around: Surroundings) -> st.SearchStrategy[Any]:
    codes = [department.code for department in around.departments]
    usernames = [user.username for user in around.users]
    days = [(around.now + timedelta(days=span)).date().isoformat() for span in SPANS]
    one_of: dict[FieldKind, Sequence[Any]] = {
        FieldKind.TEXT: TEXTS,
        FieldKind.CHOICE: field.choices,
        FieldKind.FLAG: (True, False),
        FieldKind.CATEGORY: ("urban-supply",),
        FieldKind.DEPARTMENT: codes,
        FieldKind.DATE: days,
        FieldKind.NUMBER: AMOUNTS,
        FieldKind.CASE: around.numbers,
        FieldKind.USER: usernames,
        FieldKind.LATITUDE: ("27.457", 0),
        FieldKind.LONGITUDE: ("119.506", -180),
    }
    several_of = {FieldKind.DEPARTMENTS: codes, FieldKind.USERS: usernames}
    if field.kind in several_of:
        return st.lists(st.sampled_from(several_of[field.kind]), max_size=3)
    return st.sampled_from(one_of.get(field.kind) or _rows(field.kind, around))


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
    return found or list(Case.objects.order_by("pk").values_list("pk", flat=True)[:1])
