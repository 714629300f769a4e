"""Two devices of one person at the same moment: limits and uniqueness hold, and the last choice is a whole one."""

from functools import partial

from notifications.errors import Refused
from notifications.models import Choice, Delivery
from notifications.preferences import MOST_ADDRESSES, add_address, addresses_of, choose, send_test
from notifications.states import ChannelName
from tests.builders import MONDAY, add_user
from tests.concurrency.together import failed, together
from tests.notifications.people import open_channel, reachable

HOOK = ChannelName.WEBHOOK


def test_addresses_added_at_once_keep_the_limit_and_the_once() -> None:
    user = add_user("li")
    open_channel(HOOK)
    for number in range(MOST_ADDRESSES - 1):
        add_address(user_id=user.pk, channel=HOOK, written=f"https://county.example/{number}")
    urls = [f"https://county.example/more{number % 2}" for number in range(4)]
    outcomes = together(*[partial(add_address, user_id=user.pk, channel=HOOK, written=url) for url in urls])
    assert [type(error) for error in failed(outcomes)] == [Refused] * 3
    assert addresses_of(user.pk).count() == MOST_ADDRESSES


def test_of_choices_at_once_one_is_left() -> None:
    user = reachable("li")
    for _ in range(5):
        outcomes = together(*[partial(choose, user_id=user.pk, wishes={(c, HOOK): False}) for c in (0, 1, 2)])
        assert failed(outcomes) == []
        assert Choice.objects.filter(user=user).count() == 1


def test_a_test_message_that_is_asked_for_three_times_at_once_goes_once() -> None:
    user = reachable("li")
    address = addresses_of(user.pk).get()
    ask = partial(send_test, user_id=user.pk, language="en", address_id=address.pk, now=MONDAY)
    assert together(ask, ask, ask) == [True, True, True]
    assert Delivery.objects.count() == 1
