"""The doors of the work list beside the list itself: a posted search, its rows alone, one's own views and columns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.actions.layouts import choose_columns, delete_view, rename_view, save_view
from cases.admin import bulk_page, wording
from cases.admin.filters import PARAMETERS, SCOPES, kept_query, scope_of
from cases.admin.list_columns import ALWAYS, COLUMNS, Column, Seen, chosen_columns, lines
from cases.errors import CaseError, NotVisible
from cases.models import SavedView
from cases.worklists import COUNTED, MOST_COUNTED, counts
from grids.admin.person import actor_of, now_of

SEARCH, PAGE = "q", "p"
LONGEST_SEARCH: Final = 100
_POSTED: Final = "whistle_posted_search"


@dataclass(frozen=True, slots=True)
class Tab:
    """One view: `count` in words, empty where nothing is counted; `view_id` of one's own."""

    label: Any
    link: str
    here: bool
    count: str = ""
    view_id: int = 0


def ask_as_posted(request: HttpRequest) -> bool:
    """Let the list read what was posted instead of the address. Whether anything was searched for.

    A search may be a person's number or name, which belongs into no address and no log.
    """
    asked = QueryDict(mutable=True)
    for name in (*PARAMETERS, PAGE):
        # The last value: a pressed chip stands behind the hidden field that says what was chosen before.
        if value := str((request.POST.getlist(name) or [""])[-1]):
            asked[name] = value
    words = request.POST.get(SEARCH, "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    if words:
        asked[SEARCH] = words
    vars(request)[_POSTED] = True
    request.GET = asked  # type: ignore[assignment]  # the list reads addresses alone
    return bool(words)


def is_posted(request: HttpRequest) -> bool:
    """Whether the list was asked for by what was posted to it, so that people may be searched for."""
    return _POSTED in vars(request)


def address_of(asked: QueryDict) -> str:
    """The list with these filters, on the page that was asked for."""
    kept = kept_query(asked)
    page = asked.get(PAGE, "")
    if page.isascii() and page.isdecimal():
        kept = f"{kept}&{PAGE}={page}" if kept else f"{PAGE}={page}"
    return f"{reverse('admin:cases_case_changelist')}?{kept}"


def rows_parts(request: HttpRequest, cl: Any) -> dict[str, Any]:
    """What the rows are drawn from."""
    actor = actor_of(request)
    columns = chosen_columns(actor.user_id)
    seen = Seen(now_of(request), wording.live_calendar())
    kept = kept_query(request.GET)
    return {
        "cl": cl,
        "lines": lines(cl.result_list, columns, seen=seen),
        "heads": [_head(column, request.GET) for column in columns],
        "columns": columns,
        "acts": bulk_page.offered(actor),
        "posted": is_posted(request) and bool(cl.query),
        "kept": kept,
        "narrowed": bool(cl.query) or any(request.GET.get(name) for name in PARAMETERS[1:-1]),
    }


def page_parts(request: HttpRequest, cl: Any) -> dict[str, Any]:
    """What stands around the rows."""
    rows = rows_parts(request, cl)
    shown = {column.name for column in rows["columns"]}
    return {
        **rows,
        "filters": {spec.parameter_name: spec for spec in cl.filter_specs},
        "tabs": _tabs(request, rows["kept"]),
        "choosable": [(column, column.name in shown) for column in COLUMNS if column.name not in ALWAYS],
        "longest_search": LONGEST_SEARCH,
        "asked": {SEARCH: "", **request.GET.dict()},
    }


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column: `link` orders the list by it, `arrow` says how it is ordered now."""

    column: Column
    link: str = ""
    sort: str = ""
    arrow: str = ""


def _head(column: Column, asked: QueryDict) -> Head:
    if not column.orders:
        return Head(column)
    now = asked.get("sort", "")
    here = now in column.orders
    after = column.orders[(column.orders.index(now) + 1) % len(column.orders)] if here else column.orders[0]
    turned = asked.copy()
    turned["sort"] = after
    arrow = ("" if not here else "ascending" if now in {"due", "received"} else "descending") if now else ""
    return Head(column, f"?{kept_query(turned)}", after, arrow)


def _tabs(request: HttpRequest, kept: str) -> list[Tab]:
    """The views of everybody, then one's own. Two queries."""
    actor = actor_of(request)
    found = counts(actor, now=now_of(request))
    own = list(SavedView.objects.filter(user=actor.user_id))
    in_own = any(view.query == kept for view in own)
    scope = scope_of(request)
    tabs = [
        Tab(label, f"?scope={which}", scope == which and not in_own, _count(found[which]) if which in COUNTED else "")
        for which, label in SCOPES.items()
    ]
    return tabs + [Tab(view.name, f"?{view.query}", view.query == kept, view_id=view.pk) for view in own]


def _count(found: int) -> str:
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """The filters of the page under a name of one's own."""
    query = kept_query(QueryDict(request.POST.get("query", "")))
    return _kept(request, query, lambda user: save_view(user_id=user, name=request.POST.get("name", ""), query=query))


@require_POST
def change(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename or delete one's own view."""
    query = kept_query(QueryDict(request.POST.get("query", "")))
    if "delete" in request.POST:
        return _kept(request, query, lambda user: delete_view(user_id=user, view_id=view_id))
    name = request.POST.get("name", "")
    return _kept(request, query, lambda user: rename_view(user_id=user, view_id=view_id, name=name))


@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    names = [column.name for column in COLUMNS if column.name in set(request.POST.getlist("column"))]
    query = kept_query(QueryDict(request.POST.get("query", "")))
    return _kept(request, query, lambda user: choose_columns(user_id=user, names=names))


def _kept(request: HttpRequest, query: str, verb: Callable[[int], Any]) -> HttpResponse:
    """Back to the list as it was, with the sentence of a refusal above it."""
    try:
        verb(actor_of(request).user_id or 0)
    except NotVisible as error:
        raise Http404(str(error)) from error
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Kept."))
    return HttpResponseRedirect(f"{reverse('admin:cases_case_changelist')}?{query}")
