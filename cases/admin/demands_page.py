"""Who is told of what by which channel, as one table, and whom a required channel cannot reach."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.pages import Slice, open_to, render, slice_of
from cases.admin.wording import WORDS, chip
from cases.colours import Colour
from grids.actors import ZONE
from grids.admin.person import actor_of, now_of
from grids.models import Post, User
from grids.roles import Role
from notifications.channels import CARRIERS
from notifications.demands import COLOURS, RED
from notifications.governing import Cell as Place
from notifications.governing import Demands, Overtaken, demand, demands_now, required_channels
from notifications.labels import CHANNEL_CHOICES, DEMAND_CHOICES
from notifications.models import Address, ChannelTerms
from notifications.states import ChannelName, DemandKind

log = logging.getLogger(__name__)

EDITORS: Final = frozenset({Role.SYSTEM_ADMIN})
CHANNELS: Final = dict(CHANNEL_CHOICES)
KINDS: Final = dict(DEMAND_CHOICES)
UNREACHED_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """One selection of the table."""

    name: str
    label: str
    value: str
    options: list[tuple[str, Any]]
    #: What it held when the page was opened, and what it holds now where that is something else.
    seen: str = ""
    now: Any = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One channel as the operator sees it: not switched off, and with what it needs."""

    name: Any
    is_on: bool
    is_configured: bool
    page: str


@open_to(EDITORS)
def demands(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    seen = _written(request, "seen.")
    wanted = {cell: kind for cell, kind in _written(request, "").items() if kind != seen.get(cell)}
    try:
        demand(wanted, seen=seen, by_id=int(request.user.pk or 0))
    except Overtaken as overtaken:
        return _page(request, wanted=wanted, overtaken=overtaken.now)
    log.info("the user %s set what channels must carry", actor_of(request).user_id)
    messages.success(request, _("The table is in force for what is told from now on."))
    return HttpResponseRedirect(reverse("admin:demands"))


def _written(request: HttpRequest, prefix: str) -> dict[Place, DemandKind]:
    cells = {(colour, channel): f"{prefix}{colour}.{channel}" for colour in COLOURS for channel in ChannelName}
    written = {cell: request.POST.get(name, "") for cell, name in cells.items()}
    return {cell: DemandKind(code) for cell, code in written.items() if code in KINDS}


def _page(request: HttpRequest, *, wanted: Demands | None = None, overtaken: Demands | None = None) -> HttpResponse:
    """`wanted`: what somebody typed and has not stored; `overtaken`: what others put in its place."""
    required = required_channels()
    shown = _unreached(request, required)
    context = {
        "title": _("Who is told of what"),
        "columns": _columns(),
        "lines": _lines(wanted or {}, overtaken or {}),
        "overtaken": bool(overtaken),
        "required": [CHANNELS[channel] for channel in required],
        "shown": shown,
        "people": [(user, _missing(user, required)) for user in shown.rows],
    }
    return render(request, "cases/demands.html", context, status=HTTPStatus.CONFLICT if overtaken else HTTPStatus.OK)


def _columns() -> list[Column]:
    terms = {row.channel: row for row in ChannelTerms.objects.all()}
    return [
        Column(
            name=CHANNELS[channel],
            is_on=channel in terms and terms[channel].is_on is not False,
            is_configured=CARRIERS[channel].is_configured(),
            page=_terms_page(terms.get(channel)),
        )
        for channel in ChannelName
    ]


def _terms_page(row: ChannelTerms | None) -> str:
    if row is None:
        return reverse("admin:notifications_channelterms_changelist")
    return reverse("admin:notifications_channelterms_change", args=[row.pk])


def _lines(wanted: Demands, overtaken: Demands) -> list[tuple[Any, list[Cell]]]:
    standing = demands_now()
    return [
        (
            chip(colour) or _("Other news"),
            [_cell((colour, channel), standing, wanted, overtaken) for channel in ChannelName],
        )
        for colour in COLOURS
    ]


def _cell(place: Place, standing: Demands, wanted: Demands, overtaken: Demands) -> Cell:
    colour, channel = place
    seen, options = standing.get(place, DemandKind.NEVER), _options(colour)
    return Cell(
        f"{colour}.{channel}",
        f"{WORDS[Colour(colour)] if colour else _('Other news')} · {CHANNELS[channel]}",
        wanted.get(place, seen),
        options,
        seen=seen,
        now=dict(options)[seen] if place in overtaken else "",
    )


def _options(colour: int) -> list[tuple[str, Any]]:
    """Red cannot be switched off by anybody: "on" says so."""
    named = {DemandKind.ON.value: _("On, not to be switched off")} if colour == RED else {}
    return [(code, named.get(code, words)) for code, words in DEMAND_CHOICES]


def _unreached(request: HttpRequest, required: list[ChannelName]) -> Slice[User]:
    """People with a post today of whom a required channel has no living address."""
    today = now_of(request).astimezone(ZONE).date()
    held = Post.objects.on(today).filter(user=OuterRef("pk"))
    return slice_of(_without(required).filter(Exists(held)), request.GET.get("page", ""), size=UNREACHED_SHOWN)


def _missing(user: User, required: list[ChannelName]) -> list[Any]:
    """The channels that `_without` found no address on."""
    return [CHANNELS[channel] for channel in required if not vars(user)[f"has_{channel}"]]


def _without(required: list[ChannelName]) -> QuerySet[User]:
    living = Address.objects.filter(user=OuterRef("pk"), is_active=True)
    has = {f"has_{channel}": Exists(living.filter(channel=channel)) for channel in required}
    lacks = Q()
    for name in has:
        lacks |= Q(**{name: False})
    people = User.objects.filter(is_active=True).order_by("username").annotate(**has)
    return people.filter(lacks) if has else people.none()
