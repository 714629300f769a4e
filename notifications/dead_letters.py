"""What could not be delivered, in an operator's hands."""

from collections.abc import Collection
from datetime import datetime

from notifications.models import Delivery
from notifications.states import State


def retry(*, delivery_ids: Collection[int], now: datetime) -> int:
    """Let dead letters wait again as if never tried; how many. Others, and those of no address, stay as they are."""
    dead = Delivery.objects.filter(pk__in=delivery_ids, state=State.DEAD, address__is_active=True)
    return dead.update(state=State.WAITING, attempts=0, not_before=now, finished_at=None)


def give_up(*, delivery_ids: Collection[int]) -> int:
    """Take dead letters off the list: somebody saw that they need not arrive. How many."""
    return Delivery.objects.filter(pk__in=delivery_ids, state=State.DEAD).update(state=State.CANCELLED)
