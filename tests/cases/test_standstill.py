"""挂起, 恢复: pauses are credited to the minute, never backdated, and end by themselves (domain.md, "Time")."""

from datetime import date, datetime, timedelta

import pytest

from cases.colours import Colour
from cases.errors import Conflict, InvalidInput
from cases.invariants import violations
from cases.models import Alert, Clock, ClockAdjustment, Suspension
from cases.receipts import clocks_of, differences, receipt_of
from cases.terms import ClockKind, Status
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
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-10")
    assert Suspension.objects.get().reason == "season"


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


# What stops, or goes on late


def supervised_then_suspended(county: County, at: datetime) -> Story:
    """An order of Monday 09:05 with a working day to answer; the case stands still from `at` until the 20th."""
    story = in_hand(county)
    supervise(story, county.water)
    suspend(story.at(at), date(2026, 3, 20))
    return story


def kinds(story: Story) -> list[str]:
    return [event.kind for event in story.events()]


def test_a_clock_that_stops_while_it_stands_still_is_credited_up_to_then(county: County) -> None:
    """Due Tuesday 17:30; suspended Tuesday 09:00, answered a week later at 10:00: six office hours were left."""
    story = supervised_then_suspended(county, on(3, 9))
    order = story.case.supervision_orders.get()
    story.at(on(10, 10)).act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="已说明")
    clock = clocks_of(story.case).get(kind=ClockKind.SUPERVISION)
    assert (clock.due_at, clock.stopped_at, clock.on_time) == (on(11, 9), on(10, 10), True)
    assert (clock.paused_at, clock.generation) == (None, 3)
    assert list(differences(clock)) == []
    (pause,) = receipt_of(clock).causes
    assert (pause.start, pause.end, pause.lost) == (on(3, 9), on(10, 10), timedelta(hours=36))
    assert Suspension.objects.get().ended_at is None, "the case itself still stands still"
    assert list(violations(now=story.now)) == []
    story.at(on(20, 9)).sweep()
    assert ClockAdjustment.objects.get(clock=clock).ends_at == on(10, 10)
    assert list(violations(now=story.now)) == []


def test_what_was_used_up_when_the_pause_began_is_late_whatever_the_pause(county: County) -> None:
    """Suspended at the very due time of the order: not a microsecond is left, and the red is told with the answer."""
    story = supervised_then_suspended(county, on(3, 17, 30))
    assert not Alert.objects.filter(clock__kind=ClockKind.SUPERVISION, colour=Colour.RED).exists()
    order = story.case.supervision_orders.get()
    story.at(on(4, 10)).act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="已说明")
    clock = Clock.objects.get(kind=ClockKind.SUPERVISION)
    assert (clock.due_at, clock.on_time) == (on(3, 17, 30), False)
    red = Alert.objects.get(clock=clock, colour=Colour.RED)
    assert (red.moment, red.generation, red.order_id) == (on(3, 17, 30), 3, order.pk)
    assert kinds(story)[-2:] == ["alert", "answer_supervision"]
    assert list(violations(now=story.now)) == []


def test_a_case_that_ends_while_it_stands_still_was_not_late(county: County) -> None:
    story = in_hand(county)
    suspend(story.at(on(6, 9)), date(2026, 3, 20))
    story.at(on(18, 9)).withdraw()  # long behind the due time that was told before the pause
    stopped = clocks_of(story.case).filter(stop_reason="ended").exclude(kind=ClockKind.SUSPENSION)
    assert {clock.kind: clock.on_time for clock in stopped} == {ClockKind.HANDLE: True, ClockKind.RESOLVE: True}
    assert all(list(differences(clock)) == [] for clock in stopped)
    assert Alert.objects.filter(colour=Colour.RED).count() == 0
    assert list(violations(now=story.now)) == []


def test_a_late_resumption_raises_at_once_what_its_schedule_has_passed(county: County) -> None:
    """The sweep was down for a week: one tick resumes the case as of its day and raises every colour since."""
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    story.at(on(12, 9)).sweep()
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.due_at, handle.raised, handle.next_moment) == (on(11, 16, 30), Colour.RED, None)
    assert handle_alerts(story) == [(3, Colour.BLUE), (3, Colour.YELLOW), (3, Colour.RED)]
    assert story.case.colour == Colour.RED
    raised = Alert.objects.filter(clock=handle).order_by("colour").values_list("moment", flat=True)
    assert list(raised) == [handle.blue_at, handle.yellow_at, handle.red_at]
    assert kinds(story)[-6:] == ["suspend", "resume", *["alert"] * 4]  # the county's promise is blue
    assert list(violations(now=story.now, lag=timedelta(0))) == []
    assert story.sweep().clocks == 0


def test_an_action_behind_the_day_finds_the_case_going_on(county: County) -> None:
    """The first of them resumes it, in the name of nobody and as of its day; the sweep finds nothing left to do."""
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    before, version = len(story.events()), story.case.version
    story.at(on(5, 8, 1)).finish()
    resumed, finished = story.events()[before:]
    assert [(e.kind, e.actor_id) for e in (resumed, finished)] == [
        ("resume", None),
        ("finish", county.users["handler"].pk),
    ]
    assert (resumed.payload["from"], resumed.payload["to"], finished.payload["from"]) == (
        Status.SUSPENDED,
        Status.HANDLING,
        Status.HANDLING,
    )
    assert story.case.version == version + 2
    assert Suspension.objects.get().ended_at == on(5, 8)
    assert story.sweep().clocks == 0
    assert list(violations(now=story.now)) == []


def test_a_refused_action_behind_the_day_resumes_nothing(county: County) -> None:
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    story.at(on(5, 9))
    with pytest.raises(InvalidInput):
        story.act(Action.REASSIGN, "center", assignment=story.part().pk, department="water", comment="转派")
    with pytest.raises(Conflict):
        story.act(Action.RESUME, "center")  # it has resumed by itself
    assert story.case.status == Status.SUSPENDED
    assert kinds(story)[-1] == "suspend"


def test_whoever_looked_at_the_suspended_case_may_act_on_what_resumed_by_itself(county: County) -> None:
    """Nobody else acted: the version that was looked at is still the one to act on."""
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    part, version = story.part().pk, story.case.version
    story.at(on(5, 8, 1)).act(Action.FINISH, "handler", assignment=part, reply="已修好", version=version)
    assert story.case.status == Status.ANSWERED


def test_at_the_very_moment_the_day_comes_an_officer_may_still_resume(county: County) -> None:
    story = in_hand(county).at(on(3, 9))
    suspend(story, date(2026, 3, 5))
    story.at(on(5, 8)).act(Action.RESUME, "township", comment="到期")
    assert Suspension.objects.get().ended_by == county.users["township"]


def test_a_late_extension_raises_at_once_what_it_has_passed(county: County) -> None:
    """Asked in time for three days, granted two weeks late: the new due time has passed too, with its red."""
    story = in_hand(county).at(on(9, 9))
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    story.at(on(24, 9)).act(Action.DECIDE_EXTENSION, "center", granted=True)
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.due_at, handle.raised, handle.next_moment) == (on(12, 17, 30), Colour.RED, None)
    assert handle_alerts(story) == [(1, c) for c in (1, 2, 3)]
    assert story.sweep().clocks == 0
    assert list(violations(now=story.now, lag=timedelta(0))) == []
