"""Users and their posts. Every change here is kept in Django's own log, with who made it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from grids.actors import day_of
from grids.admin.opened import OpenedForm
from grids.admin.permissions import RoleAdmin
from grids.admin.person import now_of, roles_of
from grids.models import Post, User
from grids.roles import Role

admin.site.unregister(Group)  # permission comes from posts, never from groups

_EDITORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})
_POST_EDITORS = frozenset({Role.SYSTEM_ADMIN})


class PostInline(TabularInline):
    """A user's posts. A post is ended by its last day and never deleted, so that the past stays readable."""

    model = Post
    form = OpenedForm
    extra = 0
    autocomplete_fields = ["area", "department"]
    fields = ["role", "area", "department", "valid_from", "valid_to"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The heads of the columns name the fields for those who see; the fields say it to the others themselves."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            wrapper, inner = field.widget, getattr(field.widget, "widget", field.widget)
            inner.attrs["aria-label"] = str(field.label)
            for way in ("add", "change", "delete", "view"):  # of areas and departments: a row has no room for them
                setattr(wrapper, f"can_{way}_related", False)
        return field

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _EDITORS)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _POST_EDITORS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _POST_EDITORS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfficerForm(OpenedForm, UserChangeForm):
    """As everywhere in Django, but for what was changed meanwhile."""


@admin.register(User)
class UserAdmin(RoleAdmin, DjangoUserAdmin):  # type: ignore[misc, type-arg]
    """Officers. Superusers are made on the command line; nobody becomes one here."""

    editors = _EDITORS
    form = OfficerForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [PostInline]
    list_display = ["username", "full_name", "is_active", "has_password", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["username", "full_name"]
    ordering = ["username"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ("username", "full_name", "password", "is_active", "language")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "full_name", "password1", "password2")}),)

    @admin.display(description=_("has a password"), boolean=True)
    def has_password(self, user: User) -> bool:
        """Whoever came in from a list has none until it is set on this page."""
        return user.has_usable_password()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser is changed by superusers only: a new password for one would open everything."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[type[TabularInline]]:
        return [] if obj is None else [PostInline]


class InForceFilter(admin.SimpleListFilter):
    """Posts that open something today, those that ended, those that have not begun."""

    title = _("in force")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("today")), ("ended", _("ended")), ("later", _("not yet"))]

    def queryset(self, request: HttpRequest, posts: QuerySet[Post]) -> QuerySet[Post]:
        today = day_of(now_of(request))
        if self.value() == "today":
            return posts.filter(pk__in=Post.objects.on(today))
        if self.value() == "ended":
            return posts.filter(valid_to__lt=today)
        return posts.filter(valid_from__gt=today) if self.value() == "later" else posts


@admin.register(Post)
class PostAdmin(RoleAdmin):
    editors = _POST_EDITORS
    viewers = frozenset({Role.SECURITY_ADMIN})
    # With the login: people of one name are not told apart by it.
    list_display = ["user", "login", "role", "area", "department", "valid_from", "valid_to", "in_force"]
    list_select_related = ["user", "area", "department"]
    list_filter = [InForceFilter, ("role", ChoicesDropdownFilter)]
    search_fields = ["user__username", "user__full_name", "area__name", "department__name"]
    autocomplete_fields = ["user", "area", "department"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[forms.Form]:
        form: type[forms.Form] = super().get_form(request, obj, change=change, **kwargs)
        for name, hint in _PLACES.items():
            if name in form.base_fields:
                form.base_fields[name].help_text = hint
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        posts: QuerySet[Post] = super().get_queryset(request)
        held = Post.objects.on(day_of(now_of(request))).filter(pk=OuterRef("pk"))
        return posts.annotate(held_today=Exists(held)).order_by("user__username", "role", "pk")

    @admin.display(description=_("user name"), ordering="user__username")
    def login(self, post: Post) -> str:
        return post.user.username

    @admin.display(description=_("in force today"), boolean=True)
    def in_force(self, post: Any) -> bool:
        return bool(post.held_today)


_PLACES = {
    "area": _("For all roles but those of a department."),
    "department": _("For handlers, deputies and heads of a department."),
}
