"""Everything that belongs to a case, as plain values: two snapshots are equal when nothing was changed."""

from typing import Any

from django.db import connection

_OF_CASE = {
    "case": "SELECT * FROM cases_case WHERE id = %s",
    "assignments": "SELECT * FROM cases_assignment WHERE case_id = %s ORDER BY id",
    "clocks": "SELECT * FROM cases_clock WHERE case_id = %s ORDER BY id",
    "alerts": "SELECT * FROM cases_alert WHERE case_id = %s ORDER BY id",
    "events": "SELECT * FROM cases_journalevent WHERE case_id = %s ORDER BY seq",
    "texts": "SELECT * FROM cases_casetext WHERE case_id = %s ORDER BY id",
    "ratings": "SELECT * FROM cases_rating WHERE case_id = %s ORDER BY id",
    "petitioners": "SELECT * FROM cases_petitioner WHERE case_id = %s ORDER BY id",
    "attachments": "SELECT * FROM cases_attachment WHERE case_id = %s ORDER BY id",
    "orders": "SELECT * FROM cases_supervisionorder WHERE case_id = %s ORDER BY id",
    "suspensions": "SELECT * FROM cases_suspension WHERE case_id = %s ORDER BY id",
    "extensions": "SELECT * FROM cases_extensionrequest WHERE case_id = %s ORDER BY id",
    "objections": "SELECT * FROM cases_objection WHERE case_id = %s ORDER BY id",
    "proposals": "SELECT * FROM cases_whistleproposal WHERE case_id = %s ORDER BY id",
    "adjustments": "SELECT a.* FROM cases_clockadjustment a JOIN cases_clock c ON c.id = a.clock_id"
    " WHERE c.case_id = %s ORDER BY a.id",
    "requests": "SELECT * FROM cases_request WHERE case_id = %s ORDER BY id",
    "messages": "SELECT * FROM notifications_message WHERE reference = (SELECT number FROM cases_case WHERE id = %s)"
    " ORDER BY id",
}


def snapshot(case_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the case, by table, exactly as the database holds them."""
    with connection.cursor() as cursor:
        found = {}
        for name, statement in _OF_CASE.items():
            cursor.execute(statement, [case_id])
            found[name] = [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor]
    return found
