"""Pages that open by role, not by Django's permission tables: all permission comes from posts."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from grids.admin.opened import OpenedForm, opened_in
from grids.admin.person import roles_of
from grids.roles import Role


class RoleAdmin(ModelAdmin):
    """Open to `viewers`, changed by `editors`. Nothing is deleted here: it is ended or put out of use."""

    viewers: frozenset[Role] = frozenset()
    editors: frozenset[Role] = frozenset()
    form = OpenedForm
    change_form_before_template = "opened.html"
    actions: tuple[str, ...] | None = None
    #: What an empty list says: why there is nothing, and what to do. For lists that are empty in good days.
    nothing_yet: Any = ""
    #: Columns of the list as a file, where they are others than those of the page: a file has no buttons and marks, and
    #: may hold less. Named as in `list_display`.
    list_as_file: Sequence[str] = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & (self.viewers | self.editors))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(roles_of(request) & self.editors)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & self.editors)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Locked where it will be saved, so that what the form compares with stays true until then."""
        found = super().get_object(request, object_id, from_field)
        if found is None or not _saves(request):
            return found
        return _locked(self.get_queryset(request)).get(pk=found.pk)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        wanted: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        return {**wanted, "queryset": _locked(wanted["queryset"])} if _saves(request) else wanted

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rows = [form for inline in context["inline_admin_formsets"] for form in inline.formset.forms]
        opened = opened_in([context["adminform"].form, *rows])
        response: HttpResponse = super().render_change_form(request, {**context, "opened": opened}, *args, **kwargs)
        return response

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Named by what it lists: a tab of the browser that says “select … to change” says nothing."""
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})


def _saves(request: HttpRequest) -> bool:
    """Whether this is a save: the page of a new password, which posts as well, asks outside of a transaction."""
    return request.method == "POST" and connection.in_atomic_block


def _locked(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_for_update(no_key=True, of=("self",))
