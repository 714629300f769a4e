"""督办台账: the orders of one column of the board as lines of a file, with what was demanded, answered and remarked."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from cases.admin.order_cards import lists_of, texts_of, whole
from cases.admin.supervised import orders_for
from cases.exporting import MOMENT_WIDTH, Line, Sheet, in_chunks, in_order, moment
from cases.models import Clock, SupervisionOrder
from cases.terms import ClockKind
from grids.actors import Actor

_CLOCK: Final = (
    Clock.objects.filter(kind=ClockKind.SUPERVISION, order=OuterRef("pk")).order_by("-id").values("due_at")[:1]
)
_WIDTHS: Final = (23, 44, 16, 14, 14, *[MOMENT_WIDTH] * 4, 8, 44, 44, 44)


def orders_in(actor: Actor, column: str) -> QuerySet[SupervisionOrder]:
    """Those that this person reads there, but of sealed cases none, as in every file."""
    return lists_of(actor)[column].filter(case__sealed=False)


def sheet(name: str, keys: Sequence[int], *, actor: Actor) -> Sheet:
    """Two queries for 500 rows. An order that was answered meanwhile stays in, as it is by now."""
    seen = orders_for(actor).filter(case__sealed=False)

    def read(chunk: Sequence[int]) -> list[Line]:
        orders = in_order(whole(seen).annotate(limit_due=Subquery(_CLOCK)), chunk)
        texts = texts_of(orders)
        return [_line(order, texts.get(order.pk, {})) for order in orders]

    return Sheet(name, _WIDTHS, in_chunks(keys, head=_heads, read=read))


def _heads() -> Line:
    return [
        *(_("Number"), _("Title"), _("Department"), _("Person in charge"), _("Card"), _("Opened"), _("Answer due")),
        *(_("Replied"), _("Signed off"), _("Red alerts"), _("Demand"), _("Reply"), _("Comment")),
    ]


def _line(order: Any, texts: dict[str, str]) -> Line:
    """`order` with what `whole` annotates, and by when it had to be answered also when it was."""
    return [
        order.case.number,
        order.case.title,
        order.department.short_name,
        str(order.person or ""),
        str(order.get_card_display()),
        *map(moment, (order.opened_at, order.limit_due, order.answered_at, order.signed_off_at)),
        str(order.reds),
        *(texts.get(field, "") for field in ("demand", "reply", "comment")),
    ]
