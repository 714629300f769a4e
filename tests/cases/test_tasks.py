"""The heartbeat: the worker sweeps at the time that its clock shows and then gives a sign of life."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases import pulse
from cases.colours import Colour
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
