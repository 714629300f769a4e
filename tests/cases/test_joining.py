"""并案 and 重办: a case that follows another, and one that is taken up again."""

from datetime import timedelta

import pytest

from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import Case, JournalEvent
from cases.terms import ClockKind, Outcome, Status
from cases.workflow import Action
from grids.roles import Role
from tests.builders import County, add_post, add_user
from tests.cases.side_stories import in_hand, on
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def merge(story: Story, master: Story, by: str = "township") -> None:
    story.act(Action.MERGE, by, master=master.number, comment="同一处漏水")


def test_a_merged_case_follows_its_master_and_owes_nothing(county: County) -> None:
    master, follower = in_hand(county), in_hand(county)
    merge(follower, master)
    case = follower.case
    assert (case.status, case.outcome, case.master_id) == (Status.MERGED, Outcome.MERGED, master.case_id)
    assert (follower.running(), case.colour, case.due_at) == (set(), 0, None)
    assert case.closed_at == follower.now
    assert master.case.status == Status.HANDLING
    assert JournalEvent.objects.get(case=case, kind="merge").payload["master"] == master.case_id


@pytest.mark.parametrize("status", [Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.MERGED])
def test_a_master_is_a_case_that_goes_on(county: County, status: Status) -> None:
    ended, follower = story_in(county, status), in_hand(county)
    with pytest.raises(Conflict):
        merge(follower, ended)


def test_no_case_follows_itself(county: County) -> None:
    story = in_hand(county)
    with pytest.raises(InvalidInput) as refusal:
        merge(story, story)
    assert set(refusal.value.errors) == {"master"}


def test_a_master_follows_nobody(county: County) -> None:
    first, second, third = (in_hand(county) for _ in range(3))
    merge(second, first)
    with pytest.raises(Conflict):
        merge(first, third)


def test_an_unknown_or_invisible_master_does_not_exist(county: County) -> None:
    story = in_hand(county)
    elsewhere = Story.begin(county, by="intake", area=county.other_village, at=story.now)
    said = []
    for number in (elsewhere.number, "350924-2026-9999999"):
        with pytest.raises(InvalidInput) as refusal:
            story.act(Action.MERGE, "township", master=number, comment="同一处")
        said.append(refusal.value.errors["master"])
    assert said[0] == said[1]


def test_who_may_not_merge_learns_nothing_of_the_master(county: County) -> None:
    neighbour = add_user("neighbour")
    add_post(neighbour, Role.TOWNSHIP_DISPATCHER, county.other_township)
    county.users["neighbour"] = neighbour
    story, master = in_hand(county), in_hand(county)
    with pytest.raises(NotVisible):
        merge(story, master, by="neighbour")


def test_reopening_begins_another_round_with_the_same_departments(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    story.finish(county.police).finish(county.water).verify().rate()
    story.at(on(16, 9)).act(Action.REOPEN, "inspector", comment="再次漏水")
    case = story.case
    assert (case.status, case.round, case.outcome, case.closed_at) == (Status.HANDLING, 2, "", None)
    assert story.running() == {ClockKind.HANDLE, ClockKind.RESOLVE}
    for department in (county.water, county.police):
        clock = story.clock(ClockKind.HANDLE, department)
        assert (clock.round, clock.started_at, clock.due_at) == (2, on(16, 9), on(23, 17, 30))
    story.finish(county.police).finish(county.water)
    assert story.case.status == Status.ANSWERED


def test_a_case_that_never_had_a_lead_goes_back_to_the_dispatcher(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    Case.objects.get(pk=story.case_id).assignments.update(state="cancelled")
    story.act(Action.REOPEN, "center", comment="再次漏水")
    assert (story.case.status, story.case.lead) == (Status.DOCKETED, None)
    assert story.running() == {ClockKind.DISPATCH, ClockKind.RESOLVE}
    story.wait(seconds=timedelta(hours=1).total_seconds()).dispatch(county.police).report_in(county.police)
    assert story.case.status == Status.HANDLING


@pytest.mark.parametrize("by", ["township", "leader", "handler"])
def test_only_the_center_and_the_inspector_reopen(county: County, by: str) -> None:
    story = story_in(county, Status.CLOSED)
    with pytest.raises(NotPermitted):
        story.act(Action.REOPEN, by, comment="再次漏水")
