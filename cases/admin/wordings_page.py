"""The words of every kind of news, Chinese and English side by side: tried on an example, put in force, taken back.

A draft lives in the form: an error keeps every field, and trying it writes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from cases import labels
from cases.admin.pages import open_to, render
from cases.admin.wording import chip
from cases.colours import Colour
from cases.messages import LATE
from grids.admin.person import actor_of, now_of
from grids.roles import Role
from notifications.channels.sms import shortened
from notifications.editing import places_of, proofread, restore, reword
from notifications.errors import Refused
from notifications.kinds import Kind, Saying, all_kinds, kind_of
from notifications.labels import CHANNEL_CHOICES
from notifications.models import Wording
from notifications.states import ChannelName
from notifications.wordings import Book, Place, title_of
from notifications.words import fill

EDITORS: Final = frozenset({Role.SYSTEM_ADMIN})
CHANNELS: Final[Mapping[str, Any]] = {"": gettext_lazy("All channels and the inbox"), **dict(CHANNEL_CHOICES)}
LANGUAGES: Final = dict(settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind in one colour: what it says today, and where somebody put other words."""

    kind: str
    colour: int
    title: str
    chip: Any
    subjects: list[str]
    edited: list[Any]
    last: Wording | None


@dataclass(slots=True)
class Side:
    """One language of the form. `seen`: when the words shown were changed, as it stands in the form."""

    language: str
    saying: Saying
    row: Wording | None = None
    seen: str = ""
    errors: Mapping[str, Any] = field(default_factory=dict)
    preview: Saying | None = None

    @property
    def name(self) -> str:
        return LANGUAGES[self.language]


@open_to(EDITORS)
def wordings(request: HttpRequest) -> HttpResponse:
    edited: dict[tuple[str, int], list[Wording]] = defaultdict(list)
    for row in Wording.objects.select_related("changed_by").order_by("kind", "colour", "channel", "language"):
        edited[row.kind, row.colour].append(row)
    rows = [_row(kind, colour, edited[kind.code, colour]) for kind in all_kinds() for colour in sorted(kind.sayings)]
    context = {"title": _("Wordings"), "rows": rows, "languages": LANGUAGES.values(), "now": now_of(request)}
    return render(request, "cases/wordings.html", context)


def _row(kind: Kind, colour: int, edited: list[Wording]) -> Row:
    book = _book(edited)
    return Row(
        kind=kind.code,
        colour=colour,
        title=title_of(kind),
        chip=chip(colour),
        subjects=[book.saying(kind.code, colour, language=language).subject for language in LANGUAGES],
        edited=list(dict.fromkeys(CHANNELS[row.channel] for row in edited)),
        last=max(edited, key=lambda row: row.changed_at, default=None),
    )


@open_to(EDITORS)
def wording(request: HttpRequest, kind: str, colour: int) -> HttpResponse:
    found, channel = _known(kind, colour), request.GET.get("channel", "")
    if channel not in CHANNELS:
        raise Http404
    rows = places_of(found, colour)
    if request.method != "POST":
        return _page(request, found, colour, channel, rows, _in_force(found, colour, channel, rows))
    press = request.POST.get("press", "")
    if press.startswith("restore."):
        return _restore(request, found, colour, channel, press.removeprefix("restore."))
    sides = _typed(request, found, colour, channel, rows)
    if press == "save":
        return _save(request, found, colour, channel, rows, sides)
    for side in sides:
        side.errors = _problems((found.code, colour, channel, side.language), side.saying)
    bad = any(side.errors for side in sides)
    return _page(request, found, colour, channel, rows, sides, status=400 if bad else 200)


def _known(code: str, colour: int) -> Kind:
    try:
        kind = kind_of(code)
    except KeyError:
        raise Http404 from None
    if colour not in kind.sayings:
        raise Http404
    return kind


def _in_force(kind: Kind, colour: int, channel: str, rows: Iterable[Wording]) -> list[Side]:
    book = _book(rows)
    own = {row.language: row for row in rows if row.channel == channel}
    return [
        Side(
            language=language,
            saying=book.saying(kind.code, colour, language=language, channel=channel),
            row=own.get(language),
            seen=own[language].changed_at.isoformat() if language in own else "",
        )
        for language in LANGUAGES
    ]


def _typed(request: HttpRequest, kind: Kind, colour: int, channel: str, rows: Iterable[Wording]) -> list[Side]:
    sides = _in_force(kind, colour, channel, rows)
    for side in sides:
        words = [request.POST.get(f"{part}.{side.language}", "") for part in ("subject", "body")]
        side.saying = Saying(*(text.replace("\r\n", "\n").strip() for text in words))
        side.seen = request.POST.get(f"seen.{side.language}", "")
    return sides


def _problems(place: Place, saying: Saying) -> Mapping[str, Any]:
    try:
        proofread(place, saying)
    except Refused as refusal:
        return refusal.errors
    return {}


def _save(
    request: HttpRequest, kind: Kind, colour: int, channel: str, rows: list[Wording], sides: list[Side]
) -> HttpResponse:
    """Both languages or none. A language whose words are those in force stays as it is."""
    standing = {side.language: side.saying for side in _in_force(kind, colour, channel, rows)}
    with transaction.atomic():
        for side in sides:
            if side.saying == standing[side.language]:
                continue
            try:
                reword(
                    place=(kind.code, colour, channel, side.language),
                    saying=side.saying,
                    seen=_moment(side.seen),
                    by_id=actor_of(request).user_id,
                    now=now_of(request),
                )
            except Refused as refusal:
                side.errors = refusal.errors
        if any(side.errors for side in sides):
            transaction.set_rollback(True)
    if any(side.errors for side in sides):
        return _page(request, kind, colour, channel, rows, sides, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("The words are in force. What was told already keeps its own."))
    return HttpResponseRedirect(_address(kind, colour, channel))


def _restore(request: HttpRequest, kind: Kind, colour: int, channel: str, language: str) -> HttpResponse:
    if language not in LANGUAGES:
        raise Http404
    try:
        restore(
            place=(kind.code, colour, channel, language),
            seen=_moment(request.POST.get(f"seen.{language}", "")),
            by_id=actor_of(request).user_id,
        )
    except Refused as refusal:
        messages.error(request, str(refusal.errors["subject"]))
    else:
        messages.success(request, _("The edited words are gone; what stood there before is in force."))
    return HttpResponseRedirect(_address(kind, colour, channel))


def _page(
    request: HttpRequest,
    kind: Kind,
    colour: int,
    channel: str,
    rows: list[Wording],
    sides: list[Side],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    for side in sides:
        side.preview = preview_of(side.saying, kind, colour, channel=channel, language=side.language)
    edited = {row.channel for row in rows}
    context = {
        "title": title_of(kind),
        "chip": chip(colour),
        "now": now_of(request),
        "address": _address(kind, colour, channel),
        "channel": channel,
        "tabs": [(code, name, code in edited) for code, name in CHANNELS.items()],
        "facts": [
            (f"{{{name}}}", sample) for name, sample in example_of(kind, colour, translation.get_language()).items()
        ],
        "sides": sides,
    }
    return render(request, "cases/wording.html", context, status=status)


def preview_of(saying: Saying, kind: Kind, colour: int, *, channel: str, language: str) -> Saying:
    """What arrives on that channel when the facts are those of the example."""
    facts = example_of(kind, colour, language)
    subject, body = fill(saying.subject, facts), fill(saying.body, facts)
    return Saying("", shortened(subject, body)) if channel == ChannelName.SMS else Saying(subject, body)


def example_of(kind: Kind, colour: int, language: str) -> dict[str, str]:
    """The sample of the kind in the words of that language; what names a colour names this one."""
    with translation.override(language):
        facts = {name: gettext(value) for name, value in kind.sample.items()}
        if "late" in facts:  # a sentence that is filled in itself, so that the sample cannot be one msgid
            facts["late"] = gettext(LATE).format(moment=facts["due"])
        return facts | {"colour": str(labels.COLOUR[Colour(colour)])} if "colour" in facts else facts


def _book(rows: Iterable[Wording]) -> Book:
    """As they are now; its age is of no interest here."""
    edited = {(r.kind, r.colour, r.channel, r.language): Saying(r.subject, r.body) for r in rows}
    return Book(datetime.min.replace(tzinfo=UTC), edited)


def _moment(written: str) -> datetime | None:
    """When the words that the editor saw were changed; nonsense fits no row."""
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _address(kind: Kind, colour: int, channel: str) -> str:
    address = reverse("admin:wording", args=[kind.code, colour])
    return f"{address}?channel={channel}" if channel else address
