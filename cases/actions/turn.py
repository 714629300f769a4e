"""One turn of one person on one case: the frame around every action.

A turn locks the case, checks that the person sees it and may act, checks the table, first fires what the case's
clocks owe, lets the verb change state, then stops and starts clocks, appends one journal event, enqueues messages
and saves the case: all in one transaction, or nothing (domain.md, "Every action").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from cases import alerting, journal
from cases.access import is_concerned, roles_on, sees
from cases.actions.timing import new_clock
from cases.colours import Colour
from cases.errors import Conflict, NotPermitted, NotVisible, StaleVersion
from cases.guards import Scene, offers
from cases.keeping import keepers_of
from cases.models import Assignment, Case, Clock, Request, SupervisionOrder
from cases.terms import ENDED, UNCOLOURED_CLOCKS, ClockKind, Status, StopReason
from cases.versions import CalendarInForce, calendar_in_force
from cases.workflow import TABLE, Action, Rule, allows, leads_to, roles_for
from grids.actors import SERVICE, Actor
from notifications.outbox import Draft, enqueue

#: The database keeps microseconds: a step before `now` is the last moment that has passed.
RESOLUTION = timedelta(microseconds=1)
#: Codes of PostgreSQL for "somebody else holds it": lock not available, deadlock detected, serialization failure.
BUSY = frozenset({"55P03", "40P01", "40001"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caller demands besides the action: a version that it looked at, a key that makes it unrepeatable."""

    expected_version: int | None = None
    key: str = ""
    digest: str = ""


NO_TERMS = Terms()


@dataclass(slots=True)
class Turn:
    """The locked case with what belongs to it, and what the verb adds to the event that is written at the end."""

    case: Case
    rule: Rule
    actor: Actor
    now: datetime
    assignments: list[Assignment]
    clocks: list[Clock]
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    _calendar: CalendarInForce | None = None
    _stopped: list[Clock] = field(default_factory=list)

    def stop(
        self,
        kind: ClockKind,
        *,
        assignment: Assignment | None = None,
        order: SupervisionOrder | None = None,
        reason: StopReason = StopReason.DONE,
    ) -> None:
        """Stop the running clock of this kind, part and order, if there is one."""
        self._declared(kind, self.rule.stops)
        wanted = (kind, assignment.pk if assignment else None, order.pk if order else None)
        for clock in self.clocks:
            if (clock.kind, clock.assignment_id, clock.order_id) == wanted:
                self._stop(clock, reason)

    def start(
        self,
        kind: ClockKind,
        *,
        charged_id: int | None,
        assignment: Assignment | None = None,
        order: SupervisionOrder | None = None,
    ) -> Clock | None:
        """Start a clock by the case's own policy; None where the policy sets no limit."""
        self._declared(kind, self.rule.starts)
        self.write_stops()
        clock = new_clock(
            case=self.case,
            kind=kind,
            charged_id=charged_id,
            assignment=assignment,
            calendar=self.calendar_in_force(),
            now=self.now,
        )
        if clock is not None:
            clock.order = order
            self.keep(clock)
        return clock

    def keep(self, clock: Clock) -> None:
        """Save a clock that starts now and say so in the event."""
        clock.save(force_insert=True)
        self.clocks.append(clock)
        self.facts.setdefault("started", {})[str(clock.pk)] = clock.kind

    def calendar_in_force(self) -> CalendarInForce:
        """Looked up once a turn."""
        self._calendar = self._calendar or calendar_in_force()
        return self._calendar

    def running(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.stopped_at is None]

    def write_stops(self) -> None:
        """Write the clocks stopped so far, so that one of the same kind may start anew."""
        if self._stopped:
            Clock.objects.bulk_update(self._stopped, ["stopped_at", "stop_reason", "next_moment"])
            self._stopped = []

    def stop_all(self) -> None:
        """A case that ends has no running clock (domain.md, "Clocks")."""
        for clock in list(self.clocks):
            self._stop(clock, StopReason.ENDED)

    def _stop(self, clock: Clock, reason: StopReason) -> None:
        if clock.stopped_at is None:
            clock.stopped_at, clock.stop_reason, clock.next_moment = self.now, reason, None
            self._stopped.append(clock)
            self.facts.setdefault("stopped", {})[str(clock.pk)] = clock.kind

    def _declared(self, kind: ClockKind, kinds: frozenset[ClockKind]) -> None:
        if kind not in kinds:
            msg = f"{self.rule.action} touches a {kind} clock that the workflow table does not declare"
            raise AssertionError(msg)


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
        if getattr(error.__cause__, "sqlstate", "") in BUSY:
            raise busy() from error
        raise


def busy() -> Conflict:
    return Conflict(_("Somebody else is acting on this case at this moment. Nothing was changed; please try again."))


def _begin(action: Action, *, case_id: int, actor: Actor, now: datetime, terms: Terms) -> Turn:
    case = Case.objects.locked().filter(pk=case_id).first()
    if case is None:
        raise NotVisible(_("There is no such case."))
    assignments = list(case.assignments.select_related("department").order_by("pk"))
    rule = TABLE[action]
    if actor is not SERVICE:
        _check_person(rule, actor, case, assignments)
    if terms.expected_version is not None and terms.expected_version != case.version:
        raise StaleVersion(
            _("The case was changed after you opened it. What you typed is kept; please look again before sending.")
        )
    if not allows(action, Status(case.status)):
        raise _forbidden(actor, case, now)
    clocks = list(case.clocks.running().order_by("pk"))
    _refuse_what_the_clock_ended(rule, clocks, now)
    if _fire_owed(clocks, now):
        case.refresh_from_db(fields=["event_seq", "event_hash", "colour", "updated_at"])
        clocks = list(case.clocks.running().order_by("pk"))
    return Turn(case, rule, actor, now, assignments, clocks)


def _check_person(rule: Rule, actor: Actor, case: Case, assignments: list[Assignment]) -> None:
    orders = list(case.supervision_orders.filter(signed_off_at=None)) if actor.department_ids else []
    if not sees(actor, case, assignments, orders):
        raise NotVisible(_("There is no such case."))
    if not roles_on(actor, case, assignments, orders) & roles_for(rule.action, sealed=case.sealed):
        raise NotPermitted(_("Your posts do not include this action on this case."))
    if is_concerned(actor, case):
        raise NotPermitted(_("This case names you: somebody else must act on it."))


def _forbidden(actor: Actor, case: Case, now: datetime) -> Conflict:
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


def _fire_owed(clocks: list[Clock], now: datetime) -> bool:
    """Raise what the clocks owe from before `now`. A moment that is exactly `now` leaves the action its chance:
    finishing exactly at the due time is on time."""
    late = [
        c.pk for c in clocks if c.next_moment is not None and c.next_moment < now and c.kind not in UNCOLOURED_CLOCKS
    ]
    if not late:
        return False
    return bool(alerting.fire(alerting.owed(late), now=now, until=now - RESOLUTION))


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
    facts = {"from": before, "to": case.status, "round": case.round, **turn.facts}
    journal.record(
        case, turn.rule.action.value, actor_id=turn.actor.user_id, at=turn.now, facts=facts, texts=turn.texts
    )
    case.save(force_update=True)
    if terms.key and turn.actor.user_id is not None:
        remember(turn.actor.user_id, terms, case=case, action=turn.rule.action, now=turn.now)
    if drafts := _sendable(turn):
        enqueue(drafts, now=turn.now)


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
