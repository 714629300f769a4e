"""`/metrics`: how the engine does, in the text format of Prometheus (docs/operations.md, "Metrics").

Web and workers are many processes, so nothing is counted in memory: every scrape asks the database and Redis, each
question with a limit. What does not answer is left out and said so; the rest is there. No figure names a person or
a case.
"""

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from time import monotonic

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import choose_encoder

from cases import figures, pulse
from cases.colours import Colour
from cases.coverage import missing_year
from cases.errors import NotReady
from cases.escalation import oldest_unfired
from cases.terms import Discrepancy
from config.asking import in_time
from config.lockout import client_address
from notifications.figures import channel_figures, oldest_undelivered, undecided_count
from notifications.pulse import last_courier

#: Seconds for one scrape; what was not asked by then is left out. Prometheus itself waits ten.
SCRAPE_SECONDS = 8.0
BATCH_WINDOW = timedelta(hours=1)

Read = Callable[[datetime], Iterable[Metric]]


@csrf_exempt
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        refused = HttpResponse(
            "closed: see METRICS_TOKEN and METRICS_NETWORKS\n", status=403, content_type="text/plain"
        )
        if settings.METRICS_TOKEN:
            refused.status_code = 401
            refused["WWW-Authenticate"] = "Bearer"
        return refused
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Engine(timezone.now()))  # noqa: TID251 — a door
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})


def _may_read(request: HttpRequest) -> bool:
    """By the token, or from one of the networks; with neither configured, anybody outside production."""
    if not settings.METRICS_TOKEN and not settings.METRICS_NETWORKS:
        return not settings.PRODUCTION
    return _has_token(request) or _is_near(request)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given, settings.METRICS_TOKEN.encode())


def _is_near(request: HttpRequest) -> bool:
    address = client_address(request)
    return address is not None and any(
        ipaddress.ip_address(address) in network for network in settings.METRICS_NETWORKS
    )


class Engine:
    """One scrape, as a collector of prometheus_client."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._failed = GaugeMetricFamily(
            "whistle_read_failed", "1 for what could not be read in this scrape", labels=["read"]
        )
        self._ends = monotonic() + SCRAPE_SECONDS

    def collect(self) -> Iterator[Metric]:
        yield from self._part("redis", _redis, _REDIS, nullcontext)
        yield from self._part("database", _database, _DATABASE, in_time)
        yield self._failed

    def _part(
        self, name: str, alive: Read, reads: Iterable[Read], limited: Callable[[], AbstractContextManager[None]]
    ) -> Iterator[Metric]:
        """A server that does not answer the first question is not asked the others."""
        found = self._read(name, alive, limited)
        yield GaugeMetricFamily(f"whistle_{name}_up", f"1 when {name} answers", value=0 if found is None else 1)
        for read in reads if found is not None else ():
            yield from self._read(read.__name__.strip("_"), read, limited) or ()

    def _read(self, name: str, read: Read, limited: Callable[[], AbstractContextManager[None]]) -> list[Metric] | None:
        try:
            if monotonic() < self._ends:
                with limited():
                    return list(read(self._now))
        except (redis.RedisError, DatabaseError, InterfaceError):
            pass
        self._failed.add_metric([name], 1)
        return None


# What is read. Each may fail alone.


def _redis(_now: datetime) -> Iterator[Metric]:
    pulse.client().ping()
    yield from ()


def _database(_now: datetime) -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield from ()


def _heartbeats(now: datetime) -> Iterator[Metric]:
    ages = GaugeMetricFamily(
        "whistle_heartbeat_age_seconds",
        "Age of the last sign of life; a part that never gave one is left out",
        labels=["part"],
    )
    for part, last in (("beat", pulse.last_beat()), ("worker", pulse.last_worker()), ("courier", last_courier())):
        if last is not None:
            ages.add_metric([part], _age(last, now))
    yield ages


def _sweep(now: datetime) -> Iterator[Metric]:
    yield _gauge(
        "whistle_sweep_lag_seconds", "Age of the oldest due moment not worked on", _age(oldest_unfired(now), now)
    )
    due = GaugeMetricFamily("whistle_sweep_due_alerts", "Colours that wait for the sweep", labels=["colour"])
    for colour, count in figures.due_colours(now=now).items():
        due.add_metric([colour.code], count)
    yield due
    yield _gauge("whistle_sweep_held_clocks", "Clocks that the sweep has set aside", figures.held_count())


def _sweep_totals(now: datetime) -> Iterator[Metric]:
    sums = figures.totals()
    fired = CounterMetricFamily("whistle_sweep_alerts", "Colours raised by sweeps", labels=["colour"])
    for colour, count in ((Colour.BLUE, sums.blue), (Colour.YELLOW, sums.yellow), (Colour.RED, sums.red)):
        fired.add_metric([colour.code], count)
    yield fired
    yield CounterMetricFamily("whistle_sweep_runs", "Sweeps that worked on something", value=sums.sweeps)
    yield CounterMetricFamily("whistle_sweep_clocks", "Clocks worked on by sweeps", value=sums.clocks)
    yield CounterMetricFamily("whistle_sweep_held", "Times that a sweep set a clock aside", value=sums.held)
    yield SummaryMetricFamily(
        "whistle_sweep_batch_seconds", "Time of the batches of sweeps", count_value=sums.batches, sum_value=sums.seconds
    )
    worst = figures.worst(since=now - BATCH_WINDOW)
    yield _gauge("whistle_sweep_longest_batch_seconds", "Longest batch of the last hour", worst.longest)
    yield _gauge(
        "whistle_sweep_longest_lag_seconds", "How long the oldest moment had waited in the last hour", worst.lag
    )


def _outbox(now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("whistle_outbox_deliveries", "Deliveries by state", labels=["channel", "state"])
    ages = GaugeMetricFamily(
        "whistle_outbox_oldest_seconds",
        "How long the oldest delivery has been in its state",
        labels=["channel", "state"],
    )
    dead = 0
    for channel in channel_figures(now=now):
        dead += channel.dead
        for state in ("waiting", "sending", "dead"):
            depth.add_metric([channel.channel, state], getattr(channel, state))
            ages.add_metric([channel.channel, state], _age(getattr(channel, f"{state}_since"), now))
    yield depth
    yield ages
    yield _gauge("whistle_outbox_dead_letters", "Deliveries that nobody tries any more", dead)
    yield _gauge("whistle_outbox_undecided_messages", "Messages whose channels were not decided yet", undecided_count())
    undelivered = _age(oldest_undelivered(now=now), now)
    yield _gauge(
        "whistle_outbox_undelivered_age_seconds", "Age of the oldest message that could be on its way", undelivered
    )


def _calendar(now: datetime) -> Iterator[Metric]:
    try:
        covered = missing_year(now) is None
    except NotReady:
        covered = False
    yield _gauge("whistle_calendar_covered", "1 when official days are known for as far as limits reach", covered)


def _reconciliation(_now: datetime) -> Iterator[Metric]:
    last = figures.last_reconciliation()
    if last is None or last.finished_at is None:
        return
    stamp = last.finished_at.timestamp()
    yield _gauge("whistle_reconciliation_finished_timestamp_seconds", "When the last reconciliation ended", stamp)
    for name, counts, words in (("found", last.found, "Discrepancies found"), ("repaired", last.repaired, "Repaired")):
        family = GaugeMetricFamily(
            f"whistle_reconciliation_{name}", f"{words} by the last reconciliation", labels=["kind"]
        )
        for kind in Discrepancy:
            family.add_metric([kind.value], counts.get(kind.value, 0))
        yield family


_REDIS: tuple[Read, ...] = (_heartbeats,)
_DATABASE: tuple[Read, ...] = (_sweep, _sweep_totals, _outbox, _calendar, _reconciliation)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _age(since: datetime | None, now: datetime) -> float:
    """Seconds; 0 for nothing, and for what another machine's clock puts into the future."""
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
