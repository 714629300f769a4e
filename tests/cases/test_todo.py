"""What waits for whom on the side paths (selectors.todo), in one query."""

from collections.abc import Callable
from typing import Any

import pytest

from cases.selectors import todo
from cases.terms import CaseType, Status
from cases.workflow import Action
from tests.builders import County
from tests.cases.side_stories import called, decide_objection, extend, head_of, in_hand, object_to, on, supervise
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

EVERYBODY = ("township", "leader", "center", "handler", "depthead", "inspector", "gridworker")


def waits_for(county: County, story: Story) -> set[str]:
    """The people in whose to-do the case is."""
    found = set()
    for username in (*EVERYBODY, *(set(county.users) - set(EVERYBODY))):
        if todo(county.actor(username, now=story.now)).filter(pk=story.case_id).exists():
            found.add(username)
    return found


def test_a_proposed_whistle_waits_for_the_leader(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    assert waits_for(county, story) == {"township", "center"}
    story.act(Action.PROPOSE_WHISTLE, "township", lead="water")
    assert waits_for(county, story) == {"township", "center", "leader"}
    story.act(Action.APPROVE_WHISTLE, "leader")
    assert waits_for(county, story) == {"handler"}


def test_an_objection_waits_for_the_dispatchers_and_the_third_for_the_center(county: County) -> None:
    story = called(county)
    for unit, following in ((county.water, county.police), (county.police, county.housing)):
        object_to(story, unit)
        assert waits_for(county, story) == {"township", "center"}
        decide_objection(story, unit, new=following)
    object_to(story, county.housing)
    assert waits_for(county, story) == {"center"}


@pytest.mark.parametrize(
    ("granted_before", "deciders"),
    [([], {"township", "leader", "center"}), (["center"], {"leader", "center"}), (["center"] * 2, {"center"})],
)
def test_an_extension_waits_for_whoever_may_grant_it(
    county: County, granted_before: list[str], deciders: set[str]
) -> None:
    story = in_hand(county)
    for by in granted_before:
        extend(story, 1, by=by)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=1, reason="管件未到")
    assert waits_for(county, story) == {"handler", *deciders}


def test_the_first_extension_of_a_petition_waits_for_the_head(county: County) -> None:
    story = in_hand(county, type=CaseType.PETITION)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=1, reason="管件未到")
    assert waits_for(county, story) == {"handler", "depthead"}


def test_an_order_waits_for_the_head_and_its_answer_for_the_inspector(county: County) -> None:
    story = in_hand(county)
    head_of(county, county.police)
    order = supervise(story, county.water)
    assert waits_for(county, story) == {"handler", "depthead"}
    story.act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="明日完成")
    assert waits_for(county, story) == {"handler", "inspector"}
    story.act(Action.SIGN_OFF, "inspector", order=order.pk)
    assert waits_for(county, story) == {"handler"}


def test_an_order_is_answered_also_when_its_case_has_ended(county: County) -> None:
    story = in_hand(county).at(on(9, 18))
    story.sweep()
    story.finish().verify().rate()
    assert waits_for(county, story) == {"depthead"}


def test_a_unit_that_holds_no_part_answers_its_order(county: County) -> None:
    head = head_of(county, county.government)
    story = Story.begin(county).at(on(3, 12))
    story.sweep()
    assert waits_for(county, story) == {"township", "center", head}


def test_a_suspended_case_waits_for_nobody(county: County) -> None:
    story = in_hand(county)
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-10")
    assert waits_for(county, story) == set()


@pytest.mark.parametrize("username", EVERYBODY)
def test_one_query_whatever_waits(
    county: County, username: str, django_assert_num_queries: Callable[[int], Any]
) -> None:
    in_hand(county)
    actor = county.actor(username)
    with django_assert_num_queries(1):
        list(todo(actor))
