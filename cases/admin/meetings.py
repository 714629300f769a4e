"""周调度 and 月推进: the lists that were drawn up; one list, its decisions typed in place, its print and its files."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases import labels, phrases
from cases.access import visible_to
from cases.actions.exporting import note_export, noted
from cases.actions.meetings import CONVENERS, LONGEST_DECISION, decide_item, draw_up
from cases.admin import wording
from cases.admin.downloads import FORMATS
from cases.admin.meeting_file import WIDTHS, lines, reason_words
from cases.admin.pages import Slice, moment_in, open_to, render, render_part, sentence_of, slice_of, status_of
from cases.admin.places import place_words, township_code, township_names
from cases.errors import CaseError, NotVisible
from cases.models import Meeting, MeetingItem
from cases.terms import Concern, MeetingKind
from grids.actors import Actor
from grids.admin.person import actor_of, now_of

MEETINGS_SHOWN, ITEMS_SHOWN = 30, 40
#: Rows of one print and of one file; what is left out is said at its end.
MOST_PRINTED, MOST_EXPORTED = 500, 5000
UNDECIDED = "undecided"
_KINDS = frozenset(kind.value for kind in MeetingKind)
_REASONS = frozenset({UNDECIDED, *(concern.value for concern in Concern)})


@dataclass(frozen=True, slots=True)
class Listed:
    """One meeting with how many of its items this person sees, and how many still want a decision."""

    meeting: Meeting
    items: int
    undecided: int


@dataclass(frozen=True, slots=True)
class Row:
    """One item. `typed` and `wrong` are what was just sent and why it was not taken."""

    item: MeetingItem
    place: str
    reasons: list[Any]
    due: wording.Due | None
    typed: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A decision that was not recorded, with everything that was typed."""

    item_id: int
    typed: str
    wrong: str


@open_to(CONVENERS)
def meetings(request: HttpRequest) -> HttpResponse:
    shown = slice_of(Meeting.objects.all(), request.GET.get("page", ""), size=MEETINGS_SHOWN)
    context = {
        "title": _("Dispatch meetings"),
        "meetings": _with_counts(actor_of(request), shown),
        "shown": shown,
        "kinds": labels.choices(labels.MEETING),
        "now": now_of(request),
    }
    return render(request, "cases/meetings.html", context)


@open_to(CONVENERS)
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    return _meeting_page(request, _meeting(meeting_id))


@open_to(CONVENERS)
@require_POST
def draw_up_now(request: HttpRequest) -> HttpResponse:
    """The list of today: a second press leads to the one that is there."""
    kind = request.POST.get("kind", "")
    if kind not in _KINDS:
        raise Http404
    now = now_of(request)
    drawn = draw_up(MeetingKind(kind), now=now, county=settings.COUNTY_CODE)
    if drawn.drawn_up_at == now:
        messages.success(request, _("The list is drawn up."))
    else:
        messages.info(request, _("Today's list was drawn up before; here it is."))
    return HttpResponseRedirect(reverse("admin:meeting", args=[drawn.pk]))


@open_to(CONVENERS)
@require_POST
def decide(request: HttpRequest, meeting_id: int, item_id: int) -> HttpResponse:
    """Record one decision. What is not taken stays in its field, with the reason beside it.

    With `part` its cell alone is answered, which the script puts into its place.
    """
    held, typed = _meeting(meeting_id), request.POST.get("decision", "")
    refused, status = None, 200
    try:
        _record(request, item_id, typed)
    except NotVisible as error:
        raise Http404 from error
    except CaseError as error:
        refused, status = Refused(item_id, typed, sentence_of(error, "decision")), status_of(error)
    if "part" in request.POST:
        return _cell(request, held, item_id, refused, status=status)
    if refused:
        return _meeting_page(request, held, refused, status=status)
    address = reverse("admin:meeting", args=[meeting_id])
    return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}#item-{item_id}")


def _record(request: HttpRequest, item_id: int, typed: str) -> None:
    """With what the page had shown as recorded, where it says so: somebody else's decision is not overwritten."""
    given: dict[str, Any] = {}
    if (shown := request.POST.get("seen")) is not None:
        given["seen"] = moment_in(shown)
        if shown and given["seen"] is None:
            raise Http404
    decide_item(item_id=item_id, actor=actor_of(request), now=now_of(request), decision=typed, **given)


def _cell(request: HttpRequest, held: Meeting, item_id: int, refused: Refused | None, *, status: int) -> HttpResponse:
    (row,) = _rows(list(_chosen(request, held.pk, reason="").filter(pk=item_id)), now=now_of(request), refused=refused)
    context = {"row": row, "meeting": held, "now": now_of(request), "told": not refused}
    return render_part(request, "cases/meeting_decision.html", context, status=status)


@open_to(CONVENERS)
def print_meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    held, items = _meeting(meeting_id), _chosen(request, meeting_id)
    found = list(items[: MOST_PRINTED + 1])
    context = {
        "meeting": held,
        "now": now_of(request),
        "rows": _rows(found[:MOST_PRINTED], now=now_of(request)),
        "reason": dict(_reasons()).get(_reason(request), ""),
        "left_out": items.count() - MOST_PRINTED if len(found) > MOST_PRINTED else 0,
    }
    return render(request, "cases/meeting_print.html", context)


@open_to(CONVENERS)
@require_POST
def export_meeting(request: HttpRequest, meeting_id: int) -> HttpResponseBase:
    """The list as a file; that it was taken is noted first."""
    held, format = _meeting(meeting_id), request.POST.get("format", "")
    if format not in FORMATS:
        raise Http404
    items, now = _chosen(request, meeting_id), now_of(request)
    total = items.count()
    note = note_export(
        what="meeting",
        format=format,
        criteria={"meeting": meeting_id, "reason": _reason(request)},
        rows=min(total, MOST_EXPORTED),
        actor=actor_of(request),
        now=now,
    )
    name = f"{labels.MEETING[MeetingKind(held.kind)]} {held.day:%Y-%m-%d}"
    return FORMATS[format](noted(lines(items, total, most=MOST_EXPORTED), note, timezone.now), name, WIDTHS)


def items_of(actor: Actor) -> QuerySet[MeetingItem]:
    """The items whose cases this person sees: one that was sealed after the list was drawn up is gone from it."""
    return MeetingItem.objects.filter(case__in=visible_to(actor))


def _meeting(meeting_id: int) -> Meeting:
    found = Meeting.objects.filter(pk=meeting_id).first()
    if found is None:
        raise Http404(_("There is no such meeting."))
    return found


def _with_counts(actor: Actor, shown: Slice[Meeting]) -> list[Listed]:
    rows = items_of(actor).filter(meeting__in=[row.pk for row in shown.rows]).order_by().values_list("meeting")
    counts = {
        pk: (items, undecided)
        for pk, items, undecided in rows.annotate(items=Count("pk"), undecided=Count("pk", Q(decided_at=None)))
    }
    return [Listed(row, *counts.get(row.pk, (0, 0))) for row in shown.rows]


def _chosen(request: HttpRequest, meeting_id: int, *, reason: str | None = None) -> QuerySet[MeetingItem]:
    """The items of the list in its order, those of a reason: the one that was chosen, where none is given."""
    items = (
        items_of(actor_of(request))
        .filter(meeting=meeting_id)
        .select_related("case__area__parent", "case__lead", "decided_by")
        .defer("case__description", "case__address")
        .order_by("id")
    )
    reason = _reason(request) if reason is None else reason
    if reason == UNDECIDED:
        return items.filter(decided_at=None)
    return items.filter(reasons__contains=[reason]) if reason else items


def _reason(request: HttpRequest) -> str:
    wanted = request.GET.get("reason", "")
    return wanted if wanted in _REASONS else ""


def _meeting_page(
    request: HttpRequest, held: Meeting, refused: Refused | None = None, *, status: int = 200
) -> HttpResponse:
    reason = _reason(request)
    shown = slice_of(_chosen(request, held.pk), request.GET.get("page", ""), size=ITEMS_SHOWN)
    context = {
        "title": f"{held.get_kind_display()} · {phrases.dated(held.day, now=now_of(request))}",
        "meeting": held,
        "rows": _rows(shown.rows, now=now_of(request), refused=refused),
        "shown": shown,
        "refused": refused,
        "reason": reason,
        "here": urlencode({"reason": reason, "page": str(shown.number)}),
        "tabs": _tabs(actor_of(request), held.pk),
        "longest": LONGEST_DECISION,
        "now": now_of(request),
    }
    return render(request, "cases/meeting.html", context, status=status)


def _tabs(actor: Actor, meeting_id: int) -> list[tuple[str, Any, int]]:
    """(reason, its words, how many items have it). One query."""
    wanted: dict[str, Q] = {concern.value: Q(reasons__contains=[concern.value]) for concern in Concern}
    counts = {name: Count("pk", having) for name, having in {UNDECIDED: Q(decided_at=None), **wanted}.items()}
    found = items_of(actor).filter(meeting=meeting_id).aggregate(total=Count("pk"), **counts)
    return [("", _("All"), found["total"]), *((value, words, found[value]) for value, words in _reasons())]


def _reasons() -> list[tuple[str, Any]]:
    return [(UNDECIDED, _("Without a decision")), *labels.choices(labels.CONCERN)]


def _rows(items: list[MeetingItem], *, now: datetime, refused: Refused | None = None) -> list[Row]:
    dueness = partial(wording.due, now=now, calendar=wording.live_calendar())
    townships = township_names(item.case.area_code for item in items)
    return [
        Row(
            item=item,
            place=place_words(item.case, townships.get(township_code(item.case.area_code), "")),
            reasons=reason_words(item),
            due=dueness(item.case.due_at) if item.case.due_at else None,
            typed=refused.typed if refused and refused.item_id == item.pk else item.decision,
            wrong=refused.wrong if refused and refused.item_id == item.pk else "",
        )
        for item in items
    ]
