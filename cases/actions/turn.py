"""One turn of one person on one case: the frame around every action.

A turn locks the case, checks that the person sees it and may act, lets a suspension whose day has come end, checks
the table, fires what the case's clocks owe, lets the verb change state, then stops and starts clocks, appends one
journal event, enqueues messages, saves the case and raises what a new schedule has passed already: all in one
transaction, or nothing (domain.md, "Every action").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from cases import journal
from cases.access import is_concerned, roles_on, sees
from cases.actions.held import NO_TERMS, RESOLUTION, Terms, Turn, columns_of
from cases.actions.waking import resume_case
from cases.colours import Colour
from cases.errors import Busy, Conflict, NotPermitted, NotVisible, StaleVersion
from cases.guards import Scene, offers
from cases.keeping import keepers_of
from cases.models import Case, Clock, Request
from cases.reading import locked_case
from cases.terms import CITIZEN_ACTED, ENDED, UNCOLOURED_CLOCKS, ClockKind, Status
from cases.workflow import TABLE, Action, Rule, allows, leads_to, roles_for
from grids.actors import SERVICE, Actor
from notifications.outbox import Draft, enqueue

__all__ = [
    "BUSY",
    "NO_TERMS",
    "RESOLUTION",
    "Terms",
    "Turn",
    "busy",
    "check_person",
    "forbidden",
    "is_busy",
    "remember",
    "take_turn",
    "whole_or_conflict",
]

#: Codes of PostgreSQL for "somebody else holds it": lock not available, deadlock detected, serialization failure.
BUSY = frozenset({"55P03", "40P01", "40001"})


@contextmanager
def take_turn(action: Action, *, case_id: int, actor: Actor, now: datetime, terms: Terms = NO_TERMS) -> Iterator[Turn]:
    """Errors: NotVisible, NotPermitted, StaleVersion, Conflict. Nothing is changed when one is raised."""
    with whole_or_conflict():
        turn = _begin(action, case_id=case_id, actor=actor, now=now, terms=terms)
        before = turn.case.status
        yield turn
        _finish(turn, before=before, terms=terms)


@contextmanager
def whole_or_conflict() -> Iterator[None]:
    """One transaction; Conflict when it would have to wait too long for somebody else's (house rule 11)."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if is_busy(error):
            raise busy() from error
        raise


def is_busy(error: BaseException | None) -> bool:
    """Whether it comes down to somebody else's lock: of PostgreSQL, of Django, or a conflict made of it."""
    while error is not None:
        if getattr(error, "sqlstate", "") in BUSY:
            return True
        error = error.__cause__
    return False


def busy() -> Busy:
    return Busy(_("Somebody else is acting on this case at this moment. Nothing was changed; please try again."))


def _begin(action: Action, *, case_id: int, actor: Actor, now: datetime, terms: Terms) -> Turn:
    case = locked_case(case_id)
    if case is None:
        raise NotVisible(_("There is no such case."))
    rule = TABLE[action]
    if actor.is_citizen:
        _check_citizen(rule, case)
    elif actor is not SERVICE:
        check_person(rule, actor, case)
    if terms.expected_version is not None and terms.expected_version != case.version:
        raise StaleVersion(
            _("The case was changed after you opened it. What you typed is kept; please look again before sending.")
        )
    turn = _turn_of(case, rule, actor, now)
    if actor.is_citizen:
        turn.facts["by"] = CITIZEN_ACTED
    if actor is not SERVICE:  # which comes for what a clock does by itself
        _wake(turn)
    if not allows(action, Status(case.status)):
        raise forbidden(actor, case, now)
    _refuse_what_the_clock_ended(rule, turn.clocks, now)
    turn.raise_owed()
    return turn


def _wake(turn: Turn) -> None:
    """A suspension whose day has come is over, also when the sweep has not come yet: the case goes on first."""
    if not any(clock.kind == ClockKind.SUSPENSION and clock.due_at < turn.now for clock in turn.clocks):
        return
    woken, before = (
        Turn(turn.case, TABLE[Action.RESUME], SERVICE, turn.now, turn.assignments, turn.clocks),
        turn.case.status,
    )
    resume_case(woken)
    _finish(woken, before=before, terms=NO_TERMS)
    turn.clocks, turn.stored = woken.running(), columns_of(turn.case)


def _turn_of(case: Case, rule: Rule, actor: Actor, now: datetime) -> Turn:
    """The parts and clocks of the locked case; all else is asked anew, because the turn changes it."""
    assignments = list(case.assignments.all())
    clocks = [clock for clock in case.clocks.all() if clock.stopped_at is None]
    asked = next((request for request in case.extension_requests.all() if request.decided_at is None), None)
    proposal = next((row for row in case.whistle_proposals.all() if row.decided_at is None), None)
    case.__dict__.pop("_prefetched_objects_cache")
    return Turn(case, rule, actor, now, assignments, clocks, asked, proposal)


def check_person(rule: Rule, actor: Actor, case: Case) -> None:
    """NotVisible or NotPermitted, whatever the status. No query for a case of `cases.reading`."""
    assignments, orders = case.assignments.all(), case.supervision_orders.all()
    if not sees(actor, case, assignments, orders):
        raise NotVisible(_("There is no such case."))
    if not roles_on(actor, case, assignments, orders) & roles_for(rule.action, sealed=case.sealed):
        raise NotPermitted(_("Your posts do not include this action on this case."))
    if is_concerned(actor, case):
        raise NotPermitted(_("This case names you: somebody else must act on it."))


def _check_citizen(rule: Rule, case: Case) -> None:
    """Of a sealed case even its petitioner moves nothing: whoever was forced to give the code away must not end it."""
    if not rule.petitioner or case.sealed:
        raise Conflict(_("This cannot be done here. Please turn to the office that took the matter in."))


def forbidden(actor: Actor, case: Case, now: datetime) -> Conflict:
    """What the table answers in this status."""
    return Conflict(
        _("The case is “%(status)s” now, which does not allow this action. Nothing was changed.")
        % {"status": case.get_status_display()},
        allowed=[offer.action.value for offer in offers(actor, Scene.of(case), now=now)],
    )


def _refuse_what_the_clock_ended(rule: Rule, clocks: list[Clock], now: datetime) -> None:
    """A rating that comes after its period lost to the clock, also when the sweep has not closed the case yet."""
    if rule.action is Action.CLOSE:
        return
    if any(clock.kind == ClockKind.RATE and clock.due_at < now for clock in clocks):
        raise Conflict(_("The rating period is over; the case closes unrated."))


def _finish(turn: Turn, *, before: str, terms: Terms) -> None:
    case = turn.case
    if Status(case.status) not in leads_to(turn.rule.action, Status(before)):
        msg = f"{turn.rule.action} led from {before} to {case.status}, which the workflow table does not declare"
        raise AssertionError(msg)
    if case.status in ENDED and case.closed_at is None:  # an acknowledgement may come after the end
        turn.stop_all()
        case.closed_at = turn.now
    turn.write_stops()
    coloured = [clock for clock in turn.running() if clock.kind not in UNCOLOURED_CLOCKS]
    case.colour = max((clock.colour for clock in coloured), default=int(Colour.NONE))
    case.due_at = min((clock.due_at for clock in coloured if clock.paused_at is None), default=None)
    case.version += 1
    facts = {"from": before, "to": case.status, "round": case.round, **terms.evidence, **turn.facts}
    journal.record(
        case, turn.rule.action.value, actor_id=turn.actor.user_id, at=turn.now, facts=facts, texts=turn.texts
    )
    case.save(force_update=True, update_fields=turn.changed())
    if terms.key and turn.actor.user_id is not None:
        remember(turn.actor.user_id, terms, case=case, action=turn.rule.action, now=turn.now)
    if drafts := _sendable(turn):
        enqueue(drafts, now=turn.now)
    turn.raise_owed()  # what the action moved may have passed before: it does not wait for the next tick


def _sendable(turn: Turn) -> list[Draft]:
    """Whatever an action wants to tell whom: of a sealed case only its keepers hear."""
    if not turn.case.sealed or not turn.drafts:
        return turn.drafts
    keepers = {holder.user_id for holder in keepers_of(turn.case, now=turn.now)}
    return [draft for draft in turn.drafts if draft.recipient_id in keepers]


def remember(user_id: int, terms: Terms, *, case: Case, action: Action, now: datetime) -> None:
    """Note the request in the transaction of what it did. Conflict when the same key is at work elsewhere."""
    try:
        with transaction.atomic():
            Request.objects.create(
                user_id=user_id, key=terms.key, digest=terms.digest, case=case, action=action.value, at=now
            )
    except IntegrityError as error:
        raise Conflict(_("This request is already being carried out. Please ask again.")) from error
