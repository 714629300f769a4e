"""Handling starts again: after a failed verification, after a dissatisfied rating (domain.md, `verify`, `rate`)."""

from datetime import timedelta

import pytest

from cases.actions.publishing import publish_policy
from cases.colours import Colour
from cases.models import Alert, Rating
from cases.terms import AlertCause, AssignmentState, CaseType, ClockKind, Grade, Outcome, RatingChannel, Status
from grids.actors import SERVICE
from notifications.models import Message
from tests.builders import MONDAY, County, policy_document
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def again(story: Story) -> Story:
    """From handling to the next rating, without any report-in."""
    story.wait(minutes=1)
    for part in story.case.assignments.order_by("pk"):
        story.finish(part.department)
    return story.wait(minutes=1).verify().wait(minutes=1)


def test_a_failed_verification_begins_a_round_with_fresh_clocks(county: County) -> None:
    story = story_in(county, Status.ANSWERED, assistants=[county.police]).wait(hours=1).verify(passed=False)
    case = story.case
    assert (case.status, case.round, case.dissatisfied) == (Status.HANDLING, 2, 0)
    assert story.clock(ClockKind.VERIFY).stopped_at == story.now
    assert story.running() == {ClockKind.HANDLE, ClockKind.RESOLVE}
    for department in (county.water, county.police):
        clock = story.clock(ClockKind.HANDLE, department)
        assert (clock.started_at, clock.round, clock.limit, clock.colour) == (story.now, 2, "5 wd", Colour.NONE)
        part = story.part(department)
        assert (part.state, part.finished_at) == (AssignmentState.WORKING, None)
        assert part.reported_in_at is not None, "no new report-in"
    resolve = story.clock(ClockKind.RESOLVE)
    assert (resolve.started_at, resolve.round, resolve.limit, resolve.charged) == (
        story.now,
        2,
        "7 wd",
        county.government,
    )
    told = Message.objects.filter(kind="rework").values_list("recipient__username", flat=True)
    assert set(told) == {"handler", "police-handler"}
    assert story.alerts() == []


def test_verification_may_fail_again_and_again_and_each_round_is_counted(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    for number in range(2, 6):
        story.wait(minutes=1).verify(passed=False)
        assert (story.case.status, story.case.round) == (Status.HANDLING, number)
        story.wait(minutes=1).finish()
    story.verify()
    assert story.case.status == Status.RATING


@pytest.mark.parametrize("grade", [Grade.DISSATISFIED, Grade.VERY_DISSATISFIED])
def test_a_first_dissatisfied_rating_is_yellow_on_the_leads_fresh_clock(county: County, grade: Grade) -> None:
    story = story_in(county, Status.RATING, assistants=[county.police]).wait(hours=1).rate(grade)
    case = story.case
    assert (case.status, case.round, case.dissatisfied, case.colour) == ("handling", 2, 1, Colour.YELLOW)
    clock = story.clock(ClockKind.HANDLE, county.water)
    (alert,) = story.alerts()
    assert (alert.clock, alert.colour, alert.cause) == (clock, Colour.YELLOW, AlertCause.RATING)
    assert (alert.moment, alert.raised_at, alert.charged) == (story.now, story.now, county.water)
    assert (clock.colour, clock.next_moment) == (Colour.YELLOW, clock.red_at)
    assert story.clock(ClockKind.HANDLE, county.police).colour == Colour.NONE
    told = Message.objects.filter(kind="alert").values_list("recipient__username", flat=True)
    assert set(told) == {"handler", "deputy", "township"}


def test_a_second_dissatisfied_rating_is_red_and_a_third_closes(county: County) -> None:
    story = story_in(county, Status.RATING).rate(Grade.DISSATISFIED)
    again(story).rate(Grade.DISSATISFIED)
    assert (story.case.status, story.case.round, story.case.colour) == ("handling", 3, Colour.RED)
    clock = story.clock(ClockKind.HANDLE)
    assert (clock.colour, clock.next_moment) == (Colour.RED, None)
    told = Message.objects.filter(kind="alert", colour=Colour.RED).values_list("recipient__username", flat=True)
    assert set(told) == {"handler", "deputy", "depthead", "township", "inspector"}
    again(story).rate(Grade.VERY_DISSATISFIED)
    case = story.case
    assert (case.status, case.outcome, case.closed_at) == (Status.CLOSED, Outcome.DISSATISFIED, story.now)
    assert story.running() == set()
    rated = Rating.objects.filter(case=case).order_by("round").values_list("round", "grade", "channel")
    assert list(rated) == [(1, 2, RatingChannel.CALLBACK), (2, 2, RatingChannel.CALLBACK), (3, 1, "callback")]


def test_a_dissatisfied_rating_then_a_satisfied_one_closes_as_rated(county: County) -> None:
    story = story_in(county, Status.RATING).rate(Grade.DISSATISFIED)
    again(story).rate(Grade.FAIRLY_SATISFIED)
    assert (story.case.status, story.case.outcome, story.case.dissatisfied) == ("closed", Outcome.RATED, 1)


def test_failed_verifications_do_not_use_up_the_ratings(county: County) -> None:
    """Rework is counted in rounds, dissatisfaction in ratings: only a third rating closes as dissatisfied."""
    story = story_in(county, Status.ANSWERED)
    for _ in range(3):
        story.verify(passed=False).finish()
    story.verify().rate(Grade.DISSATISFIED)
    assert (story.case.status, story.case.round, story.case.colour) == ("handling", 5, Colour.YELLOW)


def test_a_clock_in_yellow_by_rating_still_turns_red_by_time_and_never_blue(county: County) -> None:
    story = story_in(county, Status.RATING).rate(Grade.DISSATISFIED)
    clock = story.clock(ClockKind.HANDLE)
    assert clock.red_at is not None
    story.at(clock.red_at).sweep()
    found = Alert.objects.filter(clock=clock).order_by("moment").values_list("colour", "cause", "moment")
    assert [(c, cause) for c, cause, _ in found] == [(Colour.YELLOW, "rating"), (Colour.RED, "time")]


def test_a_next_round_is_no_longer_than_the_first(county: County) -> None:
    story = story_in(county, Status.ANSWERED, type=CaseType.URGENT).wait(minutes=1).verify(passed=False)
    assert story.clock(ClockKind.HANDLE).due_at == story.now + timedelta(hours=24)
    assert story.clock(ClockKind.RESOLVE).due_at == story.now + timedelta(hours=26)


def test_the_rating_of_a_new_round_starts_a_rating_period_of_its_own(county: County) -> None:
    story = story_in(county, Status.RATING)
    first = story.clock(ClockKind.RATE)
    again(story.wait(days=2).rate(Grade.DISSATISFIED))
    second = story.clock(ClockKind.RATE)
    assert second.pk != first.pk
    assert second.due_at > first.due_at
    story.at(second.due_at).sweep()
    assert story.case.outcome == Outcome.UNRATED


def test_without_a_handle_limit_a_dissatisfied_rating_has_no_clock_to_colour(county: County) -> None:
    """A policy may leave any cell out; the round begins all the same."""
    rules = policy_document()
    rules["types"]["appeal"]["handle"] = None
    publish_policy(rules=rules, follows=1, valid_from=MONDAY, reason="-", actor=SERVICE, now=MONDAY)
    story = story_in(county, Status.RATING).rate(Grade.DISSATISFIED)
    assert (story.case.status, story.case.round, story.running()) == ("handling", 2, {ClockKind.RESOLVE})
    assert story.alerts() == []


def test_a_policy_may_leave_out_any_clock(county: County) -> None:
    rules = policy_document()
    for kind in ("docket", "dispatch", "report_in", "handle", "resolve"):
        rules["types"]["appeal"][kind] = None
    publish_policy(rules=rules, follows=1, valid_from=MONDAY, reason="-", actor=SERVICE, now=MONDAY)
    story = story_in(county, Status.ANSWERED)
    assert story.running() == {ClockKind.VERIFY}
    assert story.case.due_at == story.clock(ClockKind.VERIFY).due_at
    story.verify().rate()
    assert story.case.outcome == Outcome.RATED
