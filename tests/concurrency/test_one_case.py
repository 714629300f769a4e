"""Two officers, a handler and the sweep on one case at the same moment: each contest has the one outcome that some
order of them would have had, every effect is there once, and the laws of the database hold. 200 rounds in `make slow`.

Deadlocks are counted by conftest.py, in the database itself.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from cases.errors import CaseError
from cases.invariants import violations
from cases.models import Alert, Assignment, Case, ClockAdjustment, Suspension
from cases.terms import AlertCause, AssignmentState, CaseType, ClockKind, Grade, Status
from cases.workflow import Action
from grids.roles import Role
from tests.builders import County, add_post, add_user
from tests.cases.side_stories import called, in_hand, object_to, suspend
from tests.concurrency.together import failed, together
from tests.stories import Story, story_in

#: Of each of the eight contests.
ROUNDS: Final = (3, pytest.param(25, marks=pytest.mark.slow))

Step = Callable[[], object]
#: Sets the scene of one round and returns the case, the four who act, and what must be true afterwards.
Contest = Callable[[County], tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]]


def act(story: Story, action: Action, by: str, **inputs: Any) -> Step:
    return lambda: story.act(action, by, **inputs)


def sweeping(story: Story) -> Step:
    def run() -> None:
        assert story.sweep(size=5).held == 0

    return run


def late(story: Story, kind: ClockKind = ClockKind.HANDLE) -> Story:
    """A minute after that clock turned yellow: blue and yellow are owed, and whoever comes first raises them."""
    yellow = story.clock(kind).yellow_at
    assert yellow is not None
    return story.at(yellow + timedelta(minutes=1))


def suspended(story: Story, by: str) -> Step:
    until = (story.now + timedelta(days=5)).date().isoformat()
    return act(story, Action.SUSPEND, by, reason="season", until=until)


def finished(story: Story, part: Assignment) -> Step:
    return act(story, Action.FINISH, "handler", assignment=part.pk, reply="已修好")


def colours_once(story: Story, kind: ClockKind = ClockKind.HANDLE) -> None:
    clock = story.clock(kind)
    raised = (
        Alert.objects.filter(clock=clock, cause=AlertCause.TIME).order_by("colour").values_list("colour", flat=True)
    )
    assert list(raised) == [1, 2]


def suspend_or_finish(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    story = late(in_hand(county))
    part = story.part()

    def check(story: Story, done: Counter[str]) -> None:
        assert done["suspend"] + done["finish"] == 1
        assert story.case.status == (Status.SUSPENDED if done["suspend"] else Status.ANSWERED)
        colours_once(story)

    return story, [suspended(story, "center"), suspended(story, "township"), finished(story, part)], check


def resume_by_hand_or_by_the_clock(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    """Whoever comes first: the pause ended at its own moment and is credited once."""
    story = in_hand(county)
    part = story.part()
    due = story.clock(ClockKind.HANDLE).due_at
    suspend(story, (story.now + timedelta(days=2)).date())  # until Wednesday 08:00
    story.wait(days=1, hours=23, minutes=10)

    def check(story: Story, done: Counter[str]) -> None:
        assert (done["resume"], done["finish"] <= 1) == (1, True)
        held = Suspension.objects.get(case=story.case_id)
        assert held.ended_at == held.until < story.now
        assert story.clock(ClockKind.HANDLE).due_at > due
        assert ClockAdjustment.objects.filter(clock=story.clock(ClockKind.HANDLE)).count() == 1

    steps = [act(story, Action.RESUME, "center"), act(story, Action.RESUME, "township"), finished(story, part)]
    return story, steps, check


def two_decide_an_extension(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    story = in_hand(county)
    part = story.part()
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    late(story)

    def check(story: Story, done: Counter[str]) -> None:
        asked = story.case.extension_requests.get()
        assert done["decide_extension"] <= 1
        assert done["decide_extension"] or done["finish"]
        assert asked.decided_at == story.now
        moved = ClockAdjustment.objects.filter(extension=asked).values_list("clock__kind", flat=True)
        assert sorted(moved) == (["handle", "resolve"] if asked.granted else [])

    return (
        story,
        [
            act(story, Action.DECIDE_EXTENSION, "center", granted=True, comment="同意"),
            act(story, Action.DECIDE_EXTENSION, "township", granted=False, comment="不同意"),
            finished(story, part),
        ],
        check,
    )


def two_decide_an_objection(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    story = called(county)
    part = story.part()
    object_to(story, county.water)
    late(story, ClockKind.REPORT_IN)
    decide: dict[str, Any] = {"assignment": part.pk, "comment": "裁定"}

    def check(story: Story, done: Counter[str]) -> None:
        assert done["decide_objection"] == 1
        part.refresh_from_db()
        parts = Assignment.objects.filter(case=story.case_id).count()
        if part.objection.upheld:
            assert (part.state, parts, done["report_in"]) == (AssignmentState.CANCELLED, 2, 0)
        else:
            assert (part.state == AssignmentState.WORKING, parts) == (bool(done["report_in"]), 1)

    return (
        story,
        [
            act(story, Action.DECIDE_OBJECTION, "center", upheld=True, department="police", **decide),
            act(story, Action.DECIDE_OBJECTION, "township", upheld=False, **decide),
            act(story, Action.REPORT_IN, "handler", assignment=part.pk),
        ],
        check,
    )


def merged_from_both_sides(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    story, other = late(in_hand(county)), in_hand(county)
    other.at(story.now)
    part = story.part()

    def check(story: Story, done: Counter[str]) -> None:
        merged = Case.objects.filter(pk__in=[story.case_id, other.case_id], status=Status.MERGED)
        assert merged.count() == 1
        assert done["finish"] <= 1
        assert done["merge"] == int(story.case.status == Status.MERGED)

    return (
        story,
        [
            act(story, Action.MERGE, "center", master=other.number, comment="同一件事"),
            act(other, Action.MERGE, "township", master=story.number, comment="同一件事"),
            finished(story, part),
        ],
        check,
    )


def rated_or_closed_by_the_clock(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    """At the very moment at which the period ends, a verdict is still in time."""
    story = story_in(county, Status.RATING)
    story.at(story.clock(ClockKind.RATE).due_at)

    def check(story: Story, done: Counter[str]) -> None:
        assert done["rate"] + done["close"] == 1
        assert story.case.ratings.count() == done["rate"]
        assert story.case.round == 1 + story.case.dissatisfied + done["reopen"]
        assert Alert.objects.filter(case=story.case_id, cause=AlertCause.RATING).count() == story.case.dissatisfied

    verdicts = [
        act(story, Action.RATE, by, grade=str(int(grade)), solved=grade.satisfied, record="电话回访")
        for by, grade in (("center", Grade.SATISFIED), ("center-2", Grade.DISSATISFIED))
    ]
    return story, [*verdicts, act(story, Action.REOPEN, "inspector", comment="再办")], check


def two_reassign(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    story = late(called(county, type=CaseType.WHISTLE_KEY), ClockKind.REPORT_IN)
    part = story.part()
    given: dict[str, Any] = {"assignment": part.pk, "comment": "转派"}

    def check(story: Story, done: Counter[str]) -> None:
        assert done["reassign"] == 1
        states = Counter(Assignment.objects.filter(case=story.case_id).values_list("state", flat=True))
        assert states == {AssignmentState.CANCELLED: 1, AssignmentState.WAITING: 1}
        assert story.clock(ClockKind.REPORT_IN).charged == story.case.lead

    return (
        story,
        [
            act(story, Action.REASSIGN, "center", department="police", **given),
            act(story, Action.REASSIGN, "township", department="station-100", **given),
            act(story, Action.REPORT_IN, "handler", assignment=part.pk),
        ],
        check,
    )


def withdrawn_suspended_or_finished(county: County) -> tuple[Story, list[Step], Callable[[Story, Counter[str]], None]]:
    story = late(in_hand(county))
    part = story.part()

    def check(story: Story, done: Counter[str]) -> None:
        assert done["withdraw"] + done["finish"] == 1
        assert done["suspend"] <= done["withdraw"]
        assert not Suspension.objects.filter(case=story.case_id, ended_at=None).exists()
        colours_once(story)

    return (
        story,
        [suspended(story, "center"), act(story, Action.WITHDRAW, "township", proof="书面"), finished(story, part)],
        check,
    )


CONTESTS: Final[tuple[Contest, ...]] = (
    suspend_or_finish,
    resume_by_hand_or_by_the_clock,
    two_decide_an_extension,
    two_decide_an_objection,
    merged_from_both_sides,
    rated_or_closed_by_the_clock,
    two_reassign,
    withdrawn_suspended_or_finished,
)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("contest", CONTESTS)
def test_four_at_once(county: County, contest: Contest, rounds: int) -> None:
    county.users["center-2"] = add_user("center-2")
    add_post(county.users["center-2"], Role.CENTER_DISPATCHER, county.county)
    for _ in range(rounds):
        story, steps, check = contest(county)
        before = story.case.event_seq
        outcomes = together(*steps, sweeping(story))
        assert all(isinstance(error, CaseError) for error in failed(outcomes)), outcomes
        done = Counter(event.kind for event in story.events() if event.seq > before)
        check(story, done)
        # What two merges held while the one sweep came by is the next tick's: a master is locked and does not act.
        story.sweep()
    assert list(violations(now=story.now)) == []
