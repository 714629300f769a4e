"""Whom each step tells, who is told where the post is vacant, and who is charged with a mistaken call."""

from datetime import date

import pytest

from cases.actions.interviews import decide_interview
from cases.actions.meetings import decide_item, draw_up
from cases.errors import Conflict, NotPermitted
from cases.models import Case, Clock, InterviewProposal, MeetingItem, Objection, SupervisionOrder
from cases.selectors import case_for, offers_for
from cases.terms import CaseType, ClockKind, InterviewRule, MeetingKind, Status
from cases.workflow import Action
from grids.models import Department, Post
from grids.roles import Role
from notifications.models import Message
from tests.builders import USERNAME_OF, County, add_post, policy_document, publish_test_policy, unpublish
from tests.cases.side_stories import called, decide_objection, extend, in_hand, object_to, suspend
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def told(kind: str) -> set[str]:
    """The users who have a message of this kind."""
    return set(Message.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def vacate(county: County, role: Role) -> None:
    Post.objects.filter(user=county.users[USERNAME_OF[role]]).delete()


def vacancies(story: Story) -> list[str]:
    """Of the last event of the case."""
    noted: list[str] = story.events()[-1].payload.get("vacancies", [])
    return noted


def propose(story: Story) -> None:
    story.act(Action.PROPOSE_WHISTLE, "township", lead="water", assistants=[])


def test_an_objection_tells_the_dispatcher_who_decides_it(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    assert told("objected") == {"township"}


def test_a_third_bounce_tells_the_centre(county: County) -> None:
    story = called(county)
    for old, new in ((county.water, county.police), (county.police, county.housing)):
        object_to(story, old)
        decide_objection(story, old, new=new)
    Message.objects.all().delete()
    object_to(story, county.housing)
    assert told("objected") == {"center"}


def test_the_unit_that_objected_hears_how_it_ended(county: County) -> None:
    story = called(county)
    object_to(story, county.water)
    decide_objection(story, county.water, new=county.police)
    assert told("objection_upheld") == {"handler"}


@pytest.mark.parametrize(("by", "unit"), [("center", "center"), ("township", "government")])
def test_a_mistaken_call_is_charged_to_the_unit_that_made_it(county: County, by: str, unit: str) -> None:
    """The township docketed it both times; whoever blew the whistle answers for whom it called."""
    story = story_in(county, Status.DOCKETED)
    story.dispatch(county.station, by=by)
    object_to(story, county.station)
    decide_objection(story, county.station, new=county.water)
    assert Objection.objects.get().misrouted_by == getattr(county, unit)


def test_what_a_leader_approved_is_charged_to_the_township(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    propose(story)
    story.act(Action.APPROVE_WHISTLE, "leader")
    assert story.part(county.water).called_by == county.government


def test_whoever_loses_a_part_is_told(county: County) -> None:
    story = in_hand(county)
    part = story.part(county.water)
    story.act(Action.REASSIGN, "center", assignment=part.pk, department="police", comment="改派")
    assert told("taken_over") == {"handler"}


def test_a_withdrawn_matter_tells_the_departments_that_it_waited_for(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    story.withdraw()
    assert told("withdrawn") == {"handler", county.handler_of(county.police).username}


def test_a_merged_case_tells_its_departments(county: County) -> None:
    story, master = in_hand(county), in_hand(county)
    story.act(Action.MERGE, "center", master=master.number, comment="同一事项")
    assert told("merged_away") == {"handler"}


def test_a_granted_extension_reaches_the_petitioner_through_whoever_took_it_in(county: County) -> None:
    story = in_hand(county)
    extend(story, granted=False)
    assert told("tell_extended") == set()
    extend(story)
    assert told("tell_extended") == {"gridworker"}


def test_a_suspension_and_a_reopening_reach_the_petitioner_too(county: County) -> None:
    suspend(in_hand(county), date(2026, 3, 20))
    closed = story_in(county, Status.RATING).rate()
    closed.act(Action.REOPEN, "center", comment="又漏了")
    assert (told("tell_suspended"), told("tell_reopened")) == ({"gridworker"}, {"gridworker"})


def test_a_vacant_leader_is_replaced_by_the_centre_and_the_vacancy_shown(county: County) -> None:
    vacate(county, Role.TOWNSHIP_LEADER)
    story = story_in(county, Status.DOCKETED)
    propose(story)
    assert told("whistle_proposed") == {"center"}
    assert vacancies(story) == [Role.TOWNSHIP_LEADER]


def test_a_vacant_decider_of_an_extension_is_replaced(county: County) -> None:
    """Of a petition the head of the unit decides first."""
    story = in_hand(county, type=CaseType.PETITION)
    vacate(county, Role.DEPARTMENT_HEAD)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    assert told("extension_requested") == {"center"}
    assert vacancies(story) == [Role.DEPARTMENT_HEAD]


def test_a_vacant_head_under_supervision_is_replaced(county: County) -> None:
    story = in_hand(county)
    vacate(county, Role.DEPARTMENT_HEAD)
    story.act(Action.SUPERVISE, "inspector", department="water", card="yellow", demand="限期办结")
    assert told("supervised") == {"handler", "deputy", "center"}
    assert vacancies(story) == [Role.DEPARTMENT_HEAD]


def test_an_answer_reaches_the_centre_where_there_is_no_inspector(county: County) -> None:
    story = in_hand(county)
    story.act(Action.SUPERVISE, "inspector", department="water", card="yellow", demand="限期办结")
    vacate(county, Role.INSPECTOR)
    story.act(Action.ANSWER_SUPERVISION, "depthead", order=SupervisionOrder.objects.get().pk, reply="已整改")
    assert told("supervision_answered") == {"center"}
    assert vacancies(story) == [Role.INSPECTOR]


def test_an_officer_whom_a_case_names_records_no_decision_about_it(county: County) -> None:
    story = in_hand(county)
    story.at(story.clock(ClockKind.HANDLE).due_at).wait(hours=1).sweep()
    draw_up(MeetingKind.WEEKLY, now=story.now, county=county.county.code)
    item = MeetingItem.objects.get(case_id=story.case_id)
    Case.objects.get(pk=story.case_id).parties.add(county.users["center"])
    center = county.actor("center", now=story.now)
    with pytest.raises(NotPermitted):
        decide_item(item_id=item.pk, actor=center, now=story.now, decision="从轻处理")
    item.refresh_from_db()
    assert item.decision == ""


def test_an_officer_merges_nothing_into_a_case_that_names_him(county: County) -> None:
    story, master = in_hand(county), in_hand(county)
    Case.objects.get(pk=master.case_id).parties.add(county.users["center"])
    with pytest.raises(NotPermitted):
        story.act(Action.MERGE, "center", master=master.number, comment="同一事项")
    assert story.case.status == Status.HANDLING


def test_nothing_is_merged_into_a_sealed_case_even_by_its_keeper(county: County) -> None:
    add_post(county.users["petition"], Role.CENTER_DISPATCHER, county.county)
    accusation = Story.begin(county, type=CaseType.ACCUSATION, by="intake")
    story = in_hand(county)
    with pytest.raises(Conflict):
        story.act(Action.MERGE, "petition", master=accusation.number, comment="同一事项")
    assert story.case.status == Status.HANDLING


def test_an_inspector_of_the_unit_decides_no_interview_with_it(county: County) -> None:
    story = in_hand(county)
    proposal = InterviewProposal.objects.create(
        department=county.water, rule=InterviewRule.THREE_REDS, evidence={}, proposed_at=story.now
    )
    add_post(county.users["inspector"], Role.DEPARTMENT_DEPUTY, county.water)
    inspector = county.actor("inspector", now=story.now)
    with pytest.raises(NotPermitted):
        decide_interview(proposal_id=proposal.pk, actor=inspector, now=story.now, held=False)


@pytest.mark.parametrize("opened_by", ["sweep", "inspector"])
def test_a_category_narrows_the_answer_of_an_order_whoever_opens_it(county: County, opened_by: str) -> None:
    document = policy_document()
    document["supervision"]["default"] = "2 wd"
    document["categories"] = {county.category.code: {"supervision": "1 wd"}}
    unpublish(county.policy)
    publish_test_policy(number=2, rules=document)
    story = in_hand(county)
    if opened_by == "sweep":
        story.at(story.clock(ClockKind.HANDLE).due_at).sweep()
    else:
        story.act(Action.SUPERVISE, "inspector", department="water", card="yellow", demand="限期办结")
    clock: Clock = Clock.objects.get(case_id=story.case_id, kind=ClockKind.SUPERVISION, charged=county.water)
    assert (clock.limit, clock.rule) == ("1 wd", f"categories.{county.category.code}.supervision")


def test_the_unit_that_called_is_kept_for_each_part(county: County) -> None:
    story = called(county, assistants=[county.police])
    units: list[Department | None] = [story.part(unit).called_by for unit in (county.water, county.police)]
    assert units == [county.center, county.center]


def test_one_petitioner_does_not_take_back_what_others_wait_for(county: County) -> None:
    master, follower = in_hand(county), in_hand(county)
    follower.act(Action.MERGE, "center", master=master.number, comment="同一事项")
    offered = case_for(county.actor("center", now=master.now), master.number)
    assert offered is not None
    assert Action.WITHDRAW not in {
        offer.action for offer in offers_for(county.actor("center", now=master.now), offered, now=master.now)
    }
    with pytest.raises(Conflict):
        master.withdraw("center")
    assert master.case.status == Status.HANDLING


def test_the_petitioners_of_merged_cases_are_told_as_well(county: County) -> None:
    master, follower = story_in(county, Status.DOCKETED), story_in(county, Status.DOCKETED)
    follower.act(Action.MERGE, "township", master=master.number, comment="同一事项")
    master.reject()
    about = set(Message.objects.filter(kind="rejected").values_list("reference", flat=True))
    assert about == {master.number, follower.number}
