"""Clocks set aside: what the sweep could not work on, why, and another try at the press of a button."""

import logging
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cases.escalation import Retried, retry
from cases.models import Clock
from grids.admin.permissions import RoleAdmin
from grids.admin.person import now_of
from grids.roles import Role

log = logging.getLogger(__name__)

_OUTCOME = {
    Retried.DONE: (messages.SUCCESS, gettext_lazy("Clock %(clock)d is done: what it owed was written.")),
    Retried.HELD: (messages.ERROR, gettext_lazy("Clock %(clock)d failed again and stays set aside.")),
    Retried.BUSY: (
        messages.WARNING,
        gettext_lazy("Clock %(clock)d owes nothing at this moment, or somebody acts on its case; please look again."),
    ),
}


@admin.register(Clock)
class SetAsideClockAdmin(RoleAdmin):
    """Clocks that the sweep could not work on. They show what went wrong, and nothing of the matter."""

    viewers = frozenset({Role.SYSTEM_ADMIN})
    nothing_yet = gettext_lazy("No clock is set aside: the sweep works on every one.")
    list_display = ["id", "case_ref", "kind", "next_moment", "held_until", "held_error", "try_again"]
    list_as_file = list_display[:-1]
    list_before_template = "cases/held_before.html"
    list_per_page = 50
    ordering = ["held_until", "id"]
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    fields = ["case_ref", "kind", "started_at", "limit", "due_at", "next_moment", "held_until", "held_error"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clock]:
        clocks: QuerySet[Clock] = super().get_queryset(request)
        return clocks.filter(held_until__isnull=False)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.retry_view))
        return [path("<int:clock_id>/retry/", view, name="cases_clock_retry"), *super().get_urls()]

    def retry_view(self, request: HttpRequest, clock_id: int) -> HttpResponse:
        """Who pressed is written to the log and to the history of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        clock = self.get_queryset(request).filter(pk=clock_id).first()
        if clock is None:
            messages.info(request, _("This clock is not set aside any more."))
            return _back()
        outcome = retry(clock_id=clock_id, now=now_of(request))
        log.info("clock %s was tried again by user %s: %s", clock_id, request.user.pk, outcome.value)
        self.log_change(request, clock, f"tried again: {outcome.value}")
        level, words = _OUTCOME[outcome]
        messages.add_message(request, level, words % {"clock": clock_id})
        return _back()

    @admin.display(description=gettext_lazy("case"))
    def case_ref(self, clock: Clock) -> int:
        return clock.case_id

    @admin.display(description="")
    def try_again(self, clock: Clock) -> SafeString:
        """The table stands in a form of its own, whose token goes along."""
        address: Any = reverse("admin:cases_clock_retry", args=[clock.pk])
        button = '<button class="w-button w-small" type="submit" formaction="{}">{}</button>'
        return format_html(button, address, _("Try again"))


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:cases_clock_changelist"))
