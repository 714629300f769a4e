"""挂起, 恢复: pauses are credited to the minute, never backdated, and end by themselves (domain.md, "Time")."""

from datetime import date, timedelta

import pytest

from cases.colours import Colour
from cases.errors import Conflict, InvalidInput
from cases.models import Alert, Suspension
from cases.terms import ClockKind, Status, SuspendReason
from cases.workflow import Action
from tests.builders import County
from tests.cases.side_stories import in_hand, on, supervise, suspend
from tests.stories import Story

pytestmark = pytest.mark.django_db


def handle_alerts(story: Story) -> list[tuple[int, int]]:
    """Generation and colour of every alert on the lead's handle clock."""
    found = Alert.objects.filter(case_id=story.case_id, clock__kind=ClockKind.HANDLE).order_by("pk")
    return list(found.values_list("generation", "colour"))


def test_a_suspended_case_stands_still(county: County) -> None:
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    assert story.case.status == Status.SUSPENDED
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.paused_at, handle.next_moment, handle.generation) == (on(3, 9), None, 2)
    standing = story.clock(ClockKind.SUSPENSION)
    assert (standing.due_at, standing.charged) == (on(5, 8), None)
    story.at(on(4, 23)).sweep()
    assert story.alerts() == []
    assert story.case.status == Status.SUSPENDED


def test_a_pause_is_credited_to_the_minute(county: County) -> None:
    """Thirteen office hours stood still, from Tuesday 09:00 to Thursday 08:00: Monday 17:30 becomes Wednesday 16:30."""
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    story.at(on(5, 8)).sweep()
    assert story.case.status == Status.HANDLING
    assert story.clock(ClockKind.HANDLE).due_at == on(11, 16, 30)
    assert story.clock(ClockKind.RESOLVE).due_at == on(13, 16, 30)
    assert story.case.due_at == on(11, 16, 30)


def test_the_case_resumes_at_its_own_moment_also_when_the_sweep_comes_later(county: County) -> None:
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    story.at(on(6, 11)).sweep()
    assert Suspension.objects.get().ended_at == on(5, 8)
    assert story.clock(ClockKind.HANDLE).due_at == on(11, 16, 30)


def test_whoever_resumes_earlier_is_credited_less(county: County) -> None:
    """Two office hours of Tuesday morning."""
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 20))
    story.at(on(3, 11)).act(Action.RESUME, "township", comment="材料已到")
    assert story.clock(ClockKind.HANDLE).due_at == on(10, 10)
    assert ClockKind.SUSPENSION not in story.running()
    assert Suspension.objects.get().ended_by == county.users["township"]


def test_colours_already_raised_are_inherited_silently_and_the_others_raised_anew(county: County) -> None:
    """Blue rose on Thursday 08:31:30, before the pause, and is not raised again."""
    story = in_hand(county).at(on(5, 10))
    story.sweep()
    assert handle_alerts(story) == [(1, Colour.BLUE)]
    suspend(story, date(2026, 3, 9))
    story.at(on(9, 8)).sweep()
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.colour, handle.raised, handle.blue_at) == (
        Colour.BLUE,
        Colour.BLUE,
        on(5, 8, 31) + timedelta(seconds=30),
    )
    assert handle_alerts(story) == [(1, Colour.BLUE)]
    assert handle.due_at == on(11, 15, 30)
    story.at(on(11, 15, 30)).sweep()
    assert handle_alerts(story) == [(1, Colour.BLUE), (3, Colour.YELLOW), (3, Colour.RED)]


def test_two_pauses_add_up(county: County) -> None:
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 4))
    story.at(on(4, 8)).sweep()
    story.at(on(4, 10))
    suspend(story, date(2026, 3, 5))
    story.at(on(5, 8)).sweep()
    # 6 h of Tuesday and 5 h of Wednesday: eleven office hours behind Monday 17:30.
    assert story.clock(ClockKind.HANDLE).due_at == on(11, 12)


@pytest.mark.parametrize("until", [date(2026, 3, 1), date(2026, 3, 3), date(2027, 4, 1)])
def test_a_suspension_is_never_backdated_and_never_endless(county: County, until: date) -> None:
    story = in_hand(county).at(on(3, 9))
    with pytest.raises(InvalidInput) as refusal:
        suspend(story, until)
    assert set(refusal.value.errors) == {"until"}
    assert story.case.status == Status.HANDLING


def test_the_list_of_reasons_is_closed(county: County) -> None:
    story = in_hand(county)
    with pytest.raises(InvalidInput):
        story.act(Action.SUSPEND, "center", reason="holiday", until="2026-03-10")
    story.act(Action.SUSPEND, "center", reason=SuspendReason.SEASON.value, until="2026-03-10")
    assert Suspension.objects.get().reason == SuspendReason.SEASON


def test_while_suspended_departments_do_nothing(county: County) -> None:
    story = in_hand(county)
    part = story.part().pk
    suspend(story, date(2026, 3, 10))
    with pytest.raises(Conflict):
        story.act(Action.FINISH, "handler", assignment=part, reply="已修好")
    with pytest.raises(Conflict):
        story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")


def test_supervision_goes_on_while_the_case_is_suspended(county: County) -> None:
    story = in_hand(county)
    suspend(story, date(2026, 3, 10))
    order = supervise(story, county.water)
    assert story.clock(ClockKind.SUPERVISION).next_moment is not None
    story.act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="已说明")
    story.act(Action.SIGN_OFF, "inspector", order=order.pk)
    assert ClockKind.SUPERVISION not in story.running()


def test_withdrawing_a_suspended_case_ends_its_suspension(county: County) -> None:
    story = in_hand(county)
    suspend(story, date(2026, 3, 10))
    story.wait(hours=1).withdraw()
    assert story.running() == set()
    assert Suspension.objects.get().ended_at == story.now
    story.at(on(10, 9)).sweep()
    assert story.case.status == Status.WITHDRAWN


def test_merging_a_suspended_case_ends_its_suspension(county: County) -> None:
    story, master = in_hand(county), in_hand(county)
    suspend(story, date(2026, 3, 10))
    story.wait(hours=1).act(Action.MERGE, "center", master=master.number, comment="同一处")
    assert Suspension.objects.get().ended_at == story.now
