"""The table that lists by colour read follows every case, and the row of the case stays on its page (ADR 0017)."""

from datetime import timedelta

import pytest
from django.db import connection

from cases.actions.closing import reopen
from cases.colours import Colour
from cases.escalation import sweep
from cases.models import Case, Standing
from cases.terms import ClockKind, Status
from cases.workflow import Action
from tests.builders import MONDAY, County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

#: What a sweep writes on a case: no index of the table may read any of it.
SWEPT = {"colour", "event_seq", "event_hash", "updated_at"}


def standing(story: Story) -> tuple[int, object] | None:
    return Standing.objects.filter(case=story.case_id).values_list("colour", "due_at").first()


def test_a_case_stands_from_its_beginning_to_its_end(county: County) -> None:
    story = Story.begin(county)
    clock = story.clock(ClockKind.DOCKET)
    assert standing(story) == (Colour.NONE, clock.due_at)
    story.at(clock.blue_at or MONDAY).sweep()
    assert standing(story) == (Colour.BLUE, clock.due_at)
    story.docket()
    assert standing(story) == (Colour.NONE, story.case.due_at)
    story.act(Action.WITHDRAW, "center", proof="书面")
    assert standing(story) is None


def test_a_case_that_is_taken_up_again_stands_again(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    assert standing(story) is None
    actor = county.actor("center", now=story.wait(days=1).now)
    reopen(case_id=story.case_id, actor=actor, now=story.now, comment="重办")
    assert standing(story) == (Colour.NONE, story.case.due_at)


def test_the_worst_come_first_and_the_ended_not_at_all(county: County) -> None:
    stories = [Story.begin(county, at=MONDAY + timedelta(minutes=n)) for n in range(3)]
    ended = story_in(county, Status.WITHDRAWN)
    moment = stories[1].clock(ClockKind.DOCKET).blue_at
    Case.objects.filter(pk=stories[2].case_id).update(colour=Colour.RED)
    sweep(now=moment or MONDAY, size=10)
    numbers = list(Case.objects.all().worst_first().values_list("number", flat=True))
    assert numbers == [stories[2].number, stories[0].number, stories[1].number]
    assert ended.number not in numbers


def test_no_index_of_cases_reads_what_a_sweep_writes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'cases_case'")
        found = {
            name: definition for name, definition in cursor.fetchall() if any(word in definition for word in SWEPT)
        }
    assert found == {}


@pytest.mark.django_db(transaction=True)
def test_a_sweep_updates_cases_on_their_pages(county: County) -> None:
    """HOT, as PostgreSQL counts it: no index of the case was touched."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL cases_case")  # what earlier tests took back still fills its pages
    for _ in range(4):  # so few that all of them stay on one page
        Story.begin(county)
    before = _updates()
    assert sweep(now=MONDAY + timedelta(hours=2, minutes=30), size=200).alerts == 4
    updated, in_place = (now - old for now, old in zip(_updates(), before, strict=True))
    assert (updated, in_place) == (4, 4)


def _updates() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'cases_case'")
        updated, in_place = cursor.fetchone()
    return updated, in_place
