"""Several couriers on one outbox: each message goes once, in the order of its case, within the channel's rate."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from grids.models import User
from notifications.delivery import deliver
from notifications.models import ChannelTerms, Delivery, OfficeHours
from notifications.outbox import Draft, enqueue
from notifications.parcels import Parcel
from notifications.routing import route
from notifications.states import Bundle, ChannelName, State
from tests.builders import MONDAY
from tests.concurrency.together import failed, together
from tests.notifications.people import FACTS, ScriptedChannel, reachable, scripted

HOOK = ChannelName.WEBHOOK
PEOPLE, CASES, EACH = 5, 4, 10


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ScriptedChannel:
    OfficeHours.objects.update_or_create(only=True, defaults={"storm_from": 1000})
    return scripted(monkeypatch, ScriptedChannel())


def told(now: datetime = MONDAY) -> list[User]:
    """Five people hear ten times of each of four cases."""
    people = [reachable(f"p{number}") for number in range(PEOPLE)]
    for turn in range(EACH):
        for case in range(CASES):
            enqueue(
                [Draft(user.pk, f"{case}:{turn}", "alert", FACTS, colour=3, reference=str(case)) for user in people],
                now=now,
            )
    route(now=now, size=1000)
    return people


def courier(size: int = 7) -> Any:
    return partial(deliver, HOOK, clock=lambda: MONDAY, size=size, seconds=60)


def test_four_couriers_send_each_message_once_and_in_order(hook: ScriptedChannel) -> None:
    told()
    while Delivery.objects.filter(state=State.WAITING).exists():  # what is busy is the next run's
        assert failed(together(*[courier()] * 4)) == []
    keys = [parcel.key for parcel in hook.accepted]
    assert Counter(keys).most_common(1)[0][1] == 1
    assert len(keys) == PEOPLE * CASES * EACH == Delivery.objects.filter(state=State.SENT, attempts=1).count()
    by_case: dict[tuple[str, str], list[int]] = {}
    for parcel in hook.accepted:
        by_case.setdefault((parcel.target, parcel.items[0]), []).append(int(parcel.key.partition("-")[0]))
    assert len(by_case) == PEOPLE * CASES
    assert all(earlier < later for order in by_case.values() for earlier, later in pairwise(order))


def test_a_rate_is_one_for_all_couriers(hook: ScriptedChannel) -> None:
    told()
    ChannelTerms.objects.filter(channel=HOOK).update(per_minute=20)
    assert failed(together(*[courier()] * 4)) == []
    assert len(hook.accepted) == 20


def test_nothing_is_sent_inside_a_transaction(hook: ScriptedChannel) -> None:
    def answer(_parcel: Parcel, _now: datetime) -> None:
        assert not connection.in_atomic_block

    hook.answer = answer
    told()
    report = courier()()
    assert (report.sent, report.failed) == (PEOPLE * CASES * EACH, 0)


def test_two_routers_at_once_decide_on_each_message_once(hook: ScriptedChannel) -> None:
    """Also where a storm takes in what waits, beside a courier."""
    OfficeHours.objects.update(storm_from=8)
    people = [reachable(f"p{number}") for number in range(PEOPLE)]
    for turn in range(EACH):
        enqueue(
            [Draft(user.pk, str(turn), "alert", FACTS, colour=3, reference=str(turn)) for user in people], now=MONDAY
        )
        assert failed(together(*[partial(route, now=MONDAY, size=1000)] * 3, courier(2))) == []
    for minutes in range(1, 4):
        courier()()
        deliver(HOOK, clock=lambda at=minutes: MONDAY + timedelta(minutes=at), size=50, seconds=60)  # type: ignore[misc]
    sent = Counter((parcel.target, item) for parcel in hook.accepted for item in parcel.items)
    assert len(sent) == PEOPLE * EACH
    assert set(sent.values()) == {1}
    assert not Delivery.objects.exclude(state=State.SENT).exists()
    assert {parcel.bundle for parcel in hook.accepted} <= {Bundle.SINGLE, Bundle.STORM}
