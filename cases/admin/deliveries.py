"""The outbox in an operator's hands: what is on its way, and what could not be delivered. No text of a message."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter

from cases.admin.paginator import InfinitePaginator
from grids.admin.permissions import RoleAdmin
from grids.admin.person import now_of
from grids.roles import Role
from notifications.dead_letters import give_up, retry
from notifications.failures import told
from notifications.labels import CHANNEL_CHOICES, STATE_CHOICES
from notifications.models import Delivery
from notifications.states import State


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return STATE_CHOICES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ChannelFilter(DropdownFilter):
    title = _("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return CHANNEL_CHOICES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(RoleAdmin):
    """Every delivery with its state and its last error. Dead letters can be sent again or given up."""

    viewers = frozenset({Role.SYSTEM_ADMIN})
    nothing_yet = _(
        "Nothing was sent yet. Channels are switched on under Channels; "
        "each officer adds an address under How I am told."
    )
    list_display = ["id", "channel", "recipient", "bundle", "state", "attempts", "not_before", "finished_at", "error"]
    list_display_links = None
    list_filter = [StateFilter, ChannelFilter]
    list_before_template = "cases/deliveries_before.html"
    list_select_related = ["recipient"]
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ["-id"]
    actions = ("send_again", "drop")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The actions of this page alone: nothing is deleted here."""
        found: dict[str, Any] = super().get_actions(request)
        return {name: action for name, action in found.items() if name in self.actions}

    @admin.display(description=_("error"))
    def error(self, delivery: Delivery) -> str:
        return told(delivery.last_error)

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = retry(delivery_ids=_dead(queryset), now=now_of(request))
        words = ngettext(
            "%(count)d message waits to be sent again.",
            "%(count)d messages wait to be sent again.",
            count,
        )
        messages.success(request, words % {"count": count})

    @admin.action(description=_("Take off the list"))
    def drop(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = give_up(delivery_ids=_dead(queryset))
        words = ngettext("%(count)d message was given up.", "%(count)d messages were given up.", count)
        messages.success(request, words % {"count": count})


def _dead(queryset: QuerySet[Delivery]) -> list[int]:
    """At most one page of them: the list offers no more."""
    return list(queryset.filter(state=State.DEAD).values_list("pk", flat=True)[:1000])
