"""A new work calendar reaches the running clocks, a batch of cases at a time (domain.md, Time and Colours)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from cases import alerting, chain, journal
from cases.actions.publishing import publish_calendar
from cases.actions.timing import inherit, moments_of, raised_by_people, timer_of
from cases.actions.turn import RESOLUTION
from cases.calendar import DayRule
from cases.calendar_edits import edited
from cases.colours import Colour
from cases.errors import InvalidInput
from cases.faults import Fault
from cases.models import CalendarRecompute, CalendarVersion, Case, Clock, ClockAdjustment
from cases.phrases import fault_words
from cases.receipts import credited, stored_moments
from cases.schedule import Moments
from cases.terms import UNCOLOURED_CLOCKS, ClockKind
from cases.versions import calendar_in_force
from grids.actors import Actor

CALENDAR_EVENT = "calendar"


def edit_calendar(
    *,
    days: Mapping[date, DayRule | None],
    reason: str,
    actor: Actor,
    now: datetime,
    announced: Collection[int] = (),
) -> CalendarVersion:
    """Publish the calendar in force with these days changed. InvalidInput names the day that cannot be taken."""
    try:
        calendar = edited(calendar_in_force().calendar, days, announced=announced)
    except Fault as fault:
        raise InvalidInput(_("The calendar cannot be published as it is."), {"days": [fault_words(fault)]}) from fault
    return publish_calendar(calendar=calendar, reason=reason, actor=actor, now=now)


@dataclass(slots=True)
class Tally:
    """What one batch did; the counts of `CalendarRecompute`."""

    cases: int = 0
    clocks: int = 0
    moved: int = 0
    later: int = 0
    earlier: int = 0
    recoloured: int = 0


def behind(version_id: int) -> QuerySet[Clock]:
    """Running clocks that another calendar version computed. A suspension ends on a date that people chose."""
    return Clock.objects.running().exclude(calendar=version_id).exclude(kind=ClockKind.SUSPENSION)


def recompute_cases(*, run: CalendarRecompute, case_ids: Sequence[int], now: datetime) -> int:
    """Bring the running clocks of these cases to the run's calendar, in one transaction. The number of cases taken.

    1. Lock the cases that nobody else holds; the others are for a later batch.
    2. Raise what their clocks owe up to now: a colour that was reached stays in history.
    3. Compute every clock anew; one that moves gets its next generation and inherits its colours silently.
    4. One journal event for each case in which a clock moved; the counts join those of the run.
    """
    with transaction.atomic():
        held = Case.objects.filter(pk__in=case_ids).select_for_update(skip_locked=True, no_key=True, of=("self",))
        ids = sorted(held.values_list("pk", flat=True))
        _fire_owed(ids, now)
        tally, moved = Tally(), []
        for case in Case.objects.filter(pk__in=ids).select_related("category").prefetch_related(_running()):
            moved += _recompute_case(case, run, tally, now)
        behind(run.calendar_id).filter(case__in=ids).update(calendar=run.calendar_id)
        _save_moments(moved)
        CalendarRecompute.objects.filter(pk=run.pk).update(
            last_batch_at=now, **{name: F(name) + getattr(tally, name) for name in Tally.__dataclass_fields__}
        )
    return len(ids)


def _running() -> "Prefetch[str, QuerySet[Clock], str]":
    adjustments = ClockAdjustment.objects.select_related("extension").order_by("starts_at", "pk")
    clocks = Clock.objects.running().order_by("pk").prefetch_related(Prefetch("adjustments", adjustments))
    return Prefetch("clocks", clocks, to_attr="running_clocks")


def _fire_owed(case_ids: list[int], now: datetime) -> None:
    late = Clock.objects.running().filter(case__in=case_ids, next_moment__lt=now)
    ids = list(late.exclude(kind__in=sorted(UNCOLOURED_CLOCKS)).values_list("pk", flat=True))
    if ids:
        alerting.fire(alerting.owed(ids), now=now, until=now - RESOLUTION)


def _recompute_case(case: Case, run: CalendarRecompute, tally: Tally, now: datetime) -> list[Clock]:
    """The clocks that moved, still to be saved. The case and its event are."""
    clocks: list[Clock] = case.running_clocks  # type: ignore[attr-defined]  # of the prefetch
    stale = [c for c in clocks if c.calendar_id != run.calendar_id and c.kind != ClockKind.SUSPENSION]
    moved = [clock for clock in stale if _recompute_clock(clock, case, run, tally, now)]
    tally.clocks += len(stale)
    tally.moved += len(moved)
    if not moved:
        return []
    tally.cases += 1
    _show(case, clocks)
    facts = {
        "calendar": run.calendar.number,
        "moved": {str(clock.pk): [clock.generation, chain.stamp(clock.due_at)] for clock in moved},
    }
    journal.record(case, CALENDAR_EVENT, actor_id=run.started_by_id, at=now, facts=facts)
    case.save(update_fields=["event_seq", "event_hash", "updated_at", "colour", "due_at"])
    return moved


#: One statement for a batch: several times faster than `bulk_update`, which writes a CASE for each row and field.
_UPDATE_CLOCKS = """
UPDATE cases_clock SET due_at = new.due_at, blue_at = new.blue_at, yellow_at = new.yellow_at, red_at = new.red_at,
                       generation = new.generation, colour = new.colour, raised = new.raised,
                       next_moment = new.next_moment
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
            %s::integer[], %s::smallint[], %s::smallint[], %s::timestamptz[])
     AS new(id, due_at, blue_at, yellow_at, red_at, generation, colour, raised, next_moment)
WHERE cases_clock.id = new.id
"""
_SAVED = ("pk", "due_at", "blue_at", "yellow_at", "red_at", "generation", "colour", "raised", "next_moment")


def _save_moments(clocks: Sequence[Clock]) -> None:
    if clocks:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE_CLOCKS, [[getattr(clock, name) for clock in clocks] for name in _SAVED])


def _recompute_clock(clock: Clock, case: Case, run: CalendarRecompute, tally: Tally, now: datetime) -> bool:
    """Whether any moment moved. A paused clock is looked at as of its pause and goes on standing still."""
    before, colour = stored_moments(clock), clock.colour
    clock.calendar_id = run.calendar_id
    after = moments_of(clock, case=case, adjustments=credited(clock.adjustments.all()))
    if clock.kind in UNCOLOURED_CLOCKS:
        after = Moments(after.due, None, None, None)
    if after == before:
        return False
    clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at = after.due, after.blue, after.yellow, after.red
    clock.generation += 1
    seen = clock.paused_at or now
    inherit(clock, now=seen, floor=raised_by_people(clock))
    shown = max((int(reached) for reached, _moment in timer_of(clock).passed(seen)), default=clock.colour)
    if clock.paused_at is not None:
        clock.next_moment = None
    tally.later += after.due > before.due
    tally.earlier += after.due < before.due
    tally.recoloured += shown != colour
    return True


def _show(case: Case, clocks: Sequence[Clock]) -> None:
    """The worst colour and the nearest due time, as every action leaves them on the case."""
    coloured = [clock for clock in clocks if clock.kind not in UNCOLOURED_CLOCKS]
    case.colour = max((clock.colour for clock in coloured), default=int(Colour.NONE))
    case.due_at = min((clock.due_at for clock in coloured if clock.paused_at is None), default=None)
