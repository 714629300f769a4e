"""Who handles it, settled after the whistle: objections, rulings, reassignment, assistants (domain.md, "The loop")."""

from datetime import timedelta
from typing import Any

import pytest

from cases.colours import Colour
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import Alert, Objection
from cases.terms import AssignmentState, ClockKind, Status, StopReason
from cases.workflow import Action
from grids.models import Department
from notifications.models import Message
from tests.builders import County
from tests.cases.side_stories import called, decide_objection, in_hand, object_to, on
from tests.stories import Story

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)


def old_part(story: Story, department: Department) -> tuple[str, str]:
    """State of the part that a department lost, and why its report-in clock stopped."""
    part = story.case.assignments.get(department=department)
    clock = part.clocks.get(kind=ClockKind.REPORT_IN)
    return part.state, clock.stop_reason


def test_an_objection_leaves_the_clocks_running(county: County) -> None:
    story = called(county)
    before = story.clock(ClockKind.REPORT_IN)
    object_to(story, county.water)
    assert story.part(county.water).state == AssignmentState.DISPUTED
    after = story.clock(ClockKind.REPORT_IN)
    assert (after.next_moment, after.due_at, after.generation) == (before.next_moment, before.due_at, 1)
    assert story.case.status == Status.DISPATCHED


def test_the_last_moment_of_the_objection_limit_is_in_time(county: County) -> None:
    """An appeal may be objected to within two working days: until Wednesday 17:30."""
    story = called(county).at(on(4, 17, 30))
    object_to(story, county.water)
    assert story.part(county.water).state == AssignmentState.DISPUTED


def test_a_moment_later_is_too_late(county: County) -> None:
    story = called(county).at(on(4, 17, 30) + TICK)
    with pytest.raises(Conflict):
        object_to(story, county.water)


def test_who_has_reported_in_objects_no_more(county: County) -> None:
    story = in_hand(county)
    with pytest.raises(Conflict):
        object_to(story, county.water)


def test_an_upheld_objection_calls_the_new_unit_and_charges_the_old_nothing(county: County) -> None:
    story = called(county).at(on(3, 15))
    story.sweep()
    object_to(story, county.water)
    resolve = story.clock(ClockKind.RESOLVE)
    decide_objection(story, county.water, new=county.police)
    assert old_part(story, county.water) == (AssignmentState.CANCELLED, StopReason.ENDED)
    charged = Alert.objects.filter(case_id=story.case_id, charged=county.water)
    assert charged.exists()
    assert not charged.filter(annulled_at=None).exists()
    assert story.clock(ClockKind.REPORT_IN, county.water).colour == Colour.NONE, "nor does its clock go on showing it"
    fresh = story.clock(ClockKind.REPORT_IN, county.police)
    assert (fresh.started_at, fresh.due_at) == (on(3, 15), on(4, 17, 30))
    assert (story.case.lead, story.case.status) == (county.police, Status.DISPATCHED)
    assert Objection.objects.get().misrouted_by == county.center, "which blew the whistle"
    still = story.clock(ClockKind.RESOLVE)
    assert (still.pk, still.due_at, still.stopped_at) == (resolve.pk, resolve.due_at, None)


def test_an_overruled_department_must_report_in_and_objects_no_more(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    decide_objection(story, county.water)
    assert story.part(county.water).state == AssignmentState.WAITING
    assert Message.objects.filter(kind="objection_overruled", recipient=county.users["handler"]).count() == 1
    with pytest.raises(Conflict):
        object_to(story, county.water)
    story.report_in(county.water)
    assert story.case.status == Status.HANDLING


def test_a_department_called_again_after_its_upheld_objection_cannot_return_the_case(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    decide_objection(story, county.water, new=county.police)
    object_to(story, county.police)
    decide_objection(story, county.police, new=county.water)
    with pytest.raises(Conflict):
        object_to(story, county.water)


def test_an_upheld_objection_names_the_new_unit(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    part = story.part(county.water).pk
    with pytest.raises(InvalidInput) as refusal:
        story.act(Action.DECIDE_OBJECTION, "center", assignment=part, upheld=True, comment="改派")
    assert set(refusal.value.errors) == {"department"}


def test_a_third_bounce_goes_to_the_center(county: County) -> None:
    story = called(county)
    for unit, following in ((county.water, county.police), (county.police, county.housing)):
        object_to(story, unit)
        decide_objection(story, unit, new=following)
    object_to(story, county.housing)
    with pytest.raises(NotPermitted):
        decide_objection(story, county.housing, new=county.station, by="township")
    decide_objection(story, county.housing, new=county.station)
    assert story.case.lead == county.station


def test_a_township_rules_in_favour_of_its_own_units_only(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    with pytest.raises(NotPermitted):
        decide_objection(story, county.water, new=county.police, by="township")
    decide_objection(story, county.water, new=county.station, by="township")
    assert story.case.lead == county.station


def test_a_reassigned_department_inherits_no_burnt_time(county: County) -> None:
    story = in_hand(county).at(on(5, 10))
    resolve = story.clock(ClockKind.RESOLVE)
    part = story.part(county.water).pk
    story.act(Action.REASSIGN, "center", assignment=part, department="police", comment="属公安局")
    burnt = story.clock(ClockKind.HANDLE, county.water)
    assert (burnt.stopped_at, burnt.stop_reason) == (on(5, 10), StopReason.ENDED)
    fresh = story.clock(ClockKind.REPORT_IN, county.police)
    assert (fresh.started_at, fresh.due_at, fresh.colour) == (on(5, 10), on(6, 17, 30), 0)
    assert (story.case.lead, story.case.status) == (county.police, Status.DISPATCHED)
    assert story.clock(ClockKind.RESOLVE).pk == resolve.pk
    assert story.clock(ClockKind.RESOLVE).due_at == resolve.due_at
    story.wait(hours=1).report_in(county.police)
    assert story.clock(ClockKind.HANDLE, county.police).due_at == on(12, 17, 30)
    with pytest.raises(NotVisible):
        story.act(Action.FINISH, "handler", assignment=part, reply="已修好")


def test_reassigning_an_assistant_leaves_the_lead_and_the_status(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    part = story.part(county.police).pk
    story.act(Action.REASSIGN, "center", assignment=part, department="housing", comment="属住建局")
    assert (story.case.lead, story.case.status) == (county.water, Status.HANDLING)
    assert story.part(county.housing).role == "assist"


@pytest.mark.parametrize("action", [Action.REASSIGN, Action.ADD_ASSISTANT])
def test_a_department_holds_one_part_at_most(county: County, action: Action) -> None:
    story = in_hand(county, assistants=[county.police])
    named: dict[str, Any] = {"assignment": story.part(county.water).pk} if action is Action.REASSIGN else {}
    with pytest.raises(Conflict):
        story.act(action, "center", department="police", comment="重复", **named)


def test_an_added_assistant_has_clocks_of_its_own(county: County) -> None:
    story = in_hand(county).at(on(3, 9))
    story.act(Action.ADD_ASSISTANT, "center", department="police")
    assert story.clock(ClockKind.REPORT_IN, county.police).due_at == on(4, 17, 30)
    assert Message.objects.filter(kind="whistle", recipient=county.handler_of(county.police)).count() == 1
    story.finish(county.water)
    assert story.case.status == Status.HANDLING


def test_a_released_assistant_is_awaited_no_longer(county: County) -> None:
    story = in_hand(county, assistants=[county.police]).at(on(4, 9))
    story.finish(county.water)
    handle = story.clock(ClockKind.HANDLE, county.water)
    assert (handle.stopped_at, story.case.status) == (on(4, 9), Status.HANDLING)
    story.wait(hours=1)
    part = story.part(county.police).pk
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=part, comment="不再需要")
    assert (story.case.status, story.case.answered_at) == (Status.ANSWERED, on(4, 10))
    assert story.running() == {ClockKind.VERIFY}
    assert Message.objects.filter(kind="released", recipient=county.handler_of(county.police)).count() == 1


def test_releasing_before_the_lead_has_answered_answers_nothing(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    part = story.part(county.police).pk
    story.act(Action.RELEASE_ASSISTANT, "center", assignment=part, comment="不再需要")
    assert story.case.status == Status.HANDLING


def test_the_lead_is_never_released(county: County) -> None:
    story = in_hand(county)
    with pytest.raises(Conflict):
        story.act(Action.RELEASE_ASSISTANT, "center", assignment=story.part().pk, comment="不再需要")


def test_reminders_reach_whoever_is_awaited_each_time(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    story.finish(county.police)
    for _ in range(2):
        story.wait(hours=1).act(Action.REMIND, "township", comment="请加快")
    told = Message.objects.filter(kind="reminded").values_list("recipient__username", flat=True)
    assert list(told) == ["handler", "handler"]
