"""/metrics in the text format of Prometheus: every figure of the engine, whatever else is dead."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cases import figures, pulse
from cases.colours import Colour
from cases.escalation import sweep
from cases.models import CalendarVersion, Clock
from cases.reconciling import begin, carry_on
from cases.tasks import sweep_due
from cases.terms import Discrepancy
from config.asking import in_time
from notifications.models import Delivery, Message
from notifications.pulse import courier_lives
from notifications.states import ChannelName
from tests.builders import County
from tests.stories import Story

pytestmark = pytest.mark.django_db

#: Prometheus conventions: units and `_total` at the end; what a name may say besides.
PARTS: Final = {"beat", "worker", "courier"}
READS: Final = {"redis", "database", "heartbeats", "sweep", "sweep_totals", "outbox", "calendar", "reconciliation"}
CLOSED_LISTS: Final = {
    "colour": {"blue", "yellow", "red"},
    "channel": {channel.value for channel in ChannelName},
    "state": {"waiting", "sending", "dead"},
    "part": PARTS,
    "kind": {kind.value for kind in Discrepancy},
    "read": READS,
}
TOKEN: Final = "a-long-token-of-the-scraper"


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    pulse.client().flushdb()
    yield
    pulse.client().flushdb()


def scrape(**headers: str) -> Any:
    return Client().get("/metrics", headers=headers)


def read(text: str | None = None) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels in the order of their names."""
    text = scrape().content.decode() if text is None else text
    return {
        (sample.name, *[value for _, value in sorted(sample.labels.items())]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_figure_has_its_name_unit_and_words(county: County) -> None:
    sweep_due()
    text = scrape().content.decode()
    families = list(text_string_to_metric_families(text))
    assert len(families) == len({family.name for family in families}) > 15
    for family in families:
        assert family.name.startswith("whistle_")
        assert family.documentation
        assert family.type in {"gauge", "counter", "summary"}
        if family.type == "counter":
            assert {sample.name for sample in family.samples} == {f"{family.name}_total"}
        for sample in family.samples:
            for name, value in sample.labels.items():
                assert value in CLOSED_LISTS[name], "labels are closed lists: no person, no case"
    assert "# TYPE whistle_sweep_alerts_total counter" in text


def test_the_sweep(county: County) -> None:
    now = timezone.now()
    for _ in range(2):
        Story.begin(county, at=now - timedelta(days=20))
    before = read()
    assert before["whistle_sweep_lag_seconds",] > 15 * 86400
    assert [before["whistle_sweep_due_alerts", colour] for colour in ("blue", "yellow", "red")] == [2, 2, 2]
    assert before["whistle_sweep_alerts_total", "red"] == 0
    sweep_due()
    after = read()
    assert after["whistle_sweep_lag_seconds",] == 0
    assert after["whistle_sweep_due_alerts", "red"] == 0
    assert [after["whistle_sweep_alerts_total", colour] for colour in ("blue", "yellow", "red")] == [2, 2, 2]
    assert (after["whistle_sweep_runs_total",], after["whistle_sweep_clocks_total",]) == (1, 2)
    assert after["whistle_sweep_batch_seconds_count",] == 1
    longest = after["whistle_sweep_longest_batch_seconds",]
    assert after["whistle_sweep_longest_lag_seconds",] > 0
    assert 0 < longest == after["whistle_sweep_batch_seconds_sum",]


def test_the_longest_batch_is_that_of_the_last_hour(county: County) -> None:
    earlier = timezone.now() - timedelta(hours=2)
    Story.begin(county, at=earlier - timedelta(days=20))
    figures.note(sweep(now=earlier, size=9), started=earlier)
    assert read()["whistle_sweep_longest_batch_seconds",] == 0


def test_rows_set_aside_count_apart_from_the_lag(county: County) -> None:
    Story.begin(county, at=timezone.now() - timedelta(days=20))
    Clock.objects.update(held_until=timezone.now() + timedelta(minutes=5))
    found = read()
    assert (found["whistle_sweep_held_clocks",], found["whistle_sweep_lag_seconds",]) == (1, 0)
    assert found["whistle_sweep_due_alerts", "red"] == 0


def test_signs_of_life(county: County) -> None:
    assert not [key for key in read() if key[0] == "whistle_heartbeat_age_seconds"], "never a sign: nothing is said"
    now = timezone.now()
    pulse.beat(now=now - timedelta(seconds=30))
    courier_lives(now=now - timedelta(seconds=60))
    found = read()
    assert 30 <= found["whistle_heartbeat_age_seconds", "worker"] < 60
    assert 60 <= found["whistle_heartbeat_age_seconds", "courier"] < 90


def test_a_clock_that_is_ahead_makes_no_negative_age(county: County) -> None:
    pulse.beat(now=timezone.now() + timedelta(hours=1))
    assert read()["whistle_heartbeat_age_seconds", "worker"] == 0


def test_the_outbox(county: County) -> None:
    now = timezone.now()
    news = {
        "recipient": county.users["handler"],
        "kind": "alert",
        "subject": "x",
        "created_at": now - timedelta(hours=1),
    }
    Message.objects.create(key="a", **news)
    base = {"recipient": county.users["handler"], "language": "zh-hans", "created_at": now}
    ago = {minutes: now - timedelta(minutes=minutes) for minutes in (5, 9, 30)}
    Delivery.objects.bulk_create(
        [
            Delivery(key="1", channel="email", not_before=ago[5], **base),
            Delivery(key="2", channel="email", not_before=now + timedelta(hours=1), **base),
            Delivery(key="3", channel="email", state="sending", lease_until=now, not_before=ago[9], **base),
            Delivery(key="4", channel="webhook", state="dead", not_before=ago[30], finished_at=ago[30], **base),
            Delivery(key="5", channel="webhook", state="sent", not_before=ago[30], finished_at=ago[30], **base),
        ]
    )
    found = read()
    depth = {key[1:]: value for key, value in found.items() if key[0] == "whistle_outbox_deliveries"}
    assert depth == {
        ("email", "waiting"): 2,
        ("email", "sending"): 1,
        ("email", "dead"): 0,
        ("webhook", "waiting"): 0,
        ("webhook", "sending"): 0,
        ("webhook", "dead"): 1,
    }
    assert 300 <= found["whistle_outbox_oldest_seconds", "email", "waiting"] < 330
    assert 540 <= found["whistle_outbox_oldest_seconds", "email", "sending"] < 570
    assert 1800 <= found["whistle_outbox_oldest_seconds", "webhook", "dead"] < 1830
    assert found["whistle_outbox_oldest_seconds", "webhook", "waiting"] == 0
    assert found["whistle_outbox_dead_letters",] == 1
    assert found["whistle_outbox_undecided_messages",] == 1
    assert 3600 <= found["whistle_outbox_undelivered_age_seconds",] < 3630


def test_the_last_reconciliation(county: County) -> None:
    assert not [key for key in read() if key[0].startswith("whistle_reconciliation")]
    now = timezone.now()
    Story.begin(county, at=now)
    Clock.objects.update(next_moment=None)
    carry_on(begin(now=now), ticks=[now, now])
    begin(now=now)  # the next one is under way
    found = read()
    assert abs(found["whistle_reconciliation_finished_timestamp_seconds",] - now.timestamp()) < 0.01
    assert (
        found["whistle_reconciliation_found", "next_moment"]
        == found["whistle_reconciliation_repaired", "next_moment"]
        == 1
    )
    assert found["whistle_reconciliation_found", "missing_alert"] == 0


def test_the_calendar(county: County) -> None:
    known = max(int(year) for year in CalendarVersion.objects.get().days["known_years"])
    assert read()["whistle_calendar_covered",] == float(timezone.now().year < known or timezone.now().month < 11)


# What is dead does not take the rest with it


def test_a_dead_redis_leaves_the_figures_of_the_database(
    county: County, settings: LazySettings, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    found = read()
    assert (found["whistle_redis_up",], found["whistle_database_up",]) == (0, 1)
    assert found["whistle_sweep_lag_seconds",] == 0
    assert found["whistle_read_failed", "redis"] == 1


def test_a_redis_that_hangs_is_not_waited_for(county: County, settings: LazySettings, tmp_path: Path) -> None:
    path = tmp_path / "hung.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        settings.REDIS_URL = f"unix://{path}"
        begun = time.monotonic()
        assert read()["whistle_redis_up",] == 0
        assert time.monotonic() - begun < 8


def test_a_dead_database_leaves_the_signs_of_life(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("connection refused")

    pulse.beat(now=timezone.now())
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", gone)
        found = read()
    assert (found["whistle_redis_up",], found["whistle_database_up",]) == (1, 0)
    assert ("whistle_heartbeat_age_seconds", "worker") in found
    assert not [key for key in found if key[0].startswith("whistle_sweep")]


def test_one_read_that_fails_is_named_and_the_others_are_there(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(figures, "totals", slow)
    found = read()
    assert {key: value for key, value in found.items() if key[0] == "whistle_read_failed"} == {
        ("whistle_read_failed", "sweep_totals"): 1
    }
    assert found["whistle_database_up",] == 1
    assert ("whistle_sweep_lag_seconds",) in found
    assert ("whistle_calendar_covered",) in found


def test_a_slow_statement_is_cancelled_and_the_connection_lives(db: None) -> None:
    with pytest.raises(OperationalError), in_time(statement=0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    with in_time(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_a_server_that_keeps_no_limit_is_hung_up_on() -> None:
    begun = time.monotonic()
    with pytest.raises(OperationalError), in_time(statement=600, answer=0.2), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    assert time.monotonic() - begun < 30
    with in_time(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,), "the next question has a new connection"
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")


# Who may read


def test_it_is_open_outside_production_and_closed_in_it(county: County, settings: LazySettings) -> None:
    assert scrape().status_code == 200
    settings.PRODUCTION = True
    answer = scrape()
    assert (answer.status_code, b"whistle_" in answer.content) == (403, False)


@pytest.mark.parametrize("production", [True, False])
def test_with_a_token_it_asks_for_it(county: County, settings: LazySettings, production: bool) -> None:
    settings.PRODUCTION, settings.METRICS_TOKEN = production, TOKEN
    refused = [scrape(), scrape(Authorization="Bearer wrong"), scrape(Authorization="Bearer ")]
    assert {answer.status_code for answer in refused} == {401}
    assert refused[0].headers["WWW-Authenticate"] == "Bearer"
    assert scrape(Authorization=f"Bearer {TOKEN}").status_code == 200


def test_a_network_may_read_without_a_token(county: County, settings: LazySettings) -> None:
    settings.PRODUCTION, settings.METRICS_NETWORKS = True, [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    statuses = [
        Client().get("/metrics", REMOTE_ADDR=near).status_code for near in ("10.1.2.3", "fd00::1", "10.2.0.1", "")
    ]
    assert statuses == [200, 200, 403, 403]


def test_openmetrics_is_spoken_to_whoever_asks_for_it(county: County) -> None:
    answer = scrape(Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_scrape_costs_the_same_for_two_cases_and_for_forty(
    county: County,
) -> None:
    costs = []
    for count in (2, 38):
        for _ in range(count):
            Story.begin(county, at=timezone.now() - timedelta(days=20))
        with CaptureQueriesContext(connection) as queries:
            found = read()
        assert found["whistle_sweep_due_alerts", Colour.RED.code] > 0
        costs.append(len(queries))
    assert costs[0] == costs[1]
