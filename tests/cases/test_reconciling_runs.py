"""How a reconciliation runs: where it goes on, what stops it, what it costs; what it finds is test_reconciling.py's."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from io import StringIO
from itertools import islice, repeat

import pytest
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from cases import reconciling, tasks
from cases.colours import Colour
from cases.escalation import sweep
from cases.models import Alert, Clock, Reconciliation
from cases.reconciling import begin, carry_on, under_way
from cases.terms import ClockKind, Status
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.cases.side_stories import in_hand, on, suspend
from tests.cases.test_reconciling import (
    HOUR,
    change_clock,
    forgotten,
    forgotten_for_later,
    reconcile,
    swept,
)
from tests.cases.test_state_machine import fingerprint
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def every_status(county: County) -> Iterator[Story]:
    for status in (Status.COLLECTED, Status.DISPATCHED, Status.HANDLING, Status.RATING, Status.CLOSED, Status.MERGED):
        yield swept(story_in(county, status).wait(days=2))
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    yield story


def test_a_healthy_database_is_left_untouched(county: County) -> None:
    stories = list(every_status(county))
    now = max(story.now for story in stories)
    sweep(now=now, size=200)
    before = fingerprint()
    run = reconcile(now)
    assert (run.found, run.details, run.cases) == ({}, [], len(stories))
    assert run.clocks == Clock.objects.count()
    assert fingerprint() == before


def test_it_goes_on_where_it_was_interrupted(county: County) -> None:
    stories = [forgotten(county) for _ in range(5)]
    now = max(story.now for story in stories)
    run = carry_on(begin(now=now), ticks=islice(repeat(now), 2), size=2)
    assert (run.finished_at, run.cases, run.found["next_moment"]) == (None, 4, 4)
    assert under_way() == run
    assert begin(now=now + HOUR) == run, "a second walk does not begin"
    run = carry_on(run, ticks=repeat(now + HOUR), size=2)
    assert (run.finished_at, run.cases, run.left) == (now + HOUR, 5, 0)
    assert run.found["next_moment"] == 5
    assert under_way() is None


def test_there_is_only_one_walk(county: County) -> None:
    begin(now=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reconciliation.objects.create(started_at=MONDAY)


def test_details_end_and_counts_go_on(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "MOST_DETAILS", 3)
    stories = [forgotten_for_later(county) for _ in range(5)]
    run = reconcile(stories[0].now, size=2)
    assert (len(run.details), run.total_found, run.total_repaired) == (3, 5, 5)


def test_a_case_that_cannot_be_repaired_leaves_the_others_alone(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    """Its message of that colour is in an inbox although the colour was never raised: raising it fails."""
    bad, good = forgotten(county), forgotten(county)
    clock = bad.clock(ClockKind.HANDLE)
    Message.objects.create(
        recipient=county.users["handler"], key=f"alert:{clock.pk}:1:3", kind="alert", subject="x", created_at=MONDAY
    )
    run = reconcile(bad.now)
    assert good.case.colour == Colour.RED
    assert {(detail["case"], detail["repaired"]) for detail in run.details} >= {
        (bad.case_id, False),
        (good.case_id, True),
    }
    assert f"case {bad.case_id} could not be set right" in caplog.text
    assert not Alert.objects.filter(clock=clock).exists(), "nothing is half-done"


def test_trouble_of_the_server_ends_the_tick_and_not_the_walk(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = forgotten(county)

    def gone(*_args: object, **_more: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    run = begin(now=story.now)
    with monkeypatch.context() as patch:
        patch.setattr(reconciling, "mend", gone)
        with pytest.raises(OperationalError):
            carry_on(run, ticks=repeat(story.now))
    assert under_way() == run
    assert carry_on(run, ticks=repeat(story.now)).left == 0


def test_the_ticks_of_the_worker(county: County) -> None:
    tasks.reconcile_further()
    assert Reconciliation.objects.count() == 0
    tasks.reconcile()
    assert Reconciliation.objects.get().finished_at is not None
    run = begin(now=MONDAY)
    tasks.reconcile_further()
    run.refresh_from_db()
    assert run.finished_at is not None


def test_the_command_says_what_it_found_and_fails_when_something_is_left(county: County) -> None:
    story = Story.begin(county, at=timezone.now())
    change_clock(story, ClockKind.DOCKET, next_moment=None)
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert "发现 1 处不符，已修复 1 处，剩余 0 处" in out.getvalue()
    story = swept(Story.begin(county, at=timezone.now() - timedelta(days=20)).at(timezone.now()))
    Alert.objects.filter(clock=story.clock(ClockKind.DOCKET), colour=1).delete()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", "--size", "1", stdout=out)
    assert ended.value.code == 1
    assert f"case {story.case_id} " in out.getvalue()


def test_a_batch_costs_the_same_for_two_cases_and_for_twenty(
    county: County, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    for count in (2, 18):
        for _ in range(count):
            Story.begin(county)
        # It begins; twelve searches in the frame of a batch; nothing is left; the report is read.
        with django_assert_num_queries(4 + (6 + 12) + 5 + 1):
            reconcile(MONDAY, size=50)


def test_two_walks_on_one_connection_do_not_lock_what_is_whole(county: County) -> None:
    """Reading takes no lock on any case: an officer never waits for a reconciliation that finds nothing."""
    Story.begin(county)
    with connection.execute_wrapper(_no_lock_on_cases):
        reconcile(MONDAY)


def _no_lock_on_cases(execute: Callable[..., object], sql: str, *rest: object) -> object:
    assert not ("FOR NO KEY UPDATE" in sql and "cases_case" in sql), sql
    return execute(sql, *rest)
