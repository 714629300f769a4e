"""The sweep: what a pass costs when nothing is due, and how fast two workers write what is."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cases import journal
from cases.escalation import sweep
from cases.models import Alert, Clock, JournalEvent
from notifications.models import Message
from tests.bench.county import vacuum
from tests.bench.figures import Figure, quantile, say, spread
from tests.bench.hand import MOST
from tests.bench.load import Load

WORKERS = 2
IDLE_PASSES = 300

_PLAIN_POLL = "SELECT id FROM cases_clock WHERE next_moment <= %s ORDER BY next_moment LIMIT %s"


def idle(name: str, *, now: datetime) -> Figure:
    """One pass over open clocks none of which is due, in milliseconds: the whole call, the database's part included.

    Baseline: the same poll as one plain statement.
    """
    passes, polls = [], []
    for _ in range(IDLE_PASSES):
        passes.append(_seconds_of_pass(now))
        polls.append(_seconds_of_poll(now))
    return Figure(name, 1000 * quantile(passes, 0.5), "ms", 1000 * quantile(polls, 0.5))


def _seconds_of_pass(now: datetime) -> float:
    began = time.perf_counter()
    report = sweep(now=now, size=MOST)
    seconds = time.perf_counter() - began
    if report.clocks:
        msg = f"an idle pass found {report.clocks} due clocks"
        raise AssertionError(msg)
    return seconds


def _seconds_of_poll(now: datetime) -> float:
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAIN_POLL, [now, MOST])
        cursor.fetchall()
    return time.perf_counter() - began


@dataclass(slots=True)
class Race:
    """What the workers did together: seconds from the start signal until the last one was done, and their reports."""

    seconds: float
    reports: list[dict[str, Any]]

    def sum(self, field: str) -> Any:
        return sum(report[field] for report in self.reports)

    def batch(self, share: float) -> float:
        """Milliseconds of a batch that so many were not longer than."""
        return 1000 * quantile([seconds for report in self.reports for seconds in report["batches"]], share)


class Workers:
    """Processes that stand ready, each with a connection of its own."""

    def __init__(self, way: str, until: datetime, count: int) -> None:
        command = [sys.executable, "-m", "tests.bench.hand", way, until.isoformat(), str(count // WORKERS)]
        self._hands = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)
        ]
        for hand in self._hands:
            self._read(hand)
        self._began = 0.0

    def start(self) -> None:
        self._began = time.perf_counter()
        for hand in self._hands:
            assert hand.stdin is not None
            hand.stdin.write("go\n")
            hand.stdin.flush()

    def result(self) -> Race:
        reports = [json.loads(self._read(hand)) for hand in self._hands]
        seconds = time.perf_counter() - self._began
        for hand in self._hands:
            hand.communicate(timeout=30)
        return Race(seconds, reports)

    def running(self) -> bool:
        return any(hand.poll() is None for hand in self._hands)

    def kill(self) -> None:
        for hand in self._hands:
            hand.kill()
            hand.wait()

    def _read(self, hand: "subprocess.Popen[str]") -> str:
        assert hand.stdout is not None
        return hand.stdout.readline()


@contextmanager
def workers(way: str, until: datetime, count: int) -> Iterator[Workers]:
    crew = Workers(way, until, count)
    try:
        yield crew
    finally:
        crew.kill()


def due(load: Load, *, rounds: int, per_window: int) -> Iterator[Figure]:
    """Alerts a second of two worker processes, best of the rounds; each round takes two windows of the load in turn.

    Baseline: rows a second of two processes that only claim and update as many. Beside it the length of a batch, which
    is what an officer may wait, and what a worker's memory grew by once it had settled.
    """
    swept, plain = [], []
    for number in range(rounds):
        plain.append(_plain(load.window_end(2 * number), per_window))
        swept.append(_swept(load, 2 * number + 1, per_window))
        vacuum()
    rates = [race.sum("alerts") / race.seconds for race in swept], [race.sum("rows") / race.seconds for race in plain]
    say(f"sweep_due: alerts/s {spread(rates[0])}; plain claim, rows/s {spread(rates[1])}")
    best, base = min(swept, key=lambda race: race.seconds), min(plain, key=lambda race: race.seconds)
    yield Figure("sweep_due", max(rates[0]), "alerts/s", max(rates[1]))
    yield Figure("sweep_batch_p50", best.batch(0.5), "ms", base.batch(0.5))
    yield Figure("sweep_batch_p95", best.batch(0.95), "ms", base.batch(0.95))
    fattest = max(best.reports, key=lambda report: report["end_kb"] - report["settled_kb"])
    yield Figure("sweep_memory", fattest["end_kb"] / 1024, "MB", fattest["settled_kb"] / 1024)


def _plain(until: datetime, expected: int) -> Race:
    with workers("plain", until, expected) as crew:
        crew.start()
        race = crew.result()
    if race.sum("rows") < expected:
        msg = f"only {race.sum('rows')} of {expected} rows were due"
        raise AssertionError(msg)
    return race


def _swept(load: Load, window: int, expected: int) -> Race:
    before = written()
    with workers("sweep", load.window_end(window), expected) as crew:
        crew.start()
        race = crew.result()
    check(race, load, window, before, expected)
    return race


def check(race: Race, load: Load, window: int, before: tuple[int, int, int], expected: int) -> None:
    """Every due clock of the load has its alert, each alert one event and its messages; nothing was set aside.

    What phones sent in meanwhile may be due for the next sweep: it came after this one had looked.
    """
    alerts, events, messages = (after - old for after, old in zip(written(), before, strict=True))
    whole = race.sum("alerts") == alerts == events >= expected and messages >= alerts and not race.sum("held")
    left = Clock.objects.filter(next_moment__lte=load.window_end(window), case_id__lte=load.last_case).count()
    if not whole or left:
        msg = f"of {expected} due clocks: {alerts} alerts, {events} events, {messages} messages, {left} left"
        raise AssertionError(msg)
    say(f"sweep: {alerts} alerts, {events} events, {messages} messages in {race.seconds:.2f} s by {WORKERS} workers")
    own, server = (1e6 * race.sum(field) / alerts for field in ("own_cpu", "server_cpu"))
    say(f"sweep: µs of processor for each alert: {own:.0f} in Python, {server:.0f} in PostgreSQL")


def written() -> tuple[int, int, int]:
    """Alerts, their events and their messages."""
    return (
        Alert.objects.count(),
        JournalEvent.objects.filter(kind="alert").count(),
        Message.objects.filter(kind="alert").count(),
    )


def check_chains() -> None:
    """What was measured was real: every chain of the load and of the sweeps verifies."""
    broken = [found for _, found in journal.verify_all() if found]
    if broken:
        msg = f"{len(broken)} chains are broken, the first at {broken[0]}"
        raise AssertionError(msg)
