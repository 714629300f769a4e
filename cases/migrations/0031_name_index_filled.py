"""The petitioners who were there before are found by their name, too."""

from typing import Any, Final

from cryptography.fernet import InvalidToken
from django.db import migrations, transaction

from cases import blind
from cases.models.fields import cipher

SIZE: Final = 500  # rows in one transaction
# The lock keeps an erasure that runs meanwhile from being undone.
_CLAIM: Final = """
SELECT id, name FROM cases_petitioner WHERE id > %s AND name <> '' AND name_index = ''
ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""
_WRITE: Final = """
UPDATE cases_petitioner p SET name_index = new.name_index
FROM unnest(%s::bigint[], %s::text[]) AS new (id, name_index) WHERE p.id = new.id
"""


def fill(_apps: Any, editor: Any) -> None:
    """Batch by batch, each committed by itself: whoever works meanwhile waits for none, and a run that was cut off goes
    on where it stood."""
    last: int | None = 0
    while last is not None:
        last = _fill_batch(editor.connection, last)


def _fill_batch(connection: Any, last: int) -> int | None:
    """The last key of the batch; None behind the last one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [last, SIZE])
        rows = cursor.fetchall()
        found = {pk: index for pk, token in rows if (index := _index(token))}
        cursor.execute(_WRITE, [list(found), list(found.values())])
    return rows[-1][0] if rows else None


def _index(token: str) -> str:
    """Empty for what is no name, and for what no key opens."""
    try:
        return blind.NAME.of(cipher().decrypt(token.encode()).decode())
    except InvalidToken:
        return ""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0030_name_index")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
