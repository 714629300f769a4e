"""The case list and the addresses of the case pages. Statuses are never edited here: the loop's verbs do that."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from cases.access import visible_to
from cases.admin import (
    bulk_page,
    case_page,
    collect_page,
    list_page,
    papers_page,
    similar_panel,
    suggested_page,
    uploads,
)
from cases.admin.filters import FILTERS, ORDERS, PARAMETERS, usual_order
from cases.admin.pages import LAST_PAGE
from cases.models import Case, JournalEvent
from cases.searching import search
from grids.admin.person import actor_of


class CaseChangeList(ChangeList):
    """A page of the list without a count (house rule 12); `before` and `next` are page numbers, 0 where none is."""

    page_num: int
    before: int
    next: int

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Case]) -> list[Any]:
        """By its own name in the address: the place of a column is everybody's own choice."""
        return list(self.model_admin.get_ordering(request))

    def get_results(self, request: HttpRequest) -> None:
        """One row more than is shown says whether another page follows. An offset far out is refused.

        First the keys of the page, then its rows: what is skipped and sorted is then no wider than it must be.
        """
        size, number = self.list_per_page, max(self.page_num, 1)
        if number > LAST_PAGE:
            raise IncorrectLookupParameters
        found = list(self.queryset.values_list("pk", flat=True)[(number - 1) * size : number * size + 1])
        self.page_num, self.before = number, number - 1
        self.next = number + 1 if len(found) > size and number < LAST_PAGE else 0
        self.result_list = _shown(self.root_queryset, found[:size])
        self.result_count = len(self.result_list)
        self.full_result_count, self.can_show_all = self.result_count, False
        self.multi_page = bool(self.before or self.next)
        self.show_full_result_count, self.show_admin_actions = False, False


def _shown(seen: QuerySet[Case], keys: list[int]) -> list[Case]:
    """Of what one sees the rows with these keys, with the kind of their last event, in this order.

    Asked of `seen` once more: a case may have been sealed between the two reads.
    """
    last = JournalEvent.objects.filter(case=OuterRef("pk"), seq=OuterRef("event_seq")).values("kind")
    rows = seen.defer(*_UNSHOWN).annotate(last_kind=Subquery(last)).in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


#: Columns of a case that no list shows; some of them are long, or nobody's business.
_UNSHOWN = ("description", "address", "request_digest", "query_code_hash", "event_hash", "text_salt")


@admin.register(Case)
class CaseAdmin(ModelAdmin):
    """Everybody may open the list; `visible_to` decides what stands in it, for rows, search and lookups alike."""

    list_display = ["number"]
    list_filter = FILTERS
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["number"]
    search_help_text = _("Number, words, or a whole name or phone number")
    actions = None
    change_list_template = "cases/case_list.html"

    # Who may

    def has_view_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return bool(request.user.is_authenticated)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return collect_page.may_collect(actor_of(request))

    def has_change_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Nothing but the filters: a lookup on any field could be used to guess what a case hides."""
        return lookup in PARAMETERS

    # What stands in it

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return visible_to(actor_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        """People are looked for only by what was posted: what stands in an address is kept by browsers and logs."""
        words = search_term.replace("\x00", "").strip()
        actor = actor_of(request) if list_page.is_posted(request) else None
        return (search(queryset, words, actor=actor) if words else queryset), False  # type: ignore[arg-type]

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Worst colour, then nearest due; where closed cases may stand, newest first; or as was asked for."""
        return list(ORDERS.get(request.GET.get("sort", ""), usual_order(request)))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CaseChangeList]:
        return CaseChangeList

    # Pages

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("rows/", wrap(self.rows_view), name="cases_case_rows"),
            path("views/", wrap(list_page.save), name="cases_case_views"),
            path("views/<int:view_id>/", wrap(list_page.change), name="cases_case_view"),
            path("bulk/", wrap(bulk_page.bulk), name="cases_case_bulk"),
            path("columns/", wrap(list_page.columns), name="cases_case_columns"),
            path("add/similar/", wrap(similar_panel.beside_draft), name="cases_case_draft_similar"),
            path("files/<uuid:file_id>/", wrap(uploads.file_view), name="cases_case_file"),
            path("<str:number>/actions/<str:action>/", wrap(self.act_view), name="cases_case_act"),
            path("<str:number>/preview/<str:action>/", wrap(self.foresee_view), name="cases_case_foresee"),
            path("<str:number>/similar/", wrap(similar_panel.beside_case), name="cases_case_similar"),
            path("<str:number>/news/", wrap(case_page.news), name="cases_case_news"),
            path("<str:number>/suggested/<str:name>/", wrap(suggested_page.suggested), name="cases_case_suggested"),
            path("<str:number>/paper/", wrap(papers_page.paper), name="cases_case_paper"),
            path("<str:number>/petitioners/<int:petitioner_id>/", wrap(self.look_view), name="cases_case_look"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A posted search is answered as it stands; posted filters alone become an address that can be kept."""
        if request.method == "POST" and not list_page.ask_as_posted(request):
            return HttpResponseRedirect(list_page.address_of(request.GET))
        response: HttpResponse = super().changelist_view(request, {"title": _("Cases"), **(extra_context or {})})
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data |= list_page.page_parts(request, response.context_data["cl"])
        return response

    @method_decorator(require_POST)
    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """The rows alone, for the page that is open already."""
        list_page.ask_as_posted(request)
        try:
            cl = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        return TemplateResponse(request, "cases/case_rows.html", list_page.rows_parts(request, cl))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return case_page.show(request, self, object_id)

    def act_view(self, request: HttpRequest, number: str, action: str) -> HttpResponse:
        return case_page.act(request, self, number, action)

    def foresee_view(self, request: HttpRequest, number: str, action: str) -> HttpResponse:
        return case_page.foresee(request, number, action)

    def look_view(self, request: HttpRequest, number: str, petitioner_id: int) -> HttpResponse:
        return case_page.look(request, self, number, petitioner_id)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return collect_page.collect_view(request, self)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The history of a case is its journal, on its own page."""
        return HttpResponseRedirect(reverse("admin:cases_case_change", args=[object_id]))

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.history_view(request, object_id)
