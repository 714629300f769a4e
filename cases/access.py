"""Who sees what, and in which role: the one rule for list, detail, search, count, action and message.

A superuser without posts sees no case. What a person may not see does not exist for that person (404, never 403).
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from cases.models import Assignment, Case, SupervisionOrder
from cases.models.case import CaseQuerySet
from cases.terms import HOLDING_STATES, PETITION_TYPES
from grids.actors import Actor
from grids.roles import Role


def visible_to(actor: Actor) -> CaseQuerySet:
    """The cases that this person's posts open; none without a post."""
    return Case.objects.filter(visible_q(actor))


def visible_q(actor: Actor) -> Q:
    """Areas by prefix, departments by a part that they hold or a supervision order that they must answer, intake by
    what the officer took in, petitions by type."""
    seen = Q(pk__in=[])
    for prefix in sorted(actor.area_prefixes):
        seen |= Q(area_code__startswith=prefix)
    if departments := actor.department_ids:
        held = Assignment.objects.filter(
            case=OuterRef("pk"), department__in=sorted(departments), state__in=sorted(HOLDING_STATES)
        )
        supervised = SupervisionOrder.objects.filter(
            case=OuterRef("pk"), department__in=sorted(departments), signed_off_at=None
        )
        seen |= Q(Exists(held)) | Q(Exists(supervised))
    if Role.INTAKE_OFFICER in actor.roles:
        seen |= Q(created_by=actor.user_id)
    for post in actor.posts:
        if post.role is Role.PETITION_OFFICER and post.area_code:
            seen |= Q(type__in=sorted(PETITION_TYPES), area_code__startswith=post.area_code)
    return seen


def sees(actor: Actor, case: Case, assignments: Iterable[Assignment], orders: Iterable[SupervisionOrder] = ()) -> bool:
    """`visible_q` for one case already in hand; a property test holds the two together."""
    if any(case.area_code.startswith(prefix) for prefix in actor.area_prefixes):
        return True
    if actor.department_ids & _units(assignments, orders):
        return True
    if Role.INTAKE_OFFICER in actor.roles and case.created_by_id == actor.user_id:
        return True
    return case.type in PETITION_TYPES and any(
        post.role is Role.PETITION_OFFICER and post.covers(case.area_code) for post in actor.posts
    )


def roles_on(
    actor: Actor, case: Case, assignments: Iterable[Assignment], orders: Iterable[SupervisionOrder] = ()
) -> frozenset[Role]:
    """The roles in which this person stands to the case: of the area, and of departments that owe something in it."""
    roles = actor.roles_in_area(case.area_code)
    if Role.INTAKE_OFFICER in roles and case.created_by_id != actor.user_id:
        roles -= {Role.INTAKE_OFFICER}
    for department_id in _units(assignments, orders):
        roles |= actor.roles_in_department(department_id)
    return roles


def _units(assignments: Iterable[Assignment], orders: Iterable[SupervisionOrder]) -> set[int]:
    """The departments that hold a part, and those that a supervision order demands an answer of."""
    holding = {a.department_id for a in assignments if a.state in HOLDING_STATES}
    return holding | {order.department_id for order in orders if order.signed_off_at is None}
