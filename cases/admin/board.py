"""督办看板: orders by what they wait for, proposed interviews with their evidence, and who is red.

The inspector acts here; leaders read their area's, heads and deputies their own unit's.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cases import labels
from cases.access import visible_to
from cases.actions.interviews import decide_interview, decided_words
from cases.actions.perform import perform
from cases.admin.desk.formulas import COUNTS, TOGETHER
from cases.admin.desk.rows import Counter, behind
from cases.admin.order_cards import Card, Cards, Refused, columns, order_card
from cases.admin.pages import open_to, render, render_part, sentence_of, slice_of, status_of
from cases.admin.supervised import READERS, units_for
from cases.colours import Colour
from cases.errors import CaseError, NotVisible
from cases.models import Alert, Clock, InterviewProposal, Standing
from cases.terms import InterviewRule
from cases.workflow import Action
from grids.actors import Actor
from grids.admin.person import actor_of, now_of
from grids.book import DEPARTMENTS
from grids.roles import Role

PROPOSALS_SHOWN, UNITS_SHOWN, CASES_NAMED = 5, 12, 6
RED_WINDOW = timedelta(days=30)
#: What is done to an order in place, the field of what is typed for it, and what is said when it is done.
_ACTS: Mapping[str, tuple[str, Any]] = {
    Action.ANSWER_SUPERVISION.value: ("reply", gettext_lazy("Answered. The inspector signs it off.")),
    Action.SIGN_OFF.value: ("comment", gettext_lazy("Signed off.")),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed interview with the evidence in words and the cases that the reader may open."""

    row: InterviewProposal
    rule: Any
    facts: str
    numbers: list[str]
    more: int


@dataclass(frozen=True, slots=True)
class WarnedUnit:
    """How a department stands: red and yellow clocks at this moment, and red alerts of the last 30 days."""

    name: str
    reds: Counter
    yellows: Counter
    lately: Counter


@open_to(READERS)
def board(request: HttpRequest) -> HttpResponse:
    return _page(request)


@open_to(READERS)
@require_POST
def act(request: HttpRequest, order_id: int, action: str) -> HttpResponse:
    """An order is answered or signed off where it stands. What is refused stays in its field, with the reason.

    With `part` the card alone is answered, which the script puts into its place; else the board.
    """
    cards, typed = Cards(actor_of(request), now_of(request)), request.POST.get("text", "")
    card = order_card(cards, order_id)
    if card is None or action not in _ACTS:
        raise Http404
    refused, status = None, HTTPStatus.OK
    try:
        _perform(card, action, typed, cards)
    except NotVisible as error:
        raise Http404 from error
    except CaseError as error:
        refused = Refused(order_id, typed, sentence_of(error, _ACTS[action][0]))
        status = HTTPStatus(status_of(error))
    told = "" if refused else str(_ACTS[action][1])
    if "part" in request.POST:
        shown = order_card(cards, order_id, refused=refused, told=told) or _out_of_sight(card, refused, told)
        return render_part(request, "cases/order_card.html", {"card": shown, "now": cards.now}, status=status)
    if refused:
        return _page(request, refused, status=status)
    messages.success(request, told)
    return HttpResponseRedirect(f"{reverse('admin:board')}?{request.GET.urlencode()}#order-{order_id}")


def _out_of_sight(card: Card, refused: Refused | None, told: str) -> Card:
    """As it was a moment ago: what came of the press took the order out of this reader's sight."""
    typed, wrong = (refused.typed, refused.wrong) if refused else ("", "")
    return replace(card, act="", told=told, typed=typed, wrong=wrong)


def _perform(card: Card, action: str, typed: str, cards: Cards) -> None:
    inputs = {"order": card.order.pk, _ACTS[action][0]: typed}
    perform(Action(action), number=card.order.case.number, actor=cards.actor, now=cards.now, inputs=inputs)


def _page(request: HttpRequest, refused: Refused | None = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
    cards = Cards(actor_of(request), now_of(request))
    actor, now = cards.actor, cards.now
    proposals = slice_of(_proposals(actor), request.GET.get("interviews", ""), size=PROPOSALS_SHOWN)
    context = {
        "title": _("Supervision board"),
        "columns": columns(request, cards, refused),
        "proposals": _with_evidence(proposals.rows, actor),
        "shown": proposals,
        "refused": refused,
        "here": request.GET.urlencode(),
        "units": _warned_units(actor, now),
        "together": TOGETHER["board"],
        "decides": Role.INSPECTOR in actor.roles,
        "now": now,
    }
    return render(request, "cases/board.html", context, status=status)


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
    decided = InterviewProposal.objects.filter(decided_at__isnull=False, department__in=units_for(actor_of(request)))
    proposal = decided.select_related("department", "decided_by").filter(pk=proposal_id).first()
    if proposal is None:
        raise Http404
    messages.error(request, decided_words(proposal))
    return HttpResponseRedirect(reverse("admin:board"))


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


# Red and yellow by department


def _warned_units(actor: Actor, now: datetime) -> list[WarnedUnit]:
    """The departments with the most red clocks at this moment, then the most yellow ones. One statement."""
    standing = warned_clocks(actor).order_by().values_list("charged", "colour").annotate(found=Count("pk"))
    past = reddened(actor, now=now).order_by().annotate(window=Value(_LATELY)).values_list("charged", "window")
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for unit, what, count in standing.union(past.annotate(found=Count("pk")), all=True):
        found[unit][what] += count
    warned = [_warned(unit, counts) for unit, counts in found.items() if counts[Colour.RED] or counts[Colour.YELLOW]]
    return sorted(warned, key=lambda unit: (-unit.reds.count, -unit.yellows.count, unit.name))[:UNITS_SHOWN]


def warned_clocks(actor: Actor) -> QuerySet[Clock]:
    """The running clocks at yellow and red of the departments that this person watches."""
    seen = Standing.objects.filter(sealed=False, colour__gte=Colour.YELLOW).values("pk")
    return Clock.objects.running().filter(
        colour__gte=Colour.YELLOW, charged__in=units_for(actor).values("pk"), case__in=seen
    )


def reddened(actor: Actor, *, now: datetime) -> QuerySet[Alert]:
    """Their red alerts of the window."""
    return Alert.objects.filter(
        colour=Colour.RED,
        annulled_at=None,
        charged__in=units_for(actor).values("pk"),
        case__sealed=False,
        moment__gt=now - RED_WINDOW,
        moment__lte=now,
    )


#: Beside the colours that stand: red alerts of the window.
_LATELY = -1


def _warned(unit: int, counts: Mapping[int, int]) -> WarnedUnit:
    found = DEPARTMENTS.of(unit)

    def standing(colour: Colour) -> Counter:
        link = behind("warned", unit=found.code, colour=colour.code)
        return Counter(labels.COLOUR[colour], counts[colour], link, int(colour))

    lately = Counter(COUNTS["reddened"].title, counts[_LATELY], behind("reddened", unit=found.code))
    return WarnedUnit(found.short_name, standing(Colour.RED), standing(Colour.YELLOW), lately)
