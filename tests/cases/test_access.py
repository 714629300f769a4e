"""Who sees what: one rule for list, detail, search, count and action (domain.md, "Roles")."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import selectors
from cases.access import roles_on, sees, visible_to
from cases.models import Assignment, Case
from cases.searching import search
from cases.terms import HOLDING_STATES, AssignmentRole, AssignmentState, CaseType, Status
from grids.actors import Actor, HeldPost
from grids.models import Department
from grids.roles import CASELESS_ROLES, DEPARTMENT_ROLES, Role
from tests.builders import MONDAY, USERNAME_OF, County, add_post, add_user
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def numbers(actor: Actor) -> set[str]:
    """What every read shows, all at once: they must not differ."""
    visible = visible_to(actor)
    listed = set(visible.values_list("number", flat=True))
    assert visible.count() == len(listed)
    assert set(search(visible, "350924").values_list("number", flat=True)) == listed
    every = Case.objects.values_list("number", flat=True)
    assert {number for number in every if selectors.case_for(actor, number)} == listed
    assert set(selectors.todo(actor).values_list("number", flat=True)) <= listed
    return listed


def test_each_sees_the_own_cases_and_no_others(county: County) -> None:
    mine = story_in(county, Status.HANDLING)
    fresh = Story.begin(county, by="intake")
    far = Story.begin(county, by="intake", area=county.other_village)
    everything = {mine.number, fresh.number, far.number}
    expected = {
        Role.GRID_WORKER: {mine.number, fresh.number},
        Role.INTAKE_OFFICER: {fresh.number, far.number},
        Role.TOWNSHIP_DISPATCHER: {mine.number, fresh.number},
        Role.TOWNSHIP_LEADER: {mine.number, fresh.number},
        Role.CENTER_DISPATCHER: everything,
        Role.INSPECTOR: everything,
        Role.DEPARTMENT_HANDLER: {mine.number},
        Role.DEPARTMENT_DEPUTY: {mine.number},
        Role.DEPARTMENT_HEAD: {mine.number},
        Role.PETITION_OFFICER: set(),
    } | {key: set() for key in CASELESS_ROLES}
    assert {role: numbers(county.actor(USERNAME_OF[role])) for role in Role} == expected


def test_a_superuser_without_posts_sees_nothing(county: County) -> None:
    Story.begin(county)
    county.users["root"] = add_user("root", superuser=True)
    assert numbers(county.actor("root")) == set()


def test_a_department_that_was_not_called_sees_nothing(county: County) -> None:
    story_in(county, Status.HANDLING)
    assert numbers(county.actor("police-handler")) == set()


@pytest.mark.parametrize("state", list(AssignmentState))
def test_a_department_that_lost_the_case_sees_it_nowhere(county: County, state: AssignmentState) -> None:
    story = story_in(county, Status.HANDLING)
    story.case.assignments.update(state=state)
    assert numbers(county.actor("handler")) == ({story.number} if state in HOLDING_STATES else set())


def test_petitions_are_seen_by_the_petition_office_whoever_took_them_in(county: County) -> None:
    petition = Story.begin(county, type=CaseType.PETITION)
    Story.begin(county)
    assert numbers(county.actor("petition")) == {petition.number}


def test_posts_add_up_and_end_with_their_last_day(county: County) -> None:
    here, there = Story.begin(county), Story.begin(county, by="intake", area=county.other_village)
    both = add_user("both")
    county.users["both"] = both
    add_post(both, Role.GRID_WORKER, county.grid)
    add_post(both, Role.TOWNSHIP_DISPATCHER, county.other_township, until=MONDAY.date())
    assert numbers(county.actor("both")) == {here.number, there.number}
    assert numbers(county.actor("both", now=MONDAY + timedelta(days=1))) == {here.number}
    both.is_active = False
    both.save(update_fields=["is_active"])
    assert numbers(county.actor("both")) == set()


def test_the_to_do_of_each_is_where_the_next_move_is(county: County) -> None:
    at = {status: story_in(county, status).number for status in Status if status is not Status.MERGED}
    expected = {
        "township": {at[Status.COLLECTED], at[Status.DOCKETED], at[Status.ANSWERED]},
        "center": {at[Status.COLLECTED], at[Status.DOCKETED], at[Status.ANSWERED], at[Status.RATING]},
        "gridworker": {at[Status.ANSWERED]},
        "handler": {at[Status.DISPATCHED], at[Status.HANDLING]},
        "deputy": set(),
        "inspector": set(),
    }
    for username, found in expected.items():
        actor = county.actor(username)
        assert {case.number for case in selectors.todo(actor)} == found, username
        assert selectors.todo_counts(actor)["total"] == len(found)


def test_the_to_do_is_the_worst_colour_first_then_the_nearest_due_time(county: County) -> None:
    late = Story.begin(county)
    late.wait(days=2).sweep()
    fresh = Story.begin(county, at=late.now)
    later = Story.begin(county, at=late.now + timedelta(minutes=1))
    actor = county.actor("township")
    assert [case.number for case in selectors.todo(actor)] == [late.number, fresh.number, later.number]
    assert selectors.todo_counts(actor) == {"none": 2, "blue": 0, "yellow": 0, "red": 1, "total": 3}


def test_a_part_already_finished_is_nothing_to_do(county: County) -> None:
    story = story_in(county, Status.HANDLING, assistants=[county.police])
    assert selectors.todo(county.actor("police-handler")).count() == 1
    story.finish(county.police)
    assert selectors.todo(county.actor("police-handler")).count() == 0
    assert selectors.todo(county.actor("handler")).count() == 1


# The rule in SQL and the rule in Python are one rule

AREAS = ["350924", "350924100", "350924101", "350924100001", "35092410000101", "350924101001"]
CASE_AREAS = [code for code in AREAS if len(code) > 6]


@st.composite
def posts(draw: st.DrawFn, departments: list[int]) -> HeldPost:
    role = draw(st.sampled_from(list(Role)))
    if role in DEPARTMENT_ROLES:
        return HeldPost(role, department_id=draw(st.sampled_from(departments)))
    return HeldPost(role, area_code=draw(st.sampled_from(AREAS)))


def a_case(county: County, area: str, case_type: CaseType, by: str, parts: dict[Department, AssignmentState]) -> Case:
    case = Story.begin(county).case
    case.area_code, case.type, case.created_by = area, case_type, county.users[by]
    case.save()
    for department, state in parts.items():
        Assignment.objects.create(
            case=case, department=department, role=AssignmentRole.ASSIST, state=state, assigned_at=MONDAY
        )
    return case


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sees_agrees_with_the_query_for_any_posts_and_any_case(county: County, data: st.DataObject) -> None:
    called = [county.water, county.police]
    states = st.dictionaries(st.sampled_from(called), st.sampled_from(list(AssignmentState)))
    case = a_case(
        county,
        data.draw(st.sampled_from(CASE_AREAS)),
        data.draw(st.sampled_from([CaseType.APPEAL, CaseType.PETITION, CaseType.SUGGESTION])),
        data.draw(st.sampled_from(["intake", "gridworker"])),
        data.draw(states),
    )
    held = data.draw(st.lists(posts([department.pk for department in called]), max_size=3))
    actor = Actor(county.users[data.draw(st.sampled_from(["intake", "center"]))].pk, tuple(held))
    assignments = list(case.assignments.all())
    in_sql = visible_to(actor).filter(pk=case.pk).exists()
    assert sees(actor, case, assignments) == in_sql
    if actor.roles <= CASELESS_ROLES:
        assert not in_sql
    if not in_sql and not actor.roles & {Role.PETITION_OFFICER}:
        assert not roles_on(actor, case, assignments) - CASELESS_ROLES - {Role.INTAKE_OFFICER}
