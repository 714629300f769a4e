"""A row that cannot be worked on is set aside; everything else goes on (architecture.md, "The engine", step 3)."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from cases import alerting
from cases.colours import Colour
from cases.escalation import HOLD, sweep
from cases.models import Alert, Clock
from cases.terms import ClockKind, Status
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

NOW = MONDAY + timedelta(days=3)


def spoil(story: Story) -> Clock:
    """A colour that history already holds although the clock does not know it: writing it again must fail."""
    clock = story.clock(ClockKind.DOCKET)
    Alert.objects.create(
        clock=clock, case=story.case, generation=1, colour=Colour.YELLOW, moment=MONDAY, raised_at=MONDAY
    )
    return clock


@pytest.mark.parametrize("cases", [1, 2, 7])
def test_the_bad_row_is_held_and_the_rest_are_done(county: County, cases: int) -> None:
    good = [Story.begin(county) for _ in range(cases)]
    bad = Story.begin(county)
    good += [Story.begin(county) for _ in range(cases)]
    clock = spoil(bad)
    report = sweep(now=NOW, size=200)
    assert (report.clocks, report.alerts, report.held) == (2 * cases, 6 * cases, 1)
    assert {story.case.colour for story in good} == {Colour.RED}
    moment = clock.next_moment
    clock.refresh_from_db()
    assert clock.held_until == NOW + HOLD
    assert clock.held_error.startswith("IntegrityError: ")
    assert "alert_once" in clock.held_error
    assert clock.next_moment == moment, "its moments are never touched"
    assert bad.case.colour == Colour.NONE
    assert [event.kind for event in bad.events()] == ["collect"], "nothing is half-done"
    assert not Message.objects.filter(reference=bad.number).exists()


def test_a_held_row_rests_and_is_tried_again_after_the_hold(county: County) -> None:
    story = Story.begin(county)
    clock = spoil(story)
    sweep(now=NOW, size=200)
    assert sweep(now=NOW + HOLD - timedelta(microseconds=1), size=200).held == 0
    assert sweep(now=NOW + HOLD, size=200).held == 1, "still broken: held again"
    Alert.objects.filter(clock=clock).delete()
    report = sweep(now=NOW + 2 * HOLD, size=200)
    assert (report.clocks, report.alerts, report.held) == (1, 3, 0)
    clock.refresh_from_db()
    assert (clock.held_until, clock.held_error, clock.colour) == (None, "", Colour.RED)
    assert {a.moment for a in story.alerts()} == {clock.blue_at, clock.yellow_at, clock.red_at}


def test_a_broken_rating_clock_is_held_and_the_others_close(county: County) -> None:
    """A clock whose effect is refused: a rating period on a case that does not wait for a rating."""
    closing = story_in(county, Status.RATING)
    odd = Story.begin(county)
    Clock.objects.filter(case=odd.case_id).update(kind=ClockKind.RATE)
    report = sweep(now=closing.clock(ClockKind.RATE).due_at, size=200)
    assert closing.case.status == Status.CLOSED
    assert report.held == 1
    assert odd.clock(ClockKind.RATE).held_error.startswith("Conflict: ")


def test_more_bad_rows_than_a_batch_holds_do_not_stop_the_sweep(county: County) -> None:
    for _ in range(5):
        spoil(Story.begin(county))
    good = Story.begin(county)
    report = sweep(now=NOW, size=2)
    assert (report.held, report.clocks) == (5, 1)
    assert good.case.colour == Colour.RED


def test_an_uncoloured_clock_without_an_effect_cannot_spin_the_sweep(county: County) -> None:
    """No action starts a suspension yet; a row of that kind must not be claimed again and again in one sweep."""
    stories = [Story.begin(county) for _ in range(3)]
    Clock.objects.update(kind=ClockKind.SUSPENSION)
    report = sweep(now=NOW, size=1)
    assert (report.clocks, report.held) == (0, 3)
    assert [story.case.colour for story in stories] == [Colour.NONE] * 3


def test_trouble_of_the_server_holds_no_row(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story.begin(county)

    def gone(*_args: object, **_more: object) -> int:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr("cases.escalation.fire", gone)
        with pytest.raises(OperationalError):
            sweep(now=NOW, size=200)
    assert story.clock(ClockKind.DOCKET).held_until is None
    assert sweep(now=NOW, size=200).alerts == 3


def test_the_error_that_is_kept_quotes_no_row(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's DETAIL line quotes the values of the row; an operator's screen must not show them."""
    spoil(Story.begin(county))
    sweep(now=NOW, size=200)
    held = Clock.objects.get(held_until__isnull=False)
    assert "DETAIL" not in held.held_error


def test_a_failed_batch_leaves_the_connection_usable(county: County) -> None:
    spoil(Story.begin(county))
    sweep(now=NOW, size=200)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_alert")
        assert cursor.fetchone() == (1,)


def test_planning_fails_for_an_unknown_kind_and_only_for_its_row(county: County) -> None:
    """A row written by a newer version during an upgrade."""
    odd, fine = Story.begin(county), Story.begin(county)
    Clock.objects.filter(case=odd.case_id).update(colour=Colour.NONE, raised=Colour.NONE, kind="archive")
    report = sweep(now=NOW, size=200)
    assert fine.case.colour == Colour.RED
    assert report.held == 1
    assert alerting.owed([fine.clock(ClockKind.DOCKET).pk])[0].timer.raised is Colour.RED
