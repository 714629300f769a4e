"""督办, 整改计划, 撤销提醒: what follows from a colour (domain.md, "Colours")."""

import pytest

from cases.colours import Colour
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import Alert, SupervisionOrder
from cases.terms import AlertCause, Card, CaseType, ClockKind, Status
from cases.workflow import Action
from notifications.models import Message
from tests.builders import County
from tests.cases.side_stories import alert_of, called, head_of, in_hand, on, order_of, supervise
from tests.stories import Story

pytestmark = pytest.mark.django_db


def overdue(county: County) -> Story:
    """Water's handling limit passed on Monday 9 March 17:30."""
    story = in_hand(county).at(on(9, 18))
    story.sweep()
    return story


def answer(story: Story, order: SupervisionOrder, by: str = "depthead") -> None:
    story.act(Action.ANSWER_SUPERVISION, by, order=order.pk, reply="明日完成")


def test_a_red_opens_an_order_that_must_be_answered_in_a_working_day(county: County) -> None:
    story = overdue(county)
    order = order_of(story, county.water)
    assert (order.card, order.opened_by, order.opened_at) == (Card.LISTED, None, on(9, 18))
    clock = story.clock(ClockKind.SUPERVISION)
    assert (clock.order, clock.charged, clock.due_at) == (order, county.water, on(10, 17, 30))
    assert alert_of(story, county.water, Colour.RED).order == order


def test_an_emergency_is_answered_in_two_hours(county: County) -> None:
    story = in_hand(county, type=CaseType.URGENT).at(on(3, 10))
    story.sweep()
    clock = story.clock(ClockKind.SUPERVISION, county.water)
    assert (clock.limit, clock.due_at) == ("2 h", on(3, 12))


def test_further_reds_join_the_open_order(county: County) -> None:
    """First the report-in, then the handling is overdue: one order, two reds."""
    story = called(county).at(on(4, 9))
    story.sweep()
    order = order_of(story, county.water)
    story.report_in().at(on(12, 9)).sweep()
    reds = Alert.objects.filter(case_id=story.case_id, charged=county.water, colour=Colour.RED)
    kinds = set(reds.values_list("clock__kind", flat=True))
    assert kinds == {ClockKind.REPORT_IN, ClockKind.HANDLE, ClockKind.SUPERVISION}
    assert set(reds.values_list("order", flat=True)) == {order.pk}
    assert SupervisionOrder.objects.filter(case_id=story.case_id, department=county.water).count() == 1


def test_an_order_is_signed_off_only_after_its_answer(county: County) -> None:
    story = overdue(county)
    order = order_of(story, county.water)
    with pytest.raises(Conflict):
        story.act(Action.SIGN_OFF, "inspector", order=order.pk)
    answer(story, order)
    assert ClockKind.SUPERVISION not in story.running()
    with pytest.raises(Conflict):
        answer(story, order)
    story.act(Action.SIGN_OFF, "inspector", order=order.pk, comment="同意销号")
    with pytest.raises(Conflict):
        story.act(Action.SIGN_OFF, "inspector", order=order.pk)
    assert SupervisionOrder.objects.get(pk=order.pk).signed_off_by == county.users["inspector"]
    assert Message.objects.filter(kind="supervision_answered", recipient=county.users["inspector"]).count() == 1


def test_a_red_after_the_sign_off_opens_another_order(county: County) -> None:
    story = called(county).at(on(4, 9))
    story.sweep()
    first = order_of(story, county.water)
    answer(story, first)
    story.act(Action.SIGN_OFF, "inspector", order=first.pk)
    story.report_in().at(on(12, 9)).sweep()
    assert order_of(story, county.water) != first


def test_the_inspector_names_card_person_and_demand(county: County) -> None:
    story = in_hand(county)
    order = supervise(story, county.water, card="red", person="deputy")
    assert (order.card, order.person, order.opened_by) == (
        Card.RED,
        county.users["deputy"],
        county.users["inspector"],
    )
    with pytest.raises(Conflict):
        supervise(story, county.water)
    told = set(Message.objects.filter(kind="supervised").values_list("recipient__username", flat=True))
    assert told == {"handler", "deputy", "depthead"}


def test_the_person_in_charge_belongs_to_the_department(county: County) -> None:
    story = in_hand(county)
    with pytest.raises(InvalidInput) as refusal:
        supervise(story, county.police, person="deputy")
    assert set(refusal.value.errors) == {"person"}


def test_another_units_head_answers_nothing(county: County) -> None:
    story = in_hand(county, assistants=[county.police])
    order = supervise(story, county.water)
    with pytest.raises(NotPermitted):
        answer(story, order, by=head_of(county, county.police))
    with pytest.raises(NotVisible):
        answer(story, order, by=head_of(county, county.housing))


def test_an_order_outlives_its_case_without_a_clock(county: County) -> None:
    story = overdue(county)
    order = order_of(story, county.water)
    story.finish().verify().rate()
    assert story.running() == set()
    answer(story, order)
    story.act(Action.SIGN_OFF, "inspector", order=order.pk)
    assert story.case.status == Status.CLOSED


def test_a_closed_case_is_supervised_without_a_clock(county: County) -> None:
    story = in_hand(county)
    story.finish().verify().rate()
    supervise(story, county.water)
    assert story.running() == set()
    assert story.case.closed_at is not None


def test_yellow_asks_for_a_plan_and_blue_does_not(county: County) -> None:
    story = in_hand(county).at(on(5, 9))
    story.sweep()
    blue = alert_of(story, county.water, Colour.BLUE)
    with pytest.raises(Conflict):
        story.act(Action.SUBMIT_PLAN, "handler", alert=blue.pk, plan="三日内完成")
    story.at(on(9, 9)).sweep()
    yellow = alert_of(story, county.water, Colour.YELLOW)
    story.act(Action.SUBMIT_PLAN, "deputy", alert=yellow.pk, plan="三日内完成")
    assert Alert.objects.get(pk=yellow.pk).plan_by == county.users["deputy"]
    with pytest.raises(Conflict):
        story.act(Action.SUBMIT_PLAN, "handler", alert=yellow.pk, plan="再交一次")


def test_a_plan_is_handed_in_by_the_told_unit(county: County) -> None:
    story = in_hand(county, assistants=[county.police]).at(on(9, 9))
    story.sweep()
    yellow = alert_of(story, county.water, Colour.YELLOW)
    with pytest.raises(NotPermitted):
        story.act(Action.SUBMIT_PLAN, "police-handler", alert=yellow.pk, plan="三日内完成")


def test_an_annulled_alert_keeps_its_history_and_is_not_raised_again(county: County) -> None:
    story = in_hand(county).at(on(5, 9))
    story.sweep()
    blue = alert_of(story, county.water, Colour.BLUE)
    assert story.case.colour == Colour.BLUE
    story.act(Action.ANNUL_ALERT, "inspector", alert=blue.pk, comment="误报")
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.colour, handle.raised, story.case.colour) == (Colour.NONE, Colour.BLUE, Colour.NONE)
    story.wait(hours=1).sweep()
    kept = Alert.objects.get(clock=handle)
    assert (kept.pk, kept.annulled_by, kept.cause) == (blue.pk, county.users["inspector"], AlertCause.TIME)
    with pytest.raises(Conflict):
        story.act(Action.ANNUL_ALERT, "inspector", alert=blue.pk, comment="误报")


def test_annulling_the_worst_shows_what_is_left_and_the_next_colour_still_rises(county: County) -> None:
    story = in_hand(county).at(on(9, 9))
    story.sweep()
    yellow = alert_of(story, county.water, Colour.YELLOW)
    story.act(Action.ANNUL_ALERT, "inspector", alert=yellow.pk, comment="误报")
    assert story.clock(ClockKind.HANDLE).colour == Colour.BLUE
    story.at(on(9, 18)).sweep()
    assert story.clock(ClockKind.HANDLE).colour == Colour.RED


def test_an_annulled_alert_stays_away_after_a_pause(county: County) -> None:
    story = in_hand(county).at(on(5, 9))
    story.sweep()
    blue = alert_of(story, county.water, Colour.BLUE)
    story.act(Action.ANNUL_ALERT, "inspector", alert=blue.pk, comment="误报")
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-06")
    story.at(on(6, 8)).sweep()
    story.wait(hours=1).sweep()
    handle = story.clock(ClockKind.HANDLE)
    assert (handle.colour, Alert.objects.filter(clock=handle).count()) == (Colour.NONE, 1)
