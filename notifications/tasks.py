"""The heartbeat of the outbox. It has a queue and workers of its own: a mail server that hangs delays no colour."""

from celery import shared_task
from django.utils import timezone

from notifications.delivery import deliver
from notifications.pulse import courier_lives
from notifications.retention import forget_old
from notifications.routing import route
from notifications.states import ChannelName

#: Messages decided on in one transaction, deliveries taken up at once, rows deleted in one transaction.
ROUTED, TAKEN, FORGOTTEN = 500, 50, 1000
#: How long one run works on a channel before the others have their turn.
RUN_SECONDS = 60.0


@shared_task(name="notifications.tasks.route", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def route_messages() -> None:
    while route(now=timezone.now(), size=ROUTED) == ROUTED:
        pass
    courier_lives(now=timezone.now())


@shared_task(name="notifications.tasks.deliver", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def deliver_channel(channel: str) -> None:
    deliver(ChannelName(channel), clock=timezone.now, size=TAKEN, seconds=RUN_SECONDS)


@shared_task(name="notifications.tasks.forget", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_deliveries() -> None:
    forget_old(now=timezone.now(), size=FORGOTTEN)
