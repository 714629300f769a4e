"""周调度 and 月推进: drawing up the list for a day and recording what was decided of each item."""

from datetime import datetime
from enum import Enum

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases import chain, journal
from cases.access import is_concerned, visible_to
from cases.calendar import ZONE
from cases.concerns import concerns, worst_first
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import Case, Meeting, MeetingItem
from cases.plain_text import plain
from cases.terms import MeetingKind
from grids.actors import Actor, HeldPost
from grids.roles import Role

#: Who calls the meetings and records their decisions.
CONVENERS = frozenset({Role.CENTER_DISPATCHER, Role.INSPECTOR})
LONGEST_DECISION = 1000
DECISION_EVENT = "meeting_decision"


class _Unasked(Enum):
    """Nobody said what was seen: scripts and doors that show nothing."""

    UNASKED = "unasked"


UNASKED = _Unasked.UNASKED


def draw_up(kind: MeetingKind, *, now: datetime, county: str) -> Meeting:
    """The list of today's meeting: drawn up once, whoever asks first. It holds what the county's centre may see."""
    day = now.astimezone(ZONE).date()
    try:
        with transaction.atomic():
            meeting = Meeting.objects.create(kind=kind, day=day, drawn_up_at=now)
            _fill(meeting, county=county, now=now)
            return meeting
    except IntegrityError:
        return Meeting.objects.get(kind=kind, day=day)


def decide_item(
    *, item_id: int, actor: Actor, now: datetime, decision: str, seen: datetime | _Unasked | None = UNASKED
) -> MeetingItem:
    """Record what was decided of one item; deciding again replaces the words, and the journal notes each time.

    `seen`: when the decision that the writer had before the eyes was recorded, None for none. Where somebody else has
    recorded another one since, nothing is replaced: Conflict.
    """
    text = _cleaned(decision)
    if not actor.roles & CONVENERS:
        raise NotPermitted(_("Only the center and the inspector record decisions of a meeting."))
    with transaction.atomic():
        item = MeetingItem.objects.select_related("meeting").filter(pk=item_id).first()
        case = (
            visible_to(actor).filter(pk=item.case_id).select_for_update(no_key=True, of=("self",)).first()
            if item
            else None
        )
        if item is None or case is None:
            raise NotVisible(_("There is no such item."))
        if is_concerned(actor, case):
            raise NotPermitted(_("This case names you: somebody else must act on it."))
        if not isinstance(seen, _Unasked):
            item.refresh_from_db(fields=["decision", "decided_at", "decided_by"])  # as it is under the lock
            _check_unchanged(item, text, seen)
        item.decision, item.decided_at, item.decided_by_id = text, now, actor.user_id
        item.save(update_fields=["decision", "decided_at", "decided_by"])
        _note(case, item, actor=actor, now=now)
    return item


def _cleaned(decision: str) -> str:
    text = plain(decision)
    if not text or len(text) > LONGEST_DECISION or "\x00" in text:
        message = _("Type what was decided, at most %(limit)d characters.") % {"limit": LONGEST_DECISION}
        raise InvalidInput(message, {"decision": [message]})
    return text


def _check_unchanged(item: MeetingItem, text: str, seen: datetime | None) -> None:
    if item.decided_at == seen or item.decision == text:
        return
    raise Conflict(
        _("%(who)s has recorded meanwhile: “%(decision)s”. What you typed is kept; look at both and record again.")
        % {"who": str(item.decided_by or "—"), "decision": item.decision}
    )


def _fill(meeting: Meeting, *, county: str, now: datetime) -> None:
    center = Actor(user_id=None, posts=(HeldPost(Role.CENTER_DISPATCHER, county),))
    found = concerns(visible_to(center), now=now)
    MeetingItem.objects.bulk_create(
        [
            MeetingItem(meeting=meeting, case_id=pk, reasons=[concern.value for concern in found[pk]])
            for pk in worst_first(found)
        ]
    )


def _note(case: Case, item: MeetingItem, *, actor: Actor, now: datetime) -> None:
    facts = {"meeting": item.meeting_id, "kind": item.meeting.kind, "day": item.meeting.day.isoformat()}
    journal.record(
        case,
        DECISION_EVENT,
        actor_id=actor.user_id,
        at=now,
        facts={**facts, "decided": chain.stamp(now)},
        texts={"decision": item.decision},
    )
    case.save(update_fields=["event_seq", "event_hash", "updated_at"])
