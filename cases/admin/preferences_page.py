"""Where and by what a person wants to be told: one's own choices and addresses, and nobody else's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.pages import render
from cases.admin.wording import chip
from grids.admin.person import actor_of, now_of
from notifications.demands import COLOURS
from notifications.errors import Refused
from notifications.failures import told
from notifications.labels import CHANNEL_CHOICES
from notifications.models import Address
from notifications.preferences import (
    Cell,
    add_address,
    addresses_of,
    cells_of,
    choose,
    remove_address,
    send_test,
    use_again,
)
from notifications.states import ChannelName, DemandKind
from notifications.targets import SIGNED, shown
from notifications.use import channels_in_use

CHANNELS: Final = dict(CHANNEL_CHOICES)
HINTS: Final = {
    ChannelName.EMAIL: gettext_lazy("name@example.org"),
    ChannelName.SMS: gettext_lazy("a mobile number of eleven digits"),
    ChannelName.WEBHOOK: gettext_lazy("https:// address of the receiver"),
    ChannelName.WECOM: gettext_lazy("address of the robot, from the settings of the group"),
    ChannelName.DINGTALK: gettext_lazy("address of the robot, and its secret if it wants signatures"),
    ChannelName.FEISHU: gettext_lazy("address of the robot, and its secret if it wants signatures"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One colour with its cells."""

    chip: Any
    cells: list[tuple[Cell, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """One address as its owner sees it. `failure`: why nothing goes there any more."""

    row: Address
    channel: Any
    target: str
    in_use: bool
    failure: str


def preferences(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    press = request.POST.get("press", "")
    if press not in _PRESSES:
        raise Http404
    try:
        return _PRESSES[press](request)
    except Refused as refusal:
        return _page(request, errors=refusal.errors, status=HTTPStatus.BAD_REQUEST)


def _choose(request: HttpRequest) -> HttpResponse:
    """Every cell that leaves a choice is in the form; a box without a tick is not sent."""
    ticked = set(request.POST.getlist("wish"))
    cells = [cell for cell in cells_of(_own(request)) if not cell.is_fixed]
    wishes = {(cell.colour, cell.channel): f"{cell.colour}.{cell.channel}" in ticked for cell in cells}
    choose(user_id=_own(request), wishes=wishes)
    messages.success(request, _("Your choice is kept."))
    return _back()


def _add(request: HttpRequest) -> HttpResponse:
    """The secret of a webhook is shown on this answer and never again."""
    posted = request.POST
    try:
        channel = ChannelName(posted.get("channel", ""))
    except ValueError:
        raise Refused({"channel": _("Choose a channel first.")}) from None
    address = add_address(
        user_id=_own(request),
        channel=channel,
        written=posted.get("target", ""),
        label=posted.get("label", ""),
        secret=posted.get("secret", ""),
    )
    if channel is ChannelName.WEBHOOK:
        return _page(request, added=address)
    messages.success(request, _("The address is kept. Send a test message to see whether it arrives."))
    return _back()


def _remove(request: HttpRequest) -> HttpResponse:
    if not remove_address(user_id=_own(request), address_id=_address(request)):
        raise Http404
    messages.success(request, _("The address is removed."))
    return _back()


def _use_again(request: HttpRequest) -> HttpResponse:
    if not use_again(user_id=_own(request), address_id=_address(request)):
        raise Http404
    messages.success(request, _("The address is in use again."))
    return _back()


def _test(request: HttpRequest) -> HttpResponse:
    language = actor_language(request)
    if not send_test(user_id=_own(request), language=language, address_id=_address(request), now=now_of(request)):
        raise Http404
    messages.success(request, _("A test message is on its way; one a minute goes out."))
    return _back()


_PRESSES: Final[Mapping[str, Callable[[HttpRequest], HttpResponse]]] = {
    "choose": _choose,
    "add": _add,
    "remove": _remove,
    "use_again": _use_again,
    "test": _test,
}


def reason_of(cell: Cell) -> Any:
    """Why there is nothing to choose; an empty text where there is."""
    if cell.demand is DemandKind.REQUIRED:
        return _("Required: the policy of the county")
    if cell.demand is DemandKind.NEVER:
        return _("Never on this channel")
    return _("Red always comes") if cell.is_fixed else ""


def _page(
    request: HttpRequest,
    *,
    errors: Mapping[str, Any] | None = None,
    added: Address | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    used = channels_in_use()
    context = {
        "title": _("How I am told"),
        "now": now_of(request),
        "channels": [(channel, CHANNELS[channel], HINTS[channel]) for channel in used],
        "lines": _lines(cells_of(_own(request))) if used else [],
        "places": [_place(row, used) for row in addresses_of(_own(request))],
        "errors": errors or {},
        "typed": request.POST if errors else {},
        "signs": not SIGNED.isdisjoint(used),
        "added": added,
    }
    return render(request, "cases/preferences.html", context, status=status)


def _lines(cells: list[Cell]) -> list[Line]:
    return [
        Line(chip(colour) or _("Other news"), [(cell, reason_of(cell)) for cell in cells if cell.colour == colour])
        for colour in COLOURS
    ]


def _place(row: Address, used: list[ChannelName]) -> Place:
    return Place(row, CHANNELS[row.channel], shown(row.channel, row.target), row.channel in used, told(row.failure))


def actor_language(request: HttpRequest) -> str:
    return str(getattr(request.user, "language", "zh-hans"))


def _own(request: HttpRequest) -> int:
    return actor_of(request).user_id or 0


def _address(request: HttpRequest) -> int:
    """Of the row whose button was pressed; 0, which no row has, for nonsense."""
    written = request.POST.get("address", "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else 0


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:preferences"))
