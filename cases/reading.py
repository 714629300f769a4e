"""One case with everything that belongs to it, read in one statement (ADR 0020).

A case is spread over a dozen tables. Asked for one by one through the ORM they take 13 ms, nearly all of it spent on
writing the same SQL anew; asked for in one prepared statement, as JSON beside the row of the case, a tenth. What comes
back are the models as ever, with their relations fetched. Whoever reads a case this way asks `cases.access` whether
it may be seen.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, models

from cases.categories import CATEGORIES
from cases.models import (
    Alert,
    Assignment,
    Attachment,
    Case,
    Clock,
    ExtensionRequest,
    Objection,
    Petitioner,
    Rating,
    SupervisionOrder,
    Suspension,
    WhistleProposal,
)
from cases.versions import policy_of
from grids.book import AREAS, DEPARTMENTS
from grids.models import Department, User


@dataclass(frozen=True, slots=True)
class _Belonging:
    """Rows of one table that belong to a case, by the name of the relation."""

    model: type[models.Model]
    order: str = "r.id"
    where: str = "r.case_id = c.id"

    def as_sql(self, name: str) -> str:
        table = self.model._meta.db_table  # noqa: SLF001 — the documented way to a model's table
        return f"(SELECT json_agg(r ORDER BY {self.order})::text FROM {table} r WHERE {self.where}) AS of_{name}"  # noqa: S608 — names of our own tables


_BELONGINGS: Final = {
    "assignments": _Belonging(Assignment),
    "clocks": _Belonging(Clock),
    "alerts": _Belonging(Alert, order="r.moment, r.id"),
    "petitioners": _Belonging(Petitioner),
    "supervision_orders": _Belonging(SupervisionOrder),
    "whistle_proposals": _Belonging(WhistleProposal),
    "extension_requests": _Belonging(ExtensionRequest),
    "suspensions": _Belonging(Suspension),
    "ratings": _Belonging(Rating),
    "attachments": _Belonging(Attachment, order="r.created_at, r.id", where="r.case_id = c.id AND r.erased_at IS NULL"),
    "objections": _Belonging(
        Objection, where="r.assignment_id IN (SELECT a.id FROM cases_assignment a WHERE a.case_id = c.id)"
    ),
}

_WHOLE: Final = f"""
SELECT c.*,
    {", ".join(belonging.as_sql(name) for name, belonging in _BELONGINGS.items())},
    (SELECT json_agg(r)::text FROM cases_whistleproposal_assistants r
        JOIN cases_whistleproposal p ON p.id = r.whistleproposal_id WHERE p.case_id = c.id) AS of_called,
    ARRAY(SELECT user_id FROM cases_case_accused_persons WHERE case_id = c.id) AS accused_ids,
    ARRAY(SELECT user_id FROM cases_case_parties WHERE case_id = c.id) AS party_ids,
    ARRAY(SELECT department_id FROM cases_case_accused_units WHERE case_id = c.id) AS accused_unit_ids,
    EXISTS (SELECT 1 FROM cases_case f WHERE f.master_id = c.id) AS has_followers
FROM cases_case c WHERE c.{{key}}
"""  # noqa: S608 — made of the names of our own tables
_BY_NUMBER: Final = _WHOLE.format(key="number = %s")
_BY_ID: Final = _WHOLE.format(key="id = %s")
_BY_IDS: Final = _WHOLE.format(key="id = ANY(%s)")
_LOCK: Final = "SELECT id FROM cases_case WHERE id = %s FOR NO KEY UPDATE"


def whole_case(number: str, *, named: bool = True) -> Case | None:
    """The case of this number with its rows around it, whoever asks. One statement, one more for the officers `named`
    in it: without it they are fetched when somebody asks for them."""
    return _read(_BY_NUMBER, number, named=named)


def whole_cases(ids: Collection[int]) -> list[Case]:
    """Several cases at once, in no order. Two statements, none for none."""
    if not ids:
        return []
    cases = list(Case.objects.raw(_BY_IDS, [list(ids)]))
    _know_people([row for case in cases for row in _arrange(case)])
    return cases


def locked_case(case_id: int) -> Case | None:
    """The same by id, held until the end of the transaction against other actions and the sweep.

    Locked first and read after it: one statement would read the rows around the case as they were before its wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [case_id])
    return _read(_BY_ID, case_id, named=False)


def _read(statement: str, key: str | int, *, named: bool) -> Case | None:
    case = next(iter(Case.objects.raw(statement, [key])), None)
    if case is not None:
        around = _arrange(case)
        if named:
            _know_people(around)
    return case


def _arrange(case: Case) -> list[models.Model]:
    """Put the rows where Django looks for the relations of a case, each knowing what it refers to. Returns them."""
    found = {
        name: list(_rows(belonging.model, case.__dict__.pop(f"of_{name}"))) for name, belonging in _BELONGINGS.items()
    }
    around = [row for rows in found.values() for row in rows]
    for row in (case, *around):
        _know_units(row)
    case.area, case.policy = AREAS.of(case.area_id), policy_of(case.policy_id)
    case.category = CATEGORIES.maybe(case.category_id)
    for name, rows in found.items():
        for row in rows:
            _refer(row, "case", case)
        _keep(case, name, rows)
    _connect(found)
    _name_called(found["whistle_proposals"], case.__dict__.pop("of_called"))
    return around


def _connect(found: dict[str, list[Any]]) -> None:
    parts = {part.pk: part for part in found["assignments"]}
    objections = {objection.assignment_id: objection for objection in found["objections"]}
    clocks = {clock.pk: clock for clock in found["clocks"]}
    for pk, part in parts.items():
        Assignment.objection.related.set_cached_value(part, objections.get(pk))
    for clock in clocks.values():
        _refer(clock, "assignment", parts.get(clock.assignment_id))
        _refer(clock, "policy", policy_of(clock.policy_id))
    for alert in found["alerts"]:
        _refer(alert, "clock", clocks[alert.clock_id])


def _name_called(proposals: Iterable[Any], text: str | None) -> None:
    """The codes and names of the assistants that a proposal asks for, in the order of the table of departments."""
    called = orjson.loads(text) if text else []
    for proposal in proposals:
        wanted = {row["department_id"] for row in called if row["whistleproposal_id"] == proposal.pk}
        units = sorted(map(DEPARTMENTS.of, wanted), key=lambda unit: unit.pk)
        proposal.assistant_codes = [unit.code for unit in units]
        proposal.assistant_names = [unit.short_name for unit in units]


#: Who did this stands in the journal alone; whoever asks for it here is answered by a query of its own.
_IN_THE_JOURNAL: Final = frozenset({"uploaded_by", "recorded_by", "raised_by", "annulled_by", "ended_by"})


def _know_people(rows: list[models.Model]) -> None:
    """Let these rows know the officers whom they name. One statement, none where they name nobody."""
    naming = [(row, field, getattr(row, field.attname)) for row in rows for field in _shown_people(type(row))]
    people = {user.pk: user for user in _people(sorted({pk for _row, _field, pk in naming if pk is not None}))}
    for row, field, pk in naming:
        field.set_cached_value(row, people.get(pk))


def _people(ids: list[int]) -> Iterable[User]:
    return User.objects.raw("SELECT * FROM grids_user WHERE id = ANY(%s)", [ids]) if ids else ()


def _know_units(row: models.Model) -> None:
    for field in _references(type(row), Department):
        field.set_cached_value(row, DEPARTMENTS.maybe(getattr(row, field.attname)))


def _refer(row: models.Model, name: str, other: models.Model | None) -> None:
    row._meta.get_field(name).set_cached_value(row, other)  # type: ignore[union-attr]  # noqa: SLF001


def _keep(case: Case, name: str, rows: list[Any]) -> None:
    """As Django's own prefetching does: `.all()` answers from memory, every other question goes to the database."""
    known = getattr(case, name).get_queryset()
    known._result_cache, known._prefetch_done = rows, True  # noqa: SLF001
    case.__dict__.setdefault("_prefetched_objects_cache", {})[name] = known


@cache
def _shown_people(model: type[models.Model]) -> list[Any]:
    return [field for field in _references(model, User) if field.name not in _IN_THE_JOURNAL]


@cache
def _references(model: type[models.Model], other: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.related_model is other]  # noqa: SLF001


def _rows(model: type[models.Model], text: str | None) -> Iterator[models.Model]:
    if text is None:
        return
    names, readers = _columns(model)
    for row in orjson.loads(text):
        values = [_value(row[name], read) for name, read in zip(names, readers, strict=True)]
        yield model.from_db("default", names, values)


def _value(written: Any, read: "_Reader | None") -> Any:
    return written if read is None or written is None else read(written)


_Reader = Callable[[Any], Any]
#: How a value that JSON does not know is read from what PostgreSQL writes for it.
_READERS: Final[dict[type, _Reader]] = {
    models.DateTimeField: datetime.fromisoformat,
    models.DateField: date.fromisoformat,
    models.DecimalField: lambda value: Decimal(str(value)),
    models.UUIDField: UUID,
}


@cache
def _columns(model: type[models.Model]) -> tuple[list[str], list[_Reader | None]]:
    fields = model._meta.concrete_fields  # noqa: SLF001
    return [field.attname for field in fields], [_reader(field) for field in fields]


def _reader(field: Any) -> _Reader | None:
    known = next((_READERS[kind] for kind in type(field).__mro__ if kind in _READERS), None)
    if known is None and hasattr(field, "from_db_value") and not isinstance(field, models.JSONField):
        return lambda value: field.from_db_value(value, None, None)
    return known
