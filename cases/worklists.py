"""工作清单: the lists that officers keep asking for, each as a narrowing of what one sees, and how many wait in each.

A list never widens: it begins with `visible_to`, and `todo` does too.
"""

from collections import Counter
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import CharField, Exists, OuterRef, Q, Value

from cases.access import visible_to
from cases.colours import Colour
from cases.models import Assignment
from cases.models.case import CaseQuerySet
from cases.selectors import todo, todo_is_open
from cases.terms import AssignmentState, Status
from grids.actors import ZONE, Actor

#: Counted up to here; a reader is told "99+" of more, and no count costs more than reading so many rows.
MOST_COUNTED: Final = 99


class Worklist(StrEnum):
    OPEN = "open"
    TODO = "todo"
    UNASSIGNED = "unassigned"
    TODAY = "today"
    RED = "red"
    RETURNED = "returned"
    RATING = "rating"
    MINE = "mine"
    ALL = "all"


_WITH_ENDED: Final = frozenset({Worklist.MINE, Worklist.ALL})
#: Lists whose length says something; of open cases there are always many.
COUNTED: Final = (
    Worklist.TODO,
    Worklist.UNASSIGNED,
    Worklist.TODAY,
    Worklist.RED,
    Worklist.RETURNED,
    Worklist.RATING,
)


def is_open_only(which: Worklist, actor: Actor) -> bool:
    """Whether no case that has ended can stand in this list. Orders are answered for also when their case has ended."""
    return todo_is_open(actor) if which is Worklist.TODO else which not in _WITH_ENDED


def narrowed(cases: CaseQuerySet, which: Worklist, *, actor: Actor, now: datetime) -> CaseQuerySet:
    """Those of `cases` that stand in this list."""
    if is_open_only(which, actor):
        cases = cases.filter(closed_at=None)
    if which is Worklist.TODO:
        return cases.filter(pk__in=todo(actor).order_by().values("pk"))
    if which is Worklist.MINE:
        return cases.filter(handled_by(actor))
    if which is Worklist.TODAY:
        return cases.filter(due_on(now))
    return cases.filter(_CONDITIONS[which]) if which in _CONDITIONS else cases


#: 待派单: docketed, no lead called yet; a sealed case is never dispatched. 退单: a department objects to its part.
_CONDITIONS: Final = {
    Worklist.UNASSIGNED: Q(status=Status.DOCKETED, sealed=False),
    Worklist.RED: Q(standing__colour=Colour.RED),
    Worklist.RETURNED: Q(Exists(Assignment.objects.filter(case=OuterRef("pk"), state=AssignmentState.DISPUTED))),
    Worklist.RATING: Q(status=Status.RATING),
}


def handled_by(actor: Actor) -> Q:
    """Cases that this person took in, or did something on."""
    answered = Assignment.objects.filter(reported_in_by=actor.user_id).values("case_id")
    return Q(created_by=actor.user_id) | Q(pk__in=answered)


def due_on(now: datetime, *, days: int = 0) -> Q:
    """Due on that day of the county, so many days after the one of `now`."""
    begins = day_begins(now, days=days)
    return Q(due_at__gte=begins, due_at__lt=begins + timedelta(days=1))


def day_begins(now: datetime, *, days: int = 0) -> datetime:
    """Midnight of the county's day, so many days after the one of `now`."""
    return datetime.combine(now.astimezone(ZONE).date() + timedelta(days=days), time.min, tzinfo=ZONE)


def counts(actor: Actor, *, now: datetime) -> dict[Worklist, int]:
    """How many wait in each counted list, up to `MOST_COUNTED` and one more. One statement."""
    parts = [
        narrowed(visible_to(actor), which, actor=actor, now=now)
        .order_by()
        .annotate(worklist=Value(which.value, output_field=CharField()))
        .values_list("worklist", flat=True)[: MOST_COUNTED + 1]
        for which in COUNTED
    ]
    found = Counter(parts[0].union(*parts[1:], all=True))
    return {which: found[which.value] for which in COUNTED}
