"""The receipt of a stored clock: what was added up, with the people, reasons and versions behind it, and the audit
that holds every stored moment against its receipt (domain.md, Time)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet

from cases.limits import UNCOLOURED, Limit, Thresholds
from cases.models import Case, CaseText, Clock, ClockAdjustment, ExtensionRequest, JournalEvent, Suspension
from cases.receipt import Reckoning, reckon
from cases.schedule import Adjustment, Extension, Moments, Pause
from cases.terms import UNCOLOURED_CLOCKS, ClockKind
from cases.versions import calendar_of, rules_of
from cases.workflow import Action
from grids.models import User

#: What was written when something was asked for: (action, its row) → text.
Texts = dict[tuple[str, int], str]

_ADJUSTMENTS = ClockAdjustment.objects.select_related(
    "suspension__started_by", "suspension__ended_by", "extension__requested_by", "extension__decided_by"
).order_by("starts_at", "pk")


@dataclass(frozen=True, slots=True)
class Cause:
    """A pause or an extension with who and why. `end` is None while the clock still stands still.

    `lost` is the own time that a pause took; None for an extension and for a pause that still runs.
    """

    kind: str  # pause, extension
    start: datetime
    end: datetime | None
    reason: str  # code of the closed list; empty for an extension
    text: str
    by: str
    ended_by: str
    limit: str = ""
    ordinal: int | None = None
    lost: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A clock that explains itself. `course` is None for a suspension: its end is a date that somebody chose."""

    clock: Clock
    course: Reckoning | None
    causes: tuple[Cause, ...]

    @property
    def moments(self) -> Moments:
        return self.course.moments if self.course else stored_moments(self.clock)


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored value that its receipt does not come to."""

    number: str
    clock_id: int
    field: str
    stored: str
    reckoned: str


def clocks_of(case: Case) -> QuerySet[Clock]:
    """The clocks of a case that the caller has been shown, with everything that a receipt needs."""
    return with_course(Clock.objects.filter(case=case)).select_related("charged", "policy", "calendar")


def with_course(clocks: QuerySet[Clock]) -> QuerySet[Clock]:
    return clocks.select_related("case__category").prefetch_related(Prefetch("adjustments", _ADJUSTMENTS))


def receipt_of(clock: Clock) -> Receipt:
    """The receipt of a clock from `clocks_of`. Two further queries where there was a pause or an extension."""
    course = course_of(clock)
    return Receipt(clock, course, tuple(_causes(clock, course)))


def course_of(clock: Clock) -> Reckoning | None:
    """The course of a clock from `with_course`, without a query once its versions are known."""
    if clock.kind == ClockKind.SUSPENSION:
        return None
    return reckon(
        start=clock.started_at,
        limit=Limit.parse(clock.limit),
        thresholds=_thresholds(clock),
        calendar=calendar_of(clock.calendar_id),
        adjustments=credited(clock.adjustments.all()),
    )


def credited(rows: Iterable[ClockAdjustment]) -> list[Adjustment]:
    """The pauses and extensions that moved a clock, for `schedule.plan`."""
    return [adjustment for row in rows if (adjustment := _adjustment(row))]


def _adjustment(row: ClockAdjustment) -> Adjustment | None:
    """None for a pause that still runs: it has moved nothing yet. One in which the clock stopped ended with that."""
    if row.extension is not None:
        return Extension(Limit.parse(row.extension.limit), at=row.starts_at)
    return Pause(row.starts_at, row.ends_at) if row.ends_at is not None else None


def stored_moments(clock: Clock) -> Moments:
    return Moments(clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at)


def verify_clocks(*, after: int = 0, size: int = 500) -> Iterator[tuple[int, list[Difference]]]:
    """Recompute every clock whose id is greater than `after`, in the order of ids: (id, what differs).

    Reads `size` clocks at a time by key, so memory stays flat and a run can go on behind any id.
    """
    while True:
        chunk = list(with_course(Clock.objects.filter(pk__gt=after)).order_by("pk")[:size])
        for clock in chunk:
            yield clock.pk, list(differences(clock))
            after = clock.pk
        if len(chunk) < size:
            return


def differences(clock: Clock) -> Iterator[Difference]:
    """Each stored moment that the receipt of a clock from `with_course` does not come to, and a limit that its rule
    does not give. A clock that cannot be reckoned at all differs too."""
    try:
        compared = list(_compared(clock))
    except ValueError as error:
        compared = [("limit", clock.limit, str(error))]
    for field, stored, reckoned in compared:
        if stored != reckoned:
            yield Difference(clock.case.number, clock.pk, field, _written(stored), _written(reckoned))


def _compared(clock: Clock) -> Iterator[tuple[str, Any, Any]]:
    course = course_of(clock)
    if course is None:
        chosen = clock.case.suspensions.filter(started_at=clock.started_at).values_list("until", flat=True).first()
        yield "due_at", clock.due_at, chosen
        return
    if clock.rule:
        cell = rules_of(clock.policy_id).cell_at(clock.rule)
        yield "limit", clock.limit, str(cell.limit) if cell else None
    stored = stored_moments(clock)
    for name in ("due", "blue", "yellow", "red"):
        yield f"{name}_at", getattr(stored, name), getattr(course.moments, name)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value or "—")


def _thresholds(clock: Clock) -> Thresholds:
    """Those of the rule that gave the limit; a clock from before rules were noted goes by its case."""
    if clock.kind in UNCOLOURED_CLOCKS:
        return UNCOLOURED
    rules = rules_of(clock.policy_id)
    if clock.rule:
        cell = rules.cell_at(clock.rule)
        return cell.thresholds if cell else UNCOLOURED
    category = clock.case.category.code if clock.case.category else None
    return rules.thresholds(clock.case.type, clock.kind, category)


# Who and why


def _causes(clock: Clock, course: Reckoning | None) -> Iterator[Cause]:
    rows = list(clock.adjustments.all())
    texts = _texts(clock.case) if rows else {}
    pauses = iter(course.pauses if course else ())
    for row in rows:
        if row.extension is not None:
            yield _extension(row.starts_at, row.extension, texts)
        elif row.suspension is not None:
            lost = next(pauses).lost if isinstance(_adjustment(row), Pause) else None
            yield _pause(row, row.suspension, texts, lost)


def _extension(at: datetime, asked: ExtensionRequest, texts: Texts) -> Cause:
    return Cause(
        kind="extension",
        start=at,
        end=None,
        reason="",
        text=texts.get((Action.REQUEST_EXTENSION.value, asked.pk), ""),
        by=_name(asked.requested_by),
        ended_by=_name(asked.decided_by),
        limit=asked.limit,
        ordinal=asked.ordinal,
    )


def _pause(row: ClockAdjustment, held: Suspension, texts: Texts, lost: timedelta | None) -> Cause:
    return Cause(
        kind="pause",
        start=row.starts_at,
        end=row.ends_at,
        reason=held.reason,
        text=texts.get((Action.SUSPEND.value, held.pk), ""),
        by=_name(held.started_by),
        ended_by=_name(held.ended_by),
        lost=lost,
    )


def _name(user: User | None) -> str:
    return user.full_name if user else ""


def _texts(case: Case) -> Texts:
    """What was written when the case was suspended or an extension was asked for: (action, row) → text."""
    kinds = {Action.SUSPEND.value: "suspension", Action.REQUEST_EXTENSION.value: "extension"}
    events = JournalEvent.objects.filter(case=case, kind__in=kinds).values_list("seq", "kind", "payload")
    said = {seq: (kind, payload.get(kinds[kind])) for seq, kind, payload in events}
    bodies = CaseText.objects.filter(case=case, event_seq__in=said).values_list("event_seq", "body")
    return {said[seq]: body for seq, body in bodies}
