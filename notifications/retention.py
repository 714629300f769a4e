"""What the outbox forgets: deliveries that are long over. The messages themselves stay in their inboxes."""

from datetime import datetime, timedelta

from django.db import transaction

from notifications.models import Delivery
from notifications.states import State

#: Logs of what was sent are kept this long (domain.md, "Privacy": audit logs at least 180 days).
KEPT = timedelta(days=180)


def forget_old(*, now: datetime, size: int) -> int:
    """Delete finished deliveries older than half a year, `size` in one transaction; how many."""
    old = Delivery.objects.filter(state__in=(State.SENT, State.CANCELLED), finished_at__lt=now - KEPT).order_by("pk")
    forgotten = 0
    while True:
        with transaction.atomic():
            ids = list(old.values_list("pk", flat=True)[:size])
            Delivery.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
        if len(ids) < size:
            return forgotten
