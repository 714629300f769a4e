"""The outbox: how fast two couriers bring messages to a local webhook, beside the bare sending of as many."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import Count

from grids.models import User
from notifications.channels.webhook import new_secret
from notifications.models import Address, ChannelTerms, Delivery, Message, OfficeHours
from notifications.outbox import Draft, enqueue_many
from notifications.routing import route
from notifications.states import ChannelName, State
from tests.bench.figures import Figure, say

COURIERS = 2
ADDRESSES = 200
RED = 3
ROUTED = 500
FACTS = {"unit": "水利局", "clock": "办理", "colour": "红色警示", "due": "2026-11-22 17:30"}


def delivery(count: int, *, now: datetime) -> Figure:
    """Messages a second from the outbox to a sink that takes everything. Baseline: signing and sending alone."""
    with _sink() as port:
        _fill(count, port, now)
        seconds, peaks = _race("deliver", port, count)
        _check(count)
        bare, _ = _race("bare", port, count)
    say(f"delivery: {count} messages in {seconds:.1f} s, bare {bare:.1f} s; peak memory of the couriers {peaks} KB")
    return Figure("delivery", count / seconds, "messages/s", count / bare)


@contextmanager
def _sink() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.sink"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def _fill(count: int, port: int, now: datetime) -> None:
    """People with a webhook each, and red news about as many cases as there are messages."""
    ChannelTerms.objects.filter(channel=ChannelName.WEBHOOK).update(is_on=True, per_minute=None)
    Message.objects.filter(routed_at=None).update(routed_at=now)  # of the load: not what is measured
    OfficeHours.objects.update(storm_from=32_000)  # what is measured is many messages, not one that lists them
    people = list(User.objects.order_by("pk")[:ADDRESSES])
    Address.objects.bulk_create(
        Address(
            user=user,
            channel=ChannelName.WEBHOOK,
            target=f"http://127.0.0.1:{port}/{user.pk}",
            secret=new_secret(),
            digest=str(user.pk),
        )
        for user in people
    )
    enqueue_many(
        [
            Draft(
                people[number % len(people)].pk,
                f"bench:{number}",
                "alert",
                FACTS | {"number": f"B-{number}"},
                colour=RED,
                reference=f"B-{number}",
            )
            for number in range(count)
        ],
        now=now,
    )
    began, decided = time.perf_counter(), 0
    while decided < count:
        decided += route(now=now, size=ROUTED)
    say(f"delivery: {count / (time.perf_counter() - began):.0f} messages/s routed")


def _race(way: str, port: int, count: int) -> tuple[float, list[int]]:
    """Seconds from the start signal until the last courier is done, and each one's peak memory in KB."""
    command = [sys.executable, "-m", "tests.bench.courier", way, str(port), str(count // COURIERS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    couriers = [subprocess.Popen(command, **pipes) for _ in range(COURIERS)]  # type: ignore[call-overload]
    for courier in couriers:
        courier.stdout.readline()
    began = time.perf_counter()
    for courier in couriers:
        courier.stdin.write("go\n")
        courier.stdin.flush()
    said = [json.loads(courier.communicate()[0]) for courier in couriers]
    seconds = time.perf_counter() - began
    if sum(one["sent"] for one in said) < count - count % COURIERS - 16 * COURIERS:
        last = list(Delivery.objects.values_list("state", "last_error").annotate(count=Count("pk"))[:9])
        msg = f"{way}: of {count} messages the couriers sent {said}; {last}"
        raise AssertionError(msg)
    return seconds, [one["peak_kb"] for one in said]


def _check(count: int) -> None:
    states = dict(Delivery.objects.values_list("state").annotate(count=Count("pk")))
    if states != {State.SENT.value: count}:
        msg = f"of {count} deliveries: {states}"
        raise AssertionError(msg)
