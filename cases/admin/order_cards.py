"""Supervision orders as cards in three columns, 待回复 / 待销号 / 已销号, with what was demanded and answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cases import glance
from cases.admin import wording
from cases.admin.export_words import COLUMNS
from cases.admin.pages import LAST_PAGE, Slice, page_number
from cases.admin.supervised import orders_for
from cases.admin.waiting import age_words
from cases.calendar import WorkCalendar
from cases.models import CaseText, Clock, JournalEvent, SupervisionOrder
from cases.terms import ClockKind
from cases.workflow import Action
from grids.actors import Actor
from grids.roles import Role

CARDS_SHOWN: Final = 12
#: The texts of an order: the field of its event, in the order in which they were written.
_TEXTS: Final = {Action.SUPERVISE: "demand", Action.ANSWER_SUPERVISION: "reply", Action.SIGN_OFF: "comment"}


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed and not taken, and why."""

    order_id: int
    typed: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Card:
    """One order. `since` says how long it has waited in its column; `due` is None once it was answered.

    `act` is what this reader may do with it here ("" for nothing), `told` what just came of it.
    """

    order: SupervisionOrder
    since: str
    due: wording.Due | None
    reds: int
    texts: Mapping[str, str]
    act: str
    typed: str = ""
    wrong: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`parameter` is the name of its page number in the address; `total` None where counting would cost too much."""

    parameter: str
    title: Any
    empty: Any
    cards: list[Card]
    shown: Slice[SupervisionOrder]
    total: int | None


@dataclass(frozen=True)
class Cards:
    """Makes cards for one reader at one moment."""

    actor: Actor
    now: datetime
    calendar: WorkCalendar | None = field(default_factory=wording.live_calendar)

    def of(self, orders: list[SupervisionOrder], *, refused: Refused | None = None, told: str = "") -> list[Card]:
        texts = texts_of(orders)
        return [self._card(order, texts.get(order.pk, {}), refused, told) for order in orders]

    def _card(self, order: SupervisionOrder, texts: dict[str, str], refused: Refused | None, told: str) -> Card:
        due: datetime | None = order.answer_due  # type: ignore[attr-defined]  # annotated
        mine = refused if refused and refused.order_id == order.pk else None
        return Card(
            order=order,
            since=self._since(order),
            due=wording.due(due, now=self.now, calendar=self.calendar) if due else None,
            reds=order.reds,  # type: ignore[attr-defined]  # annotated
            texts=texts,
            act=_act(self.actor, order),
            typed=mine.typed if mine else "",
            wrong=mine.wrong if mine else "",
            told=told,
        )

    def _since(self, order: SupervisionOrder) -> str:
        if order.signed_off_at is not None:
            return _("signed off %(moment)s") % {"moment": wording.moment(order.signed_off_at, now=self.now)}
        if order.answered_at is not None:
            return _("answered %(age)s ago") % {"age": age_words(order.answered_at, self.now, self.calendar)}
        return _("open for %(age)s") % {"age": age_words(order.opened_at, self.now, self.calendar)}


def columns(request: HttpRequest, cards: Cards, refused: Refused | None = None) -> list[Column]:
    """All three in four statements: how many, which ones, their rows, their texts."""
    lists = lists_of(cards.actor)
    numbers = {name: page_number(request.GET.get(name, "")) for name in lists}
    totals = glance.counts(waiting=lists["waiting"], answered=lists["answered"])
    slices = _slices(lists, numbers)
    made = cards.of([order for shown in slices.values() for order in shown.rows], refused=refused)
    known = {card.order.pk: card for card in made}
    return [
        Column(name, title, empty, [known[order.pk] for order in slices[name].rows], slices[name], totals.get(name))
        for name, title, empty in (
            ("waiting", COLUMNS["waiting"], _("No order waits for an answer.")),
            ("answered", COLUMNS["answered"], _("No order waits for sign-off.")),
            ("done", COLUMNS["done"], _("No order was signed off yet.")),
        )
    ]


def order_card(cards: Cards, order_id: int, *, refused: Refused | None = None, told: str = "") -> Card | None:
    """One card as it is now; None where this person reads no such order."""
    order = whole(orders_for(cards.actor).filter(pk=order_id)).first()
    return cards.of([order], refused=refused, told=told)[0] if order else None


def lists_of(actor: Actor) -> dict[str, QuerySet[SupervisionOrder]]:
    """By column, in its order."""
    orders = orders_for(actor)
    answered = orders.filter(answered_at__isnull=False, signed_off_at=None)
    return {
        "waiting": orders.filter(answered_at=None).order_by("opened_at", "id"),
        "answered": answered.order_by("answered_at", "id"),
        "done": orders.filter(signed_off_at__isnull=False).order_by("-signed_off_at", "-id"),
    }


def _slices(
    lists: Mapping[str, QuerySet[SupervisionOrder]], numbers: Mapping[str, int]
) -> dict[str, Slice[SupervisionOrder]]:
    parts = []
    for name, rows in lists.items():
        start = (numbers[name] - 1) * CARDS_SHOWN
        told = rows.annotate(asked=Value(name)).values_list("asked", "pk")
        parts.append(told[start : start + CARDS_SHOWN + 1])
    keys = list(parts[0].union(*parts[1:], all=True))
    orders = whole(SupervisionOrder.objects.filter(pk__in=[pk for _name, pk in keys])).in_bulk()
    found: dict[str, list[SupervisionOrder]] = {name: [] for name in lists}
    for name, pk in keys:
        found[name].append(orders[pk])
    return {name: _slice(sorted(rows, key=_ORDER[name]), numbers[name]) for name, rows in found.items()}


_ORDER: Final[Mapping[str, Any]] = {
    "waiting": lambda order: (order.opened_at, order.pk),
    "answered": lambda order: (order.answered_at, order.pk),
    "done": lambda order: (-order.signed_off_at.timestamp(), -order.pk),
}


def _slice(rows: list[SupervisionOrder], number: int) -> Slice[SupervisionOrder]:
    more = len(rows) > CARDS_SHOWN and number < LAST_PAGE
    return Slice(rows[:CARDS_SHOWN], number, number + 1 if more else 0, number - 1)


def whole(orders: QuerySet[SupervisionOrder]) -> QuerySet[SupervisionOrder]:
    """With all that a card says beside its texts."""
    running = Clock.objects.running().filter(kind=ClockKind.SUPERVISION, order=OuterRef("pk"))
    return (
        orders.select_related("case", "department", "person")
        .defer("case__description", "case__address")
        .annotate(
            reds=Count("alerts", Q(alerts__annulled_at=None)),
            answer_due=Subquery(running.order_by("id").values("due_at")[:1]),
        )
    )


def texts_of(orders: list[SupervisionOrder]) -> dict[int, dict[str, str]]:
    """By order and field, as they stand beside their events; erased ones are gone. One statement."""
    events = JournalEvent.objects.filter(
        case=OuterRef("case"), seq=OuterRef("event_seq"), kind__in=[action.value for action in _TEXTS]
    )
    rows = CaseText.objects.filter(case__in={order.case_id for order in orders}, field__in=sorted(_TEXTS.values()))
    told: dict[int, dict[str, str]] = {}
    numbered = rows.annotate(of=Subquery(events.order_by().values("payload__order")[:1])).filter(of__isnull=False)
    for order_id, name, body in numbered.order_by("case", "event_seq").values_list(F("of"), "field", "body"):
        told.setdefault(int(order_id), {})[name] = body
    return told


def _act(actor: Actor, order: SupervisionOrder) -> str:
    """What this reader's posts let do with the order; whether the case allows it is the action's to say."""
    if order.signed_off_at is not None:
        return ""
    if order.answered_at is None:
        mine = Role.DEPARTMENT_HEAD in actor.roles_in_department(order.department_id)
        return Action.ANSWER_SUPERVISION.value if mine else ""
    return Action.SIGN_OFF.value if Role.INSPECTOR in actor.roles_in_area(order.case.area_code) else ""
