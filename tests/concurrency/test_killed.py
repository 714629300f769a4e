"""kill -9 of a real process in the middle of a sweep, then a restart: every threshold has exactly one alert."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from cases.escalation import sweep
from cases.models import Alert, Clock, JournalEvent
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.processes import finished, kill, process, until_noticed
from tests.concurrency.together import other_session, until, waiting_for_locks

NOW = MONDAY + timedelta(days=3)
CASES, BATCH = 60, 10

_SWEEP = f"""
from datetime import datetime
from cases.escalation import sweep
report = sweep(now=datetime.fromisoformat({NOW.isoformat()!r}), size={BATCH})
print(report.alerts)
"""


def swept() -> int:
    """Run a sweep in a process of its own to its end; how many alerts it wrote."""
    with process(_SWEEP) as sweeping:
        return int(finished(sweeping))


def block_at(session: psycopg.Connection[Any], county: County, number: int) -> None:
    """Hold the sweep in the middle of the batch of the clock with that number, when it writes that clock's message."""
    clock = Clock.objects.order_by("next_moment", "pk")[number]
    session.execute(
        "INSERT INTO notifications_message (recipient_id, key, kind, colour, reference, subject, body, created_at)"
        " VALUES (%s, %s, 'x', 0, '', '', '', now())",
        [county.users["inspector"].pk, f"alert:{clock.pk}:1:3"],
    )


@pytest.mark.parametrize("batches_before", [3, pytest.param(0, marks=pytest.mark.slow)])
def test_killed_in_the_middle_of_a_batch_and_started_again(county: County, batches_before: int) -> None:
    collect_many(county, CASES)
    _spread_moments()
    with other_session() as session:
        block_at(session, county, batches_before * BATCH + BATCH // 2)
        with process(_SWEEP) as sweeping:
            until(lambda: waiting_for_locks() == 1, what="the sweep to come to the middle of its batch")
            kill(sweeping)
        session.rollback()
    until_noticed()
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
