"""The sweep: what a pass costs when nothing is due, and how fast due clocks become alerts, events and messages."""

import time
from datetime import datetime

from django.db import connection, transaction

from cases import journal
from cases.escalation import sweep
from cases.models import Alert, JournalEvent
from notifications.models import Message
from tests.bench.figures import Figure, say, spread
from tests.bench.load import Load

BATCH = 200  # the service's own default
IDLE_PASSES = 300

#: The least that any engine has to do: find the due rows under a lock and move them on.
_PLAIN_CLAIM = """
WITH due AS (
    SELECT id FROM cases_clock WHERE next_moment <= %s
    ORDER BY next_moment LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE cases_clock clock SET colour = LEAST(colour + 1, 3),
    next_moment = CASE WHEN clock.next_moment < yellow_at THEN yellow_at
                       WHEN clock.next_moment < red_at THEN red_at END
FROM due WHERE clock.id = due.id
"""
_PLAIN_POLL = "SELECT id FROM cases_clock WHERE next_moment <= %s ORDER BY next_moment LIMIT %s"


def idle(name: str, *, now: datetime) -> Figure:
    """One pass over open clocks none of which is due, in milliseconds: the whole call, the database's part included.

    Baseline: the same poll as one plain statement.
    """
    passes, polls = [], []
    for _ in range(IDLE_PASSES):
        passes.append(_seconds_of_pass(now))
        polls.append(_seconds_of_poll(now))
    middle = IDLE_PASSES // 2
    return Figure(name, 1000 * sorted(passes)[middle], "ms", 1000 * sorted(polls)[middle])


def _seconds_of_pass(now: datetime) -> float:
    began = time.perf_counter()
    report = sweep(now=now, size=BATCH)
    seconds = time.perf_counter() - began
    if report.clocks:
        msg = f"an idle pass found {report.clocks} due clocks"
        raise AssertionError(msg)
    return seconds


def _seconds_of_poll(now: datetime) -> float:
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAIN_POLL, [now, BATCH])
        cursor.fetchall()
    return time.perf_counter() - began


def due(load: Load, *, rounds: int, per_window: int) -> Figure:
    """Alerts per second of one worker, best of the rounds. Each round takes two windows of the load in turn.

    Baseline: rows per second of the plain claim on as many rows in batches of the same size.
    """
    swept, claimed = [], []
    for number in range(rounds):
        claimed.append(per_window / _seconds_of_claims(load.window_end(2 * number), per_window))
        swept.append(per_window / _seconds_of_sweep(load.window_end(2 * number + 1), per_window))
    say(f"sweep_due: alerts/s {spread(swept)}; plain claim, rows/s {spread(claimed)}")
    return Figure("sweep_due", max(swept), "alerts/s", max(claimed))


def _seconds_of_sweep(now: datetime, expected: int) -> float:
    before = _written()
    began = time.perf_counter()
    report = sweep(now=now, size=BATCH)
    seconds = time.perf_counter() - began
    alerts, events, messages = (after - old for after, old in zip(_written(), before, strict=True))
    if not (report.alerts == alerts == events == expected and messages >= expected and not report.held):
        msg = f"of {expected} due clocks: {report}, {alerts} alerts, {events} events, {messages} messages"
        raise AssertionError(msg)
    say(f"sweep_due: {alerts} alerts, {events} events, {messages} messages in {seconds:.2f} s")
    return seconds


def _written() -> tuple[int, int, int]:
    return Alert.objects.count(), JournalEvent.objects.count(), Message.objects.count()


def _seconds_of_claims(now: datetime, expected: int) -> float:
    began = time.perf_counter()
    moved = 0
    while moved < expected:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PLAIN_CLAIM, [now, BATCH])
            if not cursor.rowcount:
                msg = f"only {moved} of {expected} rows were due"
                raise AssertionError(msg)
            moved += cursor.rowcount
    return time.perf_counter() - began


def check_chains() -> None:
    """What was measured was real: every chain of the load and of the sweeps verifies."""
    broken = [found for _, found in journal.verify_all() if found]
    if broken:
        msg = f"{len(broken)} chains are broken, the first at {broken[0]}"
        raise AssertionError(msg)
