"""What the desk counts, and the rows behind each count. Everything begins with what the reader sees, so that a figure
and the list that it opens are the same rows.

Where all cases of an area are meant, open ones are counted by their standings: narrow rows beside the wide ones of
cases (ADR 0017). Several counts, and the beginnings of several lists, are asked for in one statement each.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Left

from cases.access import kept_q, visible_to
from cases.colours import Colour
from cases.models import Alert, Assignment, Case, Clock, JournalEvent, Objection, Standing, SupervisionOrder
from cases.models.case import CaseQuerySet
from cases.terms import HOLDING_STATES, OPEN, PENDING_STATES, AssignmentState, Phase, Status
from cases.workflow import PHASES
from grids.actors import Actor
from grids.area_codes import LEVEL_DIGITS
from grids.roles import AREA_CASE_ROLES, CASELESS_ROLES, DEPARTMENT_ROLES, Role

_TOWNSHIP: Final = LEVEL_DIGITS["township"]
#: Nobody works through more; counting on would cost more than showing.
MOST_COUNTED: Final = 10_000
#: Of these posts only what their departments hold, or were ordered, is seen.
_BY_UNIT_ALONE: Final = DEPARTMENT_ROLES | CASELESS_ROLES
#: Of these posts only the area decides what is seen.
_BY_AREA_ALONE: Final = AREA_CASE_ROLES | CASELESS_ROLES

OPEN_STATUSES: Final[Mapping[Phase, tuple[Status, ...]]] = {
    phase: tuple(status for status, of in PHASES.items() if of is phase and status in OPEN) for phase in Phase
}


@dataclass(frozen=True, slots=True)
class Open:
    """Open cases by place (the beginning of the area's code), status and colour."""

    counts: Mapping[tuple[str, str, int], int]

    def total(
        self, *, places: Iterable[str] = ("",), statuses: Collection[str] = (), colour: Colour | None = None
    ) -> int:
        """Those inside one of the places, in one of the statuses, of that colour; without one of these, of any."""
        begins = tuple(places)
        return sum(
            count
            for (place, status, of), count in self.counts.items()
            if place.startswith(begins) and (not statuses or status in statuses) and colour in {None, of}
        )

    @property
    def places(self) -> list[str]:
        return sorted({place for place, _status, _colour in self.counts})


def open_cases(actor: Actor, *, digits: int = _TOWNSHIP) -> Open:
    """The open cases that this person sees, by the first `digits` of their area. One statement."""
    counted: QuerySet[Any, Any]
    if _seen_by_area(actor, digits):
        counted = _by_place(_standings(actor), "township", digits)
        if (kept := kept_q(actor)) is not None:
            counted = counted.union(_by_place(Case.objects.open().filter(kept), "area_code", digits), all=True)
    else:
        counted = _by_place(seen_by(actor).open(), "area_code", digits)
    found: Counter[tuple[str, str, int]] = Counter()
    for place, status, colour, count in counted:
        found[place, status, colour] += count
    return Open(found)


def seen_by(actor: Actor) -> CaseQuerySet:
    """`visible_to`, begun with what departments hold where nothing else is seen: nothing walks over all cases then."""
    cases = visible_to(actor)
    departments = sorted(actor.department_ids)
    if not departments or not actor.roles <= _BY_UNIT_ALONE:
        return cases
    held = Assignment.objects.filter(department__in=departments, state__in=sorted(HOLDING_STATES))
    ordered = SupervisionOrder.objects.filter(department__in=departments, signed_off_at=None)
    return cases.filter(pk__in=held.order_by().values("case").union(ordered.order_by().values("case")))


def _seen_by_area(actor: Actor, digits: int) -> bool:
    """Whether areas from the township up say what this person sees: what standings know."""
    prefixes = actor.area_prefixes
    return (
        bool(prefixes)
        and actor.roles <= _BY_AREA_ALONE
        and digits <= _TOWNSHIP
        and all(len(prefix) <= _TOWNSHIP for prefix in prefixes)
    )


def _standings(actor: Actor) -> QuerySet[Standing]:
    inside = Q(pk__in=[])
    for prefix in sorted(actor.area_prefixes):
        inside |= Q(township=prefix) if len(prefix) == _TOWNSHIP else Q(township__startswith=prefix)
    return Standing.objects.filter(inside, sealed=False)


def _by_place(rows: QuerySet[Any], code: str, digits: int) -> QuerySet[Any, Any]:
    placed: QuerySet[Any, Any] = rows.order_by().annotate(place=Left(code, digits))
    counted: QuerySet[Any, Any] = placed.values_list("place", "status", "colour")
    return counted.annotate(found=Count("pk"))  # type: ignore[no-any-return]  # the stubs know no annotated rows


def counts(**asked: QuerySet[Any]) -> dict[str, int]:
    """How many rows each of these holds, up to one more than `MOST_COUNTED`. One statement."""
    found, parts, given = dict.fromkeys(asked, 0), [], []
    for name, rows in asked.items():
        try:
            statement, parameters = rows.order_by().values("pk")[: MOST_COUNTED + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s, count(*) FROM ({statement}) counted")  # noqa: S608 — a statement of the ORM
        given += [name, *parameters]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), given)
            found |= dict(cursor.fetchall())
    return found


def first_of(**lists: tuple[QuerySet[Case], int]) -> dict[str, list[Case]]:
    """The first so many cases of each list, with area and lead, the kind of their last event and since when a part of
    them is disputed. Two statements; the caller sorts each list again.
    """
    first, *others = [
        rows.annotate(asked=Value(name)).values_list("asked", "pk")[:size] for name, (rows, size) in lists.items()
    ]
    keys: dict[str, set[int]] = defaultdict(set)
    for name, pk in first.union(*others, all=True):
        keys[name].add(pk)
    cases = _told(set().union(*keys.values()))
    return {name: [case for case in cases if case.pk in keys[name]] for name in lists}


def _told(keys: set[int]) -> list[Case]:
    if not keys:
        return []
    raised = Objection.objects.filter(case=OuterRef("pk"), decided_at=None).order_by("raised_at").values("raised_at")
    rows = Case.objects.filter(pk__in=keys).select_related("area__parent", "lead").defer("description", "address")
    return list(rows.annotate(last_kind=_of_last_event("kind"), disputed_at=Subquery(raised[:1])))


def _of_last_event(column: str) -> Subquery:
    last = JournalEvent.objects.filter(case=OuterRef("pk"), seq=OuterRef("event_seq"))
    return Subquery(last.order_by().values(column))


# The rows behind the counts


def open_of(actor: Actor, *, phase: Phase | None = None, colour: Colour | None = None, area: str = "") -> CaseQuerySet:
    cases = visible_to(actor).open()
    if phase is not None:
        cases = cases.filter(status__in=OPEN_STATUSES[phase])
    if colour is not None:
        cases = cases.filter(colour=colour)
    return cases.filter(area_code__startswith=area) if area else cases


def others_of(actor: Actor) -> CaseQuerySet:
    """Open cases in which this person, or the own unit, has done the own part and others have the next move.

    A unit's part is finished or disputed; what a grid worker or an intake officer took in is on its way.
    """
    waiting = Q(pk__in=[])
    for post in actor.posts:
        if post.role is Role.DEPARTMENT_HANDLER:
            done = Assignment.objects.filter(
                case=OuterRef("pk"),
                department=post.department_id,
                state__in=[AssignmentState.DISPUTED, AssignmentState.FINISHED],
            )
            waiting |= Q(Exists(done))
        elif post.role is Role.GRID_WORKER:
            waiting |= Q(created_by=actor.user_id) & ~Q(status=Status.ANSWERED)
        elif post.role is Role.INTAKE_OFFICER:
            waiting |= Q(created_by=actor.user_id)
    return visible_to(actor).open().filter(waiting)


def changed_for(actor: Actor, since: datetime) -> CaseQuerySet:
    """What others did since then on cases near this person: in the own units, of the own grid.

    Open ones, and those that ended since then. Rows are found by these and only then asked whether they are visible.
    """
    near = Q(pk__in=[])
    for post in actor.posts:
        if post.role is Role.GRID_WORKER and post.area_code:
            near |= Q(area_code__startswith=post.area_code)
    if departments := actor.department_ids:
        held = Assignment.objects.filter(department__in=sorted(departments), state__in=sorted(HOLDING_STATES))
        near |= Q(pk__in=held.values("case"))
    there = Q(closed_at=None) | Q(closed_at__gt=since)
    changed = visible_to(actor).filter(near, there, updated_at__gt=since).annotate(last_actor=_of_last_event("actor"))
    return changed.filter(Q(last_actor=None) | ~Q(last_actor=actor.user_id))


def received_between(actor: Actor, since: datetime, until: datetime) -> CaseQuerySet:
    return visible_to(actor).unsealed().filter(received_at__gte=since, received_at__lt=until)


def closed_between(actor: Actor, since: datetime, until: datetime) -> CaseQuerySet:
    ended = visible_to(actor).unsealed().filter(status=Status.CLOSED)
    return ended.filter(closed_at__gte=since, closed_at__lt=until)


def reds_since(actor: Actor, since: datetime) -> QuerySet[Alert]:
    """Red alerts since then that stand, by their true moments, on open cases in the areas of this person."""
    reds = Alert.objects.filter(colour=Colour.RED, annulled_at=None, moment__gt=since)
    return reds.filter(case__in=_standings(actor).values("pk"))


def parts_of(actor: Actor) -> QuerySet[Assignment]:
    """The parts of open cases that departments have in hand, in the areas of this person."""
    return Assignment.objects.filter(state__in=sorted(PENDING_STATES), case__in=_standings(actor).values("pk"))


def red_clocks(actor: Actor) -> QuerySet[Clock]:
    """Running clocks that are red, charged to some unit, in the areas of this person."""
    red = Clock.objects.running().filter(colour=Colour.RED, charged__isnull=False)
    return red.filter(case__in=_standings(actor).filter(colour=Colour.RED).values("pk"))


@dataclass(frozen=True, slots=True)
class Load:
    """What a department has in hand, and how many of its clocks are red at this moment."""

    parts: int
    reds: int


def loads(actor: Actor) -> dict[int, Load]:
    """By the department's id; one statement."""
    parts = _by_unit("parts", parts_of(actor).annotate(unit=F("department")))
    reds = _by_unit("reds", red_clocks(actor).annotate(unit=F("charged")))
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for name, unit, count in parts.union(reds, all=True):
        found[unit][name] = count
    return {unit: Load(counted["parts"], counted["reds"]) for unit, counted in found.items()}


def _by_unit(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = rows.order_by().annotate(asked=Value(name)).values_list("asked", "unit")
    return counted.annotate(found=Count("pk"))  # type: ignore[no-any-return]  # the stubs know no annotated rows
