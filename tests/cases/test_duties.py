"""Who is told of which colour, and who instead when nobody holds the post (domain.md, "Colours")."""

import pytest

from cases.colours import Colour
from cases.duties import DISPATCHING_CLOCKS, Charge, roles_told, told
from cases.terms import UNCOLOURED_CLOCKS, ClockKind
from grids.holders import Holder, Roster
from grids.roles import DEPARTMENT_ROLES, Role

WATER, POLICE = 1, 2
TOWNSHIP, COUNTY, GRID = "350924100", "350924", "35092410000101"
PLACES: dict[Role, str | int] = {
    Role.DEPARTMENT_HANDLER: WATER,
    Role.DEPARTMENT_DEPUTY: WATER,
    Role.DEPARTMENT_HEAD: WATER,
    Role.TOWNSHIP_DISPATCHER: TOWNSHIP,
    Role.TOWNSHIP_LEADER: TOWNSHIP,
    Role.CENTER_DISPATCHER: COUNTY,
    Role.INSPECTOR: COUNTY,
}
USER = {role: number for number, role in enumerate(PLACES, start=1)}


def roster(*, without: frozenset[Role] = frozenset()) -> Roster:
    return Roster(Holder(USER[role], role, place, "en") for role, place in PLACES.items() if role not in without)


def people(charge: Charge, colour: Colour, *, without: frozenset[Role] = frozenset()) -> set[Role]:
    ids = [holder.user_id for holder in told(charge, colour, roster(without=without)).holders]
    assert len(ids) == len(set(ids)), "nobody is told twice"
    return {role for role, number in USER.items() if number in ids}


OF_WATER = Charge(ClockKind.HANDLE, WATER, "county", GRID)
OF_TOWNSHIP = Charge(ClockKind.DISPATCH, 9, "township", GRID)
OF_CENTER = Charge(ClockKind.RESOLVE, 8, "center", GRID)

DEPARTMENT = {
    Colour.BLUE: {Role.DEPARTMENT_HANDLER},
    Colour.YELLOW: {Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.TOWNSHIP_DISPATCHER},
    Colour.RED: {
        Role.DEPARTMENT_HANDLER,
        Role.DEPARTMENT_DEPUTY,
        Role.TOWNSHIP_DISPATCHER,
        Role.DEPARTMENT_HEAD,
        Role.INSPECTOR,
    },
}


@pytest.mark.parametrize("colour", list(DEPARTMENT))
def test_a_department_is_told_by_the_table_of_domain_md(colour: Colour) -> None:
    assert people(OF_WATER, colour) == DEPARTMENT[colour]
    assert told(OF_WATER, colour, roster()).vacancies == ()


@pytest.mark.parametrize(
    ("charge", "colour", "expected"),
    [
        (OF_TOWNSHIP, Colour.BLUE, {Role.TOWNSHIP_DISPATCHER}),
        (OF_TOWNSHIP, Colour.YELLOW, {Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER}),
        (OF_TOWNSHIP, Colour.RED, {Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER, Role.INSPECTOR}),
        (OF_CENTER, Colour.BLUE, {Role.CENTER_DISPATCHER}),
        (OF_CENTER, Colour.YELLOW, {Role.CENTER_DISPATCHER}),
        (OF_CENTER, Colour.RED, {Role.CENTER_DISPATCHER, Role.INSPECTOR}),
    ],
)
def test_the_clocks_of_dispatching_go_to_the_dispatching_unit(
    charge: Charge, colour: Colour, expected: set[Role]
) -> None:
    assert people(charge, colour) == expected


@pytest.mark.parametrize("kind", sorted(set(ClockKind) - UNCOLOURED_CLOCKS))
def test_each_higher_colour_is_told_to_everybody_of_the_lower_one(kind: ClockKind) -> None:
    for unit_kind in ("county", "township", "center", "station", ""):
        charge = Charge(kind, WATER, unit_kind, GRID)
        blue, yellow, red = (set(roles_told(charge, colour)) for colour in (Colour.BLUE, Colour.YELLOW, Colour.RED))
        assert blue <= yellow <= red
        assert Role.INSPECTOR in red


def test_another_department_is_never_told() -> None:
    assert people(Charge(ClockKind.HANDLE, POLICE, "county", GRID), Colour.BLUE) == {Role.CENTER_DISPATCHER}


def test_a_neighbouring_township_is_never_told() -> None:
    neighbour = Charge(ClockKind.DISPATCH, 7, "township", "350924101001")
    assert people(neighbour, Colour.YELLOW) == {Role.CENTER_DISPATCHER}


@pytest.mark.parametrize(
    ("vacant", "instead"),
    [
        ({Role.DEPARTMENT_HANDLER}, Role.DEPARTMENT_DEPUTY),
        ({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY}, Role.DEPARTMENT_HEAD),
        ({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD}, Role.CENTER_DISPATCHER),
    ],
)
def test_a_vacancy_climbs_to_the_next_superior(vacant: set[Role], instead: Role) -> None:
    assert people(OF_WATER, Colour.BLUE, without=frozenset(vacant)) == {instead}
    assert told(OF_WATER, Colour.BLUE, roster(without=frozenset(vacant))).vacancies == (Role.DEPARTMENT_HANDLER,)


def test_vacancies_name_every_empty_post_and_nobody_is_told_twice_for_them() -> None:
    empty = frozenset({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY})
    found = told(OF_WATER, Colour.RED, roster(without=empty))
    assert found.vacancies == (Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY)
    assert people(OF_WATER, Colour.RED, without=empty) == {
        Role.DEPARTMENT_HEAD,
        Role.TOWNSHIP_DISPATCHER,
        Role.INSPECTOR,
    }


def test_with_every_post_empty_nobody_is_told_and_every_vacancy_shows() -> None:
    found = told(OF_WATER, Colour.RED, Roster([]))
    assert found.holders == ()
    assert set(found.vacancies) == DEPARTMENT[Colour.RED]


def test_every_coloured_clock_belongs_to_one_side() -> None:
    """A new kind of clock must be given an owner before it can colour anybody."""
    departments = {ClockKind.REPORT_IN, ClockKind.HANDLE, ClockKind.SUPERVISION}
    assert set(ClockKind) == DISPATCHING_CLOCKS | departments | UNCOLOURED_CLOCKS
    assert set(roles_told(OF_WATER, Colour.RED)) >= DEPARTMENT_ROLES
