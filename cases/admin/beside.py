"""What stands beside the main path of a case on its page: what waits for a decision, orders, suspension, mergers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases import reasons
from cases.admin import wording
from cases.admin.lanes import Dueness, receipt_address
from cases.admin.preview_page import Move, moves
from cases.models import Case, ExtensionRequest, JournalEvent, SupervisionOrder, WhistleProposal
from cases.phrases import limit_words
from cases.previews import extension_preview
from cases.terms import PENDING_STATES, AssignmentRole, AssignmentState, ReasonList, Status
from cases.workflow import Action

#: (kind of event, id of what it was about) → the texts that were written with it.
Texts = Mapping[tuple[str, int], Mapping[str, str]]

_NAMES = {
    Action.PROPOSE_WHISTLE: "proposal",
    Action.OBJECT: "objection",
    Action.REQUEST_EXTENSION: "extension",
    Action.SUPERVISE: "order",
    Action.ANSWER_SUPERVISION: "order",
    Action.SIGN_OFF: "order",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that one person asked and another must decide; with what its decision would move."""

    title: str
    who: str
    at: datetime
    facts: list[str]
    texts: list[str]
    moves: list[Move] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Order:
    """A supervision order: who must answer what until when, and what was answered."""

    id: int
    department: str
    card: Any
    state: str
    since: datetime
    person: str
    due: wording.Due | None
    receipt: str
    demand: str
    reply: str


def texts_by_subject(events: Iterable[JournalEvent], texts: Mapping[tuple[int, str], str]) -> Texts:
    """The texts of these events by what they were about."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for event in events:
        name = _NAMES.get(event.kind)  # type: ignore[call-overload]  # a StrEnum is found by its text
        if name and name in event.payload:
            key = (event.kind, event.payload[name])
            found[key] = {of: body for (seq, of), body in texts.items() if seq == event.seq}
    return found


def waiting(case: Case, texts: Texts, *, now: datetime) -> list[Waiting]:
    proposals = [row for row in case.whistle_proposals.all() if row.decided_at is None]
    requests = [row for row in case.extension_requests.all() if row.decided_at is None]
    return [
        *(_proposal(row, texts) for row in proposals),
        *_objections(case, texts),
        *(_extension(case, row, texts, now) for row in requests),
    ]


def orders(case: Case, texts: Texts, *, dueness: Dueness) -> list[Order]:
    return [_order(case, row, texts, dueness) for row in case.supervision_orders.all()]


def awaited(case: Case) -> list[str]:
    """For whom a case still waits whose lead has answered."""
    parts = list(case.assignments.all())
    led = any(a.role == AssignmentRole.LEAD and a.state == AssignmentState.FINISHED for a in parts)
    return [a.department.short_name for a in parts if a.state in PENDING_STATES] if led else []


def standstill(case: Case, *, now: datetime) -> str:
    """Why and until when a suspended case stands still."""
    if case.status != Status.SUSPENDED:
        return ""
    open_ones = [row for row in case.suspensions.all() if row.ended_at is None]
    return "".join(
        _("%(reason)s; resumes by itself %(moment)s")
        % {"reason": reasons.words(ReasonList.SUSPEND, row.reason), "moment": wording.moment(row.until, now=now)}
        for row in open_ones
    )


def _proposal(row: WhistleProposal, texts: Texts) -> Waiting:
    called: Any = row  # annotated by `selectors`
    return Waiting(
        title=_("Proposed whistle"),
        who=str(row.proposed_by or ""),
        at=row.proposed_at,
        facts=["、".join([row.lead.short_name, *called.assistant_names])],
        texts=_said(texts, Action.PROPOSE_WHISTLE, row.pk),
    )


def _objections(case: Case, texts: Texts) -> list[Waiting]:
    return [
        Waiting(
            title=_("Objection"),
            who=part.department.short_name,
            at=part.objection.raised_at,
            facts=[reasons.words(ReasonList.OBJECT, part.objection.reason)],
            texts=_said(texts, Action.OBJECT, part.objection.pk),
        )
        for part in case.assignments.all()
        if part.state == AssignmentState.DISPUTED and hasattr(part, "objection")
    ]


def _extension(case: Case, row: ExtensionRequest, texts: Texts, now: datetime) -> Waiting:
    ordinal = _("extension no. %(ordinal)d") % {"ordinal": row.ordinal}
    return Waiting(
        title=_("Extension asked for"),
        who=str(row.requested_by or ""),
        at=row.requested_at,
        facts=[limit_words(row.limit), ordinal, _("decided by: %(who)s") % {"who": row.get_level_display()}],
        texts=_said(texts, Action.REQUEST_EXTENSION, row.pk),
        moves=moves(extension_preview(case, now=now), now=now),
    )


def _order(case: Case, row: SupervisionOrder, texts: Texts, dueness: Dueness) -> Order:
    running = [c for c in case.clocks.all() if c.order_id == row.pk and c.stopped_at is None]
    state = _("waits for an answer")
    if row.answered_at:
        state = _("signed off") if row.signed_off_at else _("answered, waits for the sign-off")
    return Order(
        id=row.pk,
        department=row.department.short_name,
        card=row.get_card_display(),
        state=state,
        since=row.opened_at,
        person=str(row.person or ""),
        due=dueness(running[0].due_at) if running else None,
        receipt=receipt_address(case, running[0]) if running else "",
        demand=" ".join(_said(texts, Action.SUPERVISE, row.pk)),
        reply=" ".join(_said(texts, Action.ANSWER_SUPERVISION, row.pk)),
    )


def _said(texts: Texts, action: Action, pk: int) -> list[str]:
    return list(texts.get((action.value, pk), {}).values())
