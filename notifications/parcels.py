"""What a channel is given to carry and how it answers: the contract between delivery and channels. Pure: no Django."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from notifications.states import Bundle, ChannelName


@dataclass(frozen=True, slots=True)
class Parcel:
    """One frozen text for one address. `key` stays the same however often it is sent: the other side may know it.

    `items` are the numbers of cases that a bundle lists, in its order; a single message has one or none.
    """

    key: str
    channel: ChannelName
    target: str
    secret: str
    subject: str
    body: str
    colour: int
    urgent: bool
    language: str
    bundle: Bundle
    items: tuple[str, ...]
    created_at: datetime


class Undelivered(Exception):
    """An attempt that failed. Operators read its text: it names what went wrong, never address or words."""


class Temporary(Undelivered):
    """Worth another attempt, not before `retry_after` if the other side said so.

    `everybody`: the whole channel is out of reach (server gone, login refused), not this one address.
    """

    def __init__(self, reason: str, *, retry_after: timedelta | None = None, everybody: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.everybody = everybody


class Permanent(Undelivered):
    """No attempt will ever succeed. `gone`: the address itself is no more and is switched off."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class Sender(Protocol):
    """An open channel: a connection that carries several parcels. Used by one thread at a time."""

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """Hand it over and wait for the acknowledgement. Temporary or Permanent; anything else is a defect."""


class Carrier(Protocol):
    """One way out of the house."""

    @property
    def name(self) -> ChannelName: ...

    @property
    def lanes(self) -> int:
        """How many senders of it may work side by side in one process."""

    def is_configured(self) -> bool:
        """Whether this installation has what the channel needs (a server, a gateway)."""

    def open(self, *, timeout: float) -> AbstractContextManager[Sender]:
        """`timeout`: seconds that any single wait may take. May raise Temporary."""
