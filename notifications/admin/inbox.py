"""Reading one's own messages. They are frozen when written: nothing here changes their words."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter
from unfold.paginator import InfinitePaginator

from notifications.inbox import mark_all_read, mark_read, messages_of
from notifications.labels import COLOUR_LABELS
from notifications.models import Message

MARKS = ("", "●", "▲", "■")  # as everywhere: blue, yellow, red


class ReadFilter(DropdownFilter):
    title = _("state")
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Unread")), ("yes", _("Read"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(read_at__isnull=self.value() == "no")
        return queryset


@admin.register(Message)
class MessageAdmin(ModelAdmin):
    """Everybody's own inbox. Pressing a message marks it as read and goes to what it is about."""

    nothing_yet = _("No message has come yet. What concerns your posts comes here by itself.")
    list_display = ["mark", "news", "words", "sent"]
    list_as_file = ["colour_words", "subject", "body", "created_at", "read_at"]
    list_display_links = None
    list_filter = [ReadFilter]
    list_per_page = 30
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ["-id"]
    actions = None
    change_list_template = "notifications/inbox.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return messages_of(_own(request))

    def has_view_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return bool(request.user.is_authenticated)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == ReadFilter.parameter_name

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path("<int:message_id>/read/", guard(self.read), name="notifications_message_read"),
            path("read-all/", guard(self.read_all), name="notifications_message_read_all"),
        ]
        return [*own, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A message has no page of its own: its words stand in the list."""
        return HttpResponseRedirect(reverse("admin:notifications_message_changelist"))

    history_view = change_view

    @method_decorator(require_POST)
    def read(self, request: HttpRequest, message_id: int) -> HttpResponse:
        if not mark_read(user_id=_own(request), message_id=message_id, now=timezone.now()):
            raise Http404
        reference = messages_of(_own(request)).values_list("reference", flat=True).get(pk=message_id)
        return HttpResponseRedirect(self.admin_site.page_of(reference) or _inbox())

    @method_decorator(require_POST)
    def read_all(self, request: HttpRequest) -> HttpResponse:
        count = mark_all_read(user_id=_own(request), now=timezone.now())
        words = ngettext("%(count)d message marked as read.", "%(count)d messages marked as read.", count)
        messages.success(request, words % {"count": count})
        return HttpResponseRedirect(_inbox())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        response: TemplateResponse = super().changelist_view(request, {"title": _("Inbox"), **(extra_context or {})})
        return response

    @admin.display(description="")
    def mark(self, message: Message) -> SafeString:
        unread = "w-unread" if message.read_at is None else ""
        return format_html('<span class="w-mark w-c{} {}">{}</span>', message.colour, unread, MARKS[message.colour])

    @admin.display(description=_("colour"))
    def colour_words(self, message: Message) -> Any:
        return COLOUR_LABELS[message.colour] if message.colour else ""

    @admin.display(description=_("Message"))
    def news(self, message: Message) -> SafeString:
        """A button of the list's own form, because looking must not change anything and pressing does."""
        return format_html(
            '<button class="w-link{}" formaction="{}">{}</button>',
            "" if message.read_at else " w-strong",
            reverse("admin:notifications_message_read", args=[message.pk]),
            message.subject,
        )

    @admin.display(description=_("text"))
    def words(self, message: Message) -> str:
        return message.body

    @admin.display(description=_("sent at"))
    def sent(self, message: Message) -> SafeString:
        at = timezone.localtime(message.created_at)
        this_year = at.year == timezone.localtime().year
        words = date_format(at, gettext("j M H:i") if this_year else gettext("j M Y H:i"))
        return format_html('<span class="w-quiet">{}</span>', words)


def _own(request: HttpRequest) -> int:
    """The id of the person who asks; the site lets nobody else in."""
    return int(request.user.pk or 0)


def _inbox() -> str:
    return reverse("admin:notifications_message_changelist")
