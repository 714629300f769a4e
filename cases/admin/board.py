"""督办看板: orders by what they wait for, proposed interviews with their evidence, and who is red.

The inspector acts here; leaders read their area's, heads and deputies their own unit's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cases import labels
from cases.access import visible_to
from cases.actions.interviews import decide_interview
from cases.admin import wording
from cases.admin.pages import Slice, open_to, render, slice_of
from cases.admin.supervised import READERS, orders_for, units_for
from cases.admin.waiting import age_words
from cases.calendar import WorkCalendar
from cases.colours import Colour
from cases.errors import CaseError, NotVisible
from cases.models import Alert, Clock, InterviewProposal, SupervisionOrder
from cases.terms import ClockKind, InterviewRule
from grids.actors import Actor
from grids.admin.person import actor_of, now_of
from grids.roles import Role

CARDS_SHOWN, PROPOSALS_SHOWN, UNITS_SHOWN, CASES_NAMED = 12, 5, 12, 6
RED_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Card:
    """One order. `since` says how long it has waited in its column; `due` is None once it was answered."""

    order: SupervisionOrder
    since: str
    due: wording.Due | None
    reds: int


@dataclass(frozen=True, slots=True)
class Column:
    """`parameter` is the name of its page number in the address; `total` None where counting would cost too much."""

    parameter: str
    title: Any
    empty: Any
    cards: list[Card]
    shown: Slice[SupervisionOrder]
    total: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed interview with the evidence in words and the cases that the reader may open."""

    row: InterviewProposal
    rule: Any
    facts: str
    numbers: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class RedUnit:
    """How a department stands: red clocks at this moment, and red alerts of the last 30 days."""

    name: str
    now: int
    lately: int


@open_to(READERS)
def board(request: HttpRequest) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    proposals = slice_of(_proposals(actor), request.GET.get("interviews", ""), size=PROPOSALS_SHOWN)
    context = {
        "title": _("Supervision board"),
        "columns": _columns(request, actor, now),
        "proposals": _with_evidence(proposals.rows, actor),
        "shown": proposals,
        "units": _red_units(actor, now),
        "decides": Role.INSPECTOR in actor.roles,
        "now": now,
    }
    return render(request, "cases/board.html", context)


@open_to(frozenset({Role.INSPECTOR}))
@require_POST
def decide(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """The interview was held, or the inspector decided against it."""
    actor, choice = actor_of(request), request.POST.get("held", "")
    if choice not in {"yes", "no"} or not _proposals(actor).filter(pk=proposal_id).exists():
        return _gone_or_decided(request, proposal_id)
    try:
        decide_interview(proposal_id=proposal_id, actor=actor, now=now_of(request), held=choice == "yes")
    except NotVisible as error:
        raise Http404 from error
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The decision on the interview is recorded."))
    return HttpResponseRedirect(reverse("admin:board"))


def _gone_or_decided(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """What stood on the page when it was pressed may have been decided by somebody else meanwhile."""
    if not InterviewProposal.objects.filter(pk=proposal_id, decided_at__isnull=False).exists():
        raise Http404
    messages.error(request, _("This interview was decided already."))
    return HttpResponseRedirect(reverse("admin:board"))


# The three columns


def _columns(request: HttpRequest, actor: Actor, now: datetime) -> list[Column]:
    orders = orders_for(actor)
    unanswered = orders.filter(answered_at=None)
    answered = orders.filter(answered_at__isnull=False, signed_off_at=None).order_by("answered_at", "id")
    done = orders.filter(signed_off_at__isnull=False).order_by("-signed_off_at", "-id")
    counts = orders.filter(signed_off_at=None).aggregate(
        waiting=Count("pk", Q(answered_at=None)), answered=Count("pk", Q(answered_at__isnull=False))
    )
    waiting = _page(request, "waiting", unanswered.order_by("opened_at", "id"))
    to_sign, gone = _page(request, "answered", answered), _page(request, "done", done)
    titles = _("Waiting for an answer"), _("Waiting for sign-off"), _("Signed off")
    empty = _("No order waits for an answer."), _("No order waits for sign-off."), _("No order was signed off yet.")
    return [
        Column("waiting", titles[0], empty[0], _cards(waiting.rows, now), waiting, counts["waiting"]),
        Column("answered", titles[1], empty[1], _cards(to_sign.rows, now), to_sign, counts["answered"]),
        Column("done", titles[2], empty[2], _cards(gone.rows, now), gone, None),
    ]


def _page(request: HttpRequest, parameter: str, orders: QuerySet[SupervisionOrder]) -> Slice[SupervisionOrder]:
    clocks = Clock.objects.running().filter(kind=ClockKind.SUPERVISION)
    rows = (
        orders.select_related("case", "department", "person")
        .defer("case__description", "case__address")
        .prefetch_related(Prefetch("clocks", clocks, to_attr="running"))
        .annotate(reds=Count("alerts", Q(alerts__annulled_at=None)))
    )
    return slice_of(rows, request.GET.get(parameter, ""), size=CARDS_SHOWN)


def _cards(orders: list[SupervisionOrder], now: datetime) -> list[Card]:
    calendar = wording.live_calendar()
    return [
        Card(
            order=order,
            since=_since(order, now, calendar),
            due=_due(order, now, calendar),
            reds=order.reds,  # type: ignore[attr-defined]  # annotated
        )
        for order in orders
    ]


def _due(order: SupervisionOrder, now: datetime, calendar: WorkCalendar | None) -> wording.Due | None:
    running: list[Clock] = order.running  # type: ignore[attr-defined]  # prefetched
    return wording.due(running[0].due_at, now=now, calendar=calendar) if running else None


def _since(order: SupervisionOrder, now: datetime, calendar: WorkCalendar | None) -> str:
    if order.signed_off_at is not None:
        return _("signed off %(moment)s") % {"moment": wording.moment(order.signed_off_at, now=now)}
    if order.answered_at is not None:
        return _("answered %(age)s ago") % {"age": age_words(order.answered_at, now, calendar)}
    return _("open for %(age)s") % {"age": age_words(order.opened_at, now, calendar)}


# Interviews


def _proposals(actor: Actor) -> QuerySet[InterviewProposal]:
    return (
        InterviewProposal.objects.filter(decided_at=None, department__in=units_for(actor))
        .select_related("department")
        .order_by("proposed_at", "id")
    )


def _with_evidence(rows: list[InterviewProposal], actor: Actor) -> list[Proposal]:
    """The numbers of evidence that the reader may open, in one query for all proposals."""
    named = {number for row in rows for number in row.evidence.get("cases", [])}
    seen = set(visible_to(actor).filter(number__in=named).values_list("number", flat=True)) if named else set()
    return [_proposal(row, [n for n in row.evidence.get("cases", []) if n in seen]) for row in rows]


def _proposal(row: InterviewProposal, numbers: list[str]) -> Proposal:
    return Proposal(
        row=row,
        rule=labels.INTERVIEW_RULE[InterviewRule(row.rule)],
        facts=_facts(row.evidence),
        numbers=numbers[:CASES_NAMED],
        more=max(len(numbers) - CASES_NAMED, 0),
    )


def _facts(evidence: dict[str, Any]) -> str:
    if "rated" in evidence:
        words = _("%(satisfied)d of %(rated)d ratings of the last %(days)d days satisfied")
        return words % {name: evidence[name] for name in ("satisfied", "rated", "days")}
    if "alerts" in evidence:
        count = len(evidence["alerts"])
        if "days" in evidence:
            words = ngettext("%(count)d red alert in %(days)d days", "%(count)d red alerts in %(days)d days", count)
            return words % {"count": count, "days": evidence["days"]}
        return ngettext("%(count)d red alert", "%(count)d red alerts", count) % {"count": count}
    count = int(evidence.get("ratings", 0))
    return ngettext("%(count)d dissatisfied rating", "%(count)d dissatisfied ratings", count) % {"count": count}


# Reds by department


def _red_units(actor: Actor, now: datetime) -> list[RedUnit]:
    """The departments with the most red clocks at this moment, with their red alerts of the last 30 days."""
    units = units_for(actor)
    standing = Clock.objects.running().filter(
        colour=Colour.RED, charged__in=units, case__closed_at=None, case__colour=Colour.RED, case__sealed=False
    )
    counts = list(
        standing.order_by().values_list("charged", "charged__short_name").annotate(reds=Count("pk")).order_by("-reds")
    )[:UNITS_SHOWN]
    lately = _reds_lately([unit for unit, _name, _reds in counts], now)
    return [RedUnit(name, reds, lately.get(unit, 0)) for unit, name, reds in counts]


def _reds_lately(units: Iterable[int | None], now: datetime) -> dict[int | None, int]:
    alerts = Alert.objects.filter(
        colour=Colour.RED,
        annulled_at=None,
        charged__in=[unit for unit in units if unit is not None],
        case__sealed=False,
        moment__gt=now - RED_WINDOW,
        moment__lte=now,
    )
    return dict(alerts.order_by().values_list("charged").annotate(reds=Count("pk")))
