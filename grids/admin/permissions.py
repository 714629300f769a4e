"""Pages that open by role, not by Django's permission tables: all permission comes from posts."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from grids.admin.person import roles_of
from grids.roles import Role


class RoleAdmin(ModelAdmin):
    """Open to `viewers`, changed by `editors`. Nothing is deleted here: it is ended or put out of use."""

    viewers: frozenset[Role] = frozenset()
    editors: frozenset[Role] = frozenset()
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

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Named by what it lists: a tab of the browser that says “select … to change” says nothing."""
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})
