"""延期: asked for before the due time, decided the higher the more there were (domain.md, table of actions)."""

from datetime import timedelta

import pytest

from cases.colours import Colour
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.models import Alert, ExtensionRequest
from cases.terms import AlertCause, CaseType, ClockKind, ExtensionLevel
from cases.workflow import Action
from notifications.models import Message
from tests.builders import County
from tests.cases.side_stories import extend, in_hand, on, order_of
from tests.stories import Story

pytestmark = pytest.mark.django_db


def ask(story: Story, amount: object = 3, *, by: str = "handler") -> None:
    story.act(Action.REQUEST_EXTENSION, by, amount=amount, reason="管件未到")


def decide(story: Story, by: str, *, granted: bool = True) -> None:
    story.act(Action.DECIDE_EXTENSION, by, granted=granted, comment="知道了")


def test_a_granted_extension_moves_the_leads_and_the_resolve_clock_alike(county: County) -> None:
    story = in_hand(county, assistants=[county.police]).at(on(4, 9))
    assistant = story.clock(ClockKind.HANDLE, county.police)
    extend(story, 3, by="township")
    assert story.clock(ClockKind.HANDLE, county.water).due_at == on(12, 17, 30)
    assert story.clock(ClockKind.RESOLVE).due_at == on(16, 17, 30)
    assert story.clock(ClockKind.HANDLE, county.police).due_at == assistant.due_at
    assert Message.objects.filter(kind="extension_decided", recipient=county.users["handler"]).count() == 1


def test_colour_moments_become_shares_of_the_whole_time(county: County) -> None:
    """61 h 57 min from Monday 09:03 to Thursday 12 March 17:30: half of it is used on 6 March 14:31:30."""
    story = in_hand(county)
    extend(story, 3)
    handle = story.clock(ClockKind.HANDLE)
    assert handle.blue_at == on(6, 14, 31) + timedelta(seconds=30)
    assert handle.generation == 2


def test_a_refused_extension_changes_nothing(county: County) -> None:
    story = in_hand(county)
    before = story.clock(ClockKind.HANDLE)
    extend(story, 3, granted=False)
    after = story.clock(ClockKind.HANDLE)
    assert (after.due_at, after.generation, after.next_moment) == (before.due_at, 1, before.next_moment)
    ask(story)
    assert ExtensionRequest.objects.latest("pk").ordinal == 1


def test_a_refusal_says_why(county: County) -> None:
    story = in_hand(county)
    ask(story)
    with pytest.raises(InvalidInput) as refusal:
        story.act(Action.DECIDE_EXTENSION, "center", granted=False)
    assert set(refusal.value.errors) == {"comment"}


def test_it_is_asked_for_before_the_due_time(county: County) -> None:
    story = in_hand(county).at(on(9, 17, 30))
    ask(story)
    late = in_hand(county).at(on(9, 17, 30) + timedelta(microseconds=1))
    with pytest.raises(Conflict):
        ask(late)


def test_granted_late_it_counts_from_the_old_due_time_and_the_red_stays_in_history(county: County) -> None:
    story = in_hand(county).at(on(9, 10))
    ask(story)
    story.at(on(10, 10)).sweep()
    assert story.clock(ClockKind.HANDLE).colour == Colour.RED
    decide(story, "center")
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.due_at, handle.colour) == (on(12, 17, 30), Colour.BLUE)
    reds = Alert.objects.filter(clock=handle, colour=Colour.RED)
    assert [(red.generation, red.annulled_at) for red in reds] == [(1, None)]
    assert order_of(story, county.water).answered_at is None
    story.at(on(12, 17, 30)).sweep()
    assert list(reds.order_by("pk").values_list("generation", flat=True)) == [1, 2]


def test_the_first_is_decided_by_the_township_the_second_by_its_leader_the_third_by_the_center(county: County) -> None:
    story = in_hand(county)
    extend(story, 1, by="township")
    ask(story, 1)
    with pytest.raises(NotPermitted):
        decide(story, "township")
    decide(story, "leader")
    ask(story, 1)
    with pytest.raises(NotPermitted):
        decide(story, "leader")
    decide(story, "center")
    rows = ExtensionRequest.objects.order_by("ordinal").values_list("ordinal", "level")
    assert list(rows) == [(1, ExtensionLevel.ORDINARY), (2, ExtensionLevel.HIGHER), (3, ExtensionLevel.HIGHEST)]


def test_the_third_is_red_and_a_fourth_is_not_asked_for(county: County) -> None:
    story = in_hand(county)
    for by in ("township", "leader", "center"):
        extend(story, 1, by=by)
    red = Alert.objects.get(case_id=story.case_id, colour=Colour.RED)
    assert (red.cause, red.clock.kind, red.charged) == (AlertCause.EXTENSION, ClockKind.HANDLE, county.water)
    assert red.order == order_of(story, county.water)
    assert story.case.colour == Colour.RED
    with pytest.raises(Conflict):
        ask(story, 1)


def test_the_red_of_a_third_extension_outlives_a_pause(county: County) -> None:
    story = in_hand(county)
    for by in ("township", "leader", "center"):
        extend(story, 1, by=by)
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-04")
    story.at(on(4, 8)).sweep()
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.colour, handle.raised) == (Colour.RED, Colour.RED)
    assert Alert.objects.filter(clock=handle, colour=Colour.RED).count() == 1


@pytest.mark.parametrize("case_type", [CaseType.URGENT, CaseType.WHISTLE_EMERGENCY])
def test_some_types_are_never_extended(county: County, case_type: CaseType) -> None:
    with pytest.raises(Conflict):
        ask(in_hand(county, type=case_type), 1)


@pytest.mark.parametrize("amount", [11, "1.5", 0, -1, "x"])
def test_amounts_stay_within_the_policy(county: County, amount: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(in_hand(county), amount)
    assert set(refusal.value.errors) == {"amount"}


def test_one_request_at_a_time(county: County) -> None:
    story = in_hand(county)
    ask(story)
    with pytest.raises(Conflict):
        ask(story)


def test_only_the_lead_asks(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    with pytest.raises(NotPermitted):
        ask(story, by="police-handler")


def test_petitions_are_extended_by_the_head_of_the_unit(county: County) -> None:
    """Fifty calendar days from 2 March end on Tuesday 21 April; thirty more on Thursday 21 May."""
    story = in_hand(county, type=CaseType.PETITION)
    ask(story, 30)
    for by in ("township", "leader", "center"):
        with pytest.raises(NotPermitted):
            decide(story, by)
    decide(story, "depthead")
    assert story.clock(ClockKind.HANDLE).due_at == on(2, 17, 30).replace(month=5, day=21)


def test_whoever_decides_is_told(county: County) -> None:
    ask(in_hand(county))
    told = set(Message.objects.filter(kind="extension_requested").values_list("recipient__username", flat=True))
    assert told == {"township", "leader", "center"}


def test_pauses_before_and_after_an_extension_apply_in_their_order(county: County) -> None:
    """Six office hours stand still on Tuesday: due Tuesday 10 March 16:30, three working days more, then two hours."""
    story = in_hand(county).at(on(3, 9))
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-04")
    story.at(on(4, 8)).sweep()
    assert story.clock(ClockKind.HANDLE).due_at == on(10, 16, 30)
    extend(story, 3)
    assert story.clock(ClockKind.HANDLE).due_at == on(13, 17, 30)
    story.at(on(5, 8)).act(Action.SUSPEND, "center", reason="season", until="2026-03-06")
    story.at(on(5, 10)).act(Action.RESUME, "center")
    assert story.clock(ClockKind.HANDLE).due_at == on(16, 10)


@pytest.mark.parametrize("how", ["finish", "reassign"])
def test_nobody_decides_for_a_department_that_is_done_or_gone(county: County, how: str) -> None:
    story = in_hand(county, assistants=[county.police])
    ask(story)
    if how == "finish":
        story.finish(county.water)
    else:
        part = story.part().pk
        story.act(Action.REASSIGN, "center", assignment=part, department="housing", comment="属住建局")
        story.report_in(county.housing)
    with pytest.raises(Conflict):
        decide(story, "center")
    assert ExtensionRequest.objects.get().granted is False
