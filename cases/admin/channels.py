"""The rows by which delivery goes: channels of this installation, and the hours of everybody."""

from datetime import time
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from grids.admin.opened import OpenedForm
from grids.admin.permissions import RoleAdmin
from grids.roles import Role
from notifications.channels import CARRIERS
from notifications.models import ChannelTerms, OfficeHours
from notifications.states import ChannelName
from notifications.use import is_used

_SYSTEM = frozenset({Role.SYSTEM_ADMIN})
MOST_DIGESTS = 6
#: What a channel has not got that is not configured (docs/operations.md, "The environment").
_NEEDED = {ChannelName.EMAIL: "EMAIL_HOST", ChannelName.SMS: "SMS_GATEWAY_URL"}


@admin.register(ChannelTerms)
class ChannelTermsAdmin(RoleAdmin):
    """One row for each channel of the closed list, made by the seeds; none is added or deleted here."""

    editors = _SYSTEM
    list_display = ["channel", "is_on", "now", "per_minute", "timeout", "attempts"]
    list_display_links = ["channel"]
    sortable_by = ()
    fields = ["channel", "is_on", "now", "per_minute", "timeout", "attempts"]
    readonly_fields = ["channel", "now"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("At present"))
    def now(self, terms: ChannelTerms) -> Any:
        """What follows from the switch and the configuration together."""
        channel = ChannelName(terms.channel)
        if CARRIERS[channel].is_configured():
            return _("carries messages") if is_used(terms) else _("carries nothing: switched off by hand")
        if is_used(terms):
            return _("keeps its messages until %(name)s is set") % {"name": _NEEDED[channel]}
        return _("carries nothing: %(name)s is not set") % {"name": _NEEDED[channel]}


class HoursForm(OpenedForm):
    """The times of the digests as people write them: 08:30, 14:30."""

    digests = forms.CharField(
        label=_("digest at"),
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Times of day such as 08:30, 14:30; blue news is gathered until then. Empty: at once."),
    )

    class Meta:
        model = OfficeHours
        fields = ("quiet_from", "quiet_until", "digests", "storm_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["digests"] = ", ".join(f"{at:%H:%M}" for at in self.instance.digests)

    def clean_digests(self) -> list[time]:
        written = cast("str", self.cleaned_data["digests"]).replace("，", ",").replace("、", ",")
        parts = [part.strip() for part in written.split(",") if part.strip()]
        if len(parts) > MOST_DIGESTS:
            raise ValidationError(_("At most %(count)d times."), params={"count": MOST_DIGESTS})
        try:
            return sorted({_minute(part) for part in parts})
        except ValueError:
            raise ValidationError(_("Write times such as 08:30, 14:30.")) from None


def _minute(written: str) -> time:
    at = time.fromisoformat(written)
    if at.tzinfo or at.second or at.microsecond:
        raise ValueError(written)
    return at


@admin.register(OfficeHours)
class OfficeHoursAdmin(RoleAdmin):
    """One row; its list is its page."""

    editors = _SYSTEM
    form = HoursForm
    list_display = ["quiet_from", "quiet_until", "digests", "storm_from"]
    change_form_template = "cases/office_hours.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No second one."""
        return super().has_add_permission(request) and not OfficeHours.objects.exists()

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """For the frame of every page, which would ask the table each time whether a row may be added."""
        edits = super().has_change_permission(request)
        return {"add": False, "change": edits, "delete": False, "view": edits}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        row = OfficeHours.objects.first()
        if row is None or not self.has_view_permission(request):
            response: HttpResponse = super().changelist_view(request, extra_context)
            return response
        return HttpResponseRedirect(reverse("admin:notifications_officehours_change", args=[row.pk]))
