"""The heartbeat: the worker sweeps at the time that its clock shows and then gives a sign of life."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError

from cases import pulse, tasks
from cases.colours import Colour
from cases.escalation import sweep
from cases.models import Alert, Clock
from cases.tasks import sweep_due
from tests.builders import County
from tests.stories import Story

pytestmark = pytest.mark.django_db


def test_a_tick_raises_what_is_due_and_says_that_it_did(county: County) -> None:
    before = timezone.now()
    late = Story.begin(county, at=before - timedelta(days=20))
    fresh = Story.begin(county, at=before)
    sweep_due()
    assert (late.case.colour, fresh.case.colour) == (Colour.RED, Colour.NONE)
    seen = pulse.last_worker()
    assert seen is not None
    assert before <= seen <= timezone.now()


def test_a_colour_waits_for_an_action_that_was_pressed_in_time(county: County, settings: Any) -> None:
    """The officer pressed before the due time and waited for a lock: no tick may blame the unit meanwhile."""
    story = Story.begin(county)
    clock = story.case.clocks.get()
    grace = timedelta(seconds=settings.SWEEP_GRACE)
    sweep(now=clock.due_at + grace / 2, size=200, grace=grace)
    assert Colour.RED not in story.case.alerts.values_list("colour", flat=True)
    sweep(now=clock.due_at + grace, size=200, grace=grace)
    red = story.case.alerts.get(colour=Colour.RED)
    assert (red.moment, red.raised_at) == (clock.due_at, clock.due_at + grace)


def test_the_grace_is_longer_than_any_wait_for_a_lock(settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int / 1000 FROM pg_settings WHERE name = 'lock_timeout'")
        assert settings.SWEEP_GRACE > cursor.fetchone()[0] > 0


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The hands that were called, instead of calling them."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(sweep_due, "apply_async", lambda **call: calls.append(call))
    return calls


def overdue(county: County, count: int) -> None:
    for _ in range(count):
        Story.begin(county, at=timezone.now() - timedelta(days=20))


def test_a_sweep_with_more_than_one_batch_of_work_calls_another_hand(
    county: County, settings: Any, called: list[dict[str, Any]]
) -> None:
    settings.SWEEP_BATCH, settings.SWEEP_HANDS = 2, 3
    overdue(county, 5)
    sweep_due()
    assert called == [{"kwargs": {"hand": 2}, "expires": settings.SWEEP_INTERVAL, "retry": False}]
    assert Clock.objects.filter(kind="docket", raised=Colour.RED).count() == 5, "and does not wait for it"


@pytest.mark.parametrize(("hand", "next_hands"), [(2, [3]), (3, [])])
def test_hands_are_called_one_after_the_other_up_to_the_operators_number(
    county: County, settings: Any, called: list[dict[str, Any]], hand: int, next_hands: list[int]
) -> None:
    settings.SWEEP_BATCH, settings.SWEEP_HANDS = 1, 3
    overdue(county, 2)
    sweep_due(hand=hand)
    assert [call["kwargs"]["hand"] for call in called] == next_hands


def test_a_small_sweep_calls_nobody(county: County, called: list[dict[str, Any]]) -> None:
    overdue(county, 2)
    sweep_due()
    assert called == []


def test_a_long_sweep_lets_other_tasks_have_their_turn_and_comes_back(
    county: County, settings: Any, called: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SWEEP_BATCH, settings.SWEEP_HANDS = 1, 1
    monkeypatch.setattr(tasks, "WORK_SECONDS", 0)
    overdue(county, 3)
    sweep_due()
    assert Alert.objects.filter(colour=Colour.RED).count() == 1
    assert [call["kwargs"]["hand"] for call in called] == [1]
    sweep_due()
    assert Alert.objects.filter(colour=Colour.RED).count() == 2


@pytest.mark.parametrize("error", [BrokerError("gone"), RedisError("gone")])
def test_a_broker_that_is_gone_stops_no_sweep(
    county: County, settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(**_call: Any) -> None:
        raise error

    settings.SWEEP_BATCH, settings.SWEEP_HANDS = 1, 2
    monkeypatch.setattr(sweep_due, "apply_async", refuse)
    overdue(county, 3)
    sweep_due()
    assert Alert.objects.filter(colour=Colour.RED).count() == 3
