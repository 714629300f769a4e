"""A new calendar and kill -9: workers that die in the middle of their batches, several at once, and the ones that go on
behind them. Every clock moves exactly once, and the counts of the run are those of a run that nobody disturbed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from random import Random
from subprocess import Popen
from typing import Any, Final

import psycopg
import pytest

from cases.actions.calendar_change import behind, edit_calendar
from cases.calendar import ZONE, DayRule
from cases.colours import Colour
from cases.escalation import sweep
from cases.invariants import violations
from cases.models import Alert, CalendarRecompute, Clock, JournalEvent
from grids.actors import SERVICE
from tests.builders import MONDAY, County
from tests.concurrency.crowd import collect_many
from tests.concurrency.processes import finished, kill, process, until_noticed
from tests.concurrency.together import other_session, until, waiting_for_locks

pytestmark = pytest.mark.slow

#: Taken in on Monday at 09:00, 10:00 and 11:00, with four office hours to docket: blue after two of them.
CASES: Final = 20  # of each hour
BATCH: Final = 4
#: Monday 11:30: the first are blue since 11:00, the others are not yet.
NOW: Final = MONDAY + timedelta(hours=2, minutes=30)
OFF: Final = DayRule(work=False, name="台风停工")
COUNTS: Final = ("cases", "clocks", "moved", "later", "earlier", "recoloured")


def work(batches: int | None = None) -> str:
    """What a worker does: batch after batch, or so many of them; prints whether the run is finished."""
    return f"""
from datetime import datetime
from itertools import islice, repeat
from cases.models import CalendarRecompute
from cases.recomputing import recompute
run = CalendarRecompute.objects.select_related("calendar").get()
print(recompute(run, ticks=islice(repeat(datetime.fromisoformat({NOW.isoformat()!r})), {batches}), size={BATCH}))
"""


@pytest.fixture
def run(county: County) -> CalendarRecompute:
    """Sixty clocks that a holiday declared for that very Monday moves to Tuesday; twenty of them were blue."""
    for hour in range(3):
        collect_many(county, CASES, at=MONDAY + timedelta(hours=hour))
    assert sweep(now=NOW, size=200).raised == Counter({Colour.BLUE: CASES})
    edit_calendar(days={date(2026, 3, 2): OFF}, reason="台风", actor=SERVICE, now=NOW)
    return CalendarRecompute.objects.get()


@contextmanager
def workers(count: int) -> Iterator[list[Popen[str]]]:
    with ExitStack() as stack:
        yield [stack.enter_context(process(work())) for _ in range(count)]


@contextmanager
def held_at_the_end_of_their_batches(run: CalendarRecompute) -> Iterator[psycopg.Connection[Any]]:
    """Whoever has worked a batch waits to add its counts to the run: everything is written, nothing is committed."""
    with other_session() as session:
        session.execute("SELECT 1 FROM cases_calendarrecompute WHERE id = %s FOR UPDATE", [run.pk])
        yield session
        session.rollback()


def assert_done_once(run: CalendarRecompute) -> None:
    run.refresh_from_db()
    assert run.finished_at is not None
    assert {name: getattr(run, name) for name in COUNTS} == {
        "cases": 3 * CASES,
        "clocks": 3 * CASES,
        "moved": 3 * CASES,
        "later": 3 * CASES,
        "earlier": 0,
        "recoloured": CASES,
    }
    assert not behind(run.calendar_id).exists()
    clocks = list(Clock.objects.running())
    assert {(clock.generation, clock.colour, clock.raised) for clock in clocks} == {(2, 0, 0)}
    assert {clock.due_at for clock in clocks} == {datetime(2026, 3, 3, 12, 0, tzinfo=ZONE)}
    events = Counter(JournalEvent.objects.filter(kind="calendar").values_list("case", flat=True))
    assert len(events) == 3 * CASES
    assert set(events.values()) == {1}
    assert Alert.objects.count() == CASES, "history stays, and nothing is raised anew"
    assert list(violations(now=NOW)) == []


@pytest.mark.parametrize("batches_before", [0, 2])
def test_killed_at_the_end_of_a_batch_and_started_again(run: CalendarRecompute, batches_before: int) -> None:
    """What the killed one had written is gone; what was committed before stays and is not taken twice."""
    with process(work(batches_before)) as before:
        assert finished(before).strip() == "False"
    run.refresh_from_db()
    assert run.moved == batches_before * BATCH
    with held_at_the_end_of_their_batches(run), workers(1) as (worker,):
        until(lambda: waiting_for_locks() == 1, what="the worker to write its batch")
        kill(worker)
    until_noticed()
    run.refresh_from_db()
    assert run.moved == batches_before * BATCH
    with workers(1) as (worker,):
        assert finished(worker).strip() == "True"
    assert_done_once(run)


def test_three_at_once_of_which_two_die_in_the_middle(run: CalendarRecompute) -> None:
    """They hold different cases; the third goes on, and takes what the dead ones had in hand."""
    with workers(3) as (first, second, third):
        with held_at_the_end_of_their_batches(run):
            until(lambda: waiting_for_locks() == 3, what="three workers to write their batches")
            held = behind(run.calendar_id).count()
            assert held == 3 * CASES, "nothing is committed"
            kill(first)
            kill(second)
        until_noticed(alive=1)
        finished(third)
    with workers(1) as (last,):  # what the third one met while the server still held the locks of the dead
        assert finished(last).strip() == "True"
    assert_done_once(run)


def test_killed_again_and_again_wherever_they_are(run: CalendarRecompute) -> None:
    """No place is chosen: four times two workers begin, and both are killed as soon as some more batches are done."""
    luck = Random(20261126)
    for _ in range(4):
        with workers(2) as pair:
            goal = moved(run) + luck.randrange(1, 3) * BATCH
            until(lambda: moved(run) >= goal or all(w.poll() is not None for w in pair), what="some more batches")  # noqa: B023
            for worker in pair:
                if worker.poll() is None:
                    kill(worker)
        until_noticed()
    with workers(2) as pair:
        for worker in pair:
            finished(worker)
    with workers(1) as (last,):
        assert finished(last).strip() == "True"
    assert_done_once(run)


def moved(run: CalendarRecompute) -> int:
    run.refresh_from_db()
    return run.moved
