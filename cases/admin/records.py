"""Pages of configuration and logs: categories, versions, the journal, reconciliations."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from cases import labels, phrasebook, reasons
from cases.admin.documents import calendar_lines, policy_table
from cases.admin.paginator import InfinitePaginator
from cases.admin.timeline import event_words
from cases.models import (
    CalendarVersion,
    Category,
    JournalEvent,
    JournalMaintenance,
    Phrase,
    PolicyVersion,
    Reason,
    Reconciliation,
)
from cases.terms import Discrepancy
from grids.admin.permissions import RoleAdmin
from grids.admin.person import roles_of
from grids.roles import Role

_SYSTEM = frozenset({Role.SYSTEM_ADMIN})
_AUDIT = frozenset({Role.AUDITOR})


@admin.register(Category)
class CategoryAdmin(RoleAdmin):
    editors = _SYSTEM
    list_display = ["code", "name", "parent", "lead_department", "is_active"]
    list_display_links = ["code", "name"]
    list_select_related = ["parent", "lead_department"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent", "lead_department"]
    list_per_page = 50


@admin.register(Reason)
class ReasonAdmin(RoleAdmin):
    """A code stays what it was once it stands: cases and journals hold it."""

    editors = _SYSTEM
    list_display = ["list", "position", "code", "name_zh", "name_en", "is_active"]
    list_display_links = ["list", "code", "name_zh"]
    list_filter = [("list", ChoicesDropdownFilter), "is_active"]
    search_fields = ["code", "name_zh", "name_en"]
    list_per_page = 50

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["list", "code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        reasons.forget()


@admin.register(Phrase)
class PhraseAdmin(RoleAdmin):
    """Offered beside the text of an action; whoever writes may change every word."""

    editors = _SYSTEM
    list_display = ["action", "position", "text", "is_active"]
    list_display_links = ["text"]
    list_filter = [("action", ChoicesDropdownFilter), "is_active"]
    search_fields = ["text"]
    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        phrasebook.forget()


class _Version(RoleAdmin):
    """Versions are immutable: a new one is published, an old one stays readable."""

    viewers = _SYSTEM
    ordering = ["-number"]
    list_select_related = ["published_by"]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(_Version):
    list_display = ["number", "valid_from", "reason", "published_by", "published_at"]
    fields = ["number", "valid_from", "reason", "published_by", "published_at", "document"]
    readonly_fields = ["document"]

    @admin.display(description=_("rules"))
    def document(self, version: PolicyVersion) -> SafeString:
        return policy_table(version.rules)


@admin.register(CalendarVersion)
class CalendarVersionAdmin(_Version):
    list_display = ["number", "reason", "published_by", "published_at"]
    fields = ["number", "reason", "published_by", "published_at", "document"]
    readonly_fields = ["document"]

    @admin.display(description=_("days"))
    def document(self, version: CalendarVersion) -> SafeString:
        return calendar_lines(version.days)


@admin.register(JournalEvent)
class JournalEventAdmin(RoleAdmin):
    """What the auditor reads: ids, codes, times and digests. No text of a case is stored there at all."""

    viewers = _AUDIT
    list_display = ["id", "number", "seq", "event", "at", "actor", "digest"]
    list_select_related = ["actor"]
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ["-id"]
    search_fields = ["=case__number"]
    search_help_text = _("Whole number of a case")
    fields = ["number", "seq", "event", "at", "by", "facts", "previous", "digest"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEvent]:
        """Without sealed cases, of which nobody but their keepers learns even that they exist."""
        events: QuerySet[JournalEvent] = super().get_queryset(request)
        return events.filter(case__sealed=False).annotate(case_number=F("case__number"))

    @admin.display(description=_("case"))
    def number(self, event: Any) -> SafeString:
        return format_html('<span class="w-number">{}</span>', event.case_number)

    @admin.display(description=_("event"))
    def event(self, event: JournalEvent) -> Any:
        return event_words(event.kind)

    @admin.display(description=_("actor"))
    def by(self, event: JournalEvent) -> str:
        """Without a link: who reads of people's work need not open their pages."""
        return str(event.actor or "-")

    @admin.display(description=_("facts"))
    def facts(self, event: JournalEvent) -> SafeString:
        return as_json(event.payload)

    @admin.display(description=_("previous link"))
    def previous(self, event: JournalEvent) -> SafeString:
        return _hash(event.prev_hash)

    @admin.display(description=_("link"))
    def digest(self, event: JournalEvent) -> SafeString:
        return _hash(event.hash)


@admin.register(JournalMaintenance)
class JournalMaintenanceAdmin(RoleAdmin):
    viewers = _AUDIT
    nothing_yet = _("The journal has never been opened for maintenance. So it should be.")
    list_display = ["at", "database_user", "operation", "reason"]
    ordering = ["-id"]


@admin.register(Reconciliation)
class ReconciliationAdmin(RoleAdmin):
    """What the nightly walks found and repaired. Ids are for those who mend: of sealed cases others learn nothing."""

    viewers = _SYSTEM | _AUDIT | {Role.INSPECTOR}
    nothing_yet = _(
        "No reconciliation was made yet. The first begins at 3:30; "
        "the system administrator can begin one on the page of the engine."
    )
    list_display = ["started_at", "finished_at", "cases", "clocks", "total_found", "total_repaired", "left"]
    list_select_related = ["started_by"]
    list_per_page = 50
    ordering = ["-id"]
    sortable_by = ()
    readonly_fields = ["begun_by", "counts", "first_details"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = ["started_at", "begun_by", "finished_at", "cases", "clocks", "counts"]
        return [*fields, "first_details"] if roles_of(request) & _SYSTEM else fields

    @admin.display(description=pgettext_lazy("work of the service", "started by"))
    def begun_by(self, run: Reconciliation) -> str:
        return str(run.started_by or "-")

    @admin.display(description=_("found"))
    def total_found(self, run: Reconciliation) -> int:
        return run.total_found

    @admin.display(description=_("repaired"))
    def total_repaired(self, run: Reconciliation) -> int:
        return run.total_repaired

    @admin.display(description=_("left"))
    def left(self, run: Reconciliation) -> int:
        return run.left

    @admin.display(description=_("by kind"))
    def counts(self, run: Reconciliation) -> Any:
        if not run.found:
            return _("Nothing was found: every clock, alert and journal event agrees.")
        return _rows(
            (_("What"), _("found"), _("repaired")),
            [
                (labels.DISCREPANCY[Discrepancy(kind)], count, run.repaired.get(kind, 0))
                for kind, count in run.found.items()
            ],
        )

    @admin.display(description=_("details"))
    def first_details(self, run: Reconciliation) -> Any:
        return _rows(
            (_("What"), _("case"), _("clock"), _("facts"), _("repaired")),
            [
                (
                    labels.DISCREPANCY[Discrepancy(detail["kind"])],
                    detail["case"],
                    detail["clock"] or "",
                    detail["facts"],
                    _("Yes") if detail["repaired"] else _("No"),
                )
                for detail in run.details
            ],
        )


def _rows(head: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> SafeString:
    cells = format_html_join("", "<th>{}</th>", ((title,) for title in head))
    lines = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    )
    return format_html('<table class="w-rows"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', cells, lines)


def as_json(document: Any) -> SafeString:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return format_html('<pre class="w-json">{}</pre>', text)


def _hash(value: bytes | memoryview) -> SafeString:
    return format_html('<code class="w-number">{}</code>', bytes(value).hex())
