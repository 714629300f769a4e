"""Cases as rows of the desk, and figures that open the list which they count."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from cases import labels
from cases.admin import wording
from cases.admin.places import place_words, township_code
from cases.admin.timeline import event_words
from cases.admin.waiting import age_words
from cases.calendar import WorkCalendar
from cases.colours import Colour
from cases.glance import MOST_COUNTED
from cases.models import Case
from grids.book import AREAS


@dataclass(frozen=True, slots=True)
class Counter:
    """One figure; pressing it opens the list that it counts."""

    label: Any
    count: int
    link: str
    colour: int = 0


def in_figures(count: int) -> str:
    """Beyond what is counted: 10000+."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a list on the desk: its due time in words, how long it has waited, what happened last."""

    case: Case
    place: str
    due: wording.Due | None
    age: str
    last: str
    at: str


@dataclass(frozen=True, slots=True)
class Lister:
    """Makes rows as of one moment."""

    now: datetime
    calendar: WorkCalendar | None

    def rows(
        self,
        cases: Iterable[Case],
        *,
        order: Callable[[Case], Any],
        since: Callable[[Case], datetime | None] = lambda _case: None,
    ) -> list[Row]:
        """In that order; `since` tells from when a case's age is counted."""
        return [self._row(case, since(case)) for case in sorted(cases, key=order)]

    def _row(self, case: Case, since: datetime | None) -> Row:
        dueness = partial(wording.due, now=self.now, calendar=self.calendar)
        township = AREAS.known(township_code(case.area_code))
        return Row(
            case=case,
            place=place_words(case, township.name if township else ""),
            due=dueness(case.due_at) if case.due_at else None,
            age=age_words(since, self.now, self.calendar) if since else "",
            last=str(event_words(getattr(case, "last_kind", "") or "")),
            at=wording.moment(case.updated_at, now=self.now),
        )


def worst(case: Case) -> tuple[int, bool, float, int]:
    """By colour, then by due time; what has none comes last."""
    return -case.colour, case.due_at is None, case.due_at.timestamp() if case.due_at else 0.0, case.pk


def soonest(case: Case) -> tuple[bool, float, int]:
    return case.due_at is None, case.due_at.timestamp() if case.due_at else 0.0, case.pk


def newest(case: Case) -> tuple[float, int]:
    return -case.updated_at.timestamp(), -case.pk


def work_list(**parameters: str) -> str:
    """The list of cases with these filters."""
    return f"{reverse('admin:cases_case_changelist')}?{urlencode(parameters)}"


def behind(kind: str, **parameters: str) -> str:
    """The rows behind a figure that no filter of the list can tell apart."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{reverse('admin:behind', args=[kind])}?{query}"


def by_colour(found: Callable[[Colour], int], **parameters: str) -> list[Counter]:
    """Red first; each leads to the list with that filter."""
    return [
        Counter(labels.COLOUR[colour], found(colour), work_list(**parameters, colour=colour.code), int(colour))
        for colour in sorted(Colour, reverse=True)
    ]
