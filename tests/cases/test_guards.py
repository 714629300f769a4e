"""What is refused although the table allows it: stale versions, other units, other people's parts and alerts."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from cases.actions import dispatch
from cases.actions.closing import close_unrated
from cases.actions.turn import take_turn, whole_or_conflict
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible, StaleVersion
from cases.terms import ClockKind, Status
from cases.workflow import Action
from grids.roles import Role
from tests.builders import MONDAY, County, add_post, add_user
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def test_a_stale_version_changes_nothing(county: County) -> None:
    story = Story.begin(county)
    version = story.case.version
    with pytest.raises(StaleVersion):
        story.act(Action.WITHDRAW, "township", version=version + 1, proof="书面")
    story.act(Action.WITHDRAW, "township", version=version, proof="书面")
    assert story.case.version == version + 1


def test_an_alert_does_not_make_a_version_stale(county: County) -> None:
    """A colour that appears while somebody types must not cost what was typed."""
    story = Story.begin(county)
    version = story.case.version
    story.wait(hours=30).sweep()
    story.act(Action.WITHDRAW, "township", version=version, proof="书面")


def test_a_township_calls_only_units_of_its_own(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    for foreign in (county.water, county.other_government):
        with pytest.raises(NotPermitted):
            story.dispatch(foreign, by="township")
    with pytest.raises(NotPermitted):
        story.dispatch(county.station, assistants=[county.police], by="township")
    story.dispatch(county.station, assistants=[county.government], by="township")
    assert story.case.lead == county.station


def test_a_township_calls_only_its_own_also_what_the_center_docketed(county: County) -> None:
    story = Story.begin(county).docket("center")
    with pytest.raises(NotPermitted):
        story.dispatch(county.other_government, by="township")
    story.dispatch(county.station, by="township")


def test_nobody_is_called_twice(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    for assistants in ([county.water], [county.police, county.police]):
        with pytest.raises(InvalidInput) as refusal:
            story.dispatch(county.water, assistants=assistants)
        assert set(refusal.value.errors) == {"assistants"}


def test_a_department_acts_only_on_its_own_part(county: County) -> None:
    story = story_in(county, Status.DISPATCHED, assistants=[county.police])
    with pytest.raises(NotPermitted):
        story.act(Action.REPORT_IN, "handler", assignment=story.part(county.police).pk)
    with pytest.raises(InvalidInput):
        story.act(Action.REPORT_IN, "handler", assignment=2**40)
    foreign = story_in(county, Status.DISPATCHED)
    with pytest.raises(InvalidInput):
        story.act(Action.REPORT_IN, "handler", assignment=foreign.part().pk)
    story.report_in()
    with pytest.raises(Conflict):
        story.report_in()


def test_no_department_verifies_its_own_work(county: County) -> None:
    """Also when the same person holds a dispatcher's post."""
    add_post(county.users["handler"], Role.TOWNSHIP_DISPATCHER, county.township)
    story = story_in(county, Status.ANSWERED)
    with pytest.raises(NotPermitted):
        story.verify("handler")
    story.verify("township")


def test_a_failed_verification_says_why(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    with pytest.raises(InvalidInput) as refusal:
        story.act(Action.VERIFY, "gridworker", passed=False)
    assert set(refusal.value.errors) == {"comment"}


def test_a_post_that_has_ended_opens_nothing(county: County) -> None:
    story = Story.begin(county)
    gone = add_user("gone")
    county.users["gone"] = gone
    add_post(gone, Role.CENTER_DISPATCHER, county.county, until=MONDAY.date() - timedelta(days=1))
    with pytest.raises(NotVisible):
        story.docket("gone")
    county.users["root"] = add_user("root", superuser=True)
    with pytest.raises(NotVisible):
        story.docket("root")


def test_acknowledging_is_noted_once_and_leaves_the_colour(county: County) -> None:
    story = story_in(county, Status.DISPATCHED).wait(days=1)
    story.sweep()
    alert = next(a for a in story.alerts() if a.clock.kind == ClockKind.REPORT_IN)
    colour = story.case.colour
    story.wait(minutes=1).acknowledge(alert)
    alert.refresh_from_db()
    assert (alert.acknowledged_at, alert.acknowledged_by) == (story.now, county.users["handler"])
    assert story.case.colour == colour
    with pytest.raises(Conflict):
        story.acknowledge(alert)


def test_only_the_told_unit_acknowledges(county: County) -> None:
    story = story_in(county, Status.DISPATCHED, assistants=[county.police]).wait(days=1)
    story.sweep()
    of_water = next(a for a in story.alerts() if a.charged == county.water)
    for stranger in ("police-handler", "township"):
        with pytest.raises(NotPermitted):
            story.acknowledge(of_water, stranger)
    for insider in ("deputy",):
        story.acknowledge(of_water, insider)


def test_acknowledging_an_alert_of_a_closed_case_leaves_its_end_alone(county: County) -> None:
    story = story_in(county, Status.DISPATCHED).wait(days=1)
    story.sweep()
    story.withdraw()
    ended = story.now
    story.wait(days=3).acknowledge(story.alerts()[0])
    assert story.case.closed_at == ended


def test_an_alert_of_another_case_is_none_of_this_one(county: County) -> None:
    other = Story.begin(county).wait(hours=30)
    other.sweep()
    story = Story.begin(county, at=other.now)
    with pytest.raises(InvalidInput) as refusal:
        story.acknowledge(other.alerts()[0], "township")
    assert set(refusal.value.errors) == {"alert"}


def test_the_clock_closes_nothing_before_its_time(county: County) -> None:
    story = story_in(county, Status.RATING)
    with pytest.raises(Conflict):
        close_unrated(case_id=story.case_id, now=story.clock(ClockKind.RATE).due_at - timedelta(microseconds=1))
    assert story.case.status == Status.RATING


def test_a_case_that_is_not_there_is_not_visible(county: County) -> None:
    with pytest.raises(NotVisible):
        dispatch.reject(case_id=2**40, actor=county.actor("center"), now=MONDAY, reason="unclear", advice="-")


def test_a_verb_checks_visibility_itself(county: County) -> None:
    """Also when a door calls it by the id of a case that its person never saw."""
    story = Story.begin(county, by="intake", area=county.other_village)
    with pytest.raises(NotVisible):
        dispatch.reject(case_id=story.case_id, actor=county.actor("township"), now=MONDAY, reason="unclear", advice="-")


def test_a_step_that_the_table_does_not_declare_cannot_be_saved(county: County) -> None:
    story = Story.begin(county)
    actor = county.actor("township")

    def leap() -> None:
        with take_turn(Action.DOCKET, case_id=story.case_id, actor=actor, now=MONDAY) as turn:
            turn.case.status = Status.ANSWERED

    def touch() -> None:
        with take_turn(Action.DOCKET, case_id=story.case_id, actor=actor, now=MONDAY) as turn:
            turn.start(ClockKind.RATE, charged_id=None)

    for mistake in (leap, touch):
        with pytest.raises(AssertionError, match="does not declare"):
            mistake()
    assert story.case.status == Status.COLLECTED
    assert story.running() == {ClockKind.DOCKET}


def test_trouble_of_the_server_is_no_conflict() -> None:
    def fail() -> None:
        with whole_or_conflict():
            raise OperationalError("the disk is full")

    with pytest.raises(OperationalError, match="disk"):
        fail()
