"""Areas and departments."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from grids.admin.permissions import RoleAdmin
from grids.models import Area, Department
from grids.roles import Role


@admin.register(Area)
class AreaAdmin(RoleAdmin):
    editors = frozenset({Role.SYSTEM_ADMIN})
    viewers = frozenset({Role.SECURITY_ADMIN})
    list_display = ["code", "name", "level", "parent", "is_active"]
    list_display_links = ["code", "name"]
    list_select_related = ["parent"]
    list_filter = [("level", ChoicesDropdownFilter), "is_active"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent"]


@admin.register(Department)
class DepartmentAdmin(RoleAdmin):
    editors = frozenset({Role.SYSTEM_ADMIN})
    viewers = frozenset({Role.SECURITY_ADMIN})
    list_display = ["code", "name", "short_name", "kind", "area", "is_active"]
    list_display_links = ["code", "name"]
    list_select_related = ["area"]
    list_filter = [("kind", ChoicesDropdownFilter), "is_active"]
    search_fields = ["code", "name", "short_name"]
    autocomplete_fields = ["area"]
