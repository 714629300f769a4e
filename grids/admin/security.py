"""Logins that failed or succeeded, and the tokens of phones: for the security administrator."""

from typing import Any

from axes.models import AccessAttempt, AccessBase, AccessFailureLog, AccessLog
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from knox.models import AuthToken

from grids.admin.permissions import RoleAdmin
from grids.admin.person import roles_of
from grids.models import User
from grids.roles import Role

for _model in (AccessAttempt, AccessLog, AccessFailureLog, AuthToken):
    admin.site.unregister(_model)  # their own pages ask Django's permission tables, which nobody fills

_SECURITY = frozenset({Role.SECURITY_ADMIN})
#: What the packages call themselves and their tables in the head of these pages.
_BORROWED_NAMES = (gettext_noop("Axes"), gettext_noop("Knox"))


class _Borrowed(RoleAdmin):
    """Tables of other packages, whose rows call themselves something English: pages name them by their person."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return super().changeform_view(request, object_id, form_url, {"subtitle": None, **(extra_context or {})})


def person_of(row: object) -> str | None:
    """Whom a row of these tables is about; None for rows of all others."""
    if isinstance(row, AuthToken):
        return str(row.user)
    return row.username or "—" if isinstance(row, AccessBase) else None


class _TypedNames(_Borrowed):
    """Failed logins. Of what was typed only names that somebody has go into a file: others are often passwords."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        somebody = User.objects.filter(username=OuterRef("username"))
        return rows.annotate(is_somebody=Exists(somebody))  # type: ignore[no-any-return]  # the stubs know no annotated rows

    @admin.display(description=_("user name"))
    def known_name(self, row: Any) -> Any:
        return row.username if row.is_somebody else _("unknown user name")


class _SecurityLog(_Borrowed):
    viewers = _SECURITY
    list_per_page = 50
    search_fields = ["username", "ip_address"]
    ordering = ["-attempt_time"]


class _Revocable(_Borrowed):
    """Rows that take effect: deleting one is how the security administrator ends that effect."""

    viewers = _SECURITY
    delete_confirmation_template = "revoke.html"
    #: What ends with a row, with the person's name.
    ends: Any = ""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        words = {"ends": self.ends % {"who": person_of(row)}, "subtitle": None} if row else {}
        return super().delete_view(request, object_id, {**words, **(extra_context or {})})

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, _("It is ended, and the log of this page says who did it."))
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(roles_of(request) & _SECURITY)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(_TypedNames, _Revocable):
    """Who is locked out, or about to be. Deleting the row lets that person in again."""

    nothing_yet = _("Nobody is locked out, or near it.")
    ends = _("%(who)s can log in again at once. The failed logins stay in a list of their own.")
    list_display = ["username", "failures", "ip_address", "attempt_time"]
    list_as_file = ["known_name", *list_display[1:]]
    search_fields = ["username", "ip_address"]
    ordering = ["-attempt_time"]
    # What was typed stays out: a failed login often holds a password in the field of the name.
    fields = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]

    @admin.display(description=_("Failed logins"), ordering="failures_since_start")
    def failures(self, attempt: AccessAttempt) -> int:
        return int(attempt.failures_since_start)


@admin.register(AccessLog)
class AccessLogAdmin(_SecurityLog):
    list_display = ["username", "ip_address", "attempt_time", "logout_time"]
    fields = ["username", "ip_address", "attempt_time", "logout_time", "user_agent"]


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(_TypedNames, _SecurityLog):
    nothing_yet = _("No login has failed yet.")
    list_display = ["username", "ip_address", "attempt_time", "locked_out"]
    list_as_file = ["known_name", *list_display[1:]]
    fields = ["username", "ip_address", "attempt_time", "locked_out", "user_agent"]


@admin.register(AuthToken)
class AuthTokenAdmin(_Revocable):
    """Phones that are logged in. Deleting a token logs that phone out."""

    ends = _("This phone of %(who)s is logged out at once and asks for the password again.")
    nothing_yet = _("No phone is logged in. A row comes with each login from a phone.")
    list_display = ["user", "device_name", "created", "last_used", "expiry"]
    list_as_file = ["user", "device_name", "created", "device__last_used_at", "expiry"]
    list_select_related = ["user", "device"]
    search_fields = ["user__username", "user__full_name", "device__name"]
    ordering = ["-created"]
    fields = ["user", "device_name", "created", "last_used", "expiry"]
    readonly_fields = ["device_name", "last_used"]

    def __init__(self, model: type[AuthToken], admin_site: admin.AdminSite) -> None:
        """knox names neither its table nor its columns for people."""
        super().__init__(model, admin_site)
        self.opts.verbose_name, self.opts.verbose_name_plural = _("auth token"), _("auth tokens")
        for column, words in {"user": _("user"), "created": _("logged in at"), "expiry": _("valid until")}.items():
            self.opts.get_field(column).verbose_name = words

    @admin.display(description=_("Device"), ordering="device__name")
    def device_name(self, token: Any) -> str:
        return token.device.name if hasattr(token, "device") else ""

    @admin.display(description=_("Last used"), ordering="device__last_used_at")
    def last_used(self, token: Any) -> str:
        """In words, since the page of one row would show a moment as Python writes it."""
        at = token.device.last_used_at if hasattr(token, "device") else None
        return date_format(localtime(at), "DATETIME_FORMAT") if at else "—"
