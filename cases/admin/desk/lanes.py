"""For dispatchers: 待立项, 待派单 and 退单待裁定, each with age and limit; how much departments have in hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases import glance, labels
from cases.admin.desk.formulas import COUNTS, Formula
from cases.admin.desk.rows import Counter, Lister, Row, behind, soonest, work_list
from cases.admin.desk.todo import soonest_first
from cases.admin.filters import TODO_SCOPE
from cases.colours import Colour
from cases.glance import Open
from cases.models import Case
from cases.selectors import asked_of, disputed_for
from cases.terms import Status
from cases.workflow.rule import DISPATCHERS
from grids.actors import Actor
from grids.book import DEPARTMENTS
from grids.roles import Role

LANE_SHOWN: Final = 5
LOADS_SHOWN: Final = 12
#: The lanes, each with its words where it is empty.
_LANES: Final[Mapping[str, Any]] = {
    "collected": _("Nothing waits to be docketed."),
    "docketed": _("Nothing waits to be dispatched."),
    "disputed": _("No objection waits for a decision."),
}
#: From when on a case has waited in its lane.
_SINCE: Final[Mapping[str, Callable[[Case], datetime | None]]] = {
    "collected": lambda case: case.received_at,
    "docketed": lambda case: case.docketed_at,
    "disputed": lambda case: getattr(case, "disputed_at", None),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """`reds`: how many are past their limit."""

    formula: Formula
    empty: Any
    count: int
    reds: int
    red_link: str
    link: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Unit:
    """How much a department has in hand of what this person sees, and what of it is red; each opens its rows."""

    name: str
    parts: Counter
    reds: Counter


def lane_lists(actor: Actor) -> dict[str, QuerySet[Case]]:
    """The three lanes by name, soonest due first."""
    inside = Q(pk__in=[])
    for place in dispatching_places(actor):
        inside |= Q(area_code__startswith=place)
    todo = glance.open_of(actor).filter(inside)
    return {
        "collected": soonest_first(todo.filter(status=Status.COLLECTED)),
        "docketed": soonest_first(todo.filter(status=Status.DOCKETED)),
        "disputed": soonest_first(disputed_for(actor)),
    }


def lane_counts(actor: Actor) -> dict[str, QuerySet[Any]]:
    """What is not told by the colours of open cases."""
    return {"disputed": disputed_for(actor), "asked": asked_of(actor)}


def lanes(
    actor: Actor, tally: Open, counted: Mapping[str, int], shown: Mapping[str, list[Case]], lister: Lister
) -> dict[str, Any]:
    places = dispatching_places(actor)
    found = []
    for name, empty in _LANES.items():
        formula = COUNTS[name]
        rows = lister.rows(shown[name], order=soonest, since=_SINCE[name])
        if name == "disputed":
            found.append(Lane(formula, empty, counted[name], 0, "", behind("disputed"), rows))
            continue
        reds = tally.total(places=places, statuses=(name,), colour=Colour.RED)
        link = work_list(scope=TODO_SCOPE, status=name)
        red_link = work_list(scope=TODO_SCOPE, status=name, colour=Colour.RED.code)
        found.append(Lane(formula, empty, tally.total(places=places, statuses=(name,)), reds, red_link, link, rows))
    return {"lanes": found, "lanes_beside": _beside(actor, tally, counted)}


def _beside(actor: Actor, tally: Open, counted: Mapping[str, int]) -> list[Counter]:
    """What else waits for a dispatcher: verifying, calling back, extensions."""
    statuses = [Status.ANSWERED, Status.RATING] if Role.CENTER_DISPATCHER in actor.roles else [Status.ANSWERED]
    places = dispatching_places(actor)
    waiting = [
        Counter(
            labels.STATUS[s], tally.total(places=places, statuses=(s,)), work_list(scope=TODO_SCOPE, status=s.value)
        )
        for s in statuses
    ]
    return [*waiting, Counter(COUNTS["asked"].title, counted["asked"], behind("asked"))]


def dispatching_places(actor: Actor) -> list[str]:
    return sorted(post.area_code for post in actor.posts if post.role in DISPATCHERS and post.area_code)


def loads_parts(loads: Mapping[int, glance.Load], *, shown: int = LOADS_SHOWN) -> dict[str, Any]:
    """Those with the most red first, then those with the most in hand."""
    worst = sorted(loads.items(), key=lambda item: (-item[1].reds, -item[1].parts, item[0]))[:shown]
    return {"loads": [_unit(pk, load) for pk, load in worst], "loads_more": max(len(loads) - shown, 0)}


def _unit(pk: int, load: glance.Load) -> Unit:
    unit = DEPARTMENTS.of(pk)
    return Unit(
        unit.short_name,
        Counter(COUNTS["load"].title, load.parts, behind("load", unit=unit.code)),
        Counter(COUNTS["red"].title, load.reds, behind("red", unit=unit.code), int(Colour.RED)),
    )
