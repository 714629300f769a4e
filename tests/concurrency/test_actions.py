"""Two people act on one case at once: one wins, the other gets a conflict, nothing is half-done."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from cases.actions.intake import Collected, collect
from cases.actions.perform import Performed
from cases.actions.turn import busy
from cases.errors import Conflict
from cases.models import Assignment, Case, Clock, JournalEvent, Request
from cases.terms import ClockKind, Outcome, Status
from cases.workflow import Action
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.concurrency.together import failed, other_session, together, until, waiting_for_locks
from tests.stories import Story, matter, story_in

DOCKET: dict[str, Any] = {"type": "appeal", "category": "urban-supply", "urgency": "normal"}


def one_wins(*works: Callable[[], object]) -> None:
    """Exactly one succeeds; every other is told that it lost."""
    outcomes = together(*works)
    errors = failed(outcomes)
    assert len(errors) == len(works) - 1
    assert {type(error) for error in errors} == {Conflict}


def act(story: Story, action: Action, by: str, **inputs: Any) -> Callable[[], Performed]:
    return lambda: story.act(action, by, **inputs)


def kinds(story: Story) -> list[str]:
    return [event.kind for event in story.events()]


def test_two_dockets(county: County) -> None:
    story = Story.begin(county)
    one_wins(act(story, Action.DOCKET, "township", **DOCKET), act(story, Action.DOCKET, "center", **DOCKET))
    assert kinds(story) == ["collect", "docket"]
    assert story.running() == {ClockKind.RESOLVE, ClockKind.DISPATCH}
    assert Clock.objects.filter(case=story.case_id).count() == 3


def test_two_dispatches(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    one_wins(
        act(story, Action.DISPATCH, "center", lead="water"),
        act(story, Action.DISPATCH, "center", lead="police"),
        act(story, Action.DISPATCH, "township", lead="station-100"),
    )
    (part,) = Assignment.objects.filter(case=story.case_id)
    assert story.case.lead == part.department
    assert Clock.objects.running().filter(case=story.case_id, kind=ClockKind.REPORT_IN).count() == 1
    assert Message.objects.filter(kind="whistle").count() == 1


def test_dispatch_against_withdraw(county: County) -> None:
    """Both may happen when the dispatch comes first; never a dispatch of a withdrawn case."""
    story = story_in(county, Status.DOCKETED)
    outcomes = together(
        act(story, Action.DISPATCH, "center", lead="water"), act(story, Action.WITHDRAW, "township", proof="书面")
    )
    assert {type(error) for error in failed(outcomes)} <= {Conflict}
    assert story.case.status == Status.WITHDRAWN
    assert story.running() == set()
    dispatched = not isinstance(outcomes[0], BaseException)
    assert kinds(story) == ["collect", "docket", *(["dispatch"] if dispatched else []), "withdraw"]
    assert Assignment.objects.filter(case=story.case_id).count() == int(dispatched)


def test_two_departments_finish_and_the_case_is_answered_once(county: County) -> None:
    story = story_in(county, Status.HANDLING, assistants=[county.police])
    lead, assistant = story.part(county.water), story.part(county.police)
    outcomes = together(
        act(story, Action.FINISH, "handler", assignment=lead.pk, reply="已修"),
        act(story, Action.FINISH, "police-handler", assignment=assistant.pk, reply="已查"),
    )
    assert failed(outcomes) == []
    assert story.case.status == Status.ANSWERED
    assert [event.payload["to"] for event in story.events()][-2:] == ["handling", "answered"]
    assert Clock.objects.filter(case=story.case_id, kind=ClockKind.VERIFY).count() == 1
    assert story.running() == {ClockKind.VERIFY}


def test_one_department_finishes_twice(county: County) -> None:
    story = story_in(county, Status.HANDLING, assistants=[county.police])
    finish = act(story, Action.FINISH, "handler", assignment=story.part().pk, reply="已修")
    one_wins(finish, finish, finish)
    assert kinds(story).count("finish") == 1


def test_a_rating_against_the_clock_that_closes(county: County) -> None:
    """At the very due time both may come first; the case ends once, and as the winner says."""
    story = story_in(county, Status.RATING)
    story.at(story.clock(ClockKind.RATE).due_at)
    rated, swept = together(act(story, Action.RATE, "center", grade="5", solved=True, record="电话"), story.sweep)
    assert not isinstance(swept, BaseException)
    case = story.case
    assert case.status == Status.CLOSED
    if isinstance(rated, BaseException):
        assert isinstance(rated, Conflict)
        assert (case.outcome, case.ratings.count()) == (Outcome.UNRATED, 0)
    else:
        assert (case.outcome, case.ratings.count()) == (Outcome.RATED, 1)
    assert [kind for kind in kinds(story) if kind in {"rate", "close"}] == [
        "rate" if case.outcome == Outcome.RATED else "close"
    ]


def test_the_same_client_id_from_eight_threads_is_one_case(county: County) -> None:
    client_id, told = uuid.uuid4(), matter(county)

    def send() -> Collected:
        actor = county.actor("gridworker")
        return collect(matter=told, client_id=client_id, actor=actor, now=MONDAY, request={"body": 1})

    outcomes = together(*[send] * 8)
    assert failed(outcomes) == []
    collected = [outcome for outcome in outcomes if isinstance(outcome, Collected)]
    assert sorted(one.created for one in collected) == [False] * 7 + [True]
    assert len({one.query_code for one in collected}) == len({one.case.pk for one in collected}) == 1
    assert Case.objects.count() == JournalEvent.objects.count() == Clock.objects.count() == 1


def test_two_bodies_under_one_client_id_are_one_case_and_a_conflict(county: County) -> None:
    client_id = uuid.uuid4()

    def send(body: int) -> Collected:
        actor = county.actor("gridworker")
        told = matter(county, title=f"第{body}件")
        return collect(matter=told, client_id=client_id, actor=actor, now=MONDAY, request={"body": body})

    one_wins(*[partial(send, body) for body in range(4)])
    assert Case.objects.count() == 1


def test_the_same_key_from_eight_threads_acts_once_and_answers_all(county: County) -> None:
    story = story_in(county, Status.DOCKETED)
    outcomes = together(*[act(story, Action.DISPATCH, "center", key="k", lead="water")] * 8)
    assert failed(outcomes) == []
    performed = [outcome for outcome in outcomes if isinstance(outcome, Performed)]
    assert sorted(one.replayed for one in performed) == [False] + [True] * 7
    assert kinds(story).count("dispatch") == 1
    assert Request.objects.count() == 1


def test_one_key_for_two_cases_acts_on_one(county: County) -> None:
    stories = [Story.begin(county) for _ in range(4)]
    one_wins(*[act(story, Action.DOCKET, "township", key="k", **DOCKET) for story in stories])
    assert sorted(story.case.status for story in stories) == ["collected"] * 3 + ["docketed"]


def test_whoever_waits_too_long_for_a_case_gets_a_conflict(county: County) -> None:
    """The lock timeout of the connection, not an error of the server (house rule 11)."""
    story = Story.begin(county)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        with other_session() as session:
            session.execute("SELECT 1 FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [story.case_id])
            with pytest.raises(Conflict, match=str(busy())):
                story.docket()
    finally:
        connection.close()
    assert story.case.status == Status.COLLECTED
    story.docket()


def test_whoever_waits_too_long_for_the_same_client_id_gets_a_conflict(county: County) -> None:
    story = Story.begin(county)
    values = Case.objects.values("client_id", "created_by_id").get(pk=story.case_id)
    again = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        with other_session() as session:
            session.execute("UPDATE cases_case SET client_id = %s WHERE id = %s", [again, story.case_id])
            with pytest.raises(Conflict, match=str(busy())):
                Story.begin(county, client_id=again)
            session.rollback()
    finally:
        connection.close()
    assert Case.objects.get().client_id == values["client_id"]
    Story.begin(county, client_id=again)


def test_an_action_waits_for_the_one_before_it_and_sees_what_it_did(county: County) -> None:
    """Read after the lock, never before: the second acts on what the first left (house rule 4)."""
    story = story_in(county, Status.HANDLING, assistants=[county.police])
    lead, assistant = story.part(county.water), story.part(county.police)
    with other_session() as session:
        session.execute("SELECT 1 FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [story.case_id])

        def release() -> None:
            until(lambda: waiting_for_locks() == 2, what="both departments to queue up")
            session.rollback()

        outcomes = together(lambda: story.finish(county.water), lambda: story.finish(county.police), release)
    assert failed(outcomes) == []
    assert {lead.pk, assistant.pk} == {event.payload["assignment"] for event in story.events()[-2:]}
    assert story.case.status == Status.ANSWERED


def test_a_post_taken_away_while_one_waits_does_not_matter_but_the_case_does(county: County) -> None:
    """Withdrawn while the second one waited: the status that counts is the one behind the lock."""
    story = Story.begin(county)
    with other_session() as session:
        session.execute("SELECT 1 FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [story.case_id])

        def end_it() -> None:
            until(lambda: waiting_for_locks() == 1, what="the dispatcher to queue up")
            session.execute(
                "UPDATE cases_case SET status = 'closed', closed_at = now(), due_at = NULL WHERE id = %s",
                [story.case_id],
            )
            session.execute("UPDATE cases_clock SET stopped_at = now(), next_moment = NULL")
            session.commit()

        refused, _ = together(story.docket, end_it)
    assert isinstance(refused, Conflict)
    assert kinds(story) == ["collect"]
