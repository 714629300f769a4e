"""The columns of the work list: what each shows of a case, and which of them somebody has chosen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cases.admin import wording
from cases.admin.places import place_words, township_code
from cases.admin.timeline import event_words
from cases.calendar import WorkCalendar
from cases.categories import CATEGORIES
from cases.models import Case, ListColumns
from grids.book import AREAS, DEPARTMENTS


@dataclass(frozen=True, slots=True)
class Seen:
    """What all rows of one page are read with: its moment and calendar."""

    now: datetime
    calendar: WorkCalendar | None


Cell = Callable[[Case, Seen], SafeString | str]


@dataclass(frozen=True, slots=True)
class Column:
    """`orders`: the orders of the list between which its head turns, the first one first."""

    name: str
    label: Any
    cell: Cell
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One case with its cells beside their columns."""

    case: Case
    cells: list[tuple[Column, SafeString | str]]


def lines(cases: Iterable[Case], columns: list[Column], *, seen: Seen) -> list[Line]:
    return [Line(case, [(column, column.cell(case, seen)) for column in columns]) for case in cases]


def chosen_columns(user_id: int | None) -> list[Column]:
    """Those of this person, in the order of the page. One query."""
    names = ListColumns.objects.filter(user=user_id).values_list("names", flat=True).first()
    return columns_named(USUAL if names is None else names)


def columns_named(names: Iterable[str]) -> list[Column]:
    """Number and title always: without them no row can be told from another."""
    wanted = ALWAYS.union(names)
    return [column for column in COLUMNS if column.name in wanted]


def _colour(case: Case, _seen: Seen) -> SafeString:
    return wording.chip(case.colour)


def _number(case: Case, _seen: Seen) -> SafeString:
    address = reverse("admin:cases_case_change", args=[case.number])
    return format_html('<a class="w-number" href="{}">{}</a>', address, case.number)


def _headline(case: Case, _seen: Seen) -> SafeString:
    address = reverse("admin:cases_case_change", args=[case.number])
    sealed = format_html('<span class="w-tag">{}</span> ', _("Sealed")) if case.sealed else ""
    return format_html('<a class="w-title" href="{}" title="{}">{}{}</a>', address, case.title, sealed, case.title)


def _place(case: Case, _seen: Seen) -> SafeString:
    case.area = AREAS.of(case.area_id)
    township = AREAS.known(township_code(case.area_code))
    words = place_words(case, township.name if township else "")
    return format_html('<span title="{}">{}</span>', case.area.name, words)


def _lead(case: Case, _seen: Seen) -> str:
    lead = DEPARTMENTS.maybe(case.lead_id)
    return lead.short_name if lead else "—"


def _state(case: Case, _seen: Seen) -> str:
    return case.get_status_display()


def _due(case: Case, seen: Seen) -> SafeString | str:
    if case.due_at is None:
        return "—"
    due = wording.due(case.due_at, now=seen.now, calendar=seen.calendar)
    return format_html('<span class="{}" title="{}">{}</span>', "w-late" if due.late else "", due.at, due.words)


def _last_event(case: Case, seen: Seen) -> SafeString:
    kind = event_words(case.last_kind or "")  # type: ignore[attr-defined]
    at, day = wording.moment(case.updated_at, now=seen.now), wording.day(case.updated_at, now=seen.now)
    return format_html('<span class="w-quiet" title="{}">{} {}</span>', at, kind, day)


def _type(case: Case, _seen: Seen) -> str:
    return case.get_type_display()


def _category(case: Case, _seen: Seen) -> str:
    found = CATEGORIES.maybe(case.category_id)
    return found.name if found else "—"


def _urgency(case: Case, _seen: Seen) -> str:
    return case.get_urgency_display()


def _source(case: Case, _seen: Seen) -> str:
    return case.get_source_display()


def _received(case: Case, seen: Seen) -> SafeString:
    at, day = wording.moment(case.received_at, now=seen.now), wording.day(case.received_at, now=seen.now)
    return format_html('<span title="{}">{}</span>', at, day)


def _round(case: Case, _seen: Seen) -> str:
    return str(case.round)


COLUMNS: Final = (
    Column("colour_chip", _("colour"), _colour, orders=("",)),
    Column("code", _("number"), _number),
    Column("headline", _("title"), _headline),
    Column("type", _("type"), _type),
    Column("category", _("category"), _category),
    Column("urgency", _("urgency"), _urgency),
    Column("place", _("area"), _place),
    Column("lead_name", _("lead"), _lead),
    Column("state", _("status"), _state),
    Column("due_words", _("due"), _due, orders=("due",)),
    Column("round", _("round"), _round),
    Column("source", _("source"), _source),
    Column("received", _("received at"), _received, orders=("-received", "received")),
    Column("last_event", _("last event"), _last_event),
)
ALWAYS: Final = frozenset({"code", "headline"})
#: desk.md, "Looks".
USUAL: Final = ("colour_chip", "code", "headline", "place", "lead_name", "state", "due_words", "last_event")
