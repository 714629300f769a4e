"""Changing keys: everything encrypted is written anew with the newest key, batch by batch (docs/privacy.md).

A value that the newest key can read is left alone, so a run that was cut off is simply started again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Cast

from cases import blind
from cases.models import Petitioner
from cases.models.fields import EncryptedTextField, cipher


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction did to one column. `unreadable`: rows that no key opens, left as they are."""

    column: str
    checked: int
    rewritten: int
    unreadable: tuple[int, ...] = ()


def rotate(*, size: int) -> Iterator[Batch]:
    """Every encrypted column of every table, then the blind indexes; each batch is committed before the next."""
    for model, name in encrypted_columns():
        yield from _rotate_column(model, name, size=size)
    yield from _rotate_indexes(size=size)


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.fields:  # noqa: SLF001 — the documented way to a model's fields
            if isinstance(field, EncryptedTextField):
                yield model, field.attname


def _rotate_column(model: type[models.Model], column: str, *, size: int) -> Iterator[Batch]:
    table = model._meta.db_table  # noqa: SLF001
    newest, last = Fernet(settings.FIELD_KEYS[0]), 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CLAIM.format(table=table, column=column), [last, size])
            rows: list[tuple[int, str]] = cursor.fetchall()
            fresh, unreadable = _anew([row for row in rows if not _opens(newest, row[1])])
            if fresh:
                cursor.executemany(
                    _WRITE.format(table=table, column=column), [(token, pk) for pk, token in fresh.items()]
                )
        yield Batch(f"{table}.{column}", len(rows), len(fresh), tuple(unreadable))
        if len(rows) < size:
            return
        last = rows[-1][0]


#: Read past the model, which would decrypt. The lock keeps an officer's change from being overwritten.
_CLAIM = "SELECT id, {column} FROM {table} WHERE id > %s AND {column} <> '' ORDER BY id LIMIT %s FOR NO KEY UPDATE"
_WRITE = "UPDATE {table} SET {column} = %s WHERE id = %s"


def _opens(key: Fernet, token: str) -> bool:
    try:
        key.decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _anew(rows: Iterable[tuple[int, str]]) -> tuple[dict[int, str], list[int]]:
    fresh: dict[int, str] = {}
    unreadable: list[int] = []
    for pk, token in rows:
        try:
            fresh[pk] = cipher().rotate(token.encode()).decode()
        except InvalidToken:
            unreadable.append(pk)
    return fresh, unreadable


def _rotate_indexes(*, size: int) -> Iterator[Batch]:
    """The blind indexes under the newest of `CODE_KEYS`; it also fills what an older release left without one."""
    last = 0
    while True:
        with transaction.atomic():
            people = Petitioner.objects.select_for_update(no_key=True).filter(pk__gt=last).exclude(name="", phone="")
            # Cast: past the model, which would fail for a value that no key opens.
            tokens = {f"{name}_token": Cast(name, models.TextField()) for name in ("name", "phone")}
            rows = people.order_by("pk").annotate(**tokens).values("pk", *tokens, *_INDEXES)[:size]
            pairs = [(row, _indexes(row)) for row in rows]
            stale = [Petitioner(pk=row["pk"], **new) for row, new in pairs if any(new[c] != row[c] for c in _INDEXES)]
            Petitioner.objects.bulk_update(stale, _INDEXES)
        for column in _INDEXES:
            yield Batch(f"cases_petitioner.{column}", len(pairs), sum(new[column] != row[column] for row, new in pairs))
        if len(pairs) < size:
            return
        last = pairs[-1][0]["pk"]


_INDEXES: Final = ("name_index", "phone_index")


def _indexes(row: dict[str, Any]) -> dict[str, str]:
    return blind.indexes_of(name=_read(row["name_token"]), phone=_read(row["phone_token"]))


def _read(token: str) -> str:
    """Empty for what no key opens."""
    try:
        return cipher().decrypt(token.encode()).decode() if token else ""
    except InvalidToken:
        return ""
