"""What a request may cost in statements (issue: list 4, detail 6, create 12, any action 18, the token included).

Counted as on a server that has been running for a minute: the books of a process (places, reasons, wordings, versions)
are read once in half a minute and not by each request, and a test's own savepoints stand for its one transaction.
An action that finds clocks past their moments also does the sweep's work; that part is the sweep's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

LIST: Final = 4
DETAIL: Final = 6
CREATE: Final = 12
ACTION: Final = 18

_BUDGETS: Final = (
    (re.compile(r"GET /api/v1/(cases|todo)/$"), LIST),
    (re.compile(r"GET /api/v1/cases/[^/]+/$"), DETAIL),
    (re.compile(r"GET /api/v1/stats/"), LIST),
    (re.compile(r"POST /api/v1/cases/$"), CREATE),
    (re.compile(r"POST /api/v1/cases/[^/]+/actions/"), ACTION),
    (re.compile(r"POST /api/v1/public/cases/$"), CREATE),
    (re.compile(r"POST /api/v1/public/lookup/$"), DETAIL),
    (re.compile(r"GET /api/v1/public/ratings/"), LIST),
    (re.compile(r"POST /api/v1/public/(ratings|withdraw)/"), ACTION),
)
_FREE: Final = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
_BOOKS: Final = re.compile(
    r'FROM "(grids_(area|areaoutline|department)|cases_(category|reason)|notifications_wording)"(?!.* WHERE )'
    r'|FROM "cases_(policy|calendar)version" WHERE "cases_(policy|calendar)version"."id" = '
)
_ALERTS: Final = re.compile(r"(INSERT INTO|COPY) \"?cases_alert")


@contextmanager
def within_budget(method: str, path: str, body: object = None) -> Iterator[None]:
    most = next((most for pattern, most in _BUDGETS if pattern.match(f"{method} {path}")), None)
    if most == CREATE and isinstance(body, dict) and body.get("type") == "accusation":
        most = ACTION  # it looks for its keepers and tells them
    if most is None:
        yield
        return
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [query["sql"].strip() for query in captured.captured_queries]
    if any(_ALERTS.match(sql) for sql in statements):
        return
    spent = [sql for sql in statements if not sql.startswith(_FREE) and not _BOOKS.search(sql)]
    assert len(spent) <= most, f"{len(spent)} statements of {most}:\n" + "\n".join(sql[:200] for sql in spent)
