"""Every law can fail: a database made wrong on purpose, one law after the other, is found out."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any, Final

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases import invariants, journal
from cases.invariants import CHECKS, violations
from cases.laws import LAWS
from cases.models import Alert, Assignment, Case, Clock, JournalEvent, Standing, SupervisionOrder
from cases.terms import CaseType, ClockKind, Grade, Status
from cases.workflow import Action
from notifications.models import Message
from tests.builders import MONDAY, County
from tests.cases.side_stories import called, in_hand, object_to, on, suspend
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

HOUR: Final = timedelta(hours=1)
Break = Callable[[County], Story]


def laws_broken(story: Story) -> set[str]:
    return {found.law for found in violations(now=story.now)}


def overdue(county: County) -> Story:
    """In hand, swept a minute after its handle clock turned red."""
    story = in_hand(county)
    story.at(story.clock(ClockKind.HANDLE).due_at + timedelta(minutes=1)).sweep()
    return story


def sealed(county: County) -> Story:
    return Story.begin(county, type=CaseType.ACCUSATION, accused_units=(county.water,))


def change(story: Story, **values: Any) -> Story:
    Case.objects.filter(pk=story.case_id).update(**values)
    return story


def change_clock(story: Story, kind: ClockKind, **values: Any) -> Story:
    Clock.objects.filter(pk=story.clock(kind).pk).update(**values)
    return story


def without(statement: str) -> None:
    """Take a safeguard of the database away for the length of this test."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(statement)


def ends_with_a_clock(county: County) -> Story:
    return change(in_hand(county), status=Status.WITHDRAWN, closed_at=MONDAY, colour=0, due_at=None)


def forgets_its_next_moment(county: County) -> Story:
    return change_clock(in_hand(county), ClockKind.HANDLE, next_moment=None)


def skips_a_moment(county: County) -> Story:
    story = in_hand(county)
    return change_clock(story, ClockKind.HANDLE, next_moment=story.clock(ClockKind.HANDLE).yellow_at)


def forgets_the_end_of_its_rating(county: County) -> Story:
    return change_clock(story_in(county, Status.RATING), ClockKind.RATE, next_moment=None)


def rates_at_another_time(county: County) -> Story:
    return change_clock(story_in(county, Status.RATING), ClockKind.RATE, next_moment=MONDAY)


def ticks_while_paused(county: County) -> Story:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    return change_clock(story, ClockKind.HANDLE, next_moment=MONDAY)


def rises_early(county: County) -> Story:
    story = overdue(county)
    Alert.objects.update(raised_at=MONDAY)
    return story


def alert_of_another_moment(county: County) -> Story:
    story = overdue(county)
    Alert.objects.filter(clock=story.clock(ClockKind.HANDLE)).update(moment=MONDAY)
    return story


def misses_a_colour(county: County) -> Story:
    story = in_hand(county)
    return story.at(story.clock(ClockKind.HANDLE).due_at + HOUR)


def loses_an_alert_of_a_later_generation(county: County) -> Story:
    """A colour of an earlier generation is no excuse."""
    story = overdue(county)
    return change_clock(story, ClockKind.HANDLE, raised=0, colour=0, generation=2, next_moment=None)


def alert_without_an_event(county: County) -> Story:
    story = overdue(county)
    blue = next(event for event in story.events() if event.payload.get("colour") == "blue")
    with journal.maintenance("test"):
        JournalEvent.objects.filter(pk=blue.pk).delete()
    return story


def event_without_an_alert(county: County) -> Story:
    story = overdue(county)
    Alert.objects.filter(clock=story.clock(ClockKind.HANDLE), colour=1).delete()
    return story


def verdict_without_its_alert(county: County) -> Story:
    """A dissatisfied rating raises yellow on the new handle clock: the event names the alert."""
    story = story_in(county, Status.RATING).wait(minutes=1).rate(Grade.DISSATISFIED)
    Alert.objects.filter(case=story.case_id, cause="rating").delete()
    return story


def verdict_that_no_event_names(county: County) -> Story:
    story = story_in(county, Status.RATING).wait(minutes=1).rate(Grade.DISSATISFIED)
    alert = Alert.objects.get(case=story.case_id, cause="rating")
    Alert.objects.filter(pk=alert.pk).update(id=alert.pk + 1000)
    return story


def hides_its_colour(county: County) -> Story:
    return change(change_clock(overdue(county), ClockKind.HANDLE, colour=0), colour=3)


def shows_what_was_annulled(county: County) -> Story:
    story = overdue(county)
    Alert.objects.filter(clock=story.clock(ClockKind.HANDLE)).update(annulled_at=story.now)
    return story


def has_two_leads(county: County) -> Story:
    story = in_hand(county)
    without("DROP INDEX assignment_one_lead")
    part = {"role": "lead", "state": "waiting", "assigned_at": MONDAY}
    Assignment.objects.create(case_id=story.case_id, department=county.police, **part)
    return story


def counts_a_round_more(county: County) -> Story:
    return change(in_hand(county), round=2)


def changes_without_an_event(county: County) -> Story:
    return change(in_hand(county), status=Status.DISPATCHED)


def loses_an_event(county: County) -> Story:
    story = in_hand(county)
    with journal.maintenance("test"):
        JournalEvent.objects.filter(case=story.case_id, kind=Action.DISPATCH).delete()
    return story


def shows_another_colour(county: County) -> Story:
    return change(in_hand(county), colour=2)


def stands_elsewhere(county: County) -> Story:
    story = in_hand(county)
    Standing.objects.filter(case=story.case_id).update(colour=3)
    return story


def stands_nowhere(county: County) -> Story:
    story = in_hand(county)
    Standing.objects.filter(case=story.case_id).delete()
    return story


def runs_while_suspended(county: County) -> Story:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    return change_clock(story, ClockKind.HANDLE, paused_at=None)


def pauses_in_hand(county: County) -> Story:
    return change_clock(in_hand(county), ClockKind.HANDLE, paused_at=MONDAY + HOUR)


def stands_still_though_it_stopped(county: County) -> Story:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    return change_clock(story, ClockKind.HANDLE, stopped_at=story.now + HOUR)


def shows_another_due_time(county: County) -> Story:
    return change(in_hand(county), due_at=MONDAY)


def docket_clock_of_a_docketed_case(county: County) -> Story:
    story = story_in(county, Status.DOCKETED)
    return change_clock(story, ClockKind.DOCKET, stopped_at=None, next_moment=story.clock(ClockKind.DOCKET).blue_at)


def suspended_for_ever(county: County) -> Story:
    story = in_hand(county)
    suspend(story, on(20, 0).date())
    return change_clock(story, ClockKind.SUSPENSION, stopped_at=story.now, next_moment=None)


def still_waits_for_a_department_at_work(county: County) -> Story:
    story = called(county)
    Assignment.objects.filter(case=story.case_id).update(state="working")
    return story


def charges_another_department(county: County) -> Story:
    return change_clock(in_hand(county), ClockKind.HANDLE, charged=county.police)


def stops_before_it_starts(county: County) -> Story:
    return change_clock(story_in(county, Status.DOCKETED), ClockKind.DOCKET, stopped_at=MONDAY - HOUR)


def raised_without_an_alert(county: County) -> Story:
    story = in_hand(county)
    clock = story.clock(ClockKind.HANDLE)
    return change_clock(story, ClockKind.HANDLE, raised=1, colour=1, next_moment=clock.yellow_at)


def red_without_an_order(county: County) -> Story:
    story = overdue(county)
    Alert.objects.update(order=None)
    return story


def follows_nobody(county: County) -> Story:
    story, master = in_hand(county), in_hand(county)
    story.act(Action.MERGE, "center", master=master.number, comment="同一件事")
    return change(story, master=None)


def asks_for_another_round(county: County) -> Story:
    story = in_hand(county)
    story.act(Action.REQUEST_EXTENSION, "handler", amount=3, reason="管件未到")
    story.case.extension_requests.update(round=7)
    return story


def disputes_what_was_decided(county: County) -> Story:
    story = called(county)
    object_to(story, county.water)
    story.case.objections.update(decided_at=story.now)
    return story


def keeps_a_proposal(county: County) -> Story:
    story = story_in(county, Status.DOCKETED)
    story.act(Action.PROPOSE_WHISTLE, "township", lead="police")
    story.wait(minutes=1).dispatch()
    story.case.whistle_proposals.update(decided_at=None)
    return story


def sealed_in_a_strange_inbox(county: County) -> Story:
    story = sealed(county)
    written = {"key": "x", "kind": "alert", "subject": "x", "reference": story.number, "created_at": MONDAY}
    Message.objects.create(recipient=county.users["township"], **written)
    return story


def sealed_under_supervision(county: County) -> Story:
    story = sealed(county)
    SupervisionOrder.objects.create(case_id=story.case_id, department=county.water, card="listed", opened_at=MONDAY)
    return story


def sealed_and_charged(county: County) -> Story:
    return change_clock(sealed(county), ClockKind.DOCKET, charged=county.water)


def changes_its_history(county: County) -> Story:
    story = in_hand(county)
    with journal.maintenance("test"):
        JournalEvent.objects.filter(case=story.case_id, kind=Action.DISPATCH).update(at=MONDAY)
    return story


def is_due_too_late(county: County) -> Story:
    story = in_hand(county)
    due = story.clock(ClockKind.HANDLE).due_at + HOUR
    return change(change_clock(story, ClockKind.HANDLE, due_at=due, red_at=due), due_at=due)


BROKEN: Final[list[tuple[str, Break]]] = [
    ("an ended case has no running clock", ends_with_a_clock),
    ("a running clock has a next moment unless red was its last", forgets_its_next_moment),
    ("the next moment is the first one that is not raised", skips_a_moment),
    ("a running clock has a next moment unless red was its last", forgets_the_end_of_its_rating),
    ("the next moment is the first one that is not raised", rates_at_another_time),
    ("a paused clock has no next moment", ticks_while_paused),
    ("no alert comes before its moment", rises_early),
    ("a time alert has the moment of its clock", alert_of_another_moment),
    ("no passed moment lacks its alert", misses_a_colour),
    ("no passed moment lacks its alert", loses_an_alert_of_a_later_generation),
    ("every alert has its event", alert_without_an_event),
    ("every alert has its event", verdict_that_no_event_names),
    ("every event of a colour has its alert", event_without_an_alert),
    ("every event of a colour has its alert", verdict_without_its_alert),
    ("a clock shows the highest colour that counts", hides_its_colour),
    ("a clock shows the highest colour that counts", shows_what_was_annulled),
    ("at most one lead is alive", has_two_leads),
    ("rounds fit the journal", counts_a_round_more),
    ("every change of state is one event", changes_without_an_event),
    ("every change of state is one event", loses_an_event),
    ("a case shows its worst colour", shows_another_colour),
    ("a standing is that of its case", stands_elsewhere),
    ("a standing is that of its case", stands_nowhere),
    ("a suspended case stands still, and no other", runs_while_suspended),
    ("a suspended case stands still, and no other", pauses_in_hand),
    ("a case shows its nearest due time", shows_another_due_time),
    ("running clocks fit the status", docket_clock_of_a_docketed_case),
    ("running clocks fit the status", suspended_for_ever),
    ("a department's clocks fit its part", still_waits_for_a_department_at_work),
    ("a department's clocks fit its part", charges_another_department),
    ("a pause ends with its clock", stands_still_though_it_stopped),
    ("a pause ends with its clock", pauses_in_hand),
    ("a clock stops after it starts", stops_before_it_starts),
    ("a colour that was raised has its alert", raised_without_an_alert),
    ("a red of a unit stands in an order", red_without_an_order),
    ("a merged case follows one master", follows_nobody),
    ("what waits for a decision can be decided", asks_for_another_round),
    ("what waits for a decision can be decided", disputes_what_was_decided),
    ("what waits for a decision can be decided", keeps_a_proposal),
    ("a sealed case is in no other hands", sealed_in_a_strange_inbox),
    ("a sealed case is in no other hands", sealed_under_supervision),
    ("a sealed case is in no other hands", sealed_and_charged),
    ("chains are unbroken", changes_its_history),
    ("chains are unbroken", loses_an_event),
    ("the own time of a clock is the sum of its segments", is_due_too_late),
]


@pytest.mark.parametrize(("law", "broken"), BROKEN)
def test_every_law_is_found_broken(county: County, law: str, broken: Break) -> None:
    whole = overdue(county)
    assert laws_broken(whole) == set()
    story = broken(county)
    assert (law, story.number) in {(found.law, found.number) for found in violations(now=story.now)}


def test_a_leak_of_a_sealed_case_is_found(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = sealed(county)
    assert laws_broken(story) == set()
    monkeypatch.setattr(invariants, "visible_to", lambda _actor: Case.objects.all())
    found = [found for found in violations(now=story.now) if found.law == "a sealed case is seen by its keepers alone"]
    assert {violation.facts for violation in found} == county.users.keys() - {"petition"}
    assert [violation.law for violation in violations(now=story.now, seals=False)] == []


def test_no_law_is_left_untried() -> None:
    tried = {law for law, _ in BROKEN} | {"a sealed case is seen by its keepers alone"}
    assert tried == LAWS.keys() | CHECKS.keys()


def test_what_waits_no_longer_than_the_lag_is_no_breach(county: County) -> None:
    story = Story.begin(county)
    blue = story.clock(ClockKind.DOCKET).blue_at
    assert blue is not None
    assert laws_broken(story.at(blue + invariants.LAG)) == set()
    assert laws_broken(story.wait(microseconds=1)) == {"no passed moment lacks its alert"}


def test_the_command_names_the_case_and_the_law(county: County) -> None:
    story = in_hand(county)
    story.act(Action.WITHDRAW, "center", proof="书面")
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert f"{len(LAWS) + len(CHECKS)} " in out.getvalue()
    change(story, round=2)
    with pytest.raises(CommandError):
        call_command("check_invariants", stdout=out)
    assert f"{story.number}: rounds fit the journal: 2" in out.getvalue()
