"""Nobody starves: a sweep never waits for an action, an action waits for one batch, what is locked hides nothing."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import escalation
from cases.colours import Colour
from cases.escalation import Report, sweep
from cases.models import Alert, Clock
from cases.terms import ClockKind, Status
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.pause import Pause
from tests.concurrency.together import failed, other_session, together
from tests.stories import Story, story_in

NOW = MONDAY + timedelta(days=3)
HOLDS = "SELECT 1 FROM cases_case WHERE id = ANY(%s) FOR NO KEY UPDATE"


def claims_of(queries: CaptureQueriesContext) -> int:
    return sum("FOR NO KEY UPDATE OF matter, clock" in query["sql"] for query in queries)


def test_a_crowd_of_locked_cases_in_front_is_walked_past_and_looked_at_once_more(county: County) -> None:
    """Forty locked ones in front of twenty free ones, five in a batch: four full claims, the rest of the first walk,
    and a second walk that finds nothing. Without going on behind the last one each claim would pass the forty again."""
    locked = collect_many(county, 40)
    collect_many(county, 20, at=MONDAY + timedelta(minutes=1))
    with other_session() as session:
        session.execute(HOLDS, [locked])
        with CaptureQueriesContext(connection) as queries:
            report = sweep(now=NOW, size=5)
        assert (report.clocks, report.held, report.busy) == (20, 0, 0)
        assert claims_of(queries) == 6
    assert sweep(now=NOW, size=5).clocks == 40


def test_a_crowd_of_rows_set_aside_in_front_hides_nothing(county: County) -> None:
    aside = collect_many(county, 30)
    Clock.objects.filter(case__in=aside).update(held_until=NOW + timedelta(minutes=5), held_error="X")
    behind = Story.begin(county, at=MONDAY + timedelta(minutes=1))
    assert sweep(now=NOW, size=5).clocks == 1
    assert behind.case.colour == Colour.RED
    assert Alert.objects.exclude(case=behind.case_id).count() == 0


def test_a_case_that_somebody_holds_keeps_its_clock_free(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case is locked before its clock: a sweep that passes a held case over holds nothing of it, so that the
    action finds the clocks of its own case free."""
    held, free = Story.begin(county), Story.begin(county)
    clocks = [story.clock(ClockKind.DOCKET).pk for story in (held, free)]
    pause = Pause(monkeypatch)
    found: list[list[int]] = []

    def look() -> None:
        pause.wait_until_there()
        with other_session() as third:
            found.append(_lockable(third, clocks))
        pause.end()

    with other_session() as session:
        session.execute(HOLDS, [[held.case_id]])
        assert failed(together(lambda: sweep(now=NOW, size=200), look)) == []
    assert found == [[clocks[0]]], "the clock of the free case is in the sweep's hands, the other one in nobody's"


def _lockable(session: psycopg.Connection[Any], clock_ids: list[int]) -> list[int]:
    statement = "SELECT id FROM cases_clock WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
    return [pk for (pk,) in session.execute(statement, [clock_ids]).fetchall()]


def test_a_clock_that_somebody_holds_is_passed_over(county: County) -> None:
    """A repair that works on clocks alone: the sweep neither waits for it nor writes over it."""
    busy, free = Story.begin(county), Story.begin(county)
    with other_session() as session:
        session.execute("SELECT 1 FROM cases_clock WHERE case_id = %s FOR NO KEY UPDATE", [busy.case_id])
        assert sweep(now=NOW, size=200).clocks == 1
        assert (busy.case.colour, free.case.colour) == (Colour.NONE, Colour.RED)
    assert sweep(now=NOW, size=200).clocks == 1


def test_two_sweeps_with_clocks_of_the_same_cases_leave_none_behind(county: County) -> None:
    """Several clocks of one case fall due together; whoever has the case has them all, and one sweep comes back for
    what the other one passed over."""
    stories = [story_in(county, Status.HANDLING, assistants=[county.police, county.housing]) for _ in range(6)]
    now = max(story.now for story in stories) + timedelta(days=60)
    reports = together(*[lambda: sweep(now=now, size=3)] * 3)
    assert failed(reports) == []
    assert sum(report.held for report in reports if isinstance(report, Report)) == 0
    sweep(now=now, size=3)
    assert not Clock.objects.filter(next_moment__lte=now).exists()
    for story in stories:
        assert len(story.alerts()) == 12 + 3 * story.case.supervision_orders.count() - _young(story, now)


def _young(story: Story, now: Any) -> int:
    """Colours that the orders of this case have still before them."""
    orders = Clock.objects.filter(case=story.case_id, kind=ClockKind.SUPERVISION)
    return sum(3 - clock.raised for clock in orders)


def test_a_table_that_is_being_altered_makes_the_sweep_give_way_and_sets_no_row_aside(county: County) -> None:
    story = Story.begin(county)
    with other_session() as session:
        session.execute("LOCK TABLE cases_alert IN SHARE ROW EXCLUSIVE MODE")
        report = sweep(now=NOW, size=200)
        assert (report.clocks, report.held, report.busy) == (0, 0, 1)
    clock = story.clock(ClockKind.DOCKET)
    assert (clock.held_until, clock.held_error) == (None, "")
    assert sweep(now=NOW, size=200).clocks == 1


def test_a_sweep_that_meets_nothing_but_locks_gives_up_and_loses_nothing(county: County) -> None:
    """Forty rows, each of which would wait: not forty waits, and the rest is the next tick's."""
    collect_many(county, 40)
    with other_session() as session:
        session.execute("LOCK TABLE cases_alert IN SHARE ROW EXCLUSIVE MODE")
        with CaptureQueriesContext(connection) as queries:
            report = sweep(now=NOW, size=20)
        assert (report.clocks, report.held, report.busy, report.cut_short) == (0, 0, 20, False)
        assert claims_of(queries) == escalation.MOST_WAITS
    assert sweep(now=NOW, size=20).clocks == 40


def test_a_person_who_is_being_removed_makes_only_the_own_alerts_wait(county: County) -> None:
    """The foreign key of a message cannot be checked while somebody holds the row of its recipient for good."""
    mine = Story.begin(county)
    theirs = Story.begin(county, by="intake", area=county.other_village)
    with other_session() as session:
        session.execute("SELECT 1 FROM grids_user WHERE id = %s FOR UPDATE", [county.users["township"].pk])
        report = sweep(now=NOW, size=200)
        assert (report.clocks, report.held, report.busy) == (1, 0, 1)
        assert (mine.case.colour, theirs.case.colour) == (Colour.NONE, Colour.RED)
    assert sweep(now=NOW, size=200).clocks == 1
    assert len(mine.alerts()) == 3
