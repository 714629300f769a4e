"""Looking up who holds which post today, for telling people: one query for a whole batch."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from grids.actors import day_of
from grids.holders import Holder, Roster
from grids.models import Post
from grids.roles import Role


def roster_for(*, department_ids: Collection[int] | None, area_roles: Collection[Role], now: datetime) -> Roster:
    """The posts held now in these departments (None: in all), and these area roles everywhere. One query."""
    within = Q(department__isnull=False) if department_ids is None else Q(department_id__in=list(department_ids))
    rows = (
        Post.objects.on(day_of(now))
        .filter(within | Q(role__in=[r.value for r in area_roles]))
        .order_by("id")
        .values_list("user_id", "role", "department_id", "user__language", "area__code")
    )
    return Roster(
        Holder(user_id, Role(role), department_id if department_id is not None else area_code or "", language)
        for user_id, role, department_id, language, area_code in rows
    )
