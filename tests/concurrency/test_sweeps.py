"""Several sweeps, sweeps against actions: each colour exactly once, nobody waits, nothing is lost."""

from datetime import timedelta

import pytest
from django.db import connection

from cases.colours import Colour
from cases.errors import Conflict
from cases.escalation import Report, sweep
from cases.models import Alert, Clock
from cases.terms import ClockKind, Status
from cases.workflow import Action
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.pause import Pause
from tests.concurrency.together import failed, other_session, together, until, waiting_for_locks
from tests.stories import Story, story_in

NOW = MONDAY + timedelta(days=3)
TICK = timedelta(microseconds=1)


def test_four_sweepers_over_five_hundred_clocks(county: County) -> None:
    collect_many(county, 500)
    reports = together(*[lambda: sweep(now=NOW, size=50)] * 4)
    assert failed(reports) == []
    done = [report for report in reports if isinstance(report, Report)]
    assert sum(report.held for report in done) == 0
    # A sweeper may leave a row to another one that has only locked it: the next tick takes what is left.
    last = sweep(now=NOW, size=50)
    assert sum(report.clocks for report in done) + last.clocks == 500
    assert Alert.objects.count() == 1500
    assert Alert.objects.filter(colour=Colour.RED).count() == 500
    assert Message.objects.filter(kind="alert").count() == 3 * 500, "dispatcher, leader and inspector of each"
    pending = Clock.objects.filter(next_moment__isnull=False)
    assert set(pending.values_list("kind", flat=True)) == {"supervision"}, "each red opened an order"
    assert sweep(now=NOW, size=50).clocks == 0


def test_two_sweepers_close_what_nobody_rated_once(county: County) -> None:
    stories = [story_in(county, Status.RATING) for _ in range(6)]
    due = stories[-1].clock(ClockKind.RATE).due_at
    reports = together(*[lambda: sweep(now=due, size=2)] * 3)
    assert failed(reports) == []
    sweep(now=due, size=2)
    for story in stories:
        assert story.case.outcome == "unrated"
        assert [event.kind for event in story.events()].count("close") == 1
    assert not Clock.objects.exclude(held_until=None).exists()


def test_a_case_that_an_action_holds_is_left_for_the_next_pass(county: County) -> None:
    busy, free = Story.begin(county), Story.begin(county)
    with other_session() as session:
        session.execute("SELECT 1 FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [busy.case_id])
        report = sweep(now=NOW, size=200)
        assert (report.clocks, report.held) == (1, 0)
        assert (busy.case.colour, free.case.colour) == (Colour.NONE, Colour.RED)
    assert sweep(now=NOW, size=200).clocks == 1
    assert busy.case.colour == Colour.RED
    assert {alert.moment for alert in busy.alerts()} == {
        moment
        for clock in busy.case.clocks.exclude(kind=ClockKind.SUPERVISION)
        for moment in (clock.blue_at, clock.yellow_at, clock.red_at)
    }


def test_locked_cases_in_front_do_not_hide_the_due_ones_behind(county: County) -> None:
    """The limit counts rows that were claimed, not rows that were looked at."""
    held = [Story.begin(county) for _ in range(5)]
    behind = Story.begin(county, at=MONDAY + timedelta(minutes=1))
    with other_session() as session:
        session.execute(
            "SELECT 1 FROM cases_case WHERE id = ANY(%s) FOR NO KEY UPDATE", [[story.case_id for story in held]]
        )
        assert sweep(now=NOW, size=2).clocks == 1
    assert behind.case.colour == Colour.RED
    assert sweep(now=NOW, size=2).clocks == 5


def test_an_action_waits_for_the_sweep_and_finds_its_colours(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case is claimed by a sweep that has not committed; the late docket comes behind it, with one red."""
    story = Story.begin(county)
    story.at(NOW)
    pause = Pause(monkeypatch)

    def docket() -> Story:
        pause.wait_until_there()
        return story.docket()

    def release() -> None:
        until(lambda: waiting_for_locks() == 1, what="the docket to wait for the sweep")
        pause.end()

    outcomes = together(lambda: sweep(now=NOW, size=200), docket, release)
    assert failed(outcomes) == []
    assert [event.kind for event in story.events()] == ["collect", "alert", "alert", "alert", "docket"]
    assert len(story.alerts()) == 3


def test_finish_against_the_sweep_at_the_due_time(county: County) -> None:
    """Both orders are allowed in that instant; the finish is on time in both (ADR 0008)."""
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    story.at(clock.due_at)
    outcomes = together(story.finish, story.sweep)
    assert failed(outcomes) == []
    clock.refresh_from_db()
    assert (clock.on_time, clock.next_moment) == (True, None)
    assert story.case.status == Status.ANSWERED
    colours = [alert.colour for alert in story.alerts() if alert.clock_id == clock.pk]
    assert colours in ([1, 2], [1, 2, 3])


def test_finish_against_the_sweep_after_the_due_time(county: County) -> None:
    """Whoever comes first raises the red; the other finds it raised."""
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    story.at(clock.due_at + TICK)
    outcomes = together(story.finish, story.sweep, story.sweep)
    assert failed(outcomes) == []
    clock.refresh_from_db()
    assert clock.on_time is False
    assert [alert.colour for alert in story.alerts() if alert.clock_id == clock.pk] == [1, 2, 3]
    assert Message.objects.filter(key=f"alert:{clock.pk}:1:3", recipient=county.users["handler"]).count() == 1


def test_acknowledging_against_the_sweep(county: County) -> None:
    story = story_in(county, Status.DISPATCHED).wait(days=1)
    story.sweep()
    alert = next(a for a in story.alerts() if a.charged == county.water)
    story.at(NOW)
    outcomes = together(
        story.sweep,
        lambda: story.act(Action.ACKNOWLEDGE, "handler", alert=alert.pk),
        lambda: story.act(Action.ACKNOWLEDGE, "deputy", alert=alert.pk),
    )
    assert [type(error) for error in failed(outcomes)] == [Conflict]
    assert [event.kind for event in story.events()].count("acknowledge") == 1


def test_a_clock_stopped_while_the_sweep_looked_is_read_again(county: County) -> None:
    """The sweep meets a row that another session is changing: it leaves it, and finds it stopped afterwards."""
    story = Story.begin(county)
    with other_session() as session:
        session.execute(
            "UPDATE cases_clock SET next_moment = NULL, stopped_at = now() WHERE case_id = %s", [story.case_id]
        )
        assert sweep(now=NOW, size=200).clocks == 0
        session.commit()
    assert sweep(now=NOW, size=200).clocks == 0
    assert story.alerts() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_journalevent")
        assert cursor.fetchone() == (1,)
