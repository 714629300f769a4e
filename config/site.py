"""The web site of officers: who may enter, the words around every page, and the switch of language."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.forms import AuthenticationForm as UnfoldAuthenticationForm
from unfold.sites import UnfoldAdminSite

from grids.models import User


class OfficerLogin(UnfoldAuthenticationForm):
    """Every active officer may log in: what opens then is decided by posts, not by Django's staff flag."""

    error_messages = {
        **UnfoldAuthenticationForm.error_messages,
        "invalid_login": _("The user name or the password is wrong."),
    }

    def confirm_login_allowed(self, user: User) -> None:
        AuthenticationForm.confirm_login_allowed(self, user)


class WhistleSite(UnfoldAdminSite):
    login_form = OfficerLogin
    index_template = "cases/desk.html"
    index_title = _("Desk")
    password_change_template = "registration/password_change_form.html"  # noqa: S105 — the name of a page
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active)

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """An address of a button that is opened as a page, as after a new login, says so instead of nothing at all."""
        guarded: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = guarded(request, *args, **kwargs)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
                page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
                page["Allow"] = response["Allow"]
                return page
            return response

        return answered

    def extra_urls(self) -> list[URLPattern]:
        # Models are there by the time addresses are asked for.
        from cases.admin.addresses import addresses
        from config import engine_page

        return [
            path("language/", self.switch_language, name="language"),
            path("engine/", self.admin_view(engine_page.engine), name="engine"),
            path("engine/reconcile/", self.admin_view(engine_page.reconcile_now), name="engine_reconcile"),
            *addresses(self.admin_view),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The desk; with `part` only what it renews by itself."""
        from cases.admin.desk import page

        response: HttpResponse = page.parts(request) if "part" in request.GET else super().index(request, extra_context)
        return response

    @method_decorator(require_POST)
    def switch_language(self, request: HttpRequest) -> HttpResponse:
        """Remember the language for this browser and, when somebody is logged in, for that person's messages too."""
        language = request.POST.get("language", "")
        response = HttpResponseRedirect(self._way_back(request))
        if language in dict(settings.LANGUAGES):
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
            if request.user.is_authenticated:
                User.objects.filter(pk=request.user.pk).update(language=language)
        return response

    def page_of(self, reference: str) -> str | None:
        """Where a message leads: the case of that number, if it names one."""
        try:
            return reverse("admin:cases_case_change", args=[reference]) if reference else None
        except NoReverseMatch:
            return None

    def _way_back(self, request: HttpRequest) -> str:
        wanted = request.POST.get("next") or request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return wanted if safe else reverse("admin:index")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        return context | {"redirect_to": request.get_full_path(), "site_url": ""}
