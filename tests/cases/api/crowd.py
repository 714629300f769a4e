"""Many cases at once, written straight into the tables: enough for plans and counts, too poor for actions."""

from django.db import connection

from cases.models import Case

_MULTIPLY = """
INSERT INTO cases_case ({columns})
SELECT {values} FROM cases_case CROSS JOIN generate_series(1, %(count)s) AS i WHERE id = %(pk)s
"""
#: What must differ from row to row, and what makes plans realistic: every fifth case has ended, the open ones stand in
#: several statuses, are due at different times in different colours and lie all over the county.
_OWN = {
    "number": "'350924-2026-9' || lpad(i::text, 6, '0')",
    "client_id": "gen_random_uuid()",
    "query_code_hash": "md5(i::text)",
    "status": "(ARRAY['closed', 'collected', 'docketed', 'handling', 'rating'])[1 + i %% 5]",
    "closed_at": "CASE WHEN i %% 5 = 0 THEN received_at + interval '1 day' END",
    "due_at": "CASE WHEN i %% 5 IN (0, 4) THEN NULL ELSE due_at + i * interval '1 minute' END",
    "colour": "CASE WHEN i %% 5 IN (0, 4) THEN 0 ELSE i %% 4 END",
    "received_at": "received_at + i * interval '1 minute'",
    "area_code": "'350924' || 100 + i %% 14 || lpad((1 + i %% 15)::text, 3, '0')",
}

_END = """
UPDATE cases_case SET status = 'closed', closed_at = received_at, colour = 0, due_at = NULL WHERE id IN (
    SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM cases_case WHERE closed_at IS NULL) AS open
    WHERE place %% %(share)s > 0
)
"""


def multiply(pk: int, count: int) -> None:
    """As `copies`, in tables and indexes of their own size: what earlier tests took back still lies in the indexes, and
    which of two the planner takes must not hang on that."""
    copies(pk, count)
    with connection.cursor() as cursor:
        cursor.execute("REINDEX TABLE cases_case")
        cursor.execute("REINDEX TABLE cases_standing")
        cursor.execute("ANALYZE cases_case, cases_standing")


def copies(pk: int, count: int) -> None:
    """`count` more cases like the one with this key."""
    columns = [field.column or "" for field in Case._meta.concrete_fields if field.name != "id"]
    quoted = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(_OWN.get(column, f'"{column}"') for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(_MULTIPLY.format(columns=quoted, values=values), {"count": count, "pk": pk})


def end(share: int) -> None:
    """Of so many open cases all but one end. By place and not by key: of every fifth key all may have ended already."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"share": share})
        cursor.execute("REINDEX TABLE cases_standing")
        cursor.execute("ANALYZE cases_case, cases_standing")
