"""Up to where somebody has seen what is new on the desk."""

from datetime import datetime

from django.db.models import Q

from grids.models import User


def mark_seen(*, user_id: int, until: datetime, now: datetime) -> None:
    """Everything up to `until`, the moment of the page that was read. Never backwards, and never beyond `now`.

    What happened between that page and the press stays new.
    """
    seen = min(until, now)
    earlier = Q(desk_seen_at=None) | Q(desk_seen_at__lt=seen)
    User.objects.filter(earlier, pk=user_id).update(desk_seen_at=seen)
