"""People with addresses, channels with terms, and a channel that does what a test tells it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from grids.models import User
from notifications import channels
from notifications.models import Address, ChannelTerms, Demand, Message
from notifications.outbox import Draft, enqueue
from notifications.parcels import Parcel
from notifications.states import ChannelName, DemandKind
from tests.builders import add_user

FACTS = {"number": "350924-2026-0000001", "unit": "水利局", "clock": "办理", "colour": "红色警示", "due": "x"}
Colours = tuple[int, ...]
ALL: Colours = (0, 1, 2, 3)
Answer = Callable[[Parcel, datetime], None]


def reachable(
    name: str, channel: ChannelName = ChannelName.WEBHOOK, *, colours: tuple[int, ...] = (0, 1, 2, 3)
) -> User:
    """A person with one address on a channel that carries these colours."""
    user = add_user(name)
    open_channel(channel, colours=colours)
    add_address(user, channel)
    return user


def open_channel(
    channel: ChannelName, *, colours: tuple[int, ...] = (0, 1, 2, 3), per_minute: int | None = None
) -> None:
    ChannelTerms.objects.update_or_create(channel=channel, defaults={"is_on": True, "per_minute": per_minute})
    for colour in colours:
        Demand.objects.update_or_create(colour=colour, channel=channel, defaults={"demand": DemandKind.ON})


def add_address(user: User, channel: ChannelName = ChannelName.WEBHOOK, target: str = "") -> Address:
    target = target or f"https://example.test/{user.username}"
    return Address.objects.create(user=user, channel=channel, target=target, digest=f"{user.pk}{channel}{target}")


def tell(user: User, key: str, *, colour: int = 3, number: str = "1", now: datetime, urgent: bool = False) -> Message:
    """One piece of news of that colour about the case of that number."""
    kind = "alert" if colour else "whistle"
    facts = FACTS | {"number": number}
    enqueue([Draft(user.pk, key, kind, facts, colour=colour, reference=number, urgent=urgent)], now=now)
    return Message.objects.get(recipient=user, key=key)


def _accept(_parcel: Parcel, _now: datetime) -> None:
    """Every parcel is taken."""


@dataclass
class ScriptedChannel:
    """A channel that remembers what it was given and answers as the test says."""

    name: ChannelName = ChannelName.WEBHOOK
    lanes: int = 1
    configured: bool = True
    answer: Answer = _accept
    opened: int = 0
    given: list[Parcel] = field(default_factory=list)
    accepted: list[Parcel] = field(default_factory=list)

    def is_configured(self) -> bool:
        return self.configured

    @contextmanager
    def open(self, *, timeout: float) -> Iterator["ScriptedChannel"]:
        assert timeout > 0
        self.opened += 1
        yield self

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        self.given.append(parcel)
        self.answer(parcel, now)
        self.accepted.append(parcel)


def scripted(monkeypatch: pytest.MonkeyPatch, channel: ScriptedChannel) -> ScriptedChannel:
    """Put it in the place of the real one."""
    monkeypatch.setitem(channels.CARRIERS, channel.name, channel)
    return channel
