"""kill -9 of a real process in the middle of a sweep, then a restart: every threshold has exactly one alert."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from cases.escalation import sweep
from cases.models import Alert, Clock, JournalEvent
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.together import DEADLINE, other_session, until, waiting_for_locks

NOW = MONDAY + timedelta(days=3)
CASES, BATCH = 60, 10

_SWEEP = f"""
import django
django.setup()
from datetime import datetime
from cases.escalation import sweep
report = sweep(now=datetime.fromisoformat({NOW.isoformat()!r}), size={BATCH})
print(report.alerts)
"""


def environment() -> dict[str, str]:
    """As the tests run, on this test's own database; waiting for locks longer than the test takes."""
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    url = make_conninfo(**wanted, options="-c lock_timeout=60s", application_name="killed")
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url}


@contextmanager
def sweeping() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SWEEP], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def swept() -> int:
    """Run a sweep in a process of its own to its end; how many alerts it wrote."""
    with sweeping() as process:
        out, err = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0, err
        return int(out)


def sessions_of_the_killed() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'killed'"
        )
        (count,) = cursor.fetchone()
    return int(count)


def block_at(session: psycopg.Connection[Any], county: County, number: int) -> None:
    """Hold the sweep in the middle of the batch of the clock with that number, when it writes that clock's message."""
    clock = Clock.objects.order_by("next_moment", "pk")[number]
    session.execute(
        "INSERT INTO notifications_message (recipient_id, key, kind, colour, reference, subject, body, created_at)"
        " VALUES (%s, %s, 'x', 0, '', '', '', now())",
        [county.users["inspector"].pk, f"alert:{clock.pk}:1:3"],
    )


@pytest.mark.parametrize("batches_before", [0, 3])
def test_killed_in_the_middle_of_a_batch_and_started_again(county: County, batches_before: int) -> None:
    collect_many(county, CASES)
    _spread_moments()
    with other_session() as session:
        block_at(session, county, batches_before * BATCH + BATCH // 2)
        with sweeping() as process:
            until(lambda: waiting_for_locks() == 1, what="the sweep to come to the middle of its batch")
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait(DEADLINE) == -signal.SIGKILL
        session.rollback()
    until(lambda: sessions_of_the_killed() == 0, what="the server to notice")
    done = batches_before * BATCH
    assert Alert.objects.count() == 3 * done, "whole batches stay, the half one is gone"
    assert JournalEvent.objects.filter(kind="alert").count() == 3 * done
    assert swept() == 3 * (CASES - done)
    assert Alert.objects.count() == 3 * CASES
    assert Message.objects.filter(kind="alert").count() == 3 * CASES
    assert sweep(now=NOW, size=BATCH).clocks == 0


def _spread_moments() -> None:
    """A clear order of the clocks, so that the test knows which batch holds which."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_clock SET next_moment = next_moment + (id - (SELECT min(id) FROM cases_clock))"
            " * interval '1 microsecond'"
        )
