"""The desk: what must I do now, what is about to go wrong, who is holding it (desk.md)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import labels
from cases.access import visible_to
from cases.admin import wording
from cases.admin.filters import OPEN_SCOPE, TODO_SCOPE
from cases.admin.places import place_words, township_code, township_names
from cases.colours import Colour
from cases.models import Case
from cases.selectors import todo
from cases.terms import KEEPERS, Status
from grids.actors import Actor
from grids.admin.person import actor_of, now_of, roles_of
from grids.roles import AREA_CASE_ROLES, CASELESS_ROLES, Role
from notifications.inbox import messages_of

SHOWN, MESSAGES = 12, 8
#: They act on cases; the others watch over them.
_ACTING = frozenset(
    {Role.GRID_WORKER, Role.TOWNSHIP_DISPATCHER, Role.CENTER_DISPATCHER, Role.DEPARTMENT_HANDLER, Role.INTAKE_OFFICER}
)
#: They decide, answer or keep now and then: what waits for them is shown where anything does.
_DECIDING = KEEPERS | {Role.TOWNSHIP_LEADER, Role.DEPARTMENT_HEAD}
_WATCHING = (AREA_CASE_ROLES - {Role.GRID_WORKER}) | {
    Role.DEPARTMENT_DEPUTY,
    Role.DEPARTMENT_HEAD,
    Role.PETITION_OFFICER,
}


@dataclass(frozen=True, slots=True)
class Counter:
    """One figure; pressing it opens the list that it counts."""

    label: Any
    count: int
    link: str
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a list on the desk, with its due time in words."""

    case: Case
    place: str
    due: wording.Due | None


def fill_desk(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's callback for the start page."""
    roles, actor = roles_of(request), actor_of(request)
    parts: dict[str, Any] = {"messages_newest": messages_of(actor.user_id or 0)[:MESSAGES], "now": now_of(request)}
    if roles & (_ACTING | _DECIDING):
        parts |= _todo_parts(request, actor, always=bool(roles & _ACTING))
    if roles & _WATCHING:
        parts |= _watched_parts(request, actor, listed=not roles & _ACTING)
    if not roles - CASELESS_ROLES:
        parts["no_cases"] = True
    return {**context, **parts, "title": _("Desk")}


def _todo_parts(request: HttpRequest, actor: Actor, *, always: bool) -> dict[str, Any]:
    waiting = todo(actor)
    tally = _tally(waiting)
    if not tally and not always:
        return {}
    return {
        "waiting": _rows(request, waiting),
        "waiting_colours": _by_colour(tally, TODO_SCOPE),
        "waiting_statuses": _by_status(tally),
        "waiting_total": sum(tally.values()),
        "waiting_link": _list(scope=TODO_SCOPE),
    }


def _watched_parts(request: HttpRequest, actor: Actor, *, listed: bool) -> dict[str, Any]:
    """How the cases in somebody's charge stand; the worst of them by name for those who have no list of their own."""
    cases = visible_to(actor).open()
    parts: dict[str, Any] = {"watched": colour_counters(cases, OPEN_SCOPE)}
    if listed:
        parts["worst"] = _rows(request, cases.filter(standing__colour__gt=Colour.NONE).worst_first())
    return parts


def _rows(request: HttpRequest, cases: QuerySet[Case]) -> list[Row]:
    dueness = partial(wording.due, now=now_of(request), calendar=wording.live_calendar())
    shown = list(cases.select_related("area__parent", "lead").defer("description", "address")[:SHOWN])
    names = township_names(case.area_code for case in shown)
    return [
        Row(
            case,
            place_words(case, names.get(township_code(case.area_code), "")),
            dueness(case.due_at) if case.due_at else None,
        )
        for case in shown
    ]


def colour_counters(cases: QuerySet[Case], scope: str) -> list[Counter]:
    rows = cases.order_by().values("colour").annotate(found=Count("pk")).values_list("colour", "found")
    return _by_colour({(colour, ""): found for colour, found in rows}, scope)


def _tally(cases: QuerySet[Case]) -> dict[tuple[int, str], int]:
    """Cases by colour and status in one query."""
    rows = cases.order_by().values("colour", "status").annotate(found=Count("pk"))
    return {(row["colour"], row["status"]): row["found"] for row in rows}


def _by_colour(tally: dict[tuple[int, str], int], scope: str) -> list[Counter]:
    return [
        Counter(
            label=labels.COLOUR[colour],
            count=sum(found for (of, _status), found in tally.items() if of == colour),
            link=_list(scope=scope, colour=colour.code),
            colour=int(colour),
        )
        for colour in sorted(Colour, reverse=True)
    ]


def _by_status(tally: dict[tuple[int, str], int]) -> list[Counter]:
    """The lanes of the loop that hold something for this person."""
    found = {status: sum(n for (_c, of), n in tally.items() if of == status) for status in Status}
    return [
        Counter(labels.STATUS[status], count, _list(scope=TODO_SCOPE, status=status.value))
        for status, count in found.items()
        if count
    ]


def _list(**parameters: str) -> str:
    return f"{reverse('admin:cases_case_changelist')}?{urlencode(parameters)}"
