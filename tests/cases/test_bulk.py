"""Arrays and rows in bulk arrive in the database as what they were."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection

from cases import chain
from cases.bulk import Item, array, copy_rows, read_rows

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "items", "expected"),
    [
        ("bigint", [1, None, -(2**62)], [1, None, -(2**62)]),
        ("bytea", [b"", bytes(range(256))], [b"", bytes(range(256))]),
        ("timestamptz", [chain.stamp(AT), None], [AT, None]),
        ("smallint", [], []),
    ],
)
def test_an_array_is_read_as_it_was_meant(kind: str, items: list[Item], expected: list[object]) -> None:
    (row,) = read_rows(f"SELECT %s::{kind}[]", [array(items)])
    assert list(row[0]) == expected


def test_times_and_bytes_are_fetched_as_such() -> None:
    assert read_rows("SELECT %s::timestamptz, %s::bytea, NULL::bigint[]", [AT, b"x"]) == [(AT, b"x", None)]


def test_a_copy_that_fails_raises_what_the_orm_would() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bulk_trial (id integer PRIMARY KEY) ON COMMIT DROP")
    copy_rows("COPY bulk_trial (id) FROM STDIN", [(1,), (2,)])
    with pytest.raises(IntegrityError):
        copy_rows("COPY bulk_trial (id) FROM STDIN", [(2,)])
