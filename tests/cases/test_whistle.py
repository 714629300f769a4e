"""吹哨申请, 审批: a township calls county departments through its leader."""

import pytest

from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.models import WhistleProposal
from cases.terms import CaseType, ClockKind, Status
from cases.workflow import Action
from notifications.models import Message
from tests.builders import County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def propose(story: Story, *, assistants: tuple[str, ...] = ("police",), by: str = "township") -> None:
    story.act(Action.PROPOSE_WHISTLE, by, lead="water", assistants=list(assistants), instruction="请到场")


def test_a_proposal_waits_for_the_leader_while_the_dispatch_clock_runs(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    propose(story)
    assert story.case.status == Status.DOCKETED
    assert story.running() == {ClockKind.DISPATCH, ClockKind.RESOLVE}
    assert Message.objects.filter(kind="whistle_proposed", recipient=county.users["leader"]).count() == 1
    with pytest.raises(Conflict):
        propose(story)


def test_an_approved_whistle_is_blown_as_proposed(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    propose(story, assistants=("police", "housing"))
    story.wait(minutes=30).act(Action.APPROVE_WHISTLE, "leader")
    assert (story.case.status, story.case.lead) == (Status.DISPATCHED, county.water)
    roles = {part.department.code: part.role for part in story.case.assignments.select_related("department")}
    assert roles == {"water": "lead", "police": "assist", "housing": "assist"}
    assert story.clock(ClockKind.DISPATCH).stopped_at == story.now
    assert story.clock(ClockKind.REPORT_IN, county.water).started_at == story.now
    proposal = WhistleProposal.objects.get()
    assert (proposal.approved, proposal.decided_by) == (True, county.users["leader"])


def test_a_refused_whistle_leaves_the_case_with_the_township(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    propose(story)
    with pytest.raises(InvalidInput):
        story.act(Action.REFUSE_WHISTLE, "leader")
    story.act(Action.REFUSE_WHISTLE, "leader", comment="请先自行处置")
    assert story.case.status == Status.DOCKETED
    assert ClockKind.DISPATCH in story.running()
    assert Message.objects.filter(kind="whistle_refused", recipient=county.users["township"]).count() == 1
    story.dispatch(county.station, by="township")
    assert story.case.lead == county.station


def test_after_a_refusal_another_whistle_may_be_proposed(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    propose(story)
    story.act(Action.REFUSE_WHISTLE, "leader", comment="请先自行处置")
    propose(story, assistants=())
    story.act(Action.APPROVE_WHISTLE, "leader")
    assert story.case.status == Status.DISPATCHED


@pytest.mark.parametrize("how", ["type", "urgency"])
def test_an_emergency_is_effective_at_once_and_reported_to_the_leader(county: County, how: str) -> None:
    story = Story.begin(county)
    if how == "type":
        story.docket(type=CaseType.WHISTLE_EMERGENCY)
    else:
        story.docket(urgency="emergency")
    propose(story)
    assert story.case.status == Status.DISPATCHED
    assert WhistleProposal.objects.get().effective_at_once
    assert Message.objects.filter(kind="whistle_reported", recipient=county.users["leader"]).count() == 1
    with pytest.raises(Conflict):
        story.act(Action.APPROVE_WHISTLE, "leader")


def test_nothing_to_approve_is_a_conflict(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    for action in (Action.APPROVE_WHISTLE, Action.REFUSE_WHISTLE):
        with pytest.raises(Conflict):
            story.act(action, "leader", comment="无")


def test_the_center_dispatches_and_proposes_nothing(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    with pytest.raises(NotPermitted):
        propose(story, by="center")


def test_each_department_is_proposed_once(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    with pytest.raises(InvalidInput):
        propose(story, assistants=("water",))


def test_a_dispatch_makes_a_waiting_proposal_void(county: County) -> None:
    """The centre blows the whistle itself while the leader still considers: nothing is left to approve."""
    story = story_in(county, Status.DOCKETED)
    propose(story)
    story.dispatch(county.police)
    with pytest.raises(Conflict):
        story.act(Action.APPROVE_WHISTLE, "leader")
    assert story.case.lead == county.police
