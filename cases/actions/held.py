"""A case in the hands of one turn: what an action finds around it, and how clocks stop, start and go on.

The frame that locks, checks and finishes a turn is `cases.actions.turn`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cases import alerting, chain
from cases.actions.timing import end_pauses, new_clock
from cases.models import Assignment, Case, Clock, ExtensionRequest, SupervisionOrder, WhistleProposal
from cases.terms import UNCOLOURED_CLOCKS, ClockKind, StopReason
from cases.versions import CalendarInForce, calendar_in_force
from cases.workflow import Rule
from grids.actors import Actor
from notifications.outbox import Draft

#: The database keeps microseconds: a step before `now` is the last moment that has passed.
RESOLUTION = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caller demands besides the action: a version that it looked at, a key that makes it unrepeatable.

    `evidence` is what a phone says of when it happened; the event keeps it, and no due time is moved by it.
    """

    expected_version: int | None = None
    key: str = ""
    digest: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


NO_TERMS = Terms()
#: What raising an alert changes of its case.
_MOVED_BY_ALERTS = ("event_seq", "event_hash", "colour", "updated_at")


@dataclass(slots=True)
class Turn:
    """The locked case with what belongs to it, and what the verb adds to the event that is written at the end.

    `asked` and `proposal` wait for their decision.
    """

    case: Case
    rule: Rule
    actor: Actor
    now: datetime
    assignments: list[Assignment]
    clocks: list[Clock]
    asked: ExtensionRequest | None = None
    proposal: WhistleProposal | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict)
    _calendar: CalendarInForce | None = None
    _stopped: list[Clock] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stored = columns_of(self.case)

    @property
    def followed(self) -> bool:
        """Whether other cases were merged into this one. Of a case from `cases.reading`."""
        return bool(self.case.__dict__["has_followers"])

    def changed(self) -> list[str]:
        """The columns of the case that are other than they were found."""
        return [name for name, value in columns_of(self.case).items() if value != self.stored[name]]

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
        self._end_pauses(clock for clock in self.running() if _place(clock) == wanted)
        for clock in self.running():
            if _place(clock) == wanted:
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
        self.write_stops()
        clock = self._new(kind, charged_id=charged_id, assignment=assignment)
        if clock is not None:
            clock.order = order
            self.keep(clock)
        return clock

    def start_each(self, kind: ClockKind, parts: Iterable[Assignment]) -> list[Clock]:
        """Start a clock of this kind for each of these departments."""
        self.write_stops()
        new = (self._new(kind, charged_id=part.department_id, assignment=part) for part in parts)
        started = [clock for clock in new if clock is not None]
        self.keep(*started)
        return started

    def _new(self, kind: ClockKind, *, charged_id: int | None, assignment: Assignment | None) -> Clock | None:
        self._declared(kind, self.rule.starts)
        return new_clock(
            case=self.case,
            kind=kind,
            charged_id=charged_id,
            assignment=assignment,
            calendar=self.calendar_in_force(),
            now=self.now,
        )

    def keep(self, *clocks: Clock) -> None:
        """Save clocks that start now and say so in the event."""
        Clock.objects.bulk_create(clocks)
        self.clocks += clocks
        if clocks:
            self.facts.setdefault("started", {}).update({str(clock.pk): clock.kind for clock in clocks})

    def calendar_in_force(self) -> CalendarInForce:
        """Looked up once a turn."""
        self._calendar = self._calendar or calendar_in_force()
        return self._calendar

    def running(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.stopped_at is None]

    def write_stops(self) -> None:
        """Write the clocks stopped so far, so that one of the same kind may start anew."""
        for reason in sorted({clock.stop_reason for clock in self._stopped}):
            stopped = [clock.pk for clock in self._stopped if clock.stop_reason == reason]
            Clock.objects.filter(pk__in=stopped).update(stopped_at=self.now, stop_reason=reason, next_moment=None)
        self._stopped = []

    def stop_all(self) -> None:
        """A case that ends has no running clock (domain.md, "Clocks")."""
        self._end_pauses(self.running())
        for clock in self.running():
            self._stop(clock, StopReason.ENDED)

    def go_on(self, clocks: Iterable[Clock], *, at: datetime) -> bool:
        """Clocks that stood still go on from `at`, their pause credited. Whether there were any."""
        paused = [clock for clock in clocks if clock.paused_at is not None]
        if paused:
            end_pauses(paused, case=self.case, at=at, now=self.now)
        for clock in paused:
            self.note_moved(clock)
        return bool(paused)

    def note_moved(self, clock: Clock) -> None:
        """Say in the event where the due time lies now."""
        moved = self.facts.setdefault("moved", {})
        moved[str(clock.pk)] = [clock.generation, chain.stamp(clock.due_at)]

    def raise_owed(self) -> None:
        """Raise what the clocks owe from before now. A moment that is exactly `now` leaves the action its chance:
        finishing exactly at the due time is on time."""
        passed = (c for c in self.running() if c.next_moment is not None and c.next_moment < self.now)
        late = [clock.pk for clock in passed if clock.kind not in UNCOLOURED_CLOCKS]
        if not late:
            return
        self.write_stops()
        alerting.fire(alerting.owed(late), now=self.now, until=self.now - RESOLUTION)
        self.case.refresh_from_db(fields=_MOVED_BY_ALERTS)
        self.stored |= {name: getattr(self.case, name) for name in _MOVED_BY_ALERTS}
        self.clocks = list(self.case.clocks.running().order_by("pk"))

    def _end_pauses(self, clocks: Iterable[Clock]) -> None:
        """What stops while it stands still has its pause credited up to now; what that schedule passed is raised."""
        if self.go_on(clocks, at=self.now):
            self.raise_owed()

    def _stop(self, clock: Clock, reason: StopReason) -> None:
        clock.stopped_at, clock.stop_reason, clock.next_moment = self.now, reason, None
        self._stopped.append(clock)
        self.facts.setdefault("stopped", {})[str(clock.pk)] = clock.kind

    def _declared(self, kind: ClockKind, kinds: frozenset[ClockKind]) -> None:
        if kind not in kinds:
            msg = f"{self.rule.action} touches a {kind} clock that the workflow table does not declare"
            raise AssertionError(msg)


def columns_of(case: Case) -> dict[str, Any]:
    return {column.attname: getattr(case, column.attname) for column in case._meta.concrete_fields}  # noqa: SLF001


def _place(clock: Clock) -> tuple[str, int | None, int | None]:
    """Kind, part and order: among running clocks each once."""
    return clock.kind, clock.assignment_id, clock.order_id
