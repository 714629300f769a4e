"""How the outbox does: depth and age by channel, for metrics, health and the engine's page.

Whoever asks has two seconds, also with a million messages waiting: ages are probes of an index, and whatever is counted
is counted up to `COUNTED`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from notifications.models import Message
from notifications.states import ChannelName

#: More than this is said as "more than".
COUNTED = 10_000


@dataclass(slots=True)
class ChannelFigures:
    """One channel now. Counts end at `COUNTED`.

    Since when its oldest delivery that may go has been allowed to, is being sent, or has been dead; None where there
    is none. Of very many dead ones the newest are looked at.
    """

    channel: str
    waiting: int = 0
    waiting_since: datetime | None = None
    sending: int = 0
    sending_since: datetime | None = None
    dead: int = 0
    dead_since: datetime | None = None

    @property
    def is_there(self) -> bool:
        return bool(self.waiting or self.sending or self.dead)

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest one that is not dead could have arrived."""
        return _oldest((self.waiting_since, self.sending_since))


#: By delivery_waiting, in its order: without that the planner might read the table instead.
_WAITING = """
SELECT names.channel, found.count
FROM unnest(%s::text[]) AS names(channel) CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM notifications_delivery d WHERE d.state = 'waiting' AND d.channel = names.channel
        ORDER BY d.urgent, d.not_before LIMIT %s) each) found
"""
#: The first that may go, urgent or not: two probes of delivery_waiting for each channel.
_READY = """
SELECT names.channel, min(first.not_before) AS since
FROM unnest(%s::text[]) AS names(channel)
CROSS JOIN (VALUES (true), (false)) AS kinds(urgent) CROSS JOIN LATERAL (
    SELECT d.not_before FROM notifications_delivery d
    WHERE d.state = 'waiting' AND d.channel = names.channel AND d.urgent = kinds.urgent AND d.not_before <= %s
    ORDER BY d.not_before LIMIT 1) first
GROUP BY names.channel
"""
#: Few at any time: what the couriers have in their hands.
_SENDING = """
SELECT channel, count(*), min(not_before) AS since FROM (
    SELECT channel, not_before FROM notifications_delivery WHERE state = 'sending' LIMIT %s) found
GROUP BY channel
"""
#: By delivery_dead.
_DEAD = """
SELECT channel, count(*), min(finished_at) AS since FROM (
    SELECT channel, finished_at FROM notifications_delivery WHERE state = 'dead' ORDER BY id DESC
    LIMIT %s) found
GROUP BY channel
"""

Statement = tuple[str, Sequence[Any]]


def _channels() -> list[str]:
    return [channel.value for channel in ChannelName]


def waiting() -> Statement:
    """By channel how many wait."""
    return _WAITING, (_channels(), COUNTED)


def ready(now: datetime) -> Statement:
    """By channel since when the oldest waits that may go; a channel without one is left out."""
    return _READY, (_channels(), now)


def sending() -> Statement:
    """By channel how many are being sent, and since when the oldest could have arrived."""
    return _SENDING, (COUNTED,)


def dead() -> Statement:
    """By channel how many nobody tries any more, and since when."""
    return _DEAD, (COUNTED,)


def undecided() -> QuerySet[Message]:
    """Messages whose channels nobody decided on yet, oldest first."""
    return Message.objects.filter(routed_at=None).order_by("id")


Rows = Iterable[Mapping[str, Any]]


def channels_of(*, waiting: Rows, ready: Rows, sending: Rows, dead: Rows) -> list[ChannelFigures]:
    """Channels with anything unfinished or dead, by name. Each state has an index of its own, hence a statement."""
    found = {row["channel"]: ChannelFigures(row["channel"], waiting=row["count"]) for row in waiting}
    for row in ready:
        found[row["channel"]].waiting_since = row["since"]
    for row in sending:
        found[row["channel"]].sending, found[row["channel"]].sending_since = row["count"], row["since"]
    for row in dead:
        found[row["channel"]].dead, found[row["channel"]].dead_since = row["count"], row["since"]
    return [found[channel] for channel in sorted(found) if found[channel].is_there]


def channel_figures(*, now: datetime) -> list[ChannelFigures]:
    """The same, asked for at once."""
    return channels_of(waiting=_rows(waiting()), ready=_rows(ready(now)), sending=_rows(sending()), dead=_rows(dead()))


def _rows(statement: Statement) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def oldest_undelivered(*, now: datetime) -> datetime | None:
    """Since when the oldest news waits that could be on its way: not decided yet, or allowed to go and not gone.

    A delivery that is spared after a failure does not count while it is spared; how often it failed shows elsewhere.
    """
    unrouted = undecided().values_list("created_at", flat=True).first()
    return _oldest([unrouted, *(row["since"] for row in _rows(ready(now)))])


def undecided_count() -> int:
    """How many messages nobody decided on yet, up to `COUNTED`."""
    return undecided().values("pk")[:COUNTED].count()


def in_words(count: int) -> str:
    """A count that may have ended at `COUNTED`."""
    return f"{count}+" if count >= COUNTED else str(count)
