"""One's own choices and addresses: within what the policy demands, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.claiming import claim
from notifications.errors import Refused
from notifications.models import Address, ChannelTerms, Choice, Delivery, Demand, Message
from notifications.preferences import (
    add_address,
    addresses_of,
    cells_of,
    choose,
    remove_address,
    send_test,
    use_again,
)
from notifications.reach import reach
from notifications.routing import route
from notifications.states import ChannelName, DemandKind, State
from tests.builders import MONDAY, add_user
from tests.notifications.people import open_channel, reachable

pytestmark = pytest.mark.django_db
MAIL, HOOK = ChannelName.EMAIL, ChannelName.WEBHOOK


def demand(colour: int, channel: ChannelName, kind: DemandKind) -> None:
    Demand.objects.update_or_create(colour=colour, channel=channel, defaults={"demand": kind})


def wishes_of(user_id: int) -> dict[tuple[int, ChannelName], bool]:
    return {(cell.colour, cell.channel): cell.wanted for cell in cells_of(user_id)}


def test_a_choice_changes_where_news_goes() -> None:
    user = reachable("li")
    assert len(reach([user.pk]).targets(user.pk, 1)) == 1
    choose(user_id=user.pk, wishes={(1, HOOK): False})
    assert reach([user.pk]).targets(user.pk, 1) == ()
    assert len(reach([user.pk]).targets(user.pk, 2)) == 1
    choose(user_id=user.pk, wishes={})
    assert len(reach([user.pk]).targets(user.pk, 1)) == 1, "what is not named follows the policy"


@pytest.mark.parametrize("kind", [DemandKind.REQUIRED, DemandKind.NEVER])
def test_what_the_policy_fixes_cannot_be_chosen_otherwise(kind: DemandKind) -> None:
    user = reachable("li")
    demand(2, HOOK, kind)
    standing = kind is DemandKind.REQUIRED
    with pytest.raises(Refused):
        choose(user_id=user.pk, wishes={(1, HOOK): False, (2, HOOK): not standing})
    assert not Choice.objects.exists(), "all of it or nothing"
    choose(user_id=user.pk, wishes={(2, HOOK): standing})
    assert wishes_of(user.pk)[2, HOOK] is standing


def test_red_that_is_on_cannot_be_switched_off() -> None:
    user = reachable("li")
    with pytest.raises(Refused):
        choose(user_id=user.pk, wishes={(3, HOOK): False})
    Choice.objects.create(user=user, colour=3, channel=HOOK, wanted=False)
    assert len(reach([user.pk]).targets(user.pk, 3)) == 1, "nor by a choice that was there before"


def test_a_wish_for_what_the_policy_has_follows_it_when_it_changes() -> None:
    user = reachable("li")
    choose(user_id=user.pk, wishes={(1, HOOK): True, (2, HOOK): False})
    demand(1, HOOK, DemandKind.OFF)
    demand(2, HOOK, DemandKind.OFF)
    assert wishes_of(user.pk)[1, HOOK] is False
    assert wishes_of(user.pk)[2, HOOK] is False


def test_choices_for_a_channel_that_rests_are_kept() -> None:
    user = reachable("li")
    choose(user_id=user.pk, wishes={(1, HOOK): False})
    open_channel(MAIL)
    ChannelTerms.objects.filter(channel=HOOK).update(is_on=False)
    choose(user_id=user.pk, wishes={(1, MAIL): False})
    with pytest.raises(Refused):
        choose(user_id=user.pk, wishes={(1, HOOK): False})
    ChannelTerms.objects.filter(channel=HOOK).update(is_on=True)
    assert wishes_of(user.pk)[1, HOOK] is False


def test_an_address_is_there_once_and_a_webhook_gets_its_own_secret() -> None:
    user, other = add_user("li"), add_user("wang")
    open_channel(HOOK)
    url = "https://county.example/hook"
    first = add_address(user_id=user.pk, channel=HOOK, written=url, label="值班室")
    assert first.secret.startswith("whsec_")
    with pytest.raises(Refused):
        add_address(user_id=user.pk, channel=HOOK, written=f" {url} ")
    assert add_address(user_id=other.pk, channel=HOOK, written=url).secret != first.secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT target || secret FROM notifications_address")
        assert not any("county.example" in row[0] or "whsec_" in row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("wrong", [{"written": "x"}, {"channel": MAIL}, {"label": "x" * 61}, {"secret": "whsec_x"}])
def test_what_is_refused_leaves_nothing_behind(wrong: dict[str, Any]) -> None:
    user = add_user("li")
    open_channel(HOOK)
    with pytest.raises(Refused):
        add_address(**{"user_id": user.pk, "channel": HOOK, "written": "https://county.example/", "label": "", **wrong})
    assert not Address.objects.exists()


def test_nobody_touches_the_addresses_of_others() -> None:
    owner, other = reachable("li"), add_user("wang")
    address = addresses_of(owner.pk).get()
    Address.objects.update(is_active=False, failed_at=MONDAY, failure="answered 410")
    assert not remove_address(user_id=other.pk, address_id=address.pk)
    assert not use_again(user_id=other.pk, address_id=address.pk)
    assert not send_test(user_id=other.pk, language="en", address_id=address.pk, now=MONDAY)
    assert Address.objects.get().failure == "answered 410"
    assert use_again(user_id=owner.pk, address_id=address.pk)
    assert (Address.objects.get().is_active, Address.objects.get().failure) == (True, "")
    assert remove_address(user_id=owner.pk, address_id=address.pk)
    assert not Address.objects.exists()


def test_a_test_message_goes_to_its_address_alone_and_once_a_minute() -> None:
    user = reachable("li")
    add_address(user_id=user.pk, channel=HOOK, written="https://county.example/second")
    address = addresses_of(user.pk).last()
    assert address is not None
    for seconds in (0, 20, 59):
        assert send_test(user_id=user.pk, language="en", address_id=address.pk, now=MONDAY + timedelta(seconds=seconds))
    assert route(now=MONDAY, size=100) == 0, "no router sends it anywhere else"
    delivery = Delivery.objects.get()
    assert (delivery.address, delivery.subject, delivery.body) == (
        address,
        "Test message · 2026-03-02 09:00",
        "You can be reached here.",
    )
    assert Message.objects.get().read_at == MONDAY, "whoever asks for it need not read it"
    assert send_test(user_id=user.pk, language="en", address_id=address.pk, now=MONDAY + timedelta(minutes=1))
    assert Delivery.objects.count() == 2


def test_a_test_message_waits_for_no_morning() -> None:
    user, night = reachable("li"), MONDAY.replace(hour=23)
    address = addresses_of(user.pk).get()
    send_test(user_id=user.pk, language="zh-hans", address_id=address.pk, now=night)
    taken = claim(HOOK, size=10, lease=timedelta(seconds=30), now=night)
    assert [one.parcel.subject for one in taken] == ["测试消息 · 2026-03-02 23:00"]


def test_an_address_that_is_switched_off_is_not_tested() -> None:
    user = reachable("li")
    address = addresses_of(user.pk).get()
    Address.objects.update(is_active=False)
    assert not send_test(user_id=user.pk, language="en", address_id=address.pk, now=MONDAY)
    assert not Delivery.objects.exists()


def test_what_was_on_its_way_to_a_removed_address_is_taken_back() -> None:
    user = reachable("li")
    address = addresses_of(user.pk).get()
    send_test(user_id=user.pk, language="en", address_id=address.pk, now=MONDAY)
    remove_address(user_id=user.pk, address_id=address.pk)
    assert claim(HOOK, size=10, lease=timedelta(seconds=30), now=MONDAY) == []
    assert Delivery.objects.get().state == State.CANCELLED


@pytest.mark.parametrize("count", [3, 40])
def test_reach_asks_four_times_for_any_number_of_people(count: int) -> None:
    people = [reachable(f"p{number}") for number in range(count)]
    with CaptureQueriesContext(connection) as queries:
        found = reach([user.pk for user in people])
    assert len(queries) <= 4
    assert all(len(found.targets(user.pk, 3)) == 1 for user in people)
