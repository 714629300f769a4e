"""Whom an action tells; where the post is vacant, the next superior, and the journal notes the vacancy."""

import pytest

from cases.terms import ClockKind, Grade, Status, StopReason
from grids.models import Post
from notifications.models import Message
from tests.builders import County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def told(kind: str) -> set[str]:
    return set(Message.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def vacate(county: County, *usernames: str) -> None:
    Post.objects.filter(user__in=[county.users[username] for username in usernames]).delete()


@pytest.mark.parametrize(
    ("vacant", "instead"),
    [
        ([], "handler"),
        (["handler"], "deputy"),
        (["handler", "deputy"], "depthead"),
        (["handler", "deputy", "depthead"], "center"),
    ],
)
def test_a_whistle_is_always_heard(county: County, vacant: list[str], instead: str) -> None:
    vacate(county, *vacant)
    story = story_in(county, Status.DISPATCHED, assistants=[county.police])
    assert told("whistle") == {instead, "police-handler"}
    vacancies = story.events()[-1].payload.get("vacancies")
    assert vacancies == (["department_handler"] if vacant else None)


def test_rework_and_dissatisfaction_reach_somebody_too(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    vacate(county, "handler")
    story.verify(passed=False)
    assert told("rework") == {"deputy"}
    other = story_in_rating_without_handler(county)
    other.rate(Grade.DISSATISFIED)
    assert told("dissatisfied") == {"deputy"}


def story_in_rating_without_handler(county: County) -> Story:
    """Driven by a handler who leaves before the rating."""
    Post.objects.create(
        user=county.users["handler"], role="department_handler", department=county.water, valid_from="2020-01-01"
    )
    story = story_in(county, Status.RATING)
    vacate(county, "handler")
    return story


def test_a_call_back_without_a_center_is_the_inspectors(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    vacate(county, "center")
    story.verify()
    assert told("to_call_back") == {"inspector"}


def test_verifiers_are_those_of_the_area_or_the_center(county: County) -> None:
    story_in(county, Status.ANSWERED)
    assert told("to_verify") == {"gridworker", "township"}
    Message.objects.all().delete()
    vacate(county, "gridworker", "township")
    story = Story.begin(county, by="intake").docket("center").dispatch().report_in()
    story.finish()
    assert told("to_verify") == {"center"}


def test_each_round_is_told_anew(county: County) -> None:
    story = story_in(county, Status.ANSWERED)
    for _ in range(2):
        story.verify(passed=False).finish()
    assert Message.objects.filter(kind="rework").count() == 2
    assert Message.objects.filter(kind="to_verify", recipient=county.users["township"]).count() == 3


def test_a_rejection_is_what_the_docket_clock_waited_for(county: County) -> None:
    story = Story.begin(county).wait(minutes=5).reject()
    clock = story.clock(ClockKind.DOCKET)
    assert (clock.stop_reason, clock.stopped_at, clock.on_time) == (StopReason.DONE, story.now, True)
    later = story_in(county, Status.DOCKETED).wait(minutes=5).reject()
    assert later.clock(ClockKind.DISPATCH).stop_reason == StopReason.ENDED
