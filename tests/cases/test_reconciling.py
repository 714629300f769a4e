"""The nightly reconciliation: every kind of discrepancy made on purpose, found, repaired where that is for it to do."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from io import StringIO
from itertools import islice, repeat
from typing import Final

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from cases import journal, reconciling, tasks
from cases.admin.timeline import event_words
from cases.colours import Colour
from cases.escalation import sweep
from cases.invariants import LAG, violations
from cases.models import Alert, Case, Clock, JournalEvent, Reconciliation, SupervisionOrder
from cases.reconciling import begin, carry_on, under_way
from cases.terms import ClockKind, Discrepancy, Status, StopReason
from notifications.models import Message
from tests.builders import MONDAY, County
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


# How it runs


def every_status(county: County) -> Iterator[Story]:
    for status in (Status.COLLECTED, Status.DISPATCHED, Status.HANDLING, Status.RATING, Status.CLOSED, Status.MERGED):
        yield swept(story_in(county, status).wait(days=2))
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    yield story


def test_a_healthy_database_is_left_untouched(county: County) -> None:
    stories = list(every_status(county))
    now = max(story.now for story in stories)
    sweep(now=now, size=200)
    before = fingerprint()
    run = reconcile(now)
    assert (run.found, run.details, run.cases) == ({}, [], len(stories))
    assert run.clocks == Clock.objects.count()
    assert fingerprint() == before


def test_it_goes_on_where_it_was_interrupted(county: County) -> None:
    stories = [forgotten(county) for _ in range(5)]
    now = max(story.now for story in stories)
    run = carry_on(begin(now=now), ticks=islice(repeat(now), 2), size=2)
    assert (run.finished_at, run.cases, run.found["next_moment"]) == (None, 4, 4)
    assert under_way() == run
    assert begin(now=now + HOUR) == run, "a second walk does not begin"
    run = carry_on(run, ticks=repeat(now + HOUR), size=2)
    assert (run.finished_at, run.cases, run.left) == (now + HOUR, 5, 0)
    assert run.found["next_moment"] == 5
    assert under_way() is None


def test_there_is_only_one_walk(county: County) -> None:
    begin(now=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reconciliation.objects.create(started_at=MONDAY)


def test_details_end_and_counts_go_on(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "MOST_DETAILS", 3)
    stories = [forgotten_for_later(county) for _ in range(5)]
    run = reconcile(stories[0].now, size=2)
    assert (len(run.details), run.total_found, run.total_repaired) == (3, 5, 5)


def test_a_case_that_cannot_be_repaired_leaves_the_others_alone(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    """Its message of that colour is in an inbox although the colour was never raised: raising it fails."""
    bad, good = forgotten(county), forgotten(county)
    clock = bad.clock(ClockKind.HANDLE)
    Message.objects.create(
        recipient=county.users["handler"], key=f"alert:{clock.pk}:1:3", kind="alert", subject="x", created_at=MONDAY
    )
    run = reconcile(bad.now)
    assert good.case.colour == Colour.RED
    assert {(detail["case"], detail["repaired"]) for detail in run.details} >= {
        (bad.case_id, False),
        (good.case_id, True),
    }
    assert f"case {bad.case_id} could not be set right" in caplog.text
    assert not Alert.objects.filter(clock=clock).exists(), "nothing is half-done"


def test_trouble_of_the_server_ends_the_tick_and_not_the_walk(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = forgotten(county)

    def gone(*_args: object, **_more: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    run = begin(now=story.now)
    with monkeypatch.context() as patch:
        patch.setattr(reconciling, "mend", gone)
        with pytest.raises(OperationalError):
            carry_on(run, ticks=repeat(story.now))
    assert under_way() == run
    assert carry_on(run, ticks=repeat(story.now)).left == 0


def test_the_ticks_of_the_worker(county: County) -> None:
    tasks.reconcile_further()
    assert Reconciliation.objects.count() == 0
    tasks.reconcile()
    assert Reconciliation.objects.get().finished_at is not None
    run = begin(now=MONDAY)
    tasks.reconcile_further()
    run.refresh_from_db()
    assert run.finished_at is not None


def test_the_command_says_what_it_found_and_fails_when_something_is_left(county: County) -> None:
    story = Story.begin(county, at=timezone.now())
    change_clock(story, ClockKind.DOCKET, next_moment=None)
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert "发现 1 处不符，已修复 1 处，剩余 0 处" in out.getvalue()
    story = swept(Story.begin(county, at=timezone.now() - timedelta(days=20)).at(timezone.now()))
    Alert.objects.filter(clock=story.clock(ClockKind.DOCKET), colour=1).delete()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", "--size", "1", stdout=out)
    assert ended.value.code == 1
    assert f"case {story.case_id} " in out.getvalue()


def test_a_batch_costs_the_same_for_two_cases_and_for_twenty(
    county: County, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    for count in (2, 18):
        for _ in range(count):
            Story.begin(county)
        # It begins; twelve searches in the frame of a batch; nothing is left; the report is read.
        with django_assert_num_queries(4 + (6 + 12) + 5 + 1):
            reconcile(MONDAY, size=50)


def test_two_walks_on_one_connection_do_not_lock_what_is_whole(county: County) -> None:
    """Reading takes no lock on any case: an officer never waits for a reconciliation that finds nothing."""
    Story.begin(county)
    with connection.execute_wrapper(_no_lock_on_cases):
        reconcile(MONDAY)


def _no_lock_on_cases(execute: Callable[..., object], sql: str, *rest: object) -> object:
    assert not ("FOR NO KEY UPDATE" in sql and "cases_case" in sql), sql
    return execute(sql, *rest)
