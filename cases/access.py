"""Who sees what, and in which role: the one rule for list, detail, search, count, action and message.

A superuser without posts sees no case. What a person may not see does not exist for that person (404, never 403).
A sealed case exists for its keepers alone, whatever other posts anybody holds (docs/privacy.md).
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from cases.models import Assignment, Case, SupervisionOrder
from cases.models.case import CaseQuerySet
from cases.terms import HOLDING_STATES, KEEPERS, PETITION_TYPES
from grids.actors import Actor
from grids.roles import Role


def visible_to(actor: Actor) -> CaseQuerySet:
    """The cases that this person's posts open; none without a post."""
    return Case.objects.filter(visible_q(actor))


def visible_q(actor: Actor) -> Q:
    """Areas by prefix, departments by a part that they hold, intake by what the officer took in, petitions by type."""
    seen = Q(pk__in=[])
    for prefix in sorted(actor.area_prefixes):
        seen |= Q(area_code__startswith=prefix)
    if departments := actor.department_ids:
        held = Assignment.objects.filter(
            case=OuterRef("pk"), department__in=sorted(departments), state__in=sorted(HOLDING_STATES)
        )
        seen |= Q(Exists(held))
        ordered = SupervisionOrder.objects.filter(
            case=OuterRef("pk"), department__in=sorted(departments), signed_off_at=None
        )
        seen |= Q(Exists(ordered))
    if Role.INTAKE_OFFICER in actor.roles:
        seen |= Q(created_by=actor.user_id)
    for post in actor.posts:
        if post.role is Role.PETITION_OFFICER and post.area_code:
            seen |= Q(type__in=sorted(PETITION_TYPES), area_code__startswith=post.area_code)
    kept = kept_q(actor)
    return Q(sealed=False) & seen if kept is None else (Q(sealed=False) & seen) | kept


def kept_q(actor: Actor) -> Q | None:
    """The sealed cases that this person keeps; None without a post that keeps any. Never one against oneself."""
    posts = [post for post in actor.posts if post.role in KEEPERS and post.area_code]
    if not posts:
        return None
    kept = Q(pk__in=[])
    for post in posts:
        kept |= Q(keeper=post.role.value, area_code__startswith=post.area_code)
    kept &= Q(sealed=True)
    accused = Case.accused_persons.through.objects.filter(case=OuterRef("pk"), user=actor.user_id)
    kept &= ~Q(Exists(accused))
    if departments := actor.department_ids:
        units = Case.accused_units.through.objects.filter(case=OuterRef("pk"), department__in=sorted(departments))
        kept &= ~Q(Exists(units))
    return kept


def sees(actor: Actor, case: Case, assignments: Iterable[Assignment], orders: Iterable[SupervisionOrder] = ()) -> bool:
    """`visible_q` for one case already in hand; a property test holds the two together."""
    if case.sealed:
        return _keeps(actor, case)
    if any(case.area_code.startswith(prefix) for prefix in actor.area_prefixes):
        return True
    if any(a.department_id in actor.department_ids and a.state in HOLDING_STATES for a in assignments):
        return True
    if any(o.department_id in actor.department_ids and o.signed_off_at is None for o in orders):
        return True
    if Role.INTAKE_OFFICER in actor.roles and case.created_by_id == actor.user_id:
        return True
    return case.type in PETITION_TYPES and any(
        post.role is Role.PETITION_OFFICER and post.covers(case.area_code) for post in actor.posts
    )


def _keeps(actor: Actor, case: Case) -> bool:
    if not any(post.role == case.keeper and post.covers(case.area_code) for post in actor.posts):
        return False
    persons, units = accused_ids(case)
    return actor.user_id not in persons and actor.department_ids.isdisjoint(units)


def accused_ids(case: Case) -> tuple[Iterable[int | None], Iterable[int]]:
    """Persons and units. Without a query where `cases.reading` brought them along."""
    if "accused_unit_ids" in case.__dict__:
        return case.__dict__["accused_ids"], case.__dict__["accused_unit_ids"]
    persons = case.accused_persons.values_list("pk", flat=True)
    return persons, case.accused_units.values_list("pk", flat=True)


def roles_on(
    actor: Actor, case: Case, assignments: Iterable[Assignment], orders: Iterable[SupervisionOrder] = ()
) -> frozenset[Role]:
    """The roles in which this person stands to the case: of the area, and of departments that hold a part or an
    open supervision order."""
    roles = actor.roles_in_area(case.area_code)
    if case.sealed:
        return roles & {Role(case.keeper)}
    if Role.INTAKE_OFFICER in roles and case.created_by_id != actor.user_id:
        roles -= {Role.INTAKE_OFFICER}
    for assignment in assignments:
        if assignment.state in HOLDING_STATES:
            roles |= actor.roles_in_department(assignment.department_id)
    for order in orders:
        if order.signed_off_at is None:
            roles |= actor.roles_in_department(order.department_id)
    return roles


def is_concerned(actor: Actor, case: Case) -> bool:
    """Whether the case names this officer, as accused or as a party: such a one reads it, but never acts on it."""
    return actor.user_id in concerned_ids(case)


def concerned_ids(case: Case) -> frozenset[int]:
    """The officers whom the case names. Without a query where `cases.reading` brought them along."""
    if "accused_ids" in case.__dict__:
        return frozenset([*case.__dict__["accused_ids"], *case.__dict__["party_ids"]])
    accused = Case.accused_persons.through.objects.filter(case=case).values_list("user_id")
    parties = Case.parties.through.objects.filter(case=case).values_list("user_id")
    return frozenset(user_id for (user_id,) in accused.union(parties))
