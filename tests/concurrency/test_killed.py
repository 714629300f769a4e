"""kill -9 of a real process in the middle of a sweep, then a restart: every threshold has exactly one alert."""

from datetime import timedelta

import pytest

from cases.escalation import sweep
from cases.models import Alert, JournalEvent
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.processes import finished, kill, process, until_noticed

NOW = MONDAY + timedelta(days=3)
CASES, BATCH = 60, 10

_SWEEP = f"""
from datetime import datetime
from cases.escalation import sweep
print(sweep(now=datetime.fromisoformat({NOW.isoformat()!r}), size={BATCH}).alerts)
"""
#: Stands still in the middle of a batch: everything of it is written but its messages.
_STAND_STILL = """
import time
from cases import alerting
write, batches = alerting.enqueue_many, iter(range({before}))
def enqueue_many(drafts, *, now):
    if next(batches, None) is None:
        print("in the middle", flush=True)
        time.sleep(600)
    write(drafts, now=now)
alerting.enqueue_many = enqueue_many
"""


def swept() -> int:
    """Run a sweep in a process of its own to its end; how many alerts it wrote."""
    with process(_SWEEP) as sweeping:
        return int(finished(sweeping))


@pytest.mark.parametrize("batches_before", [3, pytest.param(0, marks=pytest.mark.slow)])
def test_killed_in_the_middle_of_a_batch_and_started_again(county: County, batches_before: int) -> None:
    collect_many(county, CASES)
    with process(_STAND_STILL.format(before=batches_before) + _SWEEP) as sweeping:
        assert sweeping.stdout is not None
        assert sweeping.stdout.readline() == "in the middle\n"
        kill(sweeping)
    until_noticed()
    done = batches_before * BATCH
    assert Alert.objects.count() == 3 * done, "whole batches stay, the half one is gone"
    assert JournalEvent.objects.filter(kind="alert").count() == 3 * done
    assert swept() == 3 * (CASES - done)
    assert Alert.objects.count() == 3 * CASES
    assert Message.objects.filter(kind="alert").count() == 3 * CASES
    assert sweep(now=NOW, size=BATCH).clocks == 0
