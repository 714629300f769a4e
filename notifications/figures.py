"""How the outbox does: depth and age by channel, for metrics, health and the engine's page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from notifications.models import Delivery, Message
from notifications.states import State


@dataclass(slots=True)
class ChannelFigures:
    """One channel now.

    Since when its oldest delivery that may go has been allowed to, is being sent, or has been dead; None where there
    is none.
    """

    channel: str
    waiting: int = 0
    waiting_since: datetime | None = None
    sending: int = 0
    sending_since: datetime | None = None
    dead: int = 0
    dead_since: datetime | None = None

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest one that is not dead could have arrived."""
        return min((at for at in (self.waiting_since, self.sending_since) if at is not None), default=None)


def channel_figures(*, now: datetime) -> list[ChannelFigures]:
    """Channels with anything unfinished or dead, by name. Each state has an index of its own, hence a query."""
    found: dict[str, ChannelFigures] = {}
    ready = Min("not_before", filter=Q(not_before__lte=now))
    for state, since in ((State.WAITING, ready), (State.SENDING, Min("not_before")), (State.DEAD, Min("finished_at"))):
        rows = (
            Delivery.objects.filter(state=state).order_by().values("channel").annotate(count=Count("pk"), since=since)
        )
        for row in rows:
            figures = found.setdefault(row["channel"], ChannelFigures(row["channel"]))
            setattr(figures, state.value, row["count"])
            setattr(figures, f"{state.value}_since", row["since"])
    return [found[channel] for channel in sorted(found)]


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
