"""The nightly reconciliation: every kind of discrepancy made on purpose, found, repaired where that is for it to do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import repeat
from typing import Final

import pytest

from cases import journal, reconciling
from cases.admin.timeline import event_words
from cases.colours import Colour
from cases.escalation import sweep
from cases.invariants import LAG, violations
from cases.models import Alert, Case, Clock, JournalEvent, Reconciliation, SupervisionOrder
from cases.reconciling import begin, carry_on
from cases.terms import ClockKind, Discrepancy, Status, StopReason
from notifications.models import Message
from tests.builders import County
from tests.cases.side_stories import called, in_hand, on, suspend
from tests.cases.test_state_machine import fingerprint
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

HOUR: Final = timedelta(hours=1)
Break = Callable[[County], Story]


def reconcile(now: datetime, *, size: int = reconciling.BATCH) -> Reconciliation:
    return carry_on(begin(now=now), ticks=repeat(now), size=size)


def overdue(county: County) -> Story:
    """In hand, swept a minute after its handle clock turned red."""
    story = in_hand(county)
    return swept(story.at(story.clock(ClockKind.HANDLE).due_at + timedelta(minutes=1)))


def swept(story: Story) -> Story:
    story.sweep()
    return story


def change(story: Story, **values: object) -> Story:
    Case.objects.filter(pk=story.case_id).update(**values)
    return story


def change_clock(story: Story, kind: ClockKind, **values: object) -> Story:
    Clock.objects.filter(pk=story.clock(kind).pk).update(**values)
    return story


# What can be wrong, and can be repaired


def outage(county: County) -> Story:
    """No sweep came for days."""
    story = in_hand(county)
    return story.at(story.clock(ClockKind.HANDLE).due_at + HOUR)


def forgotten(county: County) -> Story:
    """A bad row: nothing is pending on it although its moments have passed."""
    story = outage(county)
    return change_clock(story, ClockKind.HANDLE, next_moment=None)


def forgotten_for_later(county: County) -> Story:
    return change_clock(in_hand(county), ClockKind.HANDLE, next_moment=None)


def late(county: County) -> Story:
    story = in_hand(county)
    return change_clock(story, ClockKind.HANDLE, next_moment=story.clock(ClockKind.HANDLE).red_at)


def never_closes(county: County) -> Story:
    return change_clock(story_in(county, Status.RATING), ClockKind.RATE, next_moment=None)


def ticks_while_paused(county: County) -> Story:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    return change_clock(story, ClockKind.HANDLE, next_moment=on(20, 0))


def raised_without_a_trace(county: County) -> Story:
    """The row says red, and nobody ever heard of it."""
    story = outage(county)
    return change_clock(story, ClockKind.HANDLE, raised=3, colour=3, next_moment=None)


def hides_its_colour(county: County) -> Story:
    return change_clock(overdue(county), ClockKind.HANDLE, colour=1)


def shows_what_was_annulled(county: County) -> Story:
    story = overdue(county)
    Alert.objects.filter(clock=story.clock(ClockKind.HANDLE), colour=3).update(annulled_at=story.now)
    return story


def case_of_another_colour(county: County) -> Story:
    return change(in_hand(county), colour=2)


def case_of_another_due_time(county: County) -> Story:
    return change(in_hand(county), due_at=None)


def runs_on(county: County) -> Story:
    """Closed by hand on the database; its clocks were forgotten."""
    story = in_hand(county)
    closed = {"status": Status.WITHDRAWN, "closed_at": story.now, "colour": 0, "due_at": None}
    return change(story, **closed).wait(minutes=1)


def runs_on_in_a_pause(county: County) -> Story:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    closed = {"status": Status.WITHDRAWN, "closed_at": on(10, 0), "colour": 0, "due_at": None}
    return change(story, **closed).at(on(10, 1))


REPAIRED: Final[list[tuple[Break, set[Discrepancy]]]] = [
    (outage, {Discrepancy.MISSING_ALERT}),
    (forgotten, {Discrepancy.MISSING_ALERT, Discrepancy.NEXT_MOMENT}),
    (forgotten_for_later, {Discrepancy.NEXT_MOMENT}),
    (late, {Discrepancy.NEXT_MOMENT}),
    (never_closes, {Discrepancy.NEXT_MOMENT}),
    (ticks_while_paused, {Discrepancy.NEXT_MOMENT}),
    (
        raised_without_a_trace,
        {Discrepancy.MISSING_ALERT, Discrepancy.RAISED, Discrepancy.CLOCK_COLOUR, Discrepancy.CASE_COLOUR},
    ),
    (hides_its_colour, {Discrepancy.CLOCK_COLOUR, Discrepancy.CASE_COLOUR}),
    (shows_what_was_annulled, {Discrepancy.CLOCK_COLOUR}),
    (case_of_another_colour, {Discrepancy.CASE_COLOUR}),
    (case_of_another_due_time, {Discrepancy.CASE_DUE}),
    (runs_on, {Discrepancy.ENDED_CLOCK, Discrepancy.CASE_DUE}),
    (runs_on_in_a_pause, {Discrepancy.ENDED_CLOCK}),
]


@pytest.mark.parametrize(("broken", "kinds"), REPAIRED)
def test_it_is_found_and_repaired_and_stays_repaired(county: County, broken: Break, kinds: set[Discrepancy]) -> None:
    overdue(county)
    story = broken(county)
    now = story.now
    run = reconcile(now)
    assert run.found.keys() == {kind.value for kind in kinds}, run.details
    assert (run.repaired, run.left) == (run.found, 0)
    assert {detail["case"] for detail in run.details} == {story.case_id}
    assert all(detail["repaired"] for detail in run.details)
    left = [found.law for found in violations(now=now) if found.number == story.number]
    assert set(left) <= {"every change of state is one event"}, "of a case that was closed on the database"
    before = fingerprint()
    assert reconcile(now).found == {}
    assert fingerprint() == before, "the second finds nothing and touches nothing"


@pytest.mark.parametrize("broken", [outage, forgotten, raised_without_a_trace])
def test_what_was_missed_is_raised_as_the_sweep_would_have_raised_it(county: County, broken: Break) -> None:
    story = broken(county)
    clock = story.clock(ClockKind.HANDLE)
    reconcile(story.now)
    alerts = Alert.objects.filter(clock=clock).order_by("colour")
    moments = [(1, clock.blue_at), (2, clock.yellow_at), (3, clock.red_at)]
    assert [(alert.colour, alert.moment) for alert in alerts] == moments
    assert {alert.raised_at for alert in alerts} == {story.now}
    assert alerts[2].order is not None
    clock.refresh_from_db()
    assert (clock.colour, clock.raised, clock.next_moment) == (3, 3, None)
    assert story.case.colour == Colour.RED
    assert Message.objects.filter(key=f"alert:{clock.pk}:1:3").exists()
    assert not Message.objects.filter(key=f"alert:{clock.pk}:1:2").exists(), "only the highest is sent"
    before = Alert.objects.count()
    sweep(now=story.now, size=200)
    assert Alert.objects.count() == before, "the sweep finds it done"
    assert [broken for _, broken in journal.verify_all() if broken] == []


def test_what_waits_no_longer_than_the_lag_is_the_sweeps(county: County) -> None:
    story = Story.begin(county)
    blue = story.clock(ClockKind.DOCKET).blue_at
    assert blue is not None
    assert reconcile(blue + LAG).found == {}
    assert reconcile(blue + LAG + timedelta(microseconds=1)).found == {"missing_alert": 1}


def test_a_clock_that_ran_on_stops_at_the_end_of_its_case_and_the_journal_says_so(county: County) -> None:
    story = runs_on(county)
    running = {str(clock.pk): clock.kind for clock in Clock.objects.running().filter(case=story.case_id)}
    reconcile(story.wait(days=30).now)
    case = story.case
    clocks = Clock.objects.filter(case=case, pk__in=running)
    assert {clock.stopped_at for clock in clocks} == {case.closed_at}
    assert {clock.stop_reason for clock in clocks} == {StopReason.ENDED}
    event = story.events()[-1]
    assert (event.kind, event.actor, event.payload["stopped"]) == ("reconcile", None, running)
    assert str(event_words(event.kind)) != event.kind
    assert [broken for _, broken in journal.verify_all() if broken] == []
    assert not Alert.objects.filter(case=case).exists(), "an ended case is blamed for nothing"
    assert not SupervisionOrder.objects.filter(case=case).exists()


def test_a_clock_that_never_closed_its_case_does_so_after_it(county: County) -> None:
    story = never_closes(county)
    story.at(story.clock(ClockKind.RATE).due_at + HOUR)
    reconcile(story.now)
    story.sweep()
    assert story.case.status == Status.CLOSED


# What is only reported


def alert_that_the_journal_does_not_know(county: County) -> Story:
    story = overdue(county)
    with journal.maintenance("test"):
        told = JournalEvent.objects.filter(case=story.case_id, payload__colour="blue")
        told.filter(payload__clock=story.clock(ClockKind.HANDLE).pk).delete()
    return story


def alert_that_went(county: County) -> Story:
    story = overdue(county)
    Alert.objects.filter(clock=story.clock(ClockKind.HANDLE), colour=1).delete()
    return story


def highest_alert_that_went(county: County) -> Story:
    """The journal knows of the red: raising it again would tell it twice."""
    story = overdue(county)
    Alert.objects.filter(clock=story.clock(ClockKind.HANDLE), colour=3).delete()
    return story


def set_aside(county: County) -> Story:
    story = outage(county)
    return swept(change_clock(story, ClockKind.HANDLE, held_until=story.now + HOUR, held_error="ValueError"))


def stopped_in_silence(county: County) -> Story:
    """Its blue moment passed while it ran; now it stands still and nothing can be raised any more."""
    story = called(county)
    clock = story.clock(ClockKind.REPORT_IN)
    assert clock.blue_at is not None
    stopped = clock.blue_at + timedelta(minutes=1)
    change_clock(story, ClockKind.REPORT_IN, next_moment=None, stopped_at=stopped, stop_reason="done")
    return story.at(stopped + HOUR)


REPORTED: Final[list[tuple[Break, Discrepancy]]] = [
    (alert_that_the_journal_does_not_know, Discrepancy.NO_EVENT),
    (alert_that_went, Discrepancy.NO_ALERT),
    (highest_alert_that_went, Discrepancy.NO_ALERT),
    (highest_alert_that_went, Discrepancy.RAISED),
    (set_aside, Discrepancy.HELD),
    (stopped_in_silence, Discrepancy.MISSING_ALERT),
]


@pytest.mark.parametrize(("broken", "kind"), REPORTED)
def test_it_is_found_and_left_to_people(county: County, broken: Break, kind: Discrepancy) -> None:
    story = broken(county)
    events, alerts = JournalEvent.objects.count(), Alert.objects.count()
    run = reconcile(story.now)
    assert kind in run.found
    assert kind not in run.repaired
    assert run.left >= 1
    mine = [detail for detail in run.details if detail["kind"] == kind]
    assert [(detail["case"], detail["repaired"]) for detail in mine] == [(story.case_id, False)]
    if broken is not stopped_in_silence:
        assert (JournalEvent.objects.count(), Alert.objects.count()) == (events, alerts), "history is not rewritten"
