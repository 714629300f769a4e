"""Telling the people of a turn whom it concerns; where a post is vacant, the next superior (domain.md, "Roles")."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cases import telling
from cases.actions.held import Turn
from cases.duties import TOLD_IN_AREAS, Told, in_charge
from cases.models import Assignment
from cases.terms import PENDING_STATES
from grids.holders import Roster
from grids.labels import DepartmentKind
from grids.roles import DEPARTMENT_ROLES, Role
from grids.roster import roster_for


def tell_departments(turn: Turn, parts: Iterable[Assignment], kind: str, *, again: str = "") -> None:
    """One message for the handlers of each part. `again` tells the same kind of news of another round apart."""
    tell_each(turn, dict.fromkeys(parts, kind), again=again)


def tell_each(turn: Turn, news: Mapping[Assignment, str], *, again: str = "") -> None:
    """The handlers of each part hear what is news to them."""
    if not news:
        return
    roster = _roster(turn, [part.department_id for part in news])
    for part, kind in news.items():
        people = in_charge(
            Role.DEPARTMENT_HANDLER, roster, department_id=part.department_id, area_code=turn.case.area_code
        )
        _tell(turn, kind, people, key=f"{part.pk}{again}")


def tell_awaited(turn: Turn, kind: str, *, again: str) -> None:
    """The departments that the case still waits for."""
    tell_departments(turn, [part for part in turn.assignments if part.state in PENDING_STATES], kind, again=again)


def tell_post(turn: Turn, role: Role, kind: str, *, key: str, department_id: int | None = None) -> None:
    """The holders of one post of the case's area, or of that department."""
    tell_posts(turn, [role], kind, key=key, department_id=department_id)


def tell_posts(turn: Turn, roles: Collection[Role], kind: str, *, key: str, department_id: int | None = None) -> None:
    """Everybody who holds one of these posts, each once. Where nobody holds any of them, the next superior of the
    first, and the vacancy is noted."""
    roster = _roster(turn, [department_id] if department_id else [])
    place: dict[str, Any] = {"department_id": department_id, "area_code": turn.case.area_code}
    found = {holder.user_id: holder for role in roles for holder in roster.holders(role, **place)}
    people = Told(tuple(found.values()), ()) if found else in_charge(next(iter(roles)), roster, **place)
    _tell(turn, kind, people, key=key)


def tell_center(turn: Turn, kind: str, *, key: str) -> None:
    tell_post(turn, Role.CENTER_DISPATCHER, kind, key=key)


def tell_dispatcher(turn: Turn, kind: str, *, key: str) -> None:
    """Whoever dispatches the case: the township that docketed it, or the centre."""
    unit = turn.case.dispatch_unit
    township = unit is not None and unit.kind == DepartmentKind.TOWNSHIP
    tell_post(turn, Role.TOWNSHIP_DISPATCHER if township else Role.CENTER_DISPATCHER, kind, key=key)


def tell_unit(turn: Turn, department_id: int, kind: str, *, key: str) -> None:
    """The head of a unit with its deputy and handlers, whether it holds a part or not. For a head that is missing the
    next superior is told."""
    roster = _roster(turn, [department_id])
    place: dict[str, Any] = {"department_id": department_id, "area_code": turn.case.area_code}
    head = in_charge(Role.DEPARTMENT_HEAD, roster, **place)
    others = [holder for role in sorted(DEPARTMENT_ROLES) for holder in roster.holders(role, **place)]
    found = {holder.user_id: holder for holder in (*head.holders, *others)}
    _tell(turn, kind, Told(tuple(found.values()), head.vacancies), key=key)


def tell_collector(turn: Turn, kind: str, *, key: str) -> None:
    """Whoever took the matter in speaks for the service to the petitioner; for others, the centre does. The petitioners
    of cases that follow this one are answered as well."""
    if turn.case.created_by is not None:
        turn.drafts += telling.to_user(turn.case, kind, turn.case.created_by, key=key)
    elif turn.case.disclosure:  # a citizen brought it in by himself, or it was imported
        tell_center(turn, kind, key=key)
    if not turn.followed:
        return
    for follower in turn.case.merged.filter(created_by__isnull=False).select_related("created_by").order_by("pk"):
        if follower.created_by is not None:
            turn.drafts += telling.to_user(follower, kind, follower.created_by, key=f"{key}:{follower.pk}")


def _roster(turn: Turn, department_ids: Collection[int]) -> Roster:
    return roster_for(department_ids=department_ids, area_roles=TOLD_IN_AREAS, now=turn.now)


def _tell(turn: Turn, kind: str, people: Told, *, key: str) -> None:
    turn.drafts += telling.drafts(turn.case, kind, people.holders, key=key)
    if people.vacancies:
        turn.facts.setdefault("vacancies", []).extend(role.value for role in people.vacancies)
