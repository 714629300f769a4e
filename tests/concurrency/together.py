"""Running things at the same time on real connections, with deadlines in place of sleeps."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
from django.db import connection, connections

from cases import journal
from cases.models import Alert, Clock
from cases.terms import ENDED, AlertCause

T = TypeVar("T")

#: No test of this folder may take longer; a deadlock or a lost wake-up ends it with an error.
DEADLINE: Final = 30.0  # seconds


def together(*works: Callable[[], T]) -> list[T | BaseException]:
    """Run all at once, each in a thread with a connection of its own; what each returned or raised, in order."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            gate.wait(DEADLINE)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(run, work) for work in works]
        return [future.exception(DEADLINE) or future.result() for future in futures]


def failed(outcomes: Sequence[object]) -> list[BaseException]:
    return [outcome for outcome in outcomes if isinstance(outcome, BaseException)]


@contextmanager
def other_session() -> Iterator[psycopg.Connection[Any]]:
    """Somebody else's connection to the same database, in a transaction that the test ends."""
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**wanted) as session:
        yield session


def until(holds: Callable[[], bool], *, what: str) -> None:
    """Wait for another process or session to get somewhere. AssertionError when it does not by the deadline."""
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, f"waited {DEADLINE} s for {what}"
        time.sleep(0.005)


def waiting_for_locks() -> int:
    """How many sessions of this database wait for a lock of another one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def deadlocks() -> int:
    """How many deadlocks the server has counted in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (count,) = cursor.fetchone()
    return int(count)


def assert_whole() -> None:
    """What must hold whatever happened at once: whole chains, no colour twice, no running clock of an ended case."""
    assert [broken for _, broken in journal.verify_all() if broken] == []
    assert list(journal.verify_texts()) == []
    running = Clock.objects.running().filter(case__status__in=sorted(ENDED))
    assert not running.exists()
    pending = Clock.objects.exclude(stopped_at=None).exclude(next_moment=None)
    assert not pending.exists()
    for alert in Alert.objects.select_related("clock").filter(cause=AlertCause.TIME):
        assert alert.raised_at >= alert.moment
