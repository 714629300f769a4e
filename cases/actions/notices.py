"""Telling the people of a turn whom it concerns; where a post is vacant, the next superior (domain.md, "Roles")."""

from collections.abc import Iterable

from cases import telling
from cases.actions.held import Turn
from cases.duties import Told, in_charge
from cases.models import Assignment
from cases.terms import PENDING_STATES
from grids.roles import Role
from grids.roster import roster_for


def tell_departments(turn: Turn, parts: Iterable[Assignment], kind: str, *, again: str = "") -> None:
    """One message for the handlers of each part. `again` tells the same kind of news of another round apart."""
    called = list(parts)
    departments = [part.department_id for part in called]
    roster = roster_for(department_ids=departments, area_roles=[Role.CENTER_DISPATCHER, Role.INSPECTOR], now=turn.now)
    for part in called:
        people = in_charge(
            Role.DEPARTMENT_HANDLER, roster, department_id=part.department_id, area_code=turn.case.area_code
        )
        _tell(turn, kind, people, key=f"{part.pk}{again}")


def tell_awaited(turn: Turn, kind: str, *, again: str) -> None:
    """The departments that the case still waits for."""
    tell_departments(turn, [part for part in turn.assignments if part.state in PENDING_STATES], kind, again=again)


def tell_center(turn: Turn, kind: str, *, key: str) -> None:
    roster = roster_for(department_ids=[], area_roles=[Role.CENTER_DISPATCHER, Role.INSPECTOR], now=turn.now)
    people = in_charge(Role.CENTER_DISPATCHER, roster, department_id=None, area_code=turn.case.area_code)
    _tell(turn, kind, people, key=key)


def _tell(turn: Turn, kind: str, people: Told, *, key: str) -> None:
    turn.drafts += telling.drafts(turn.case, kind, people.holders, key=key)
    if people.vacancies:
        turn.facts.setdefault("vacancies", []).extend(role.value for role in people.vacancies)
