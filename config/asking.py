"""Questions to the database whose answer is not waited for longer than it is worth: of health and of metrics."""

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Timer
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

#: Seconds that the server may work on one statement, and after which a server that says nothing is hung up on.
STATEMENT_SECONDS = 2.0
ANSWER_SECONDS = 5.0

#: Rows of `values()`, or a SELECT with its values in order.
Question = QuerySet[Any, Any] | tuple[str, Sequence[Any]]
#: As JSON has them: moments and dates are texts.
Row = dict[str, Any]


@contextmanager
def in_time(*, statement: float = STATEMENT_SECONDS, answer: float = ANSWER_SECONDS) -> Iterator[None]:
    """A transaction in which every statement has a limit. OperationalError when the server keeps to none.

    The server's own limit ends slow statements. One that is frozen, or gone without a word, keeps no limit: then the
    socket is closed from this side, and the wait with it.
    """
    timer = Timer(answer, _hang_up, [connections[DEFAULT_DB_ALIAS]])
    timer.daemon = True
    timer.start()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(1000 * statement)}")
            yield
    finally:
        timer.cancel()


def _hang_up(wrapper: BaseDatabaseWrapper) -> None:
    """In the timer's thread: only the descriptor is touched, the connection itself belongs to the thread that waits."""
    raw = wrapper.connection
    if raw is None or raw.closed:
        return
    with suppress(OSError), socket.socket(fileno=os.dup(raw.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked, by name. Whoever wants the rows of a question that was not answered gets its error raised."""

    found: Mapping[str, list[Row] | Exception]

    def rows(self, name: str, *moments: str) -> list[Row]:
        """`moments`: columns that are read as such."""
        rows = self.found[name]
        if isinstance(rows, Exception):
            raise rows
        return [row | {name: datetime.fromisoformat(row[name]) for name in moments if row[name]} for row in rows]

    def first(self, name: str, *moments: str) -> Row | None:
        return next(iter(self.rows(name, *moments)), None)


def ask(questions: Mapping[str, Question]) -> Answers:
    """All in one statement; where that fails each alone, so that a locked table or a lost index spoils one answer.

    A connection that broke on the way is asked nothing more: every answer is then its error.
    """
    try:
        return Answers(_together(questions))
    except (DatabaseError, InterfaceError) as error:
        if connection.connection is None or connection.connection.closed:
            return Answers(dict.fromkeys(questions, error))
    return Answers({name: _alone(question) for name, question in questions.items()})


def _alone(question: Question) -> list[Row] | Exception:
    try:
        return _together({"alone": question})["alone"]
    except (DatabaseError, InterfaceError) as error:
        return error


def _together(questions: Mapping[str, Question]) -> dict[str, list[Row]]:
    parts: list[str] = []
    given: list[Any] = []
    for name, question in questions.items():
        text, values = question if isinstance(question, tuple) else question.query.sql_with_params()
        parts.append(f"%s::text, (SELECT coalesce(jsonb_agg(q), '[]') FROM ({text}) q)")  # noqa: S608 — this code's own texts
        given += [name, *values]
    with in_time(), connection.cursor() as cursor:
        cursor.execute(f"SELECT jsonb_build_object({', '.join(parts)})", given)
        (answer,) = cursor.fetchone()
    found: dict[str, list[Row]] = json.loads(answer)
    return found
