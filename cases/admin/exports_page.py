"""Taking a list out as a file, as it is filtered, searched and ordered: short ones at once, long ones as an errand of
the worker. One page for all lists; each list has a door that says which of its rows are meant.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import IGNORED_PARAMS, SEARCH_VAR
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.actions import errands
from cases.actions.exporting import note_export, noted
from cases.admin import audit_page, behind_page, list_page, looks_page, supervised
from cases.admin.downloads import FORMATS
from cases.admin.export_words import AUDIT, BEHIND, CASES, LOOKS, ORDERS, SEARCHED, filter_words
from cases.admin.filters import kept_query
from cases.admin.listings import EXPORTERS, Listing, Rows, listing_of, of_table
from cases.admin.order_file import orders_in
from cases.admin.pages import closed, open_to, render, slice_of
from cases.errors import Conflict
from cases.exporting import AT_ONCE, MOST_ROWS
from cases.models import Case, Errand, ExportNote
from cases.terms import ErrandKind
from grids.actors import ZONE
from grids.admin.person import actor_of, now_of

ERRANDS_SHOWN: Final = 10
#: What the page's own addresses add to those of the list, and its page number.
_OWN: Final = frozenset({"page", "p"})
_CODE: Final = re.compile(r"[\w.:+-]{1,40}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows of a list as it stands, and what the note says of its filters.

    `back` leads to the list, `query` is what stands behind the page's own address. `posted`: a search of cases with its
    filters, which goes along in forms and never in an address.
    """

    listing: Listing
    rows: Rows
    criteria: Mapping[str, Any]
    back: str
    query: str = ""
    posted: Mapping[str, str] = field(default_factory=dict)

    @property
    def too_many(self) -> bool:
        return len(self.rows.keys) > MOST_ROWS

    @property
    def kept(self) -> Rows:
        return Rows(self.rows.keys[:MOST_ROWS], self.rows.moments[:MOST_ROWS])

    @property
    def words(self) -> str:
        return self.listing.words(self.criteria)


# The doors of the lists


@open_to(EXPORTERS)
def exports(request: HttpRequest) -> HttpResponseBase:
    """The list of cases. A search is posted: its page is answered straight to the post, as that of the list is."""
    searched = False
    if list_page.SEARCH in request.POST:
        searched = list_page.ask_as_posted(request)
        if not searched:
            return HttpResponseRedirect(f"{reverse('admin:exports')}?{kept_query(request.GET)}")
    shown = _shown(request, Case)
    rows = _first(shown.queryset.filter(sealed=False))
    values = {spec.parameter_name: spec.value() for spec in shown.filter_specs}
    criteria = _codes(values) | ({SEARCHED: True} if request.GET.get(list_page.SEARCH) else {})
    listing, back = _listing(CASES), reverse("admin:cases_case_changelist")
    if searched:
        chosen = Chosen(listing, rows, criteria, back, posted=request.GET.dict())
        return _page(request, chosen) if "format" not in request.POST else _export(request, chosen)
    query = _asked(request).urlencode()
    return _answer(request, Chosen(listing, rows, criteria, f"{back}?{query}", query))


def list_export(request: HttpRequest, app: str, table: str) -> HttpResponseBase:
    """A list of the administration, or one's own inbox."""
    listing = of_table(f"{app}.{table}")
    if listing is None:
        raise Http404
    if not listing.opens(request):
        return closed(request)
    shown = _shown(request, listing.model)
    own = [name for spec in shown.filter_specs for name in spec.expected_parameters()]
    criteria = _codes({name: request.GET.get(name) for name in own})
    if request.GET.get(SEARCH_VAR) or set(request.GET) - {*own, *_OWN, *IGNORED_PARAMS}:
        criteria[SEARCHED] = True
    query = _asked(request).urlencode()
    back = f"{reverse(f'admin:{app}_{table}_changelist')}?{query}"
    return _answer(request, Chosen(listing, _first(shown.queryset), criteria, back, query))


@open_to(EXPORTERS)
def behind_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The rows behind a figure, of cases that this person sees and that are not sealed."""
    listing = _listing(f"{BEHIND}.{kind}")
    about = (actor_of(request), now_of(request), request.GET.dict())
    asked = behind_page.Asked(*about, size=MOST_ROWS + 1, to_take_out=True)
    told = behind_page.found_for(kind, asked).rows
    criteria = _codes({name: asked.get(name) for name in behind_page.PARAMETERS})
    query = urlencode(criteria)
    back = f"{reverse('admin:behind', args=[kind])}?{query}"
    rows = Rows([pk for pk, _at in told], [at for _pk, at in told])
    return _answer(request, Chosen(listing, rows, criteria, back, query))


@open_to(audit_page.READERS)
def audit_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    listing, asked = _listing(f"{AUDIT}.{kind}"), audit_page.asked_by(request, kind)
    rows = _first(audit_page.SOURCES[asked.kind].rows(asked).order_by("-id"))
    criteria = _codes({"since": asked.since, "until": asked.until}) | ({SEARCHED: True} if asked.name else {})
    query = urlencode({name: value for name, value in audit_page.narrowed(asked).items() if value})
    back = f"{reverse('admin:audit')}?kind={kind}&{query}"
    return _answer(request, Chosen(listing, rows, criteria, back, query))


@open_to(looks_page.READERS)
def looks_export(request: HttpRequest) -> HttpResponseBase:
    rows, number = _first(looks_page.events_of(request).filter(case__sealed=False)), looks_page.number_in(request)
    query = urlencode({"number": number}) if number else ""
    back = f"{reverse('admin:looks')}?{query}"
    return _answer(request, Chosen(_listing(LOOKS), rows, {SEARCHED: True} if number else {}, back, query))


@open_to(supervised.READERS)
def orders_export(request: HttpRequest, column: str) -> HttpResponseBase:
    """The orders of one column of the board."""
    listing = _listing(f"{ORDERS}.{column}")
    rows = _first(orders_in(actor_of(request), column))
    return _answer(request, Chosen(listing, rows, {}, f"{reverse('admin:board')}#column-{column}"))


def _listing(what: str) -> Listing:
    if (found := listing_of(what)) is None:
        raise Http404
    return found


def _shown(request: HttpRequest, model: Any) -> Any:
    """By the list itself, so that a file holds what its page shows: filters and order are asked nowhere else."""
    given = request.GET
    request.GET = _asked(request)  # type: ignore[assignment]  # a copy, which may be changed
    try:
        return admin.site.get_model_admin(model).get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise Http404(_("There is no such filter.")) from error
    finally:
        request.GET = given


def _asked(request: HttpRequest) -> QueryDict:
    """What the list was asked for."""
    asked = request.GET.copy()
    for name in _OWN:
        asked.pop(name, None)
    return asked


def _first(rows: QuerySet[Any]) -> Rows:
    return Rows(list(rows.values_list("pk", flat=True)[: MOST_ROWS + 1]))


def _codes(values: Mapping[str, Any]) -> dict[str, Any]:
    """What filters were set to, as far as it is codes. What was searched for may be a person's number."""
    return {name: str(value) for name, value in values.items() if value and _CODE.fullmatch(str(value))}


# The page and its answers


def _answer(request: HttpRequest, chosen: Chosen) -> HttpResponseBase:
    return _export(request, chosen) if request.method == "POST" else _page(request, chosen)


def _page(request: HttpRequest, chosen: Chosen, problem: Any = "", status: int = HTTPStatus.OK) -> HttpResponse:
    """What would be exported, and one's own files; a press sends the file, or leads to the errand that makes it."""
    own = Errand.objects.filter(user=actor_of(request).user_id, kind=ErrandKind.EXPORT).select_related("note")
    context = {
        "title": _("Export: %(list)s") % {"list": chosen.words},
        "chosen": chosen,
        "of_cases": chosen.listing.what == CASES or chosen.listing.what.startswith(BEHIND),
        "filters": list(filter_words(chosen.listing.what, chosen.criteria)),
        "count": min(len(chosen.rows.keys), MOST_ROWS),
        "most": MOST_ROWS,
        "at_once": AT_ONCE,
        "problem": problem,
        "key": uuid.uuid4(),
        "query": chosen.query,
        "pages": f"{chosen.query}&" if chosen.query else "",
        "errands": slice_of(own.defer("row_ids", "moments", "shown"), request.GET.get("page", ""), size=ERRANDS_SHOWN),
        "now": now_of(request),
    }
    return render(request, "cases/exports.html", context, status=status)


def _export(request: HttpRequest, chosen: Chosen) -> HttpResponseBase:
    """Pressed. 404 for a format that there is not; the page once more where there is nothing to export."""
    format, key = request.POST.get("format", ""), form_key(request)
    if format not in FORMATS or key is None:
        raise Http404
    rows = chosen.kept
    if not rows.keys:
        return _page(request, chosen, _("Nothing fits these filters: there is nothing to export."), 400)
    if chosen.listing.waits and len(rows.keys) > AT_ONCE:
        return _as_errand(request, chosen, format=format, key=key)
    sheet, note = chosen.listing.draw(request, rows), _note(request, chosen, format)
    name = file_name(chosen.words, now_of(request))
    return FORMATS[format](noted(sheet.lines, note, timezone.now), name, sheet.widths)


def _as_errand(request: HttpRequest, chosen: Chosen, *, format: str, key: uuid.UUID) -> HttpResponseBase:
    rows, note = chosen.kept, partial(_note, request, chosen, format)
    asked: dict[str, Any] = {"row_ids": rows.keys, "moments": rows.moments, "total": len(rows.keys)}
    order = errands.Order(ErrandKind.EXPORT, key, options={"format": format}, **asked)
    try:
        errand = errands.place(order, actor=actor_of(request), now=now_of(request), note=note)
    except Conflict as refusal:
        return _page(request, chosen, refusal, HTTPStatus.CONFLICT)
    return HttpResponseRedirect(reverse("admin:errand", args=[errand.pk]))


def _note(request: HttpRequest, chosen: Chosen, format: str) -> ExportNote:
    return note_export(
        what=chosen.listing.what,
        format=format,
        criteria=chosen.criteria,
        rows=len(chosen.kept.keys),
        actor=actor_of(request),
        now=now_of(request),
    )


def form_key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def file_name(words: str, at: datetime) -> str:
    return f"{words} {at.astimezone(ZONE):%Y-%m-%d %H%M}"
