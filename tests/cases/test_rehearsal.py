"""What the preview of many cases foresees is what the actions then do, refusals word for word (cases.rehearsal)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.errors import CaseError
from cases.models import Assignment, Case, Clock, JournalEvent
from cases.rehearsal import REHEARSED, Rehearsed, Wish, inputs_of, rehearse
from cases.terms import CaseType, Status
from cases.workflow import Action
from grids.models import Department
from tests.builders import County
from tests.cases.side_stories import object_to
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

STATUSES = [status for status in Status if status not in {Status.SUSPENDED, Status.MERGED}]


def many(county: County) -> list[Story]:
    """Cases in every status, in two townships, led by three departments, one disputed, one with an assistant."""
    stories = [story_in(county, status) for status in STATUSES]
    stories += [story_in(county, Status.HANDLING, assistants=[county.police])]
    stories += [Story.begin(county, by="intake", area=county.other_village).wait(minutes=1).docket("center")]
    disputed = story_in(county, Status.DISPATCHED)
    object_to(disputed, county.water)
    for unit in (county.station, county.police):
        own = story_in(county, Status.DOCKETED)
        stories.append(own.wait(minutes=1).dispatch(unit))
    return [*stories, disputed]


@pytest.mark.parametrize("username", ["center", "township", "handler"])
@pytest.mark.parametrize("action", REHEARSED)
@pytest.mark.parametrize("unit", ["", "water", "station"])
def test_the_preview_says_what_the_action_does(county: County, username: str, action: Action, unit: str) -> None:
    stories = {story.number: story for story in many(county)}
    department = Department.objects.get(pk=getattr(county, unit).pk) if unit else None
    now = max(story.now for story in stories.values()) + timedelta(hours=2)
    actor = county.actor(username, now=now)
    foreseen = rehearse(Wish(action, department), list(stories), actor=actor, now=now)
    assert len(foreseen) == len({one.case.number for one in foreseen})
    for one in foreseen:
        story = stories[one.case.number].at(now)
        if one.refusal and not (department is None and action is not Action.REMIND):
            with pytest.raises(CaseError) as refused:
                act(story, action, one, username, code=department.code if department else "")
            assert str(refused.value) == str(one.refusal)
        elif not one.refusal:
            before = set(Clock.objects.filter(case=one.case).values_list("pk", flat=True))
            act(story, action, one, username)
            started = Clock.objects.filter(case=one.case).exclude(pk__in=before).values_list("kind", "due_at")
            assert sorted(started) == sorted((moved.clock.kind, moved.moments.due) for moved in one.moved)


def act(story: Story, action: Action, one: Rehearsed, username: str, *, code: str = "") -> None:
    """As the page sends what it showed; of a refused case whatever somebody could send instead."""
    part = one.part or Assignment.objects.filter(case=one.case, role="lead").order_by("-pk").first()
    called = one.called.code if one.called else code
    inputs = inputs_of(action, department=called, assignment=str(part.pk if part else 0), words="请抓紧办理")
    story.act(action, username, **inputs)


def test_nothing_is_written_and_what_one_does_not_see_is_left_out(county: County) -> None:
    stories = many(county)
    sealed = Story.begin(county, type=CaseType.ACCUSATION, accused_units=[county.water])
    before = (JournalEvent.objects.count(), list(Case.objects.order_by("pk").values()))
    actor = county.actor("center")
    numbers = [sealed.number, "350924-2026-9999999", *(story.number for story in stories), stories[0].number]
    found = rehearse(Wish(Action.DISPATCH), numbers, actor=actor, now=stories[0].now)
    assert [one.case.number for one in found] == [story.number for story in stories]
    assert before == (JournalEvent.objects.count(), list(Case.objects.order_by("pk").values()))


@pytest.mark.parametrize("count", [3, 60])
@pytest.mark.parametrize("action", REHEARSED)
def test_it_costs_the_same_however_many_cases(county: County, count: int, action: Action) -> None:
    status = Status.DOCKETED if action is Action.DISPATCH else Status.HANDLING
    stories = [story_in(county, status) for _ in range(count)]
    actor = county.actor("center")
    numbers = [story.number for story in stories]
    rehearse(Wish(action, county.police), numbers, actor=actor, now=stories[-1].now)  # what a process keeps
    with CaptureQueriesContext(connection) as queries:
        found = rehearse(Wish(action, county.police), numbers, actor=actor, now=stories[-1].now)
    assert len(found) == count
    assert len(queries) <= 5, "\n".join(query["sql"][:120] for query in queries)


def test_who_was_reminded_within_the_hour_is_left_alone(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    actor = county.actor("center")
    story.act(Action.REMIND, "township", comment="请抓紧")
    soon, later = story.now + timedelta(minutes=59), story.now + timedelta(minutes=60)
    (refused,) = rehearse(Wish(Action.REMIND), [story.number], actor=actor, now=soon)
    assert "一小时内已催办" in str(refused.refusal)
    (allowed,) = rehearse(Wish(Action.REMIND), [story.number], actor=actor, now=later)
    assert [part.department for part in allowed.reminded] == [county.water]
