"""What the auditor reads of exports: who took what, never what was in it."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from cases.admin.export_words import filter_words, words_of
from cases.admin.paginator import InfinitePaginator
from cases.models import ExportNote
from grids.admin.permissions import RoleAdmin
from grids.roles import Role


@admin.register(ExportNote)
class ExportNoteAdmin(RoleAdmin):
    viewers = frozenset({Role.AUDITOR})
    nothing_yet = _("Nobody has exported a list yet.")
    list_display = ["at", "user", "list_taken", "format", "rows", "outcome", "fetched_at"]
    list_select_related = ["user"]
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    fields = ["at", "taken_by", "list_taken", "format", "rows", "outcome", "finished_at", "fetched_at", "chosen_by"]
    readonly_fields = fields

    @admin.display(description=_("user"))
    def taken_by(self, note: ExportNote) -> str:
        """Without a link: who reads of people's work need not open their pages."""
        return str(note.user or "-")

    @admin.display(description=_("list"))
    def list_taken(self, note: ExportNote) -> Any:
        return words_of(note)

    @admin.display(description=_("outcome"))
    def outcome(self, note: ExportNote) -> Any:
        """Without an end it is still being made, or broke off after so many rows."""
        return _("complete") if note.finished_at else _("not complete")

    @admin.display(description=_("filter"))
    def chosen_by(self, note: ExportNote) -> Any:
        words = format_html_join(mark_safe("<br>"), "{}: {}", filter_words(note.what, note.criteria))
        return words or _("none: the whole list")
