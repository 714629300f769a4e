"""Watching and proving at scale: what a scrape costs beside a full outbox, and how fast the night's walk goes."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.test import Client

from cases import reconciling
from cases.models import Case, Clock
from config.health import status_of
from grids.models import User
from notifications.models import Address, Delivery, Message
from notifications.states import ChannelName
from tests.bench.county import vacuum
from tests.bench.figures import Figure, quantile, say

SCRAPES = 30
BATCHES = 100
#: Of a hundred deliveries so many are in this state; the others were sent.
WAITING, DEAD = 60, 5

_FILL = """
INSERT INTO notifications_delivery (key, recipient_id, address_id, channel, bundle, colour, urgent, reference, language,
    subject, body, state, not_before, attempts, last_error, created_at, finished_at)
SELECT 'full:' || n, %(user)s, %(address)s, (ARRAY['webhook', 'email', 'sms'])[1 + n %% 3], 'single', 3, n %% 2 = 0,
    'F-' || n, 'zh-hans', 'x', 'y',
    CASE WHEN n %% 100 < %(waiting)s THEN 'waiting' WHEN n %% 100 < %(dead)s THEN 'dead' ELSE 'sent' END,
    %(now)s::timestamptz - make_interval(secs => n %% 86400), 1, '', %(now)s,
    CASE WHEN n %% 100 < %(waiting)s THEN NULL ELSE %(now)s::timestamptz END
FROM generate_series(1, %(count)s) n
"""
_UNDECIDED = """
INSERT INTO notifications_message (recipient_id, key, kind, colour, urgent, reference, language, facts, subject, body,
    created_at)
SELECT %(user)s, 'full:' || n, 'alert', 3, true, 'F-' || n, 'zh-hans', '{}', 'x', 'y', %(now)s
FROM generate_series(1, %(count)s) n
"""


def scrapes(count: int, *, now: datetime) -> Iterator[Figure]:
    """Milliseconds of one scrape of /metrics, and of everything that /statusz asks; the median, the outbox full.

    Baseline: the same before the outbox was filled.
    """
    asked: dict[str, Callable[[], None]] = {"metrics_scrape": _scrape, "statusz": partial(_status, now)}
    before = {name: _milliseconds(ask) for name, ask in asked.items()}
    _fill_outbox(count, now)
    for name, ask in asked.items():
        yield Figure(name, _milliseconds(ask), "ms", before[name])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_delivery WHERE key LIKE 'full:%'")
        cursor.execute("DELETE FROM notifications_message WHERE key LIKE 'full:%'")
    vacuum()


def _milliseconds(ask: Callable[[], None]) -> float:
    seconds = []
    for _ in range(SCRAPES):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return 1000 * quantile(seconds, 0.5)


def _scrape() -> None:
    said = Client().get("/metrics").content.decode()
    if "whistle_database_up 1.0" not in said or 'whistle_read_failed{read="' in said:
        raise AssertionError(said)


def _status(now: datetime) -> None:
    for name, check in status_of(now).items():
        if "does not answer" in check.detail:
            msg = f"{name} {check.detail}"
            raise AssertionError(msg)


def _fill_outbox(count: int, now: datetime) -> None:
    """Deliveries of every state, and half as many messages that nobody decided on yet. As written: no vacuum behind."""
    user = User.objects.order_by("pk")[0]
    address = Address.objects.create(user=user, channel=ChannelName.WEBHOOK, target="x", digest="full")
    values: dict[str, Any] = {
        "user": address.user_id,
        "address": address.pk,
        "now": now,
        "waiting": WAITING,
        "dead": WAITING + DEAD,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_FILL, values | {"count": count})
        cursor.execute(_UNDECIDED, values | {"count": count // 2})
    say(f"outbox: {Delivery.objects.count()} deliveries, {Message.objects.count()} messages")


def reconcile(*, now: datetime) -> Iterator[Figure]:
    """Clocks a second of the night's walk, and the length of its transactions. Nothing is to be repaired.

    Baseline: the same clocks with their alerts and events, selected and fetched, a batch at a time.
    """
    run, seconds = reconciling.begin(now=now), []
    for _ in range(BATCHES):
        began = time.perf_counter()
        reconciling.carry_on(run, ticks=[now])
        seconds.append(time.perf_counter() - began)
    if run.found or not run.cases:
        raise AssertionError(run.details[:5])
    bare, every = _seconds_of_reading(run.cases), Clock.objects.count()
    say(f"reconcile: {run.clocks} clocks looked at; all {every} would take {every / run.clocks * sum(seconds):.0f} s")
    yield Figure("reconcile", run.clocks / sum(seconds), "clocks/s", run.clocks / bare)
    yield Figure("reconcile_batch_p95", 1000 * quantile(seconds, 0.95), "ms", 1000 * bare / BATCHES)


def _seconds_of_reading(count: int) -> float:
    cases = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:count])
    began = time.perf_counter()
    for first in range(0, count, reconciling.BATCH):
        for table in ("cases_clock", "cases_alert", "cases_journalevent"):
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT * FROM {table} WHERE case_id = ANY(%s)", [cases[first : first + reconciling.BATCH]]
                )
                cursor.fetchall()
    return time.perf_counter() - began
