"""For who acts: what waits for me, what I wait for, what is new since I last looked."""

from collections import Counter as Tally
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.http import HttpRequest

from cases import glance, labels
from cases.admin.desk.rows import Counter, Lister, behind, by_colour, newest, work_list, worst
from cases.admin.filters import TODO_SCOPE
from cases.calendar import ZONE
from cases.colours import Colour
from cases.models import Case
from cases.models.case import ANY_WORST_FIRST
from cases.selectors import todo
from cases.terms import Status
from grids.actors import Actor
from grids.admin.person import now_of
from grids.roles import Role

TODO_SHOWN: Final = 8
#: So many days back news are told at most, however long ago they were marked as seen.
LONGEST: Final = 7


class Todo:
    """What waits for one person, with its tally; nothing is asked before it is wanted."""

    def __init__(self, actor: Actor) -> None:
        self.cases = todo(actor)
        rows = self.cases.order_by().values_list("colour", "status").annotate(found=Count("pk"))
        self.tally: Tally[tuple[int, str]] = Tally()
        for colour, status, found in rows:
            self.tally[colour, status] += found

    def parts(self, shown: list[Case], lister: Lister) -> dict[str, Any]:
        return {
            "waiting": lister.rows(shown, order=worst),
            "waiting_colours": by_colour(self._of_colour, scope=TODO_SCOPE),
            "waiting_statuses": self._by_status(),
            "waiting_total": sum(self.tally.values()),
            "waiting_link": work_list(scope=TODO_SCOPE),
        }

    def _of_colour(self, colour: Colour) -> int:
        return sum(found for (of, _status), found in self.tally.items() if of == colour)

    def _by_status(self) -> list[Counter]:
        """The lanes of the loop that hold something for this person."""
        found = {status: sum(n for (_c, of), n in self.tally.items() if of == status) for status in Status}
        return [
            Counter(labels.STATUS[status], count, work_list(scope=TODO_SCOPE, status=status.value))
            for status, count in found.items()
            if count
        ]


def others_parts(count: int, shown: list[Case], lister: Lister) -> dict[str, Any]:
    return {"others": lister.rows(shown, order=worst), "others_total": count, "others_link": behind("others")}


def changed_parts(count: int, shown: list[Case], lister: Lister, since: datetime) -> dict[str, Any]:
    link = behind("changed", since=since.isoformat())
    return {"changed": lister.rows(shown, order=newest), "changed_total": count, "changed_link": link}


def seen_until(request: HttpRequest) -> datetime:
    """From when on something is new: the last mark, else the beginning of yesterday; a week at most."""
    marked: datetime | None = getattr(request.user, "desk_seen_at", None)
    now = now_of(request)
    return max(marked or _midnight(now, days=1), _midnight(now, days=LONGEST))


def _midnight(now: datetime, *, days: int) -> datetime:
    return datetime.combine(now.astimezone(ZONE).date() - timedelta(days=days), time(), tzinfo=ZONE)


def others_first(actor: Actor) -> QuerySet[Case]:
    """Worst first; of an intake officer, who waits for ever so many, by the due time that an index has."""
    cases = glance.others_of(actor)
    return soonest_first(cases) if Role.INTAKE_OFFICER in actor.roles else cases.order_by(*ANY_WORST_FIRST)


def soonest_first(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by("due_at", "id")
