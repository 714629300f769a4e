"""The sweep: each colour once, with its true moment, told to whom it concerns (architecture.md, "The engine")."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import escalation
from cases.colours import Colour
from cases.escalation import oldest_unfired, sweep
from cases.models import Alert, Clock, JournalEvent
from cases.terms import AlertCause, ClockKind, Status
from grids.models import Post
from grids.roles import Role
from notifications.models import Message
from tests.builders import MONDAY, County, add_post, add_user
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
CLAIM: dict[str, Any] = {"since": escalation.LONG_AGO, "size": 200, "ids": None, "left": []}
COLOURS = (Colour.BLUE, Colour.YELLOW, Colour.RED)


def told(colour: Colour) -> set[str]:
    return set(Message.objects.filter(kind="alert", colour=colour).values_list("recipient__username", flat=True))


def test_each_colour_appears_at_its_moment_and_not_before(county: County) -> None:
    story = Story.begin(county)
    clock = story.clock(ClockKind.DOCKET)
    moments = (clock.blue_at, clock.yellow_at, clock.red_at)
    for number, (colour, moment) in enumerate(zip(COLOURS, moments, strict=True)):
        assert moment is not None
        assert story.at(moment - TICK).sweep().alerts == 0
        assert story.case.colour == number
        assert story.at(moment).sweep().alerts == 1
        clock.refresh_from_db()
        assert (story.case.colour, clock.colour) == (colour, colour)
        assert story.sweep().clocks == 0, "a second pass at the same time finds nothing"
    assert [(a.colour, a.moment, a.raised_at, a.cause) for a in story.alerts()] == [
        (colour, moment, moment, AlertCause.TIME) for colour, moment in zip(COLOURS, moments, strict=True)
    ]
    assert clock.next_moment is None
    later = story.wait(days=400).sweep()
    assert (later.clocks, later.alerts) == (1, 3), "only the supervision order that the red opened is late now"
    assert story.wait(days=400).sweep().clocks == 0


def test_after_an_outage_all_colours_are_recorded_and_only_the_highest_is_sent(county: County) -> None:
    story = Story.begin(county).wait(days=3)
    report = story.sweep()
    clock = story.clock(ClockKind.DOCKET)
    assert (report.clocks, report.alerts, report.held) == (1, 3, 0)
    assert [(a.colour, a.moment) for a in story.alerts()] == [
        (Colour.BLUE, clock.blue_at),
        (Colour.YELLOW, clock.yellow_at),
        (Colour.RED, clock.red_at),
    ]
    assert {a.raised_at for a in story.alerts()} == {story.now}
    assert told(Colour.BLUE) == told(Colour.YELLOW) == set()
    assert told(Colour.RED) == {"township", "leader", "inspector"}
    assert clock.next_moment is None


def test_an_alert_is_one_event_with_ids_codes_and_times_only(county: County) -> None:
    story = Story.begin(county).wait(days=3)
    story.sweep()
    clock = story.clock(ClockKind.DOCKET)
    events = [event for event in story.events() if event.kind == "alert"]
    assert [event.payload["colour"] for event in events] == ["blue", "yellow", "red"]
    last = events[-1]
    assert (last.at, last.actor) == (story.now, None)
    assert last.payload == {
        "clock": clock.pk,
        "kind": "docket",
        "generation": 1,
        "colour": "red",
        "cause": "time",
        "moment": "2026-03-02T07:30:00.000000+00:00",
        "late": True,
        "charged": county.government.pk,
        "order": story.case.supervision_orders.get().pk,
        "told": [county.users[name].pk for name in ("township", "leader", "inspector")],
        "vacancies": [],
    }
    assert story.case.event_seq == len(story.events())


def test_several_clocks_of_one_case_in_one_batch_share_one_chain(county: County) -> None:
    story = story_in(county, Status.HANDLING, assistants=[county.police, county.housing]).wait(days=60)
    report = story.sweep()
    assert (report.clocks, report.alerts, report.batches) == (4, 12, 1)
    seqs = [event.seq for event in story.events()]
    assert seqs == list(range(1, len(seqs) + 1))
    assert bytes(story.case.event_hash) == bytes(story.events()[-1].hash)
    assert story.case.colour == Colour.RED


def test_small_batches_come_to_the_same(county: County) -> None:
    stories = [Story.begin(county) for _ in range(5)]
    report = sweep(now=MONDAY + timedelta(days=3), size=2)
    assert (report.clocks, report.alerts, report.batches) == (5, 15, 3)
    assert {story.case.colour for story in stories} == {Colour.RED}


def test_a_stopped_clock_owes_nothing(county: County) -> None:
    story = story_in(county, Status.WITHDRAWN)
    assert story.wait(days=100).sweep().clocks == 0
    assert story.alerts() == []


def test_a_department_and_its_superiors_are_told_by_colour(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    Clock.objects.filter(case=story.case_id, kind=ClockKind.RESOLVE).update(next_moment=None)
    expected = {
        Colour.BLUE: {"handler"},
        Colour.YELLOW: {"handler", "deputy", "township"},
        Colour.RED: {"handler", "deputy", "township", "depthead", "inspector"},
    }
    for colour, moment in zip(COLOURS, (clock.blue_at, clock.yellow_at, clock.red_at), strict=True):
        assert moment is not None
        story.at(moment).sweep()
        assert told(colour) == expected[colour]


def test_a_message_is_frozen_in_the_recipients_language(county: County) -> None:
    county.users["leader"].language = "en"
    county.users["leader"].save(update_fields=["language"])
    story = Story.begin(county)
    story.at(story.clock(ClockKind.DOCKET).due_at).sweep()
    english = Message.objects.get(recipient=county.users["leader"])
    assert english.subject == f"Red alert · {story.number} · Docketing limit"
    assert english.body == "鳌阳镇: was due 2 Mar 15:30 and is overdue."
    assert (english.reference, english.kind, english.created_at) == (story.number, "alert", story.now)


def test_a_vacancy_is_told_to_the_next_superior_and_shown(county: County) -> None:
    Post.objects.filter(user=county.users["township"]).delete()
    story = Story.begin(county)
    story.at(story.clock(ClockKind.DOCKET).blue_at or MONDAY).sweep()
    assert told(Colour.BLUE) == {"leader"}
    (alert,) = story.alerts()
    assert alert.vacancies == [Role.TOWNSHIP_DISPATCHER.value]


def test_whoever_lost_the_post_is_not_told(county: County) -> None:
    """Posts are looked up when the colour appears, not when the clock started."""
    story = Story.begin(county)
    Post.objects.filter(user=county.users["township"]).update(valid_to=MONDAY.date() - timedelta(days=1))
    successor = add_user("successor")
    add_post(successor, Role.TOWNSHIP_DISPATCHER, county.township)
    story.wait(hours=3).sweep()
    assert told(Colour.BLUE) == {"successor"}


def test_an_inactive_user_is_not_told(county: County) -> None:
    county.users["township"].is_active = False
    county.users["township"].save(update_fields=["is_active"])
    Story.begin(county).wait(hours=3).sweep()
    assert told(Colour.BLUE) == {"leader"}


def test_the_lag_is_the_age_of_the_oldest_unfired_moment(county: County) -> None:
    story = Story.begin(county)
    blue = story.clock(ClockKind.DOCKET).blue_at
    assert blue is not None
    assert oldest_unfired(blue - TICK) is None
    assert oldest_unfired(blue + timedelta(days=1)) == blue
    story.at(blue).sweep()
    assert oldest_unfired(blue) is None


def test_an_idle_pass_is_one_claim_however_much_is_open(county: County) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            Story.begin(county)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            sweep(now=MONDAY, size=200)
        counts.append([query["sql"].split()[0] for query in queries])
    assert counts[0] == counts[1] == ["SAVEPOINT", "SELECT", "SELECT", "SELECT", "RELEASE"]


def test_a_full_batch_costs_the_same_statements_as_a_single_clock(county: County) -> None:
    counts = []
    for cases in (1, 9):
        for _ in range(cases):
            Story.begin(county, at=MONDAY + timedelta(days=cases))
        sweep(now=MONDAY + timedelta(days=cases), size=200)  # what earlier cases owe
        with CaptureQueriesContext(connection) as queries:
            sweep(now=MONDAY + timedelta(days=cases, hours=2, minutes=30), size=200)
        counts.append(len(queries))
    assert Alert.objects.filter(colour=Colour.BLUE).count() == 10
    assert counts[0] == counts[1]


def test_the_claim_is_served_by_the_partial_index(county: County) -> None:
    """Among many open clocks of which few are due: the cost must follow what fell due (architecture.md)."""
    story = Story.begin(county)
    case = story.case
    far = MONDAY + timedelta(days=900)
    late = MONDAY + timedelta(hours=3)
    copies = 'INSERT INTO cases_clock (case_id, kind, round, started_at, "limit", policy_id, calendar_id, due_at,'
    copies += " generation, colour, raised, next_moment, stop_reason, held_error, assignment_id, charged_id)"
    copies += " SELECT case_id, 'x' || n, 1, started_at, \"limit\", policy_id, calendar_id, due_at, 1, 0, 0, %s,"
    copies += " '', '', NULL, NULL FROM cases_clock, generate_series(1, 3000) n WHERE case_id = %s AND kind = 'docket'"
    with connection.cursor() as cursor:
        cursor.execute(copies, [far, case.pk])
        cursor.execute("ANALYZE cases_clock")
        cursor.execute(f"EXPLAIN {escalation._CLAIM}", {**CLAIM, "until": late, "held": late})
        lines = "\n".join(line for (line,) in cursor.fetchall())
    assert "clock_next_moment" in lines
    assert "Seq Scan on cases_clock" not in lines


def test_a_case_that_its_rating_closes_and_others_go_in_one_batch(county: County) -> None:
    rated = story_in(county, Status.RATING)
    late = Story.begin(county)
    now = rated.clock(ClockKind.RATE).due_at
    report = sweep(now=now, size=200)
    assert (report.clocks, report.held) == (2, 0)
    assert rated.case.status == Status.CLOSED
    assert late.case.colour == Colour.RED


def test_a_rating_period_that_ended_during_an_outage_closes_at_the_next_sweep_with_its_true_moment(
    county: County,
) -> None:
    story = story_in(county, Status.RATING)
    due = story.clock(ClockKind.RATE).due_at
    story.at(due + timedelta(days=5)).sweep()
    event = JournalEvent.objects.get(case=story.case_id, kind="close")
    assert event.payload["moment"] == due.astimezone(event.at.tzinfo).isoformat(timespec="microseconds")
    assert story.case.closed_at == story.now
