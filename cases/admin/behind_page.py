"""数字背后: the rows that one figure of the desk counts, where no filter of the case list tells them apart.

Each kind takes the same rows that were counted, so that a figure and its list have the same number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import glance, labels, phrases, statistics
from cases.access import visible_to
from cases.admin import wording
from cases.admin.board import reddened, warned_clocks
from cases.admin.desk.formulas import COUNTS, LEFT_OUT, SHARES
from cases.admin.desk.rows import Lister, Row
from cases.admin.desk.watch import AREA_WATCHERS, digits_of
from cases.admin.pages import LAST_PAGE, moment_in, open_to, page_number, render
from cases.calendar import ZONE
from cases.colours import Colour
from cases.models import Case
from cases.models.case import ANY_WORST_FIRST
from cases.scores import Period
from cases.selectors import asked_of, disputed_for
from cases.statistics import Scope
from cases.terms import Phase
from grids.actors import Actor
from grids.admin.person import actor_of, now_of
from grids.book import AREAS, DEPARTMENTS
from grids.models import Department
from grids.roles import CASELESS_ROLES, Role

ROWS_SHOWN: Final = 40
_READERS: Final = frozenset(Role) - CASELESS_ROLES
_WARNING: Final = (Colour.YELLOW.code, Colour.RED.code)
#: What addresses may say beside the kind: codes, days and moments.
PARAMETERS: Final = ("name", "part", "period", "phase", "colour", "place", "unit", "day", "since", "until")
_PARTS: Final = {"hit": True, "missed": False, "": None}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for which rows, and the page of them: `size` of them from `start` on.

    `to_take_out`: without sealed cases, and those that this person sees alone, as in every file.
    """

    actor: Actor
    now: datetime
    query: Mapping[str, str]
    start: int = 0
    size: int = ROWS_SHOWN
    to_take_out: bool = False

    def get(self, name: str) -> str:
        return self.query.get(name, "")


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows there are, a page of them as (case, moment), and what they are called beside their formula."""

    total: int
    rows: Sequence[tuple[int, datetime | None]]
    title: Any
    formula: list[Any]
    narrowed: list[Any]


@require_safe
@open_to(_READERS)
def behind(request: HttpRequest, kind: str) -> HttpResponse:
    number = page_number(request.GET.get("page", ""))
    asked = Asked(actor_of(request), now_of(request), request.GET.dict(), (number - 1) * ROWS_SHOWN)
    found = found_for(kind, asked)
    more = found.total > number * ROWS_SHOWN and number < LAST_PAGE
    query = urlencode({name: value for name, value in asked.query.items() if name != "page"})
    context = {
        "title": found.title,
        "found": found,
        "lines": _lines(asked, found),
        "shown": {"number": number, "next": number + 1 if more else 0, "before": number - 1},
        "query": f"{query}&" if query else "",
        "export": f"{reverse('admin:behind_export', args=[kind])}?{query}",
        "left_out": LEFT_OUT if kind == "share" else "",
        "now": asked.now,
    }
    return render(request, "cases/behind.html", context)


def found_for(kind: str, asked: Asked) -> Found:
    """Http404 for a kind that there is not, or parameters that mean nothing."""
    if kind not in KINDS:
        raise Http404
    return KINDS[kind](asked)


def _lines(asked: Asked, found: Found) -> list[tuple[Row | None, str]]:
    """Each row with its case and its moment; None for a case that this person sees no more."""
    keys = {pk for pk, _at in found.rows}
    cases = visible_to(asked.actor).filter(pk__in=keys).select_related("area__parent", "lead")
    lister = Lister(asked.now, wording.live_calendar())
    rows = lister.rows(cases.defer("description", "address"), order=lambda case: case.pk)
    known = {row.case.pk: row for row in rows}
    return [(known.get(pk), wording.moment(at, now=asked.now) if at else "") for pk, at in found.rows]


# The kinds


def _of_cases(kind: str, asked: Asked, cases: QuerySet[Case], moment: str, narrowed: list[Any]) -> Found:
    return _of_rows(kind, asked, cases, ("pk", moment), narrowed)


def _of_rows(kind: str, asked: Asked, rows: QuerySet[Any], columns: tuple[str, str], narrowed: list[Any]) -> Found:
    formula = COUNTS[kind]
    if asked.to_take_out:
        rows = rows.filter(sealed=False) if columns[0] == "pk" else rows.filter(case__in=_taken_out(asked))
    page = list(rows.values_list(*columns)[asked.start : asked.start + asked.size])
    return Found(glance.counts(all=rows)["all"], page, formula.title, [formula.above], narrowed)


def _taken_out(asked: Asked) -> QuerySet[Any, Any]:
    cases: QuerySet[Any, Any] = visible_to(asked.actor).unsealed().order_by().values("pk")
    return cases


def _open(asked: Asked) -> Found:
    phase = _choice(Phase, asked.get("phase"))
    colour = Colour.of(asked.get("colour")) if asked.get("colour") in {c.code for c in Colour} else None
    cases, place = glance.open_of(asked.actor, phase=phase, colour=colour), asked.get("place")
    if place:
        whole = len(place) >= digits_of(asked.actor)
        cases = cases.filter(area_code__startswith=place) if whole else cases.filter(area_code=place)
    area = AREAS.coded(place) if place else None
    words = [labels.PHASE[phase] if phase else "", labels.COLOUR[colour] if colour is not None else "", area or ""]
    return _of_cases("open", asked, cases.order_by(*ANY_WORST_FIRST), "due_at", [word for word in words if word])


def _choice(codes: type[Phase], written: str) -> Phase | None:
    return codes(written) if written in set(codes) else None


def _others(asked: Asked) -> Found:
    return _of_cases("others", asked, glance.others_of(asked.actor).order_by("due_at", "id"), "due_at", [])


def _disputed(asked: Asked) -> Found:
    return _of_cases("disputed", asked, disputed_for(asked.actor).order_by("due_at", "id"), "due_at", [])


def _asked(asked: Asked) -> Found:
    return _of_cases("asked", asked, asked_of(asked.actor).order_by("due_at", "id"), "due_at", [])


def _changed(asked: Asked) -> Found:
    since = _moment(asked, "since")
    cases = glance.changed_for(asked.actor, since).order_by("-updated_at", "-id")
    return _of_cases("changed", asked, cases, "updated_at", [_since(since, asked)])


def _received(asked: Asked) -> Found:
    since, until, words = _span(asked)
    cases = glance.received_between(asked.actor, since, until).order_by("-received_at", "-id")
    return _of_cases("received", asked, cases, "received_at", [words])


def _closed(asked: Asked) -> Found:
    since, until, words = _span(asked)
    cases = glance.closed_between(asked.actor, since, until).order_by("-closed_at", "-id")
    return _of_cases("closed", asked, cases, "closed_at", [words])


def _reds(asked: Asked) -> Found:
    since = _moment(asked, "since")
    alerts = glance.reds_since(asked.actor, since).order_by("-moment", "-id")
    return _of_rows("reds", asked, alerts, ("case", "moment"), [_since(since, asked)])


def _load(asked: Asked) -> Found:
    unit = _unit(asked)
    parts = glance.parts_of(asked.actor).filter(department=unit).order_by("assigned_at", "id")
    return _of_rows("load", asked, parts, ("case", "assigned_at"), [unit])


def _red(asked: Asked) -> Found:
    unit = _unit(asked)
    clocks = glance.red_clocks(asked.actor).filter(charged=unit).order_by("due_at", "id")
    return _of_rows("red", asked, clocks, ("case", "due_at"), [unit])


def _warned(asked: Asked) -> Found:
    """Of the board, which watches over whole departments."""
    unit, colour = _unit(asked), Colour.of(asked.get("colour")) if asked.get("colour") in _WARNING else Colour.RED
    clocks = warned_clocks(asked.actor).filter(charged=unit, colour=colour).order_by("due_at", "id")
    return _of_rows("warned", asked, clocks, ("case", "due_at"), [unit, labels.COLOUR[colour]])


def _reddened(asked: Asked) -> Found:
    unit = _unit(asked)
    alerts = reddened(asked.actor, now=asked.now).filter(charged=unit).order_by("-moment", "-id")
    return _of_rows("reddened", asked, alerts, ("case", "moment"), [unit])


def _share(asked: Asked) -> Found:
    """The rows of a share of a month; only for who reads such figures of an area."""
    name, part = asked.get("name"), asked.get("part")
    if name not in SHARES or part not in _PARTS or not asked.actor.roles & AREA_WATCHERS:
        raise Http404
    period, scope = _period(asked.get("period")), Scope(areas=Scope.of(asked.actor).areas)
    total, rows = statistics.behind(
        scope, period, name, hit=_PARTS[part], now=asked.now, start=asked.start, size=asked.size
    )
    formula = SHARES[name]
    sentences = {"hit": [formula.above], "missed": [_("Counted, but not among those:"), formula.above]}
    told = [(row.case_id, row.moment) for row in rows]
    return Found(total, told, formula.title, sentences.get(part, [formula.below]), [period.name])


KINDS: Final[Mapping[str, Callable[[Asked], Found]]] = {
    "open": _open,
    "others": _others,
    "disputed": _disputed,
    "asked": _asked,
    "changed": _changed,
    "received": _received,
    "closed": _closed,
    "reds": _reds,
    "load": _load,
    "red": _red,
    "warned": _warned,
    "reddened": _reddened,
    "share": _share,
}


# What addresses say


def _period(written: str) -> Period:
    try:
        return Period.parse(written)
    except ValueError as error:
        raise Http404 from error


def _unit(asked: Asked) -> Department:
    unit = DEPARTMENTS.coded(asked.get("unit"))
    if unit is None:
        raise Http404
    return unit


def _moment(asked: Asked, name: str) -> datetime:
    found = moment_in(asked.get(name))
    if found is None:
        raise Http404
    return found


def _span(asked: Asked) -> tuple[datetime, datetime, str]:
    """One day of the county, several of them, or from a moment until now."""
    if asked.get("until"):
        since, until = _moment(asked, "since"), _moment(asked, "until")
        first, last = (at.astimezone(ZONE).date() for at in (since, until - timedelta(microseconds=1)))
        return since, until, f"{phrases.dated(first, now=asked.now)}–{phrases.dated(last, now=asked.now)}"
    if not asked.get("day"):
        since = _moment(asked, "since")
        return since, asked.now, _since(since, asked)
    begins = datetime.combine(_day(asked.get("day")), time(), tzinfo=ZONE)
    return begins, begins + timedelta(days=1), phrases.dated(begins.date(), now=asked.now)


def _day(written: str) -> date:
    try:
        found = parse_date(written)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year < 3000:
        raise Http404
    return found


def _since(since: datetime, asked: Asked) -> str:
    return _("since %(moment)s") % {"moment": wording.moment(since, now=asked.now)}
