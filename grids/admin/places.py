"""Areas and departments."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from grids.admin.opened import OpenedForm
from grids.admin.permissions import RoleAdmin
from grids.admin.person import roles_of
from grids.models import Area, AreaOutline, Department
from grids.roles import Role

_EDITORS = frozenset({Role.SYSTEM_ADMIN})


class OutlineInline(StackedInline):
    """An area's border, as GeoJSON; positions are found in it (`GET areas/locate/`)."""

    model = AreaOutline
    form = OpenedForm
    extra = 0
    fields = ["outline", "schematic"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & (_EDITORS | {Role.SECURITY_ADMIN}))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _EDITORS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _EDITORS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _EDITORS)


@admin.register(Area)
class AreaAdmin(RoleAdmin):
    editors = _EDITORS
    viewers = frozenset({Role.SECURITY_ADMIN})
    list_display = ["code", "name", "level", "parent", "is_active"]
    list_display_links = ["code", "name"]
    list_select_related = ["parent"]
    list_filter = [("level", ChoicesDropdownFilter), "is_active"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]
    inlines = [OutlineInline]


@admin.register(Department)
class DepartmentAdmin(RoleAdmin):
    editors = _EDITORS
    viewers = frozenset({Role.SECURITY_ADMIN})
    list_display = ["code", "name", "short_name", "kind", "area", "is_active"]
    list_display_links = ["code", "name"]
    list_select_related = ["area"]
    list_filter = [("kind", ChoicesDropdownFilter), "is_active"]
    search_fields = ["code", "name", "short_name"]
    autocomplete_fields = ["area"]
