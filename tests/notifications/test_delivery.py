"""Carrying messages: at least once, once for each acknowledged attempt, in order, and visible when it does not work."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.claiming import Settlement, claim, free_lapsed, settle
from notifications.dead_letters import give_up, retry
from notifications.delivery import CHANNEL_PAUSE, Report, deliver
from notifications.figures import channel_figures, oldest_undelivered
from notifications.inbox import mark_all_read
from notifications.models import Address, ChannelTerms, Delivery
from notifications.outbox import Draft, enqueue
from notifications.parcels import Parcel, Permanent, Temporary
from notifications.preferences import use_again
from notifications.retention import forget_old
from notifications.routing import GATHERING, route
from notifications.states import Bundle, ChannelName, State
from tests.builders import MONDAY
from tests.notifications.people import FACTS, ScriptedChannel, add_address, open_channel, reachable, scripted, tell

pytestmark = pytest.mark.django_db

HOOK = ChannelName.WEBHOOK
LEASE = timedelta(minutes=5)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ScriptedChannel:
    return scripted(monkeypatch, ScriptedChannel())


def clock_at(now: datetime) -> Callable[[], datetime]:
    return lambda: now


def run(now: datetime = MONDAY, *, size: int = 50) -> Report:
    route(now=now, size=500)
    return deliver(HOOK, clock=clock_at(now), size=size, seconds=60)


def refuse(error: Exception) -> Callable[[Parcel, datetime], None]:
    def answer(_parcel: Parcel, _now: datetime) -> None:
        raise error

    return answer


def test_what_was_told_arrives_with_its_frozen_words(hook: ScriptedChannel) -> None:
    user = reachable("a")
    tell(user, "k", number="7", now=MONDAY)
    assert run() == Report(sent=1)
    (parcel,) = hook.accepted
    assert (parcel.subject, parcel.items, parcel.target) == ("红色警示 · 7 · 办理", ("7",), "https://example.test/a")
    row = Delivery.objects.get()
    assert (row.state, row.finished_at, row.lease_until, row.attempts) == (State.SENT, MONDAY, None, 1)
    assert run() == Report(), "sent once"


def test_a_failure_waits_longer_each_time_and_dies_in_the_end(hook: ScriptedChannel) -> None:
    user = reachable("a")
    ChannelTerms.objects.update(attempts=4)
    tell(user, "k", now=MONDAY)
    hook.answer = refuse(Temporary("answered 500"))
    now, pauses = MONDAY, []
    for _ in range(3):
        assert run(now).failed == 1
        row = Delivery.objects.get()
        assert (row.state, row.last_error) == (State.WAITING, "answered 500")
        pauses.append(row.not_before - now)
        assert run(row.not_before - timedelta(seconds=1)) == Report(), "not before its time"
        now = row.not_before
    assert pauses[0] < pauses[2]
    assert run(now).dead == 1
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.finished_at) == (State.DEAD, 4, now)
    assert [figures.dead for figures in channel_figures(now=now)] == [1]


def test_an_hour_of_errors_loses_and_doubles_nothing(hook: ScriptedChannel) -> None:
    """A webhook endpoint that answers 500 for an hour, in simulated time."""
    people = [reachable(f"p{n}") for n in range(3)]
    for number in range(5):
        for person in people:
            tell(person, str(number), number=str(number), now=MONDAY)
    well_again = MONDAY + timedelta(hours=1)

    def answer(_parcel: Parcel, now: datetime) -> None:
        if now < well_again:
            raise Temporary("answered 500")

    hook.answer = answer
    now = MONDAY
    while now < MONDAY + timedelta(hours=3):
        run(now)
        now += timedelta(seconds=20)
    assert len(hook.accepted) == 15
    assert len({parcel.key for parcel in hook.accepted}) == 15
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    probes = len(hook.given) - 15
    assert probes <= 3 * 12, "an address that is down is asked once a pause, not once a message"


def test_a_neighbour_is_not_held_up(hook: ScriptedChannel) -> None:
    bad, good = reachable("bad"), reachable("good")
    for number in "12":
        tell(bad, number, number=number, now=MONDAY)
        tell(good, number, number=number, now=MONDAY)

    def answer(parcel: Parcel, _now: datetime) -> None:
        if parcel.target.endswith("bad"):
            raise Temporary("timed out")

    hook.answer = answer
    assert run() == Report(sent=2, failed=1, spared=1)
    assert sorted(Delivery.objects.filter(recipient=bad).values_list("attempts", flat=True)) == [0, 1]


def test_a_channel_that_is_out_of_reach_kills_no_message(hook: ScriptedChannel) -> None:
    people = [reachable(f"p{n}") for n in range(4)]
    for person in people:
        tell(person, "k", now=MONDAY)
    hook.answer = refuse(Temporary("connection refused", everybody=True))
    now = MONDAY
    for _ in range(30):
        run(now)
        now += CHANNEL_PAUSE
    assert len(hook.given) == 30, "one probe a pause"
    assert set(Delivery.objects.values_list("state", "attempts")) == {(State.WAITING, 0)}
    hook.answer = ScriptedChannel.answer
    assert run(now).sent == 4


def test_a_channel_that_does_not_open_is_tried_again(hook: ScriptedChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(reachable("a"), "k", now=MONDAY)

    def closed(**_options: Any) -> Any:
        raise Temporary("login refused", everybody=True)

    with monkeypatch.context() as patch:
        patch.setattr(hook, "open", closed)
        run()
    assert Delivery.objects.get().last_error == "login refused"
    assert run(MONDAY + CHANNEL_PAUSE).sent == 1


def test_what_the_other_side_asks_for_is_kept(hook: ScriptedChannel) -> None:
    tell(reachable("a"), "k", now=MONDAY)
    hook.answer = refuse(Temporary("answered 429", retry_after=timedelta(hours=2)))
    run()
    assert Delivery.objects.get().not_before == MONDAY + timedelta(hours=2)


def test_an_address_that_is_no_more_is_switched_off(hook: ScriptedChannel) -> None:
    user = reachable("a")
    for number in "12":
        tell(user, number, number=number, now=MONDAY)
    hook.answer = refuse(Permanent("answered 410", gone=True))
    run()
    address = Address.objects.get()
    assert (address.is_active, address.failed_at, address.failure) == (False, MONDAY, "answered 410")
    dead = Delivery.objects.filter(state=State.DEAD).order_by("pk")
    assert list(dead.values_list("last_error", "attempts")) == [
        ("answered 410", 1),
        ("the address was switched off", 0),
    ]
    assert retry(delivery_ids=[row.pk for row in dead], now=MONDAY) == 0, "not before it is in use again"
    use_again(user_id=user.pk, address_id=address.pk)
    hook.answer = ScriptedChannel.answer
    assert retry(delivery_ids=[row.pk for row in dead], now=MONDAY) == 2
    assert run().sent == 2


def test_a_defect_of_a_channel_is_an_attempt_that_failed(hook: ScriptedChannel) -> None:
    tell(reachable("a"), "k", now=MONDAY)
    hook.answer = refuse(ZeroDivisionError())
    assert run().failed == 1
    assert Delivery.objects.get().last_error == "defect: ZeroDivisionError"


def test_of_one_case_the_earlier_news_comes_first(hook: ScriptedChannel) -> None:
    user = reachable("a")
    for number in range(6):
        tell(user, f"k{number}", number="7", now=MONDAY)
    hook.answer = refuse(Temporary("answered 500"))
    assert run().failed == 1
    hook.answer = ScriptedChannel.answer
    hook.given.clear()
    later = MONDAY + timedelta(hours=1)
    assert run(later, size=2).sent == 6
    keys = [int(parcel.key.split("-")[0]) for parcel in hook.accepted]
    assert keys == sorted(keys)


def test_a_digest_that_waits_holds_up_no_storm_and_no_news_without_a_case(hook: ScriptedChannel) -> None:
    user = reachable("a")
    tell(user, "blue", colour=1, now=MONDAY)
    route(now=MONDAY, size=10)
    for number in range(12):
        tell(user, f"red{number}", number=str(number), now=MONDAY)
    enqueue([Draft(user.pk, "news", "whistle", FACTS)], now=MONDAY)
    route(now=MONDAY, size=20)
    assert run(MONDAY + GATHERING).sent == 1
    assert [parcel.bundle for parcel in hook.accepted] == [Bundle.STORM]
    enqueue([Draft(user.pk, "other", "whistle", FACTS)], now=MONDAY)
    route(now=MONDAY, size=20)
    assert run(MONDAY + GATHERING).sent == 1
    assert hook.accepted[1].bundle is Bundle.SINGLE
    assert Delivery.objects.get(state=State.WAITING).bundle == Bundle.DIGEST


def test_news_of_a_case_does_not_overtake_the_storm_that_lists_it(hook: ScriptedChannel) -> None:
    user = reachable("a")
    for number in range(12):
        tell(user, f"first{number}", number=str(number), now=MONDAY)
    route(now=MONDAY, size=20)
    tell(user, "while it gathers", number="3", now=MONDAY)
    route(now=MONDAY, size=20)
    hook.answer = refuse(Temporary("answered 500"))
    assert run(MONDAY + GATHERING).failed == 1
    hook.answer = ScriptedChannel.answer
    tell(user, "while it is tried again", number="3", now=MONDAY)
    tell(user, "of another case", number="99", now=MONDAY)
    route(now=MONDAY, size=20)
    assert run(MONDAY + GATHERING).sent == 1
    assert hook.accepted[0].items == ("99",), "only what the storm lists waits for it"
    assert run(MONDAY + timedelta(minutes=2)).sent == 2
    assert (hook.accepted[1].bundle, len(hook.accepted[1].items)) == (Bundle.STORM, 13)
    assert hook.accepted[2].items == ("3",)


def test_a_dead_letter_holds_up_nobody(hook: ScriptedChannel) -> None:
    user = reachable("a")
    tell(user, "first", number="7", now=MONDAY)
    hook.answer = refuse(Permanent("answered 413"))
    run()
    hook.answer = ScriptedChannel.answer
    tell(user, "second", number="7", now=MONDAY)
    assert run().sent == 1


def test_a_lease_that_ran_out_is_sent_again_under_its_key(hook: ScriptedChannel) -> None:
    """The worker died between the claim and the answer."""
    tell(reachable("a"), "k", now=MONDAY)
    route(now=MONDAY, size=10)
    (lost,) = claim(HOOK, now=MONDAY, size=10, lease=LEASE)
    assert run(MONDAY + LEASE - timedelta(seconds=1)) == Report()
    assert run(MONDAY + LEASE).sent == 1
    assert hook.accepted[0].key == lost.parcel.key


def test_who_comes_back_after_the_lease_changes_nothing(hook: ScriptedChannel) -> None:
    tell(reachable("a"), "k", now=MONDAY)
    route(now=MONDAY, size=10)
    (slow,) = claim(HOOK, now=MONDAY, size=10, lease=LEASE)
    free_lapsed(now=MONDAY + LEASE)
    (quick,) = claim(HOOK, now=MONDAY + LEASE, size=10, lease=LEASE)
    assert settle([Settlement(slow, State.DEAD, "late")], now=MONDAY + LEASE) == 0
    assert Delivery.objects.get().state == State.SENDING
    assert settle([Settlement(quick, State.SENT)], now=MONDAY + LEASE) == 1
    assert Delivery.objects.get().state == State.SENT


def test_a_rate_is_one_for_all_and_red_goes_first(hook: ScriptedChannel) -> None:
    user = reachable("a")
    open_channel(HOOK, per_minute=3)
    for number in range(5):
        tell(user, f"y{number}", colour=2, number=f"y{number}", now=MONDAY)
    tell(user, "red", colour=3, number="red", now=MONDAY)
    assert run().sent == 3
    assert hook.accepted[0].items == ("red",)
    assert run(MONDAY + timedelta(seconds=19)).sent == 0
    assert run(MONDAY + timedelta(seconds=20)).sent == 1
    assert run(MONDAY + timedelta(seconds=60)).sent == 2


def test_a_digest_lists_what_is_unread(hook: ScriptedChannel) -> None:
    user, idle = reachable("a"), reachable("idle")
    at = MONDAY.replace(hour=9, minute=0)
    read = tell(user, "1", colour=1, number="1", now=at)
    read.read_at = at
    read.save()
    tell(idle, "1", colour=1, number="1", now=at)
    mark_all_read(user_id=idle.pk, now=at)
    for number in "23":
        tell(user, number, colour=1, number=number, now=at)
    assert run(at).sent == 0
    assert run(at.replace(hour=14, minute=30)).sent == 1
    (parcel,) = hook.accepted
    assert parcel.items == ("2", "3")
    assert parcel.subject == "提示汇总：2 条"
    assert parcel.body.splitlines() == ["红色警示 · 2 · 办理", "红色警示 · 3 · 办理"]
    assert Delivery.objects.get(recipient=idle).state == State.CANCELLED, "nobody is sent an empty digest"


def test_a_storm_is_sent_with_the_worst_first_and_its_words_stay(hook: ScriptedChannel) -> None:
    user = reachable("a")
    for number in range(60):
        tell(user, str(number), colour=2 if number < 55 else 3, number=str(number), now=MONDAY)
    run()
    hook.answer = refuse(Temporary("answered 500"))
    now = MONDAY + GATHERING
    assert run(now).failed == 1
    first = hook.given[0]
    assert first.items[:5] == ("55", "56", "57", "58", "59")
    assert first.body.endswith("… +20")
    hook.answer = ScriptedChannel.answer
    for number in range(60, 75):
        tell(user, str(number), number=str(number), now=now)
    assert run(now + timedelta(minutes=2)).sent == 1
    assert (hook.accepted[0].body, hook.accepted[0].key) == (first.body, first.key)
    assert Delivery.objects.filter(bundle=Bundle.STORM).count() == 2


@pytest.mark.parametrize("change", [{"is_on": False}, None])
def test_a_channel_that_is_off_or_not_configured_keeps_its_queue(
    hook: ScriptedChannel, change: dict[str, bool] | None
) -> None:
    tell(reachable("a"), "k", now=MONDAY)
    route(now=MONDAY, size=10)
    hook.configured = change is not None
    ChannelTerms.objects.update(**(change or {"is_on": True}))
    assert run() == Report()
    assert Delivery.objects.get().state == State.WAITING


def test_figures_say_what_waits_since_when(hook: ScriptedChannel) -> None:
    user = reachable("a")
    assert oldest_undelivered(now=MONDAY) is None
    tell(user, "k", now=MONDAY)
    assert oldest_undelivered(now=MONDAY) == MONDAY
    hook.answer = refuse(Temporary("answered 500"))
    run()
    assert oldest_undelivered(now=MONDAY) is None, "spared for now"
    row = Delivery.objects.get()
    later = row.not_before + timedelta(minutes=5)
    assert oldest_undelivered(now=later) == row.not_before
    (figures,) = channel_figures(now=later)
    assert (figures.channel, figures.waiting, figures.dead, figures.oldest) == ("webhook", 1, 0, row.not_before)


def test_an_operator_sends_dead_letters_again_or_gives_them_up(hook: ScriptedChannel) -> None:
    user = reachable("a")
    for number in "12":
        tell(user, number, number=number, now=MONDAY)
    hook.answer = refuse(Permanent("answered 413"))
    run()
    first, second = Delivery.objects.order_by("pk")
    assert give_up(delivery_ids=[second.pk]) == 1
    assert retry(delivery_ids=[first.pk, second.pk], now=MONDAY) == 1
    hook.answer = ScriptedChannel.answer
    assert run().sent == 1
    assert channel_figures(now=MONDAY) == []


def test_old_deliveries_are_forgotten_and_their_messages_stay(hook: ScriptedChannel) -> None:
    user = reachable("a")
    for number in range(5):
        message = tell(user, str(number), number=str(number), now=MONDAY)
    run()
    assert forget_old(now=MONDAY + timedelta(days=180), size=2) == 0
    assert forget_old(now=MONDAY + timedelta(days=181), size=2) == 5
    assert not Delivery.objects.exists()
    message.refresh_from_db()


def test_lanes_keep_an_address_together(hook: ScriptedChannel) -> None:
    hook.lanes = 4
    people = [reachable(f"p{n}") for n in range(8)]
    for person in people:
        add_address(person, target=f"https://example.test/{person.username}/2")
        tell(person, "k", now=MONDAY)
    assert run().sent == 16
    assert hook.opened == 4
