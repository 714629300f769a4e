"""What sweeps did is kept where every process can read it, and costs nothing while nothing is due."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import figures
from cases.alerting import fire
from cases.colours import Colour
from cases.escalation import oldest_unfired, sweep
from cases.models import Alert, Clock, SweepDay, SweepRun
from cases.tasks import sweep_due
from cases.terms import ClockKind
from tests.builders import MONDAY, County
from tests.stories import Story

pytestmark = pytest.mark.django_db


def test_a_sweep_counts_what_it_did(county: County) -> None:
    for _ in range(3):
        Story.begin(county)
    Story.begin(county, at=MONDAY + timedelta(days=2, hours=21))  # blue only
    started = MONDAY + timedelta(days=3, minutes=90)
    report = sweep(now=started, size=3)
    figures.note(report, started=started)
    run, day = SweepRun.objects.get(), SweepDay.objects.get()
    assert (run.started_at, day.day, day.sweeps) == (started, date(2026, 3, 5), 1)
    for kept in (run, day):
        assert (kept.clocks, kept.batches, kept.held) == (4, 2, 0)
        assert (kept.blue, kept.yellow, kept.red) == (4, 3, 3)
        assert 0 < kept.longest < kept.seconds
        assert (kept.seconds, kept.longest) == (report.seconds, report.longest)


def test_a_day_adds_up_its_sweeps_and_begins_at_midnight_here(county: County) -> None:
    evening = MONDAY.replace(hour=23, minute=59)
    for started in (MONDAY, evening, evening + timedelta(minutes=1)):
        Story.begin(county, at=MONDAY - timedelta(days=3))
        figures.note(sweep(now=started, size=9), started=started)
    assert list(SweepDay.objects.order_by("day").values_list("day", "sweeps", "clocks", "red")) == [
        (date(2026, 3, 2), 2, 2, 2),
        (date(2026, 3, 3), 1, 1, 1),
    ]
    assert SweepRun.objects.count() == 3


def test_the_longest_batch_of_a_day_stays(county: County) -> None:
    for seconds in (0.1, 0.5, 0.2):
        Story.begin(county, at=MONDAY - timedelta(days=3))
        report = sweep(now=MONDAY, size=9)
        report.seconds = report.longest = seconds
        figures.note(report, started=MONDAY)
    day = SweepDay.objects.get()
    assert (day.longest, round(day.seconds, 6)) == (0.5, 0.8)


def test_rows_set_aside_are_counted(county: County) -> None:
    Story.begin(county)
    Clock.objects.update(kind="archive")
    figures.note(sweep(now=MONDAY + timedelta(days=3), size=9), started=MONDAY)
    run = SweepRun.objects.get()
    assert (run.clocks, run.held) == (0, 1)


def test_a_tick_leaves_a_row_when_it_did_something_and_none_when_not(county: County) -> None:
    Story.begin(county, at=timezone.now() - timedelta(days=20))
    sweep_due()
    assert SweepRun.objects.get().red == 1
    with CaptureQueriesContext(
        connection,
    ) as queries:
        sweep_due()
    assert not [query for query in queries if "cases_sweep" in query["sql"]]
    assert SweepRun.objects.count() == 1


def test_what_is_kept_is_what_happened(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Due, raised, times of batches and lag, each against what can be counted without the sweep."""
    for hours in (0, 30, 60):
        Story.begin(county, at=MONDAY + timedelta(hours=hours))
    now = MONDAY + timedelta(days=4)
    due, oldest = figures.due_colours(now=now), oldest_unfired(now)
    assert oldest is not None
    took, time = iter((0.25, 0.5)), [0.0]

    def fire_slowly(*args: Any, **options: Any) -> Any:
        time[0] += next(took, 0.0)
        return fire(*args, **options)

    monkeypatch.setattr("cases.escalation.fire", fire_slowly)
    monkeypatch.setattr("cases.escalation.perf_counter", lambda: time[0])
    figures.note(sweep(now=now, size=2), started=now)
    run, day = SweepRun.objects.get(), SweepDay.objects.get()
    for kept in (run, day):
        assert {Colour.BLUE: kept.blue, Colour.YELLOW: kept.yellow, Colour.RED: kept.red} == due
        for colour in due:
            assert Alert.objects.filter(colour=colour).count() == due[colour]
        assert (kept.clocks, kept.batches, kept.seconds, kept.longest) == (3, 2, 0.75, 0.5)
        assert kept.lag == (now - oldest).total_seconds()
    assert figures.worst(since=now) == figures.Worst(0.5, run.lag)
    assert sum(figures.due_colours(now=now).values()) == 0


def test_the_lag_of_a_day_is_that_of_its_worst_sweep(county: County) -> None:
    for hours in (1, 3, 2):
        blue = Story.begin(county).clock(ClockKind.DOCKET).blue_at
        assert blue is not None
        figures.note(sweep(now=blue + timedelta(hours=hours), size=9), started=MONDAY)
    assert list(SweepRun.objects.order_by("pk").values_list("lag", flat=True)) == [3600.0, 3 * 3600.0, 2 * 3600.0]
    assert SweepDay.objects.get().lag == 3 * 3600


def test_figures_are_counted_to_a_bound(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        Story.begin(county)
    now = MONDAY + timedelta(days=4)
    monkeypatch.setattr(figures, "COUNTED", 3)
    assert figures.due_colours(now=now) == {Colour.BLUE: 3, Colour.YELLOW: 3, Colour.RED: 3}
    Clock.objects.update(held_until=now)
    assert figures.held_count() == 3


def test_old_sweeps_are_forgotten_and_their_days_stay(county: County) -> None:
    for number in range(3):
        started = MONDAY + timedelta(days=7 * number)
        Story.begin(county, at=MONDAY - timedelta(days=3))
        figures.note(sweep(now=started, size=9), started=started)
    assert figures.forget(now=MONDAY + figures.KEPT) == 0
    assert figures.forget(now=MONDAY + figures.KEPT + timedelta(microseconds=1)) == 1
    assert (SweepRun.objects.count(), SweepDay.objects.count()) == (2, 3)
