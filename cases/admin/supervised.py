"""Whose supervision somebody reads: orders and units of the own area, or of the own unit."""

from typing import Final

from django.db.models import Q, QuerySet

from cases.access import visible_to
from cases.models import SupervisionOrder
from grids.actors import Actor
from grids.models import Department
from grids.roles import Role

#: They read the whole of their area; the others only what is directed at their own unit.
AREA_READERS: Final = frozenset({Role.INSPECTOR, Role.CENTER_DISPATCHER, Role.TOWNSHIP_LEADER})
UNIT_READERS: Final = frozenset({Role.DEPARTMENT_HEAD, Role.DEPARTMENT_DEPUTY})
READERS: Final = AREA_READERS | UNIT_READERS


def orders_for(actor: Actor) -> QuerySet[SupervisionOrder]:
    """The orders that this person reads on the board: of cases that the person sees, in the area or at the own unit."""
    mine = Q(department__in=own_units(actor))
    for post in actor.posts:
        if post.role in AREA_READERS and post.area_code:
            mine |= Q(case__area_code__startswith=post.area_code)
    return SupervisionOrder.objects.filter(mine, case__in=visible_to(actor))


def own_units(actor: Actor) -> list[int]:
    return sorted(post.department_id for post in actor.posts if post.role in UNIT_READERS and post.department_id)


def units_for(actor: Actor) -> QuerySet[Department]:
    """The units whose interviews and reds this person reads."""
    mine = Q(pk__in=own_units(actor))
    for post in actor.posts:
        if post.role in AREA_READERS and post.area_code:
            mine |= Q(area__code__startswith=post.area_code)
    return Department.objects.filter(mine)
