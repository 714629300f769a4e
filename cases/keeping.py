"""Who keeps a sealed case, and whom its news may reach (domain.md, "An accusation is sealed on arrival")."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from cases.duties import members
from cases.models import Case
from grids.actors import day_of
from grids.holders import Holder
from grids.models import Department, Post, User
from grids.roles import Role
from grids.roster import roster_for


def keeper_for(units: Iterable[Department], persons: Iterable[User], *, now: datetime) -> Role:
    """The petition office; the inspection office where the petition office or one of its people is accused."""
    if any(unit.code == settings.PETITION_UNIT for unit in units):
        return Role.INSPECTOR
    own = Q(role=Role.PETITION_OFFICER.value) | Q(department__code=settings.PETITION_UNIT)
    posts = Post.objects.on(day_of(now)).filter(own, user__in=[person.pk for person in persons])
    return Role.INSPECTOR if posts.exists() else Role.PETITION_OFFICER


def keepers_of(case: Case, *, now: datetime) -> tuple[Holder, ...]:
    """The people who see this sealed case: the same as `access.sees` answers, looked up from the other side."""
    keeper = Role(case.keeper)
    units = list(case.accused_units.values_list("pk", flat=True))
    roster = roster_for(department_ids=units, area_roles=[keeper], now=now)
    accused = set(case.accused_persons.values_list("pk", flat=True)) | members(roster, units)
    found = {holder.user_id: holder for holder in roster.holders(keeper, area_code=case.area_code)}
    return tuple(holder for user_id, holder in found.items() if user_id not in accused)
