"""How the outbox does: depth and age by channel, for metrics, health and the engine's page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from notifications.models import Delivery, Message
from notifications.states import State


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """One channel now. `oldest`: since when its oldest delivery that may go has been allowed to."""

    channel: str
    waiting: int
    sending: int
    dead: int
    oldest: datetime | None


def channel_figures(*, now: datetime) -> list[ChannelFigures]:
    """Channels with anything unfinished or dead, by name."""
    open_states = (State.WAITING, State.SENDING, State.DEAD)
    rows = (
        Delivery.objects.filter(state__in=open_states)
        .values("channel")
        .annotate(
            waiting=Count("pk", filter=Q(state=State.WAITING)),
            sending=Count("pk", filter=Q(state=State.SENDING)),
            dead=Count("pk", filter=Q(state=State.DEAD)),
            oldest=Min("not_before", filter=Q(state=State.WAITING, not_before__lte=now) | Q(state=State.SENDING)),
        )
        .order_by("channel")
    )
    return [ChannelFigures(**row) for row in rows]


def oldest_undelivered(*, now: datetime) -> datetime | None:
    """Since when the oldest news waits that could be on its way: not decided yet, or allowed to go and not gone.

    A delivery that is spared after a failure does not count while it is spared; how often it failed shows elsewhere.
    """
    unrouted = Message.objects.filter(routed_at=None).order_by("id").values_list("created_at", flat=True).first()
    ready = Delivery.objects.filter(state=State.WAITING, not_before__lte=now).aggregate(at=Min("not_before"))["at"]
    return min((at for at in (unrouted, ready) if at is not None), default=None)


def unrouted_count() -> int:
    """How many messages nobody decided on yet."""
    return Message.objects.filter(routed_at=None).count()


def dead_count() -> int:
    return Delivery.objects.filter(state=State.DEAD).count()
