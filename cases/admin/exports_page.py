"""Taking a filtered list of cases out as a file: short ones at once, long ones as an errand of the worker."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import errands
from cases.actions.exporting import note_export, noted
from cases.admin.downloads import FORMATS
from cases.admin.pages import open_to, render, slice_of
from cases.errors import Conflict
from cases.exporting import AT_ONCE, MOST_ROWS, WIDTHS, lines
from cases.models import Case, Errand, ExportNote
from cases.terms import ErrandKind
from grids.actors import ZONE
from grids.admin.person import actor_of, now_of
from grids.roles import CASELESS_ROLES, Role

EXPORTERS: Final = frozenset(Role) - CASELESS_ROLES
ERRANDS_SHOWN: Final = 10
#: What the page's own addresses add to those of the list.
_OWN: Final = frozenset({"page"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows of the list as it is filtered: `ids` in its order, and what the note says of the filter."""

    ids: list[int]
    criteria: Mapping[str, Any]

    @property
    def too_many(self) -> bool:
        return len(self.ids) > MOST_ROWS


@open_to(EXPORTERS)
def exports(request: HttpRequest) -> HttpResponseBase:
    """What would be exported, and one's own files; a press sends the file, or leads to the errand that makes it."""
    chosen = _chosen(request)
    if request.method == "POST":
        return _export(request, chosen)
    return _page(request, chosen)


def _chosen(request: HttpRequest) -> Chosen:
    """By the list itself, so that a file holds what its page shows: filters and order are asked nowhere else."""
    asked = request.GET.copy()
    for name in _OWN:
        asked.pop(name, None)
    request.GET = asked  # type: ignore[assignment]  # a copy, which may be changed
    try:
        shown = admin.site.get_model_admin(Case).get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise Http404(_("There is no such filter.")) from error
    rows = shown.queryset.filter(sealed=False).values_list("pk", flat=True)
    return Chosen(list(rows[: MOST_ROWS + 1]), _criteria(request, shown.filter_specs))


def _criteria(request: HttpRequest, specs: Any) -> dict[str, Any]:
    """What the filters were set to: codes. What was searched for may be a person's number, so only that it was."""
    values = {spec.parameter_name: spec.value() for spec in specs if hasattr(spec, "parameter_name")}
    criteria: dict[str, Any] = {name: str(value)[:40] for name, value in values.items() if value}
    return criteria | {"searched": True} if request.GET.get("q") else criteria


def _page(request: HttpRequest, chosen: Chosen, problem: Any = "", status: int = HTTPStatus.OK) -> HttpResponse:
    own = Errand.objects.filter(user=actor_of(request).user_id, kind=ErrandKind.EXPORT).defer("case_ids", "shown")
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "title": _("Export cases"),
        "count": min(len(chosen.ids), MOST_ROWS),
        "too_many": chosen.too_many,
        "most": MOST_ROWS,
        "at_once": AT_ONCE,
        "problem": problem,
        "key": uuid.uuid4(),
        "query": query.urlencode(),
        "list": f"{reverse('admin:cases_case_changelist')}?{query.urlencode()}",
        "errands": slice_of(own, request.GET.get("page", ""), size=ERRANDS_SHOWN),
        "now": now_of(request),
    }
    return render(request, "cases/exports.html", context, status=status)


def _export(request: HttpRequest, chosen: Chosen) -> HttpResponseBase:
    format, key = request.POST.get("format", ""), form_key(request)
    if format not in FORMATS or key is None:
        raise Http404
    if not chosen.ids:
        return _page(request, chosen, _("No case matches these filters: there is nothing to export."), 400)
    ids = chosen.ids[:MOST_ROWS]
    if len(ids) > AT_ONCE:
        return _as_errand(request, ids, chosen, format=format, key=key)
    note, actor = _note(request, ids, chosen, format), actor_of(request)
    name = file_name(now_of(request))
    return FORMATS[format](noted(lines(ids, actor=actor), note, timezone.now), name, WIDTHS)


def _as_errand(
    request: HttpRequest, ids: list[int], chosen: Chosen, *, format: str, key: uuid.UUID
) -> HttpResponseBase:
    note = partial(_note, request, ids, chosen, format)
    order = errands.Order(ErrandKind.EXPORT, key, options={"format": format}, case_ids=ids, total=len(ids))
    try:
        errand = errands.place(order, actor=actor_of(request), now=now_of(request), note=note)
    except Conflict as refusal:
        return _page(request, chosen, refusal, HTTPStatus.CONFLICT)
    return HttpResponseRedirect(reverse("admin:errand", args=[errand.pk]))


def _note(request: HttpRequest, ids: list[int], chosen: Chosen, format: str) -> ExportNote:
    return note_export(
        what="cases",
        format=format,
        criteria=chosen.criteria,
        rows=len(ids),
        actor=actor_of(request),
        now=now_of(request),
    )


def form_key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def file_name(at: datetime) -> str:
    return f"{_('Cases')} {at.astimezone(ZONE):%Y-%m-%d %H%M}"
