"""What writing the invariants brought to light (docs/invariants.md): nobody wins time that was not granted."""

from datetime import timedelta

import pytest

from cases.errors import InvalidInput
from cases.models import Clock
from cases.terms import ClockKind
from cases.workflow import Action
from tests.builders import County
from tests.cases.side_stories import called, decide_objection, in_hand, object_to, on, supervise, suspend

pytestmark = pytest.mark.django_db

LATE = timedelta(hours=5)


def test_a_pause_ends_at_its_day_whoever_comes_late(county: County) -> None:
    swept, acted = in_hand(county), in_hand(county)
    for story in (swept, acted):
        suspend(story, on(4, 0).date())
        story.at(on(4, 8) + LATE)
    swept.sweep()
    acted.act(Action.REMIND, "center", comment="请抓紧")
    assert acted.case.suspensions.get().ended_at == on(4, 8)
    assert acted.clock(ClockKind.HANDLE).due_at == swept.clock(ClockKind.HANDLE).due_at


def test_a_part_is_never_handed_to_the_department_that_has_it(county: County) -> None:
    """Its time would begin anew."""
    story = called(county)
    due = story.clock(ClockKind.REPORT_IN).due_at
    with pytest.raises(InvalidInput):
        story.act(Action.REASSIGN, "center", assignment=story.part().pk, department="water", comment="转派")
    object_to(story, county.water)
    with pytest.raises(InvalidInput):
        decide_objection(story, county.water, new=county.water)
    assert story.clock(ClockKind.REPORT_IN).due_at == due


def test_an_order_that_is_opened_while_the_case_stands_still_has_its_own_time(county: County) -> None:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    supervise(story.wait(days=1), county.water)
    before = Clock.objects.get(kind=ClockKind.SUPERVISION)
    assert before.paused_at is None
    story.wait(minutes=5).act(Action.RESUME, "center")
    after = Clock.objects.get(kind=ClockKind.SUPERVISION)
    assert (after.due_at, after.generation) == (before.due_at, before.generation)
