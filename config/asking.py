"""Questions to the database whose answer is not waited for longer than it is worth: of health and of metrics."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Timer

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

#: Seconds that the server may work on one statement, and after which a server that says nothing is hung up on.
STATEMENT_SECONDS = 2.0
ANSWER_SECONDS = 5.0


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
