"""What a button foresees is what its action then does: the same clocks with the same moments, to the microsecond."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cases.models import Clock
from cases.previews import FORESEEN, foreseen
from cases.schedule import Moments
from cases.selectors import case_for
from cases.terms import CaseType, ClockKind, Grade, Status, Urgency
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action
from tests.builders import County
from tests.cases.side_stories import called, extend, in_hand, object_to, suspend
from tests.stories import Story, story_in

Told = dict[str, Any]
Scene = Callable[[County], tuple[Story, str, Told, Told]]  # the case, who acts, what the form says, what else is sent


def test_every_action_that_starts_or_moves_a_clock_is_foreseen() -> None:
    starting = {action for action in ALL_CASE_ACTIONS if TABLE[action].starts}
    assert starting | {Action.RESUME, Action.REQUEST_EXTENSION} == FORESEEN


def _docket(county: County) -> tuple[Story, str, Told, Told]:
    sent = {"urgency": Urgency.NORMAL.value, "category": county.category.code}
    story = Story.begin(county).wait(hours=1)
    return story, "township", {"type": CaseType.URGENT.value, "category": county.category}, sent


def _docket_sealed(county: County) -> tuple[Story, str, Told, Told]:
    sent = {"urgency": Urgency.NORMAL.value, "category": county.category.code}
    story = Story.begin(county).wait(hours=1)
    return story, "township", {"type": CaseType.ACCUSATION.value, "category": county.category}, sent


def _dispatch(county: County) -> tuple[Story, str, Told, Told]:
    return story_in(county, Status.DOCKETED).wait(hours=2), "center", {}, {"lead": "water", "assistants": ["police"]}


def _propose(county: County) -> tuple[Story, str, Told, Told]:
    story = Story.begin(county, type=CaseType.WHISTLE_EMERGENCY).wait(minutes=5).docket().wait(minutes=1)
    return story, "township", {}, {"lead": "water"}


def _approve(county: County) -> tuple[Story, str, Told, Told]:
    story = story_in(county, Status.DOCKETED)
    story.act(Action.PROPOSE_WHISTLE, "township", lead="water")
    return story.wait(minutes=7), "leader", {}, {}


def _report_in(county: County) -> tuple[Story, str, Told, Told]:
    story = called(county).wait(minutes=9)
    return story, "handler", {"assignment": story.part().pk}, {}


def _finish(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county).wait(minutes=9)
    return story, "handler", {"assignment": story.part().pk}, {"reply": "已修好"}


def _finish_early(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county, assistants=[county.police]).wait(minutes=9)
    return story, "handler", {"assignment": story.part().pk}, {"reply": "已修好"}


def _release(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county, assistants=[county.police]).wait(minutes=9).finish()
    return story, "center", {"assignment": story.part(county.police).pk}, {"comment": "不再需要"}


def _verified(county: County) -> tuple[Story, str, Told, Told]:
    return story_in(county, Status.ANSWERED).wait(hours=1), "gridworker", {"passed": True}, {}


def _failed(county: County) -> tuple[Story, str, Told, Told]:
    story = story_in(county, Status.ANSWERED, assistants=[county.police]).wait(hours=1)
    return story, "gridworker", {"passed": False}, {"comment": "还在漏"}


def _dissatisfied(county: County) -> tuple[Story, str, Told, Told]:
    story = story_in(county, Status.RATING).wait(hours=1)
    return story, "center", {"grade": Grade.DISSATISFIED}, {"grade": "2", "solved": False, "record": "电话"}


def _upheld(county: County) -> tuple[Story, str, Told, Told]:
    story = called(county).wait(minutes=3)
    object_to(story, county.water)
    sent = {"assignment": story.part().pk, "department": "police", "comment": "裁定"}
    return story.wait(minutes=3), "center", {"upheld": True}, sent


def _overruled(county: County) -> tuple[Story, str, Told, Told]:
    story, by, _told, sent = _upheld(county)
    return story, by, {"upheld": False}, {**sent, "department": ""}


def _reassign(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county).wait(hours=1)
    return story, "center", {"assignment": story.part().pk}, {"department": "police", "comment": "属公安"}


def _assistant(county: County) -> tuple[Story, str, Told, Told]:
    return in_hand(county).wait(hours=1), "center", {}, {"department": "police"}


def _reopen(county: County) -> tuple[Story, str, Told, Told]:
    return story_in(county, Status.CLOSED).wait(days=1), "inspector", {}, {"comment": "又漏了"}


def _reopen_never_handled(county: County) -> tuple[Story, str, Told, Told]:
    """Mended on the spot, so that no department ever had it."""
    story = story_in(county, Status.CLOSED)
    story.case.assignments.update(state="cancelled")
    return story.wait(days=1), "center", {}, {"comment": "又漏了"}


def _supervise(county: County) -> tuple[Story, str, Told, Told]:
    return in_hand(county).wait(hours=1), "inspector", {}, {"department": "water", "card": "listed", "demand": "办"}


def _suspend(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county, assistants=[county.police]).wait(hours=1)
    return story, "center", {"until": date(2026, 3, 9)}, {"until": "2026-03-09", "reason": "season"}


def _resume(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county).wait(hours=1)
    suspend(story, date(2026, 3, 9))
    return story.wait(days=2), "center", {}, {}


def _decide_extension(county: County) -> tuple[Story, str, Told, Told]:
    story = in_hand(county).wait(hours=1)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    return story.wait(hours=1), "center", {"granted": True}, {"comment": "同意"}


def _refuse_extension(county: County) -> tuple[Story, str, Told, Told]:
    story, by, _told, sent = _decide_extension(county)
    return story, by, {"granted": False}, sent


def _third_extension(county: County) -> tuple[Story, str, Told, Told]:
    """It is red, so that a supervision order opens with its answer."""
    story = in_hand(county).wait(hours=1)
    for by in ("center", "leader"):
        extend(story, 1, by=by)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=1, reason="管件未到")
    return story.wait(hours=1), "center", {"granted": True}, {"comment": "同意"}


def _dissatisfied_again(county: County) -> tuple[Story, str, Told, Told]:
    """The second verdict is red, so that a supervision order opens with its answer."""
    story = story_in(county, Status.RATING).wait(hours=1).rate(Grade.DISSATISFIED).wait(hours=1)
    story.finish().wait(minutes=1).verify().wait(minutes=1)
    return story, "center", {"grade": Grade.DISSATISFIED}, {"grade": "2", "solved": False, "record": "电话"}


_SCENES: list[tuple[Action, Scene, int]] = [
    (Action.DOCKET, _docket, 2),
    (Action.DOCKET, _docket_sealed, 1),
    (Action.DISPATCH, _dispatch, 1),
    (Action.PROPOSE_WHISTLE, _propose, 1),
    (Action.APPROVE_WHISTLE, _approve, 1),
    (Action.REPORT_IN, _report_in, 1),
    (Action.FINISH, _finish, 1),
    (Action.FINISH, _finish_early, 0),
    (Action.RELEASE_ASSISTANT, _release, 1),
    (Action.VERIFY, _verified, 1),
    (Action.VERIFY, _failed, 3),
    (Action.RATE, _dissatisfied, 2),
    (Action.RATE, _dissatisfied_again, 3),
    (Action.DECIDE_OBJECTION, _upheld, 1),
    (Action.DECIDE_OBJECTION, _overruled, 0),
    (Action.REASSIGN, _reassign, 1),
    (Action.ADD_ASSISTANT, _assistant, 1),
    (Action.REOPEN, _reopen, 2),
    (Action.REOPEN, _reopen_never_handled, 2),
    (Action.SUPERVISE, _supervise, 1),
    (Action.RESUME, _resume, 2),
    (Action.DECIDE_EXTENSION, _decide_extension, 2),
    (Action.DECIDE_EXTENSION, _third_extension, 3),
    (Action.DECIDE_EXTENSION, _refuse_extension, 0),
]


@pytest.mark.parametrize(("action", "scene", "clocks"), _SCENES)
def test_what_is_foreseen_comes_true(county: County, action: Action, scene: Scene, clocks: int) -> None:
    story, by, said, sent = scene(county)
    case = case_for(county.actor(by, now=story.now), story.number)
    assert case is not None
    expected = {
        (moved.clock.kind, _place(moved.clock), moved.moments) for moved in foreseen(action, case, said, now=story.now)
    }
    assert len(expected) == clocks
    story.act(action, by, **({name: value for name, value in said.items() if name not in sent} | sent))
    facts = story.events()[-1].payload
    ids = [*facts.get("started", {}), *facts.get("moved", {})]
    assert {(clock.kind, _place(clock), _moments(clock)) for clock in Clock.objects.filter(pk__in=ids)} == expected


def test_a_suspension_comes_true_when_its_day_has_come(county: County) -> None:
    story, by, said, sent = _suspend(county)
    case = case_for(county.actor(by, now=story.now), story.number)
    assert case is not None
    expected = {moved.clock.pk: moved.moments for moved in foreseen(Action.SUSPEND, case, said, now=story.now)}
    story.act(Action.SUSPEND, by, **sent)
    story.at(story.clock(ClockKind.SUSPENSION).due_at).sweep()
    assert {pk: _moments(Clock.objects.get(pk=pk)) for pk in expected} == expected
    assert len(expected) == 3


def test_an_extension_that_is_asked_for_is_foreseen_as_it_would_be_granted(county: County) -> None:
    story = in_hand(county).wait(hours=1)
    case = case_for(county.actor("handler", now=story.now), story.number)
    assert case is not None
    before = foreseen(Action.REQUEST_EXTENSION, case, {"amount": Decimal(3)}, now=story.now)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    story.act(Action.DECIDE_EXTENSION, "center", granted=True)
    assert len(before) == 2
    for moved in before:
        assert _moments(Clock.objects.get(pk=moved.clock.pk)) == moved.moments


def _place(clock: Clock) -> int | None:
    """The part whose clock it is; of a part that is only called by the action nothing is known before."""
    return clock.assignment_id if clock.kind == ClockKind.HANDLE else None


def _moments(clock: Clock) -> Moments:
    return Moments(clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at)
