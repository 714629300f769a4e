"""Which news leaves the house, when, and in how many messages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.claiming import claim
from notifications.models import Address, ChannelTerms, Choice, Delivery, DeliveryItem, Demand, Message, Wording
from notifications.outbox import Draft, enqueue, take_back
from notifications.routing import GATHERING, route
from notifications.states import Bundle, ChannelName, DemandKind, State
from tests.builders import MONDAY, add_user
from tests.notifications.people import FACTS, add_address, open_channel, reachable, tell

pytestmark = pytest.mark.django_db

BLUE, YELLOW, RED = 1, 2, 3
NIGHT = MONDAY.replace(hour=23, minute=0)


def routed(now: object = MONDAY) -> int:
    return route(now=now, size=500)  # type: ignore[arg-type]  # tests hand on their own moments


def test_red_goes_at_once_also_at_night() -> None:
    user = reachable("a")
    tell(user, "k", colour=RED, now=NIGHT)
    assert routed(NIGHT) == 1
    row = Delivery.objects.get()
    assert (row.state, row.not_before, row.urgent, row.bundle) == (State.WAITING, NIGHT, True, Bundle.SINGLE)
    assert (row.recipient, row.reference, row.attempts) == (user, "1", 0)
    assert row.subject == "红色警示 · 1 · 办理"
    assert Message.objects.get().routed_at == NIGHT
    assert routed(NIGHT) == 0, "decided once"


def test_yellow_and_ordinary_news_wait_for_the_morning_and_emergencies_do_not() -> None:
    user = reachable("a")
    for key, colour, urgent in (("yellow", YELLOW, False), ("news", 0, False), ("emergency", YELLOW, True)):
        tell(user, key, colour=colour, urgent=urgent, now=NIGHT)
    routed(NIGHT)
    morning = (NIGHT + timedelta(days=1)).replace(hour=7)
    chances = list(Delivery.objects.order_by("pk").values_list("not_before", flat=True))
    assert chances == [morning, morning, NIGHT]


def test_blue_is_gathered_until_the_next_digest() -> None:
    user = reachable("a")
    at = MONDAY.replace(hour=9, minute=0)
    for number in "123":
        tell(user, number, colour=BLUE, number=number, now=at)
        routed(at)
    row = Delivery.objects.get()
    assert (row.bundle, row.not_before) == (Bundle.DIGEST, at.replace(hour=14, minute=30))
    assert row.items.count() == 3
    tell(user, "urgent", colour=BLUE, urgent=True, now=at)
    routed(at)
    assert Delivery.objects.filter(bundle=Bundle.SINGLE).count() == 1, "an emergency waits for no digest"


def test_a_digest_that_was_taken_up_takes_in_no_more() -> None:
    user = reachable("a")
    at = MONDAY.replace(hour=9, minute=0)
    tell(user, "1", colour=BLUE, now=at)
    routed(at)
    Delivery.objects.update(state=State.SENT)
    tell(user, "2", colour=BLUE, now=at)
    routed(at)
    assert [row.items.count() for row in Delivery.objects.order_by("not_before")] == [1, 1]


def test_a_storm_becomes_one_message() -> None:
    """One officer, hundreds of alerts."""
    user = reachable("a")
    for number in range(3):
        tell(user, f"early{number}", number=f"early{number}", now=MONDAY)
    routed()
    assert Delivery.objects.count() == 3
    enqueue([Draft(user.pk, f"k{n}", "alert", FACTS, colour=RED, reference=str(n)) for n in range(200)], now=MONDAY)
    routed()
    row = Delivery.objects.get()
    assert (row.bundle, row.colour, row.urgent) == (Bundle.STORM, RED, True)
    assert row.items.count() == 203, "what waited already is in it"
    assert row.not_before == MONDAY + GATHERING
    enqueue([Draft(user.pk, f"l{n}", "alert", FACTS, colour=RED, reference=str(n)) for n in range(50)], now=MONDAY)
    routed(MONDAY + timedelta(seconds=20))
    assert Delivery.objects.get().items.count() == 253, "the rest of the storm joins it"
    assert Delivery.objects.get().not_before == MONDAY + GATHERING, "and does not hold it up"


def test_a_red_that_waits_is_not_held_until_the_morning_by_a_storm_of_others() -> None:
    user = reachable("a")
    tell(user, "red", colour=RED, now=NIGHT)
    routed(NIGHT)
    for number in range(10):
        tell(user, f"y{number}", colour=YELLOW, number=str(number), now=NIGHT)
    routed(NIGHT)
    row = Delivery.objects.get()
    assert (row.bundle, row.urgent, row.colour, row.not_before) == (Bundle.STORM, True, RED, NIGHT + GATHERING)
    assert row.items.count() == 11


def test_a_storm_of_yellow_waits_for_the_morning_and_a_red_takes_it_along() -> None:
    user = reachable("a")
    for number in range(10):
        tell(user, f"y{number}", colour=YELLOW, number=str(number), now=NIGHT)
    routed(NIGHT)
    morning = (NIGHT + timedelta(days=1)).replace(hour=7)
    assert Delivery.objects.get().not_before == morning
    for number in range(10):
        tell(user, f"r{number}", colour=RED, number=str(number), now=NIGHT)
    routed(NIGHT)
    row = Delivery.objects.get()
    assert (row.urgent, row.not_before, row.items.count()) == (True, NIGHT + GATHERING, 20)


@pytest.mark.parametrize("count", [2, 30])
def test_statements_do_not_follow_the_number_of_storms_and_digests(count: int) -> None:
    """Neither while they begin nor while they grow; nor when their words are made."""
    people = [reachable(f"p{number}") for number in range(count)]
    begun: list[int] = []
    for told in (9, 9, 10):
        for person in people:
            for number in range(told):
                tell(person, f"{len(begun)}:{number}", colour=YELLOW, number=str(number), now=MONDAY)
            tell(person, f"{len(begun)}:blue", colour=BLUE, now=MONDAY)
        with CaptureQueriesContext(connection) as queries:
            assert route(now=MONDAY, size=100 * count) == (told + 1) * count
        begun.append(len(queries))
    assert max(begun) <= 26, begun
    assert Delivery.objects.filter(bundle=Bundle.DIGEST).count() == count
    assert Delivery.objects.filter(bundle=Bundle.STORM).count() == count
    assert DeliveryItem.objects.filter(delivery__bundle=Bundle.STORM).count() == 28 * count
    assert not Delivery.objects.filter(bundle=Bundle.SINGLE).exists()
    with CaptureQueriesContext(connection) as queries:
        taken = claim(ChannelName.WEBHOOK, now=MONDAY + GATHERING, size=100, lease=timedelta(minutes=1))
    assert len(taken) == count
    assert all(one.parcel.body for one in taken)
    assert len(queries) <= 12


def test_nine_are_no_storm() -> None:
    user = reachable("a")
    for number in range(9):
        tell(user, str(number), number=str(number), now=MONDAY)
    routed()
    assert Delivery.objects.filter(bundle=Bundle.SINGLE).count() == 9


def test_policy_first_then_the_person() -> None:
    user = reachable("a", colours=())
    tell(user, "unspoken", now=MONDAY)
    routed()
    assert not Delivery.objects.exists(), "what no demand speaks of is not sent"
    cases = [
        (DemandKind.REQUIRED, False, True),
        (DemandKind.NEVER, True, False),
        (DemandKind.ON, None, True),
        (DemandKind.ON, False, False),
        (DemandKind.OFF, None, False),
        (DemandKind.OFF, True, True),
    ]
    for number, (demand, choice, sent) in enumerate(cases):
        Demand.objects.update_or_create(colour=YELLOW, channel=ChannelName.WEBHOOK, defaults={"demand": demand})
        Choice.objects.all().delete()
        if choice is not None:
            Choice.objects.create(user=user, colour=YELLOW, channel=ChannelName.WEBHOOK, wanted=choice)
        message = tell(user, f"k{number}", colour=YELLOW, number=str(number), now=MONDAY)
        routed()
        assert Delivery.objects.filter(messages=message).exists() is sent, (demand, choice)


def test_nothing_goes_where_nobody_can_be_reached() -> None:
    add = reachable("a")
    Address.objects.update(is_active=False)
    tell(add, "inactive", now=MONDAY)
    other = add_user("without")
    tell(other, "none", now=MONDAY)
    off = reachable("off", ChannelName.SMS)
    ChannelTerms.objects.filter(channel=ChannelName.SMS).update(is_on=False)
    tell(off, "off", now=MONDAY)
    assert routed() == 3
    assert not Delivery.objects.exists()


def test_each_address_gets_its_own() -> None:
    user = reachable("a")
    add_address(user, target="https://example.test/second")
    open_channel(ChannelName.EMAIL)
    add_address(user, ChannelName.EMAIL, "a@example.test")
    tell(user, "k", now=MONDAY)
    routed()
    assert sorted(Delivery.objects.values_list("channel", flat=True)) == ["email", "webhook", "webhook"]
    assert DeliveryItem.objects.count() == 3


def test_a_channel_may_have_words_of_its_own() -> None:
    user = reachable("a")
    Wording.objects.create(
        kind="alert", colour=RED, channel="webhook", language="zh-hans", subject="红 {number}", changed_at=MONDAY
    )
    tell(user, "k", number="7", now=MONDAY)
    routed()
    assert Delivery.objects.get().subject == "红 7"
    assert Message.objects.get().subject == "红色警示 · 7 · 办理"


def test_confined_news_is_never_routed() -> None:
    user = reachable("a")
    enqueue([Draft(user.pk, "k", "sealed", {"number": "1"}, confined=True)], now=MONDAY)
    assert routed() == 0
    assert not Delivery.objects.exists()


def test_one_router_at_a_time() -> None:
    user = reachable("a")
    tell(user, "k", now=MONDAY)
    with CaptureQueriesContext(connection) as queries:
        routed()
    assert "pg_try_advisory_xact_lock" in queries[1]["sql"]


@pytest.mark.parametrize("count", [10, 100])
def test_statements_do_not_follow_the_number_of_messages(count: int) -> None:
    people = [reachable(f"p{n}") for n in range(count)]
    for person in people:
        tell(person, "k", now=MONDAY)
    with CaptureQueriesContext(connection) as queries:
        assert routed() == count
    assert len(queries) <= 14


def test_what_is_taken_back_is_in_no_outbox() -> None:
    user = reachable("a")
    tell(user, "single", number="S-1", now=MONDAY)
    routed()
    for number in range(12):
        tell(user, str(number), number=f"S-{number % 2}", now=MONDAY)
    routed()
    Delivery.objects.filter(bundle=Bundle.STORM).update(subject="S-1", body="S-1")
    assert take_back("S-1") == 7
    (bundle,) = Delivery.objects.all()
    assert (bundle.bundle, bundle.subject, bundle.body, bundle.items.count()) == (Bundle.STORM, "", "", 6)
    take_back("S-0")
    assert not Delivery.objects.exists()
    assert not DeliveryItem.objects.exists()
