"""What the auditor reads of exports: who took what, never what was in it."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cases.admin.paginator import InfinitePaginator
from cases.admin.records import as_json
from cases.models import ExportNote
from grids.admin.permissions import RoleAdmin
from grids.roles import Role


@admin.register(ExportNote)
class ExportNoteAdmin(RoleAdmin):
    viewers = frozenset({Role.AUDITOR})
    list_display = ["at", "user", "what", "format", "rows"]
    list_select_related = ["user"]
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    fields = ["at", "user", "what", "format", "rows", "chosen_by"]
    readonly_fields = fields

    @admin.display(description=_("filter"))
    def chosen_by(self, note: ExportNote) -> SafeString:
        return as_json(note.criteria)
