"""/healthz, /readyz, /statusz (api.md, "Operations")."""

import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from cases import pulse
from cases.coverage import reach_of
from cases.models import CalendarVersion, Clock, Reconciliation, SweepDay
from cases.reconciling import begin, carry_on
from config import health
from config.health import Grade, status_of
from notifications.models import Delivery
from notifications.pulse import courier_lives
from notifications.routing import route
from notifications.states import State
from tests.builders import MONDAY, County, unpublish
from tests.concurrency.together import other_session
from tests.contract import hold_to_contract
from tests.notifications.people import reachable, tell
from tests.stories import Story


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pulse.client().flushdb()
    monkeypatch.setattr(health, "_APPLIED", type(health._APPLIED)())
    yield
    pulse.client().flushdb()


def get(path: str) -> Any:
    response = Client().get(path)
    hold_to_contract("GET", path, response)
    return response


def grades(now: datetime) -> dict[str, str]:
    return {name: check.grade.word for name, check in status_of(now).items()}


def beat_at(moment: datetime) -> None:
    """What redbeat writes when it sends the sweep."""
    parts = ("year", "month", "day", "hour", "minute", "second")
    utc = moment.astimezone(timezone.get_fixed_timezone(0))
    stamp = ",".join(f'"{part}":{getattr(utc, part)}' for part in parts)
    pulse.client().hset("redbeat:sweep", "meta", f'{{"last_run_at":{{"__type__":"datetime",{stamp}}}}}')


def test_healthz_asks_nobody() -> None:
    answer = get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_readyz_when_the_database_answers(db: None) -> None:
    assert get("/readyz").status_code == 200
    assert get("/readyz").json()["checks"]["migrations"]["status"] == "ok"


def test_readyz_names_what_was_not_applied(db: None) -> None:
    MigrationRecorder.Migration.objects.filter(app="cases").order_by("-id").first().delete()  # type: ignore[union-attr]
    answer = get("/readyz")
    assert answer.status_code == 503
    assert "cases.0" in answer.json()["checks"]["migrations"]["detail"]


def test_readyz_when_the_database_is_gone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", gone)
        answer = get("/readyz")
    assert answer.status_code == 503
    assert "refused" not in answer.json()["checks"]["database"]["detail"]


def test_everything_is_well(county: County) -> None:
    pulse.beat(now=MONDAY)
    courier_lives(now=MONDAY)
    beat_at(MONDAY)
    assert set(grades(MONDAY).values()) == {"ok"}


def test_statusz_fails_before_the_first_sign_of_life(county: County) -> None:
    answer = get("/statusz")
    assert answer.status_code == 503
    assert {answer.json()["checks"][part]["status"] for part in ("beat", "worker", "courier")} == {"failing"}


@pytest.mark.parametrize(("intervals", "grade"), [(2, "ok"), (2.1, "warning"), (4, "warning"), (4.1, "failing")])
def test_silence_is_measured_in_sweep_intervals(
    county: County, settings: LazySettings, intervals: float, grade: str
) -> None:
    settings.SWEEP_INTERVAL = 100
    pulse.beat(now=MONDAY)
    courier_lives(now=MONDAY)
    beat_at(MONDAY)
    found = grades(MONDAY + timedelta(seconds=100 * intervals))
    assert (found["worker"], found["beat"], found["courier"]) == (grade, grade, grade)


def test_a_lagging_sweep_is_told(county: County, settings: LazySettings) -> None:
    settings.SWEEP_INTERVAL = 60
    story = Story.begin(county)
    blue = Clock.objects.get(case_id=story.case_id).blue_at
    assert blue is not None
    assert grades(blue - timedelta(seconds=1))["sweep"] == "ok"
    assert grades(blue + timedelta(seconds=60))["sweep"] == "ok"
    assert grades(blue + timedelta(seconds=180))["sweep"] == "warning"
    assert grades(blue + timedelta(seconds=300))["sweep"] == "failing"


def test_an_outbox_that_stands_still_is_told(county: County) -> None:
    tell(county.users["handler"], "k", now=MONDAY)
    assert grades(MONDAY + timedelta(minutes=10))["outbox"] == "ok"
    assert grades(MONDAY + timedelta(minutes=11))["outbox"] == "warning"
    assert grades(MONDAY + timedelta(minutes=61))["outbox"] == "failing"
    route(now=MONDAY, size=10)
    assert grades(MONDAY + timedelta(minutes=61))["outbox"] == "ok", "nothing to send"


def test_a_dead_letter_is_a_warning(county: County) -> None:
    tell(reachable("reached"), "k", now=MONDAY)
    route(now=MONDAY, size=10)
    assert grades(MONDAY)["dead_letters"] == "ok"
    Delivery.objects.update(state=State.DEAD)
    assert grades(MONDAY)["dead_letters"] == "warning"


def test_a_row_set_aside_is_a_warning_and_fails_when_it_is_overlooked(county: County) -> None:
    story = Story.begin(county)
    clock = Clock.objects.get(case_id=story.case_id)
    Clock.objects.update(held_until=MONDAY, held_error="ValueError")
    assert clock.next_moment is not None
    assert grades(clock.next_moment + timedelta(minutes=5))["held_rows"] == "warning"
    assert grades(clock.next_moment + timedelta(hours=2))["held_rows"] == "failing"
    Clock.objects.update(stopped_at=MONDAY, next_moment=None)
    assert grades(MONDAY)["held_rows"] == "ok"


def test_the_nights_reconciliation_is_missed_after_a_night(county: County) -> None:
    assert grades(MONDAY)["reconciliation"] == "ok", "a service of this morning has had no night yet"
    SweepDay.objects.create(day=MONDAY.date())
    assert grades(MONDAY)["reconciliation"] == "ok"
    assert grades(MONDAY + timedelta(days=1))["reconciliation"] == "warning"
    run = carry_on(begin(now=MONDAY), ticks=[MONDAY, MONDAY])
    assert grades(MONDAY + timedelta(hours=26))["reconciliation"] == "ok"
    assert grades(MONDAY + timedelta(hours=27))["reconciliation"] == "warning"
    Reconciliation.objects.filter(pk=run.pk).update(found={"no_event": 2})
    with override("en"):
        check = status_of(MONDAY)["reconciliation"]
    assert (check.grade, check.detail) == (Grade.WARNING, "2 discrepancies found, 2 left, 0 seconds ago")


def test_operators_read_english_whatever_the_browser_prefers(county: County) -> None:
    answer = Client().get("/statusz", headers={"Accept-Language": "zh-hans"})
    assert answer.json()["checks"]["database"]["detail"] == "answers"


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "0 seconds ago"),
        (timedelta(seconds=119), "119 seconds ago"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(hours=49), "2 days ago"),
    ],
)
def test_ages_are_told_in_the_largest_unit_of_which_there_are_two(age: timedelta, words: str) -> None:
    with override("en"):
        assert health.ago(age) == words


def test_a_missing_next_year_is_a_warning_while_limits_reach_into_it(county: County) -> None:
    known = max(int(year) for year in CalendarVersion.objects.get().days["known_years"])
    december = MONDAY.replace(year=known, month=12, day=20)
    assert status_of(december)["calendar"].grade is Grade.WARNING
    assert str(known + 1) in status_of(december)["calendar"].detail
    assert status_of(MONDAY.replace(year=known))["calendar"].grade is Grade.OK


def test_without_policy_or_calendar_it_fails(county: County) -> None:
    unpublish(county.policy)
    unpublish(county.calendar)
    found = grades(MONDAY)
    assert (found["policy"], found["calendar"]) == ("failing", "failing")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_locked_table_spoils_its_own_checks(county: County) -> None:
    """Each of them waits for its two seconds; the others are answered."""
    with other_session() as session:
        session.execute("LOCK TABLE notifications_delivery IN ACCESS EXCLUSIVE MODE")
        found = grades(MONDAY)
    assert {name for name, grade in found.items() if grade == "failing"} >= {"outbox", "dead_letters"}
    assert {found[name] for name in ("database", "sweep", "held_rows", "reconciliation", "policy")} == {"ok"}
    assert {grades(MONDAY)[name] for name in ("outbox", "dead_letters")} == {"ok"}


def test_a_redis_that_is_not_there_is_told_at_once(county: County, settings: LazySettings, tmp_path: Path) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    found = grades(MONDAY)
    assert found["redis"] == "failing"
    assert "worker" not in found
    assert found["policy"] == "ok"


def test_a_redis_that_hangs_is_not_waited_for(county: County, settings: LazySettings, tmp_path: Path) -> None:
    path = tmp_path / "hung.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        settings.REDIS_URL = f"unix://{path}"
        begun = time.monotonic()
        assert grades(MONDAY)["redis"] == "failing"
        assert time.monotonic() - begun < 5


def test_the_longest_limit_says_how_far_the_calendar_must_reach(county: County) -> None:
    from cases.limits import PolicyRules

    rules = PolicyRules.parse({"types": {"appeal": {"handle": "10 wd"}}})
    assert timedelta(days=15) < reach_of(rules) <= timedelta(days=20)
    assert reach_of(PolicyRules.parse({"types": {}})) == timedelta()


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/statusz", "/metrics"])
def test_another_method_is_the_wrong_one_and_no_forged_form(address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    for method in ("POST", "PUT", "DELETE", "QUERY"):
        answer = strict.generic(method, address)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
