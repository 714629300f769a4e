"""Who must be told of which colour (domain.md, "Colours"). Pure: the roster is given.

Where nobody holds the post that must be told, the next superior is told and the vacancy is reported.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cases.colours import Colour
from cases.terms import KEEPERS, ClockKind
from grids.holders import Holder, Roster
from grids.roles import DEPARTMENT_ROLES, Role

#: Clocks of the unit that dispatches; all others are clocks of a department that was called.
DISPATCHING_CLOCKS = frozenset({ClockKind.DOCKET, ClockKind.DISPATCH, ClockKind.RESOLVE, ClockKind.VERIFY})

_DEPARTMENT = {
    Colour.BLUE: (Role.DEPARTMENT_HANDLER,),
    Colour.YELLOW: (Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.TOWNSHIP_DISPATCHER),
    Colour.RED: (
        Role.DEPARTMENT_HANDLER,
        Role.DEPARTMENT_DEPUTY,
        Role.TOWNSHIP_DISPATCHER,
        Role.DEPARTMENT_HEAD,
        Role.INSPECTOR,
    ),
}
_TOWNSHIP = {
    Colour.BLUE: (Role.TOWNSHIP_DISPATCHER,),
    Colour.YELLOW: (Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER),
    Colour.RED: (Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER, Role.INSPECTOR),
}
_CENTER = {
    Colour.BLUE: (Role.CENTER_DISPATCHER,),
    Colour.YELLOW: (Role.CENTER_DISPATCHER,),
    Colour.RED: (Role.CENTER_DISPATCHER, Role.INSPECTOR),
}
#: Everybody outside the departments who may be told of a colour.
TOLD_IN_AREAS = KEEPERS | {Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER, Role.INSPECTOR}
_SUPERIORS = {
    Role.DEPARTMENT_HANDLER: (Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD, Role.CENTER_DISPATCHER),
    Role.DEPARTMENT_DEPUTY: (Role.DEPARTMENT_HEAD, Role.CENTER_DISPATCHER),
    Role.DEPARTMENT_HEAD: (Role.CENTER_DISPATCHER, Role.INSPECTOR),
    Role.TOWNSHIP_DISPATCHER: (Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER),
    Role.TOWNSHIP_LEADER: (Role.CENTER_DISPATCHER, Role.INSPECTOR),
    Role.CENTER_DISPATCHER: (Role.INSPECTOR,),
    Role.INSPECTOR: (Role.CENTER_DISPATCHER,),
}


class Charge(NamedTuple):
    """Whose clock it is and where its case lies.

    `keeper`: of a sealed case, whose news reaches nobody else and never the accused.
    """

    kind: ClockKind
    department_id: int | None
    unit_kind: str
    case_area: str
    keeper: str = ""
    accused_persons: frozenset[int] = frozenset()
    accused_units: frozenset[int] = frozenset()


class Told(NamedTuple):
    holders: tuple[Holder, ...]
    vacancies: tuple[Role, ...]


def roles_told(charge: Charge, colour: Colour) -> tuple[Role, ...]:
    if charge.keeper:
        return (Role(charge.keeper),)
    if charge.kind not in DISPATCHING_CLOCKS:
        return _DEPARTMENT[colour]
    return _TOWNSHIP[colour] if charge.unit_kind == "township" else _CENTER[colour]


def told(charge: Charge, colour: Colour, roster: Roster) -> Told:
    """The people to tell, each once, and the roles that nobody holds. A sealed case tells no accused person."""
    accused = charge.accused_persons
    if charge.accused_units:
        accused |= members(roster, charge.accused_units)
    found: dict[int, Holder] = {}
    vacancies: list[Role] = []
    for role in roles_told(charge, colour):
        people = in_charge(
            role,
            roster,
            department_id=charge.department_id,
            area_code=charge.case_area,
            but=accused,
            # A sealed case has no superior: a vacancy is shown, and nobody else is told.
            superiors=() if charge.keeper else _SUPERIORS[role],
        )
        vacancies.extend(people.vacancies)
        for holder in people.holders:
            found.setdefault(holder.user_id, holder)
    return Told(tuple(found.values()), tuple(vacancies))


def members(roster: Roster, department_ids: Iterable[int]) -> frozenset[int]:
    """Everybody with a post in one of these departments."""
    return frozenset(
        holder.user_id
        for department_id in department_ids
        for role in DEPARTMENT_ROLES
        for holder in roster.holders(role, department_id=department_id)
    )


def in_charge(
    role: Role,
    roster: Roster,
    *,
    department_id: int | None,
    area_code: str,
    but: frozenset[int] = frozenset(),
    superiors: Iterable[Role] | None = None,
) -> Told:
    """The holders of one post; where it is vacant, the next superior whom the roster knows, and the vacancy."""

    def holders(post: Role) -> tuple[Holder, ...]:
        found = roster.holders(post, department_id=department_id, area_code=area_code)
        return tuple(holder for holder in found if holder.user_id not in but) if but else found

    if direct := holders(role):
        return Told(direct, ())
    for superior in _SUPERIORS[role] if superiors is None else superiors:
        if found := holders(superior):
            return Told(found, (role,))
    return Told((), (role,))
