"""A new work calendar moves the running clocks: in resumable batches, colours inherited, everything counted."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import islice, repeat

import pytest
from django.core.management import call_command
from django.utils.translation import override

from cases import tasks
from cases.actions.calendar_change import behind, edit_calendar
from cases.calendar import ZONE, DayKind, DayRule, WorkCalendar
from cases.calendar_edits import changed_days, edited, with_years_of
from cases.colours import Colour
from cases.coverage import missing_year
from cases.errors import InvalidInput
from cases.journal import verify_all
from cases.models import CalendarRecompute, CalendarVersion, Clock
from cases.official_days import official_calendar
from cases.receipts import verify_clocks
from cases.recomputing import LATECOMERS, pending, recompute
from cases.terms import ClockKind, Status
from cases.versions import calendar_in_force
from cases.workflow import Action
from grids.actors import SERVICE
from tests.builders import MONDAY, County, publish_test_calendar
from tests.stories import Story, story_in

WEDNESDAY = date(2026, 3, 4)
OFF = DayRule(work=False, name="台风停工")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Commands speak the language that is active; these tests read English."""
    with override("en"):
        yield


def publish(days: dict[date, DayRule | None], *, now: datetime = MONDAY) -> CalendarRecompute:
    edit_calendar(days=days, reason="防汛", actor=SERVICE, now=now)
    return CalendarRecompute.objects.select_related("calendar").latest("pk")


def run_at(run: CalendarRecompute, now: datetime, *, size: int = 200) -> CalendarRecompute:
    assert recompute(run, ticks=repeat(now), size=size)
    run.refresh_from_db()
    return run


@pytest.mark.django_db
def test_a_holiday_added_next_week_moves_due_times_later(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    run = run_at(publish({WEDNESDAY: OFF}, now=story.now), story.now)
    moved = story.clock(ClockKind.HANDLE)
    assert clock.due_at == datetime(2026, 3, 9, 17, 30, tzinfo=ZONE)
    assert moved.due_at == datetime(2026, 3, 10, 17, 30, tzinfo=ZONE)
    assert moved.generation == clock.generation + 1
    assert moved.calendar_id == run.calendar_id
    assert moved.next_moment == moved.blue_at != clock.blue_at
    assert (run.cases, run.clocks, run.moved, run.later, run.earlier, run.recoloured) == (1, 2, 2, 2, 0, 0)
    event = story.events()[-1]
    assert (event.kind, event.payload["calendar"]) == ("calendar", run.calendar.number)
    assert set(event.payload["moved"]) == {str(pk) for pk in behind(0).values_list("pk", flat=True)}
    assert story.case.due_at == min(clock.due_at for clock in behind(0))
    assert not [found for _pk, found in verify_clocks() if found]
    assert not [broken for _links, broken in verify_all() if broken]


@pytest.mark.django_db
def test_a_holiday_taken_back_pulls_due_times_forward_and_its_colours_rise(county: County) -> None:
    run_at(publish({WEDNESDAY: OFF}), MONDAY)
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    late = datetime(2026, 3, 10, 9, 0, tzinfo=ZONE)  # before the old due time, behind the new one
    story.at(late).sweep()
    assert story.clock(ClockKind.HANDLE).colour == Colour.YELLOW
    run = run_at(publish({WEDNESDAY: None}, now=late), late)
    assert (run.later, run.earlier, run.recoloured) == (0, 2, 1)
    pulled = story.clock(ClockKind.HANDLE)
    assert pulled.due_at == clock.due_at - timedelta(days=1)
    assert pulled.colour == Colour.YELLOW, "inherited; red is raised by the sweep, with its true moment"
    story.sweep()
    red = story.alerts()[-1]
    assert (red.colour, red.moment, red.generation) == (Colour.RED, pulled.due_at, pulled.generation)


@pytest.mark.django_db
def test_colours_whose_new_moments_lie_ahead_go_back_silently_and_rise_again(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    blue = story.clock(ClockKind.HANDLE).blue_at
    assert blue is not None
    story.at(blue).sweep()
    assert story.clock(ClockKind.HANDLE).colour == Colour.BLUE
    alerts = len(story.alerts())
    run = run_at(publish({date(2026, 3, day): OFF for day in (5, 6)}, now=blue), blue)
    clock = story.clock(ClockKind.HANDLE)
    assert (clock.colour, clock.raised, run.recoloured) == (Colour.NONE, Colour.NONE, 1)
    assert (story.case.colour, len(story.alerts())) == (Colour.NONE, alerts), "history stays, nobody is told"
    story.at(clock.blue_at or blue).sweep()
    again = [a for a in story.alerts() if a.clock_id == clock.pk and a.colour == Colour.BLUE]
    assert [alert.generation for alert in again] == [clock.generation - 1, clock.generation]


@pytest.mark.django_db
def test_what_was_owed_before_the_change_is_raised_first(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    blue = story.clock(ClockKind.HANDLE).blue_at
    assert blue is not None
    after = blue + timedelta(minutes=1)  # the sweep has not come by yet
    run_at(publish({date(2026, 3, 5): OFF}, now=after), after)
    assert [(a.colour, a.moment) for a in story.alerts() if a.clock.kind == ClockKind.HANDLE] == [(Colour.BLUE, blue)]


@pytest.mark.django_db
def test_a_paused_clock_is_recomputed_and_goes_on_standing_still(county: County) -> None:
    story = story_in(county, Status.HANDLING).wait(hours=1)
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-05")
    before = story.clock(ClockKind.HANDLE)
    run_at(publish({date(2026, 3, 6): OFF}, now=story.now), story.now)
    paused = story.clock(ClockKind.HANDLE)
    assert (paused.next_moment, paused.paused_at) == (None, before.paused_at)
    assert paused.due_at > before.due_at
    story.at(datetime(2026, 3, 5, 8, 0, tzinfo=ZONE)).sweep()
    assert story.clock(ClockKind.HANDLE).next_moment is not None
    assert not [found for _pk, found in verify_clocks() if found]


@pytest.mark.django_db
def test_what_does_not_move_keeps_its_generation_and_its_history(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    events, clock = len(story.events()), story.clock(ClockKind.HANDLE)
    run = run_at(publish({date(2026, 12, 1): OFF}), MONDAY)
    same = story.clock(ClockKind.HANDLE)
    assert (same.generation, same.due_at, len(story.events())) == (clock.generation, clock.due_at, events)
    assert same.calendar_id == run.calendar_id
    assert (run.clocks, run.moved, run.cases) == (2, 0, 0)


@pytest.mark.django_db
def test_an_interrupted_run_goes_on_where_it_stopped_and_counts_once(county: County) -> None:
    for _number in range(5):
        story_in(county, Status.HANDLING)
    run = publish({WEDNESDAY: OFF})
    assert not recompute(run, ticks=islice(repeat(MONDAY), 2), size=2)
    run.refresh_from_db()
    assert (run.cases, run.finished_at) == (4, None)
    assert [found.pk for found in pending(now=MONDAY)] == [run.pk]
    run = run_at(run, MONDAY, size=2)
    assert (run.cases, run.moved, run.finished_at) == (5, 10, MONDAY)
    generations = set(Clock.objects.running().values_list("generation", flat=True))
    assert generations == {2}, "no clock was taken twice"
    assert run_at(run, MONDAY).moved == 10
    assert pending(now=MONDAY + LATECOMERS + timedelta(seconds=1)) == []


@pytest.mark.django_db
def test_a_newer_version_overtakes_a_run(county: County) -> None:
    story_in(county, Status.HANDLING)
    first = publish({WEDNESDAY: OFF})
    second = publish({WEDNESDAY: None})
    assert (run_at(first, MONDAY).overtaken, first.moved) == (True, 0)
    assert run_at(second, MONDAY).overtaken is False
    assert not behind(second.calendar_id).exists()


@pytest.mark.django_db
def test_a_clock_that_cannot_be_reckoned_leaves_the_others_alone(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = story_in(county, Status.HANDLING), story_in(county, Status.HANDLING)
    Clock.objects.filter(pk=bad.clock(ClockKind.HANDLE).pk).update(limit="soon")
    run = publish({WEDNESDAY: OFF})
    assert not recompute(run, ticks=repeat(MONDAY)), "one case is left"
    assert good.clock(ClockKind.HANDLE).calendar_id == run.calendar_id
    assert {clock.case_id for clock in behind(run.calendar_id)} == {bad.case_id}
    assert "could not be recomputed" in caplog.text


@pytest.mark.django_db
def test_the_commands_publish_recompute_and_say_what_moved(county: County) -> None:
    story_in(county, Status.HANDLING)
    known = official_calendar()
    document = WorkCalendar({d: r for d, r in known.days.items() if d.year < 2026}, known.known_years - {2026})
    CalendarVersion.objects.create(number=2, days=document.to_document(), reason="old", published_at=MONDAY)
    out = StringIO()
    call_command("recompute_clocks", stdout=out)
    assert "Calendar 2: 2 clocks looked at" in out.getvalue()
    call_command("import_calendar", "--dry-run", stdout=StringIO())
    assert CalendarVersion.objects.count() == 2
    out = StringIO()
    call_command("import_calendar", stdout=out)
    assert "2026:" in out.getvalue()
    assert "Published as version 3" in out.getvalue()
    assert calendar_in_force().calendar.to_document() == known.to_document()
    assert not behind(calendar_in_force().version_id).exists()
    out = StringIO()
    call_command("import_calendar", stdout=out)
    assert "Nothing new" in out.getvalue()


@pytest.mark.django_db
def test_the_tick_of_the_worker_finishes_what_was_published(county: County) -> None:
    story_in(county, Status.HANDLING)
    run = publish({WEDNESDAY: OFF})
    tasks.recompute_clocks()
    run.refresh_from_db()
    assert (run.finished_at is not None, run.clocks) == (True, 2)


@pytest.mark.django_db
def test_a_missing_year_is_known_and_logged(county: County, caplog: pytest.LogCaptureFixture) -> None:
    assert missing_year(MONDAY) is None
    assert missing_year(datetime(2026, 12, 1, tzinfo=ZONE)) == 2027
    tasks.check_calendar()  # the test's own year is beyond the announced ones or reaches into them
    CalendarVersion.objects.create(
        number=9, days=WorkCalendar({}, frozenset()).to_document(), reason="none", published_at=MONDAY
    )
    tasks.check_calendar()
    assert "are missing" in caplog.text


@pytest.mark.django_db
def test_days_that_cannot_be_taken_are_named(county: County) -> None:
    with pytest.raises(InvalidInput) as refused:
        edit_calendar(days={date(2026, 3, 4): DayRule(False, "长" * 41)}, reason="-", actor=SERVICE, now=MONDAY)
    assert "2026-03-04" in str(refused.value.errors["days"][0])
    assert CalendarVersion.objects.count() == 1


# Edits, pure


def test_edits_take_the_days_as_written_and_give_back_the_weekday() -> None:
    calendar = official_calendar()
    changed = edited(calendar, {WEDNESDAY: OFF, date(2026, 2, 14): None}, announced=[2027])
    assert changed.reason(WEDNESDAY).name == "台风停工"
    assert changed.reason(date(2026, 2, 14)).kind is DayKind.WEEKEND
    assert changed.provisional(date(2027, 3, 1)) is False
    assert changed_days(calendar, changed)[:2] == [date(2026, 2, 14), WEDNESDAY]
    with pytest.raises(ValueError, match="outside the years"):
        edited(calendar, {date(2300, 1, 1): OFF})


def test_years_are_taken_over_whole_and_only_when_announced() -> None:
    calendar = edited(official_calendar(), {WEDNESDAY: OFF})
    assert with_years_of(calendar, official_calendar(), [2026]).to_document() == official_calendar().to_document()
    assert with_years_of(calendar, official_calendar(), [2025]).reason(WEDNESDAY).name == "台风停工"
    with pytest.raises(ValueError, match="2027"):
        with_years_of(calendar, official_calendar(), [2027])


@pytest.mark.django_db
def test_a_story_that_never_saw_a_change_has_nothing_behind(county: County) -> None:
    Story.begin(county)
    assert not behind(county.calendar.pk).exists()
    newer = publish_test_calendar(number=2)
    assert behind(newer.pk).count() == 1
