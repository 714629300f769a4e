"""Processes of their own on the test's database, and killing them where it hurts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.concurrency.together import DEADLINE, until

_NAME = "killed"
_BEGIN = "import django\ndjango.setup()\n"


@contextmanager
def process(code: str) -> Iterator[subprocess.Popen[str]]:
    """Run that code with the service set up; what is still alive behind the block is killed."""
    started = subprocess.Popen(
        [sys.executable, "-c", _BEGIN + code],
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def finished(started: subprocess.Popen[str]) -> str:
    """Wait for a process to end well; what it printed."""
    out, err = started.communicate(timeout=DEADLINE)
    assert started.returncode == 0, err
    return out


def kill(started: subprocess.Popen[str]) -> None:
    """kill -9, and wait until it is gone."""
    os.kill(started.pid, signal.SIGKILL)
    assert started.wait(DEADLINE) == -signal.SIGKILL


def until_noticed(alive: int = 0) -> None:
    """Until the server has noticed: it keeps the locks of a dead client that long."""
    until(lambda: _sessions() == alive, what="the server to notice")


def _environment() -> dict[str, str]:
    """As the tests run, on this test's own database; waiting for locks longer than the test takes."""
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    url = make_conninfo(**wanted, options="-c lock_timeout=60s", application_name=_NAME)
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url}


def _sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            [_NAME],
        )
        (count,) = cursor.fetchone()
    return int(count)
