"""How the outbox does: depth and age by channel, for metrics, health and the engine's page.

Whoever asks has two seconds, also with a million messages waiting: ages are probes of an index, and whatever is counted
is counted up to `COUNTED`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from notifications.models import Delivery, Message
from notifications.states import ChannelName, State

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
FROM unnest(%(channels)s::text[]) AS names(channel) CROSS JOIN LATERAL (
    SELECT count(*) FROM (
        SELECT FROM notifications_delivery d WHERE d.state = 'waiting' AND d.channel = names.channel
        ORDER BY d.urgent, d.not_before LIMIT %(counted)s) each) found
"""
#: The first that may go, urgent or not: two probes of delivery_waiting for each channel.
_READY = """
SELECT names.channel, min(first.not_before)
FROM unnest(%(channels)s::text[]) AS names(channel)
CROSS JOIN (VALUES (true), (false)) AS kinds(urgent) CROSS JOIN LATERAL (
    SELECT d.not_before FROM notifications_delivery d
    WHERE d.state = 'waiting' AND d.channel = names.channel AND d.urgent = kinds.urgent AND d.not_before <= %(now)s
    ORDER BY d.not_before LIMIT 1) first
GROUP BY names.channel
"""
#: Few at any time: what the couriers have in their hands.
_SENDING = """
SELECT channel, count(*), min(not_before) FROM (
    SELECT channel, not_before FROM notifications_delivery WHERE state = 'sending' LIMIT %(counted)s) found
GROUP BY channel
"""
#: By delivery_dead.
_DEAD = """
SELECT channel, count(*), min(finished_at) FROM (
    SELECT channel, finished_at FROM notifications_delivery WHERE state = 'dead' ORDER BY id DESC
    LIMIT %(counted)s) found
GROUP BY channel
"""


def channel_figures(*, now: datetime) -> list[ChannelFigures]:
    """Channels with anything unfinished or dead, by name. Each state has an index of its own, hence a statement."""
    ready = dict(_asked(_READY, now))
    found = {
        channel: ChannelFigures(channel, waiting=count, waiting_since=ready.get(channel))
        for channel, count in _asked(_WAITING, now)
    }
    for channel, count, since in _asked(_SENDING, now):
        found[channel].sending, found[channel].sending_since = count, since
    for channel, count, since in _asked(_DEAD, now):
        found[channel].dead, found[channel].dead_since = count, since
    return [found[channel] for channel in sorted(found) if found[channel].is_there]


def _asked(statement: str, now: datetime) -> list[Any]:
    values: dict[str, Any] = {"channels": [channel.value for channel in ChannelName], "counted": COUNTED, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def oldest_undelivered(*, now: datetime) -> datetime | None:
    """Since when the oldest news waits that could be on its way: not decided yet, or allowed to go and not gone.

    A delivery that is spared after a failure does not count while it is spared; how often it failed shows elsewhere.
    """
    unrouted = Message.objects.filter(routed_at=None).order_by("id").values_list("created_at", flat=True).first()
    return _oldest([unrouted, *(since for _, since in _asked(_READY, now))])


def unrouted_count() -> int:
    """How many messages nobody decided on yet."""
    return _counted(Message.objects.filter(routed_at=None).order_by("id"))


def dead_count() -> int:
    return _counted(Delivery.objects.filter(state=State.DEAD).order_by("-id"))


def _counted(rows: "QuerySet[Any]") -> int:
    return rows.values("pk")[:COUNTED].count()


def in_words(count: int) -> str:
    """A count that may have ended at `COUNTED`."""
    return f"{count}+" if count >= COUNTED else str(count)
