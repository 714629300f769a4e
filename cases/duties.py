"""Who must be told of which colour (domain.md, "Colours"). Pure: the roster is given.

Where nobody holds the post that must be told, the next superior is told and the vacancy is reported.
"""

from dataclasses import dataclass

from cases.colours import Colour
from cases.terms import ClockKind
from grids.holders import Holder, Roster
from grids.roles import Role

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
_SUPERIORS = {
    Role.DEPARTMENT_HANDLER: (Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD, Role.CENTER_DISPATCHER),
    Role.DEPARTMENT_DEPUTY: (Role.DEPARTMENT_HEAD, Role.CENTER_DISPATCHER),
    Role.DEPARTMENT_HEAD: (Role.CENTER_DISPATCHER, Role.INSPECTOR),
    Role.TOWNSHIP_DISPATCHER: (Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER),
    Role.TOWNSHIP_LEADER: (Role.CENTER_DISPATCHER, Role.INSPECTOR),
    Role.CENTER_DISPATCHER: (Role.INSPECTOR,),
    Role.INSPECTOR: (Role.CENTER_DISPATCHER,),
}


@dataclass(frozen=True, slots=True)
class Charge:
    """Whose clock it is and where its case lies."""

    kind: ClockKind
    department_id: int | None
    unit_kind: str
    case_area: str


@dataclass(frozen=True, slots=True)
class Told:
    holders: tuple[Holder, ...]
    vacancies: tuple[Role, ...]


def roles_told(charge: Charge, colour: Colour) -> tuple[Role, ...]:
    if charge.kind not in DISPATCHING_CLOCKS:
        return _DEPARTMENT[colour]
    return _TOWNSHIP[colour] if charge.unit_kind == "township" else _CENTER[colour]


def told(charge: Charge, colour: Colour, roster: Roster) -> Told:
    """The people to tell, each once, and the roles that nobody holds."""
    found: dict[int, Holder] = {}
    vacancies: list[Role] = []
    for role in roles_told(charge, colour):
        people = in_charge(role, roster, department_id=charge.department_id, area_code=charge.case_area)
        vacancies.extend(people.vacancies)
        for holder in people.holders:
            found.setdefault(holder.user_id, holder)
    return Told(tuple(found.values()), tuple(vacancies))


def in_charge(role: Role, roster: Roster, *, department_id: int | None, area_code: str) -> Told:
    """The holders of one post; where it is vacant, the next superior whom the roster knows, and the vacancy."""
    direct = roster.holders(role, department_id=department_id, area_code=area_code)
    if direct:
        return Told(direct, ())
    for superior in _SUPERIORS[role]:
        if found := roster.holders(superior, department_id=department_id, area_code=area_code):
            return Told(found, (role,))
    return Told((), (role,))
