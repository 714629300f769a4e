"""The loop end to end: what each step starts and stops, who is charged and until when (domain.md, "The loop")."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.calendar import ZONE
from cases.colours import Colour
from cases.errors import Conflict
from cases.limits import DEFAULT_THRESHOLDS, UNCOLOURED, Limit
from cases.models import Clock
from cases.official_days import official_calendar
from cases.schedule import plan
from cases.terms import UNCOLOURED_CLOCKS, AssignmentState, CaseType, ClockKind, Outcome, Status, StopReason
from cases.workflow import Action
from grids.models import Department
from notifications.models import Message
from tests.builders import ANONYMOUS, MONDAY, County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)


def as_planned(clock: Clock, limit: str) -> None:
    """The clock has this limit and exactly the moments of `schedule.plan` from its start."""
    thresholds = UNCOLOURED if ClockKind(clock.kind) in UNCOLOURED_CLOCKS else DEFAULT_THRESHOLDS
    moments = plan(
        start=clock.started_at, limit=Limit.parse(limit), thresholds=thresholds, calendar=official_calendar()
    )
    assert clock.limit == limit
    assert (clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at) == (
        moments.due,
        moments.blue,
        moments.yellow,
        moments.red,
    )
    assert clock.next_moment == (moments.blue or moments.due)
    assert (clock.generation, clock.colour, clock.stopped_at) == (1, Colour.NONE, None)


def charged(clock: Clock) -> Department | None:
    return clock.charged


def test_collecting_starts_the_docket_clock_of_the_township(county: County) -> None:
    story = Story.begin(county)
    assert story.running() == {ClockKind.DOCKET}
    clock = story.clock(ClockKind.DOCKET)
    as_planned(clock, "4 wh")
    assert (clock.started_at, charged(clock)) == (MONDAY, county.government)
    assert (story.case.status, story.case.due_at, story.case.policy) == ("collected", clock.due_at, county.policy)
    assert clock.calendar == county.calendar


def test_outside_every_township_the_center_owes_the_docketing(county: County) -> None:
    story = Story.begin(county, by="intake", area=county.county)
    assert charged(story.clock(ClockKind.DOCKET)) == county.center


def test_docketing_stops_its_clock_and_starts_the_promise_and_the_dispatch(county: County) -> None:
    story = Story.begin(county).wait(hours=1).docket()
    assert story.running() == {ClockKind.RESOLVE, ClockKind.DISPATCH}
    docket = story.clock(ClockKind.DOCKET)
    assert (docket.stopped_at, docket.stop_reason, docket.on_time) == (story.now, StopReason.DONE, True)
    as_planned(story.clock(ClockKind.RESOLVE), "7 wd")
    as_planned(story.clock(ClockKind.DISPATCH), "4 wh")
    for kind in (ClockKind.RESOLVE, ClockKind.DISPATCH):
        assert charged(story.clock(kind)) == county.government
    case = story.case
    assert (case.docketed_at, case.dispatch_unit, case.category) == (story.now, county.government, county.category)
    assert case.due_at == story.clock(ClockKind.DISPATCH).due_at


def test_what_the_center_dockets_is_charged_to_the_center(county: County) -> None:
    story = Story.begin(county).docket("center")
    assert charged(story.clock(ClockKind.RESOLVE)) == county.center
    assert charged(story.clock(ClockKind.DISPATCH)) == county.center


def test_the_type_given_at_docketing_decides_the_limits(county: County) -> None:
    story = Story.begin(county).docket(type=CaseType.URGENT)
    as_planned(story.clock(ClockKind.RESOLVE), "26 h")
    as_planned(story.clock(ClockKind.DISPATCH), "1 h")


def test_the_whistle_starts_a_report_in_clock_for_each_department(county: County) -> None:
    story = story_in(county, Status.DOCKETED).wait(minutes=5).dispatch(assistants=[county.police, county.housing])
    assert story.running() == {ClockKind.RESOLVE, ClockKind.REPORT_IN}
    for department in (county.water, county.police, county.housing):
        clock = story.clock(ClockKind.REPORT_IN, department)
        as_planned(clock, "1 wd")
        assert clock.assignment == story.part(department)
        assert story.part(department).state == AssignmentState.WAITING
    assert story.clock(ClockKind.DISPATCH).stopped_at == story.now
    assert (story.case.lead, story.case.dispatched_at) == (county.water, story.now)
    told = Message.objects.filter(kind="whistle").values_list("recipient__username", flat=True)
    assert set(told) == {"handler", "police-handler", "housing-handler"}


def test_reporting_in_starts_only_ones_own_handling_time(county: County) -> None:
    story = story_in(county, Status.DISPATCHED, assistants=[county.police]).wait(minutes=5).report_in(county.police)
    assert story.case.status == Status.DISPATCHED, "the case is in hand once the lead is"
    assert story.clock(ClockKind.REPORT_IN, county.police).stopped_at == story.now
    assert story.clock(ClockKind.REPORT_IN, county.water).stopped_at is None
    as_planned(story.clock(ClockKind.HANDLE, county.police), "5 wd")
    story.wait(minutes=5).report_in()
    assert story.case.status == Status.HANDLING
    as_planned(story.clock(ClockKind.HANDLE, county.water), "5 wd")
    assert story.clock(ClockKind.HANDLE, county.water).started_at == story.now
    part = story.part(county.water)
    assert (part.state, part.reported_in_at, part.reported_in_by) == ("working", story.now, county.users["handler"])


def test_signing_in_on_the_spot_keeps_the_distance_to_the_matter(county: County) -> None:
    story = Story.begin(county, latitude=27.457, longitude=119.506).docket().dispatch()
    story.report_in(on_spot=True, latitude="27.467", longitude="119.506")
    assert story.part().on_spot
    assert story.part().distance_m == pytest.approx(1112, abs=2)


def test_each_departments_clock_stops_with_its_own_answer(county: County) -> None:
    """The department is judged by its own minutes, also when the case still waits for others."""
    story = story_in(county, Status.HANDLING, assistants=[county.police]).wait(minutes=5).finish()
    assert story.case.status == Status.HANDLING
    assert story.clock(ClockKind.HANDLE, county.water).stopped_at == story.now
    assert story.clock(ClockKind.HANDLE, county.police).stopped_at is None
    assert story.clock(ClockKind.RESOLVE).stopped_at is None
    story.wait(minutes=5).finish(county.police)
    assert (story.case.status, story.case.answered_at) == (Status.ANSWERED, story.now)
    assert story.clock(ClockKind.RESOLVE).stopped_at == story.now
    assert story.running() == {ClockKind.VERIFY}
    as_planned(story.clock(ClockKind.VERIFY), "2 wd")
    assert charged(story.clock(ClockKind.VERIFY)) == county.government


def test_an_assistant_may_finish_before_the_lead_reported_in(county: County) -> None:
    story = story_in(county, Status.DISPATCHED, assistants=[county.police]).report_in(county.police)
    story.wait(minutes=5).finish(county.police)
    assert story.case.status == Status.DISPATCHED
    story.report_in().finish()
    assert story.case.status == Status.ANSWERED


def test_types_in_hours_are_verified_in_hours(county: County) -> None:
    story = story_in(county, Status.ANSWERED, type=CaseType.URGENT)
    as_planned(story.clock(ClockKind.VERIFY), "4 h")


def test_a_passed_verification_opens_the_rating_without_colours(county: County) -> None:
    story = story_in(county, Status.ANSWERED).wait(minutes=5).verify()
    assert (story.case.status, story.case.due_at, story.case.colour) == (Status.RATING, None, 0)
    assert story.running() == {ClockKind.RATE}
    clock = story.clock(ClockKind.RATE)
    as_planned(clock, "7 cd")
    assert (charged(clock), clock.blue_at, clock.yellow_at, clock.red_at) == (None, None, None, None)
    assert Message.objects.filter(kind="to_call_back", recipient__username="center").count() == 1


def test_a_satisfied_rating_closes(county: County) -> None:
    story = story_in(county, Status.RATING).wait(days=1).rate()
    case = story.case
    assert (case.status, case.outcome, case.closed_at) == (Status.CLOSED, Outcome.RATED, story.now)
    assert story.running() == set()
    rating = case.ratings.get()
    assert (rating.round, rating.grade, rating.petitioner) == (1, 4, case.petitioners.get())


def test_an_anonymous_petitioner_is_rated_for_without_a_row(county: County) -> None:
    story = story_in(county, Status.RATING, petitioner=ANONYMOUS).rate()
    assert story.case.ratings.get().petitioner is None
    assert story.case.petitioners.count() == 0


def test_without_a_petitioner_a_passed_verification_closes(county: County) -> None:
    story = story_in(county, Status.ANSWERED, type=CaseType.PATROL, petitioner=None).verify()
    case = story.case
    assert (case.status, case.outcome, story.running()) == (Status.CLOSED, Outcome.VERIFIED, set())


def test_nobody_is_asked_where_the_policy_has_no_rating(county: County) -> None:
    """A patrol matter that somebody did raise: the policy's table has no rating for it."""
    story = story_in(county, Status.ANSWERED, type=CaseType.PATROL).verify()
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.VERIFIED)


def test_the_rating_period_ends_exactly_at_its_due_time(county: County) -> None:
    story = story_in(county, Status.RATING)
    due = story.clock(ClockKind.RATE).due_at
    assert story.at(due - TICK).sweep().clocks == 0
    assert story.case.status == Status.RATING
    story.at(due).sweep()
    case = story.case
    assert (case.status, case.outcome, case.closed_at, story.running()) == ("closed", Outcome.UNRATED, due, set())
    assert story.events()[-1].kind == Action.CLOSE
    assert story.events()[-1].actor is None
    assert case.ratings.count() == 0
    assert story.alerts() == []


def test_a_rating_exactly_at_the_due_time_still_counts(county: County) -> None:
    story = story_in(county, Status.RATING)
    story.at(story.clock(ClockKind.RATE).due_at).rate()
    assert story.case.outcome == Outcome.RATED


def test_a_rating_after_the_due_time_lost_to_the_clock_before_any_sweep(county: County) -> None:
    story = story_in(county, Status.RATING)
    story.at(story.clock(ClockKind.RATE).due_at + TICK)
    with pytest.raises(Conflict):
        story.rate()
    assert story.case.status == Status.RATING
    story.sweep()
    assert story.case.outcome == Outcome.UNRATED


def test_finishing_exactly_at_the_due_time_is_on_time_and_raises_no_red(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    story.at(clock.due_at).finish()
    clock.refresh_from_db()
    assert clock.on_time is True
    assert clock.colour == Colour.YELLOW, "blue and yellow were owed before"
    story.wait(days=30).sweep()
    assert Colour.RED not in {alert.colour for alert in story.alerts() if alert.clock_id == clock.pk}


def test_an_action_fires_what_the_case_owes_before_it_happens(county: County) -> None:
    """No sweep ran: the late answer still shows blue, yellow and red with their true moments, before the answer."""
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    story.at(clock.due_at + TICK).finish()
    clock.refresh_from_db()
    alerts = [alert for alert in story.alerts() if alert.clock_id == clock.pk]
    assert [(a.colour, a.moment) for a in alerts] == [
        (Colour.BLUE, clock.blue_at),
        (Colour.YELLOW, clock.yellow_at),
        (Colour.RED, clock.red_at),
    ]
    assert {a.raised_at for a in alerts} == {story.now}
    kinds = [event.kind for event in story.events()]
    assert kinds[-1] == Action.FINISH
    assert set(kinds[-5:-1]) == {"alert"}
    assert (clock.on_time, clock.next_moment, clock.colour) == (False, None, Colour.RED)


def test_a_colour_of_one_clock_leaves_the_case_with_that_clock(county: County) -> None:
    story = Story.begin(county).wait(hours=30)
    story.sweep()
    assert story.case.colour == Colour.RED
    story.docket()
    assert story.case.colour == Colour.NONE
    assert story.clock(ClockKind.DOCKET).colour == Colour.RED, "what was late stays recorded as late"
    assert [alert.colour for alert in story.alerts()] == [1, 2, 3]


@pytest.mark.parametrize("status", [Status.COLLECTED, Status.DOCKETED, Status.DISPATCHED, Status.HANDLING])
def test_withdrawing_stops_every_clock(county: County, status: Status) -> None:
    story = story_in(county, status, assistants=[county.police]).wait(minutes=5).withdraw()
    case = story.case
    assert (case.status, case.outcome, case.closed_at) == (Status.WITHDRAWN, Outcome.WITHDRAWN, story.now)
    stopped = Clock.objects.filter(case=case, stopped_at=story.now)
    assert {clock.stop_reason for clock in stopped} == {StopReason.ENDED}
    assert story.wait(days=90).sweep().clocks == 0


def test_what_was_late_when_it_ended_stays_late(county: County) -> None:
    story = Story.begin(county)
    story.at(story.clock(ClockKind.DOCKET).due_at + TICK).withdraw()
    assert [alert.colour for alert in story.alerts()] == [1, 2, 3]


def test_a_rejection_tells_whoever_took_the_matter_in(county: County) -> None:
    story = Story.begin(county).reject()
    assert (story.case.status, story.case.outcome) == (Status.REJECTED, Outcome.REJECTED)
    assert Message.objects.get(kind="rejected").recipient == county.users["gridworker"]


def test_the_next_calendar_day_of_the_number_is_the_countys(county: County) -> None:
    """New year's eve, 23:30 in Fujian: the number carries the year of the county, not of UTC or the server."""
    story = Story.begin(county, at=MONDAY.replace(year=2025, month=12, day=31, hour=23, minute=30))
    assert story.number.startswith("350924-2025-")
    late = Story.begin(county, at=MONDAY.replace(year=2026, month=1, day=1, hour=0, minute=5))
    assert late.number.startswith("350924-2026-")
    assert late.case.received_at.astimezone(ZONE).year == 2026


LATE_STEPS: list[tuple[Status, ClockKind, Callable[[Story], object]]] = [
    (Status.COLLECTED, ClockKind.DOCKET, lambda story: story.docket()),
    (Status.DOCKETED, ClockKind.DISPATCH, lambda story: story.dispatch()),
    (Status.DISPATCHED, ClockKind.REPORT_IN, lambda story: story.report_in()),
    (Status.HANDLING, ClockKind.HANDLE, lambda story: story.finish()),
    (Status.ANSWERED, ClockKind.VERIFY, lambda story: story.verify()),
]


@pytest.mark.parametrize(("status", "kind", "step"), LATE_STEPS)
@pytest.mark.parametrize("late", [False, True])
def test_every_step_at_its_due_time_is_on_time_and_a_tick_later_is_not(
    county: County, status: Status, kind: ClockKind, step: Callable[[Story], object], late: bool
) -> None:
    story = story_in(county, status)
    clock = story.clock(kind)
    step(story.at(clock.due_at + (TICK if late else timedelta())))
    clock.refresh_from_db()
    reds = [a for a in story.alerts() if a.clock_id == clock.pk and a.colour == Colour.RED]
    assert (clock.on_time, len(reds)) == (not late, int(late))
