"""The heartbeat: the worker sweeps at the time that its clock shows and then gives a sign of life."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cases import pulse
from cases.colours import Colour
from cases.escalation import sweep
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
