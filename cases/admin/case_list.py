"""The case list and the addresses of the case pages. Statuses are never edited here: the loop's verbs do that."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from cases.access import visible_to
from cases.admin import case_page, collect_page, papers_page, similar_panel, suggested_page, uploads, wording
from cases.admin.filters import FILTERS, shows_open_only
from cases.admin.paginator import InfinitePaginator
from cases.admin.places import place_words, township_code, township_names
from cases.admin.timeline import event_words
from cases.models import Case, JournalEvent
from cases.models.case import WORST_FIRST
from cases.searching import search
from grids.admin.person import actor_of, now_of

_PARAMETERS = {spec.parameter_name for spec in FILTERS}


class CaseChangeList(ChangeList):
    """Rows lead to addresses by number, the way people and messages name a case."""

    def url_for_result(self, result: Case) -> str:
        return reverse("admin:cases_case_change", args=[result.number])

    def get_results(self, request: HttpRequest) -> None:
        """Each row gets the page's moment and calendar: columns see the row alone, and threads share the admin."""
        super().get_results(request)
        now, calendar = now_of(request), wording.live_calendar()
        rows: list[Any] = list(self.result_list)  # type: ignore[has-type]
        self.result_list = rows
        townships = township_names(case.area_code for case in rows)
        for case in rows:
            case.seen_at = now
            case.seen_township = townships.get(township_code(case.area_code), "")
            case.seen_due = wording.due(case.due_at, now=now, calendar=calendar) if case.due_at else None


@admin.register(Case)
class CaseAdmin(ModelAdmin):
    """Everybody may open the list; `visible_to` decides what stands in it, for rows, search and lookups alike."""

    list_display = ["colour_chip", "code", "headline", "place", "lead_name", "state", "due_words", "last_event"]
    list_display_links = ["code"]
    list_filter = FILTERS
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["number"]
    search_help_text = _("Number, title or text")
    sortable_by = ["due_words"]
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
        return lookup in _PARAMETERS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        last = JournalEvent.objects.filter(case=OuterRef("pk"), seq=OuterRef("event_seq")).values("kind")
        return (
            visible_to(actor_of(request))
            .select_related("area__parent", "lead")
            .defer("description", "address", "request_digest", "query_code_hash", "event_hash", "text_salt")
            .annotate(last_kind=Subquery(last))
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        words = search_term.replace("\x00", "").strip()
        return (search(queryset, words, actor=actor_of(request)) if words else queryset), False  # type: ignore[arg-type]

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """Worst colour, then nearest due; where closed cases stand among them, newest first."""
        return list(WORST_FIRST) if shows_open_only(request) else ["-received_at", "-id"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CaseChangeList]:
        return CaseChangeList

    # Pages

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act_view)
        own = path("<str:number>/actions/<str:action>/", act, name="cases_case_act")
        foresee = self.admin_site.admin_view(self.foresee_view)
        ahead = path("<str:number>/preview/<str:action>/", foresee, name="cases_case_foresee")
        similar = path(
            "<str:number>/similar/", self.admin_site.admin_view(similar_panel.beside_case), name="cases_case_similar"
        )
        draft = path(
            "add/similar/", self.admin_site.admin_view(similar_panel.beside_draft), name="cases_case_draft_similar"
        )
        look = path(
            "<str:number>/petitioners/<int:petitioner_id>/",
            self.admin_site.admin_view(self.look_view),
            name="cases_case_look",
        )
        news = path("<str:number>/news/", self.admin_site.admin_view(case_page.news), name="cases_case_news")
        suggested = path(
            "<str:number>/suggested/<str:name>/",
            self.admin_site.admin_view(suggested_page.suggested),
            name="cases_case_suggested",
        )
        sheet = path("<str:number>/paper/", self.admin_site.admin_view(papers_page.paper), name="cases_case_paper")
        file = path("files/<uuid:file_id>/", self.admin_site.admin_view(uploads.file_view), name="cases_case_file")
        return [own, ahead, draft, similar, look, news, suggested, sheet, file, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, {"title": _("Cases"), **(extra_context or {})})
        return response

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

    # Columns

    @admin.display(description=_("colour"))
    def colour_chip(self, case: Case) -> SafeString:
        return wording.chip(case.colour)

    @admin.display(description=_("number"))
    def code(self, case: Case) -> SafeString:
        return format_html('<span class="w-number">{}</span>', case.number)

    @admin.display(description=_("title"))
    def headline(self, case: Case) -> SafeString:
        address = reverse("admin:cases_case_change", args=[case.number])
        sealed = format_html('<span class="w-tag">{}</span> ', _("Sealed")) if case.sealed else ""
        return format_html('<a class="w-title" href="{}" title="{}">{}{}</a>', address, case.title, sealed, case.title)

    @admin.display(description=_("area"))
    def place(self, case: Case) -> SafeString:
        words = place_words(case, case.seen_township)  # type: ignore[attr-defined]
        return format_html('<span title="{}">{}</span>', case.area.name, words)

    @admin.display(description=_("lead"))
    def lead_name(self, case: Case) -> str:
        return case.lead.short_name if case.lead else "—"

    @admin.display(description=_("status"))
    def state(self, case: Case) -> str:
        return case.get_status_display()

    @admin.display(description=_("due"), ordering="due_at")
    def due_words(self, case: Case) -> SafeString | str:
        due: wording.Due | None = case.seen_due  # type: ignore[attr-defined]
        if due is None:
            return "—"
        late = "w-late" if due.late else ""
        return format_html('<span class="{}" title="{}">{}</span>', late, due.at, due.words)

    @admin.display(description=_("last event"))
    def last_event(self, case: Case) -> SafeString:
        kind = event_words(case.last_kind or "")  # type: ignore[attr-defined]
        seen_at = case.seen_at  # type: ignore[attr-defined]
        at, day = wording.moment(case.updated_at, now=seen_at), wording.day(case.updated_at, now=seen_at)
        return format_html('<span class="w-quiet" title="{}">{} {}</span>', at, kind, day)
