"""Retention: who raised a case that ended long ago is no longer known; everything else stays and still verifies."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases import journal, tasks
from cases.actions.expiry import BATCH, anonymise_expired
from cases.invariants import violations
from cases.models import Petitioner
from cases.terms import Status
from cases.workflow import Action
from tests.builders import MONDAY, NAMED, County
from tests.concurrency.together import other_session
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

YEARS = timedelta(days=1095)


def at(moment: datetime) -> Iterator[datetime]:
    while True:
        yield moment


def expire(now: datetime) -> int:
    return anonymise_expired(ended_before=now - YEARS, ticks=at(now))


def names() -> set[str]:
    return set(Petitioner.objects.values_list("name", flat=True))


def test_a_case_that_ended_long_ago_forgets_who_raised_it(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    later = story.case.closed_at
    assert later is not None
    assert expire(later + YEARS) == 0, "not before its time"
    assert expire(later + YEARS + timedelta(seconds=1)) == 1
    assert names() == {""}
    assert set(Petitioner.objects.values_list("name_index", "phone_index")) == {("", "")}
    assert (story.case.title, story.case.status) == ("自来水管漏水", Status.CLOSED)
    assert story.events()[-1].kind == "expire"
    assert [found for _, found in journal.verify_all() if found] == []
    assert list(violations(now=later + YEARS)) == []


def test_once_is_enough(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    assert expire(MONDAY + 2 * YEARS) == 1
    events = len(story.events())
    assert expire(MONDAY + 3 * YEARS) == 0
    assert len(story.events()) == events


def test_an_open_case_keeps_its_petitioner_however_old_it_is(county: County) -> None:
    story_in(county, Status.HANDLING)
    assert expire(MONDAY + 5 * YEARS) == 0
    assert names() == {NAMED.name}


def test_a_merged_petitioner_is_kept_while_the_master_goes_on(county: County) -> None:
    master, follower = story_in(county, Status.DOCKETED), story_in(county, Status.DOCKETED)
    follower.act(Action.MERGE, "township", master=master.number, comment="同一事项")
    assert expire(MONDAY + 2 * YEARS) == 0
    master.at(MONDAY + 2 * YEARS).reject()
    assert expire(MONDAY + 2 * YEARS + timedelta(days=1)) == 0
    assert expire(MONDAY + 4 * YEARS) == 2


def test_more_than_a_batch_and_a_time_that_ends(county: County) -> None:
    for _ in range(3):
        story_in(county, Status.CLOSED)
    now = MONDAY + 2 * YEARS
    assert BATCH > 3
    assert anonymise_expired(ended_before=now - YEARS, ticks=iter([])) == 0
    assert anonymise_expired(ended_before=now - YEARS, ticks=iter([now])) == 3


@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_holds_is_the_next_nights(county: County) -> None:
    held, free = story_in(county, Status.CLOSED), story_in(county, Status.CLOSED)
    with other_session() as session:
        session.execute("SELECT 1 FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [held.case_id])
        assert expire(MONDAY + 2 * YEARS) == 1
        assert Petitioner.objects.get(case_id=free.case_id).name == ""
    assert expire(MONDAY + 2 * YEARS) == 1


@pytest.mark.parametrize(("days", "left"), [(1095, {""}), (0, {NAMED.name})])
def test_the_nightly_task_goes_by_the_setting(county: County, settings: Any, days: int, left: set[str]) -> None:
    settings.PERSONAL_DATA_DAYS = days
    Story.begin(county, at=timezone.now() - 2 * YEARS).reject()
    tasks.anonymise()
    assert names() == left
