"""Beside people who work, one sweep at a time, in small batches and with rests; without them, as fast as it can."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings

from cases import escalation, manners
from cases.batches import LEAST
from cases.escalation import sweep
from cases.manners import Manners
from cases.models import Clock
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.together import other_session

NOW = MONDAY + timedelta(days=3)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that sweeps rested, which nobody waits for."""
    taken: list[float] = []
    monkeypatch.setattr(escalation, "Manners", lambda: Manners(pause=taken.append))
    return taken


@contextmanager
def somebody_at_work() -> Iterator[None]:
    with other_session() as web:
        web.execute("SELECT set_config('application_name', %s, false)", [settings.WEB_CONNECTIONS])
        yield


@contextmanager
def another_sweep() -> Iterator[None]:
    with other_session() as seated:
        seated.execute("SELECT pg_advisory_xact_lock(%s)", [manners._SEAT_KEY])
        yield


def left() -> int:
    return Clock.objects.filter(next_moment__lte=NOW).count()


def test_alone_it_takes_no_seat_and_no_rest(county: County, rests: list[float]) -> None:
    collect_many(county, 30)
    with another_sweep():
        assert sweep(now=NOW, size=10).clocks == 30
    assert rests == []


def test_beside_people_the_second_sweep_leaves_it_to_the_first(county: County, rests: list[float]) -> None:
    collect_many(county, 30)
    with somebody_at_work(), another_sweep():
        report = sweep(now=NOW, size=10)
        assert (report.clocks, report.held, report.busy, report.cut_short) == (0, 0, 0, False)
        assert left() == 30


def test_beside_people_the_only_sweep_does_it_all_and_rests_after_each_batch(
    county: County, rests: list[float]
) -> None:
    collect_many(county, 3 * LEAST)
    with somebody_at_work():
        report = sweep(now=NOW, size=LEAST)
    assert (report.clocks, left()) == (3 * LEAST, 0)
    assert len(rests) == report.batches == 3
    assert sum(rests) == pytest.approx(report.seconds)


def test_beside_people_batches_are_as_small_as_is_sensible(county: County) -> None:
    polite = Manners(pause=lambda seconds: None)
    assert polite.most(500) == 500
    with somebody_at_work():
        assert polite.take_seat()
    assert (polite.most(500), polite.most(10)) == (LEAST, 10)


def test_somebody_who_left_a_while_ago_is_no_reason(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "PRESENT", 0.0)
    polite = Manners(pause=lambda seconds: None)
    with somebody_at_work(), another_sweep():
        assert polite.take_seat()
    assert polite.most(500) == 500
