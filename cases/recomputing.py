"""Recomputations after a change of the calendar, batch by batch: interrupted anywhere, they go on where they stopped.

Nothing is remembered but the clocks themselves: one that stands on the run's calendar is done. Workers may run side
by side; each batch takes the cases that nobody holds.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Max, Q

from cases.actions.calendar_change import behind, recompute_cases
from cases.models import CalendarRecompute, CalendarVersion

log = logging.getLogger(__name__)

#: An action that began before a calendar was published may start a clock of the old one just after the run.
LATECOMERS = timedelta(minutes=10)


def pending(*, now: datetime) -> list[CalendarRecompute]:
    """Runs with work to do: unfinished ones, and those that ended a moment ago and may have missed a latecomer."""
    runs = CalendarRecompute.objects.select_related("calendar").order_by("pk")
    return list(runs.filter(Q(finished_at=None) | Q(finished_at__gt=now - LATECOMERS, overtaken=False)))


def recompute(run: CalendarRecompute, *, ticks: Iterable[datetime], size: int = 200) -> bool:
    """Work on one run, a batch for each tick (the time at which it is written). Whether it is finished.

    Ends early when the ticks do, and when everything that is left is held by somebody else.
    """
    ticks = iter(ticks)
    while (now := next(ticks, None)) is not None:
        if _overtaken(run):
            _finish(run, now, overtaken=True)
            return True
        if not behind(run.calendar_id).exists():
            _finish(run, now)
            return True
        if not _pass(run, now=now, ticks=ticks, size=size):
            return False
    return False


def _pass(run: CalendarRecompute, *, now: datetime, ticks: Iterator[datetime], size: int) -> int:
    """Once through the clocks that are behind, in the order of their cases; the number of cases taken."""
    after = taken = 0
    moment: datetime | None = now
    while moment is not None:
        late = behind(run.calendar_id).filter(case__gt=after).order_by("case_id")
        case_ids = list(late.values_list("case_id", flat=True).distinct()[:size])
        if not case_ids:
            return taken
        taken += _batch(run, case_ids, now=moment)
        after = case_ids[-1]
        moment = next(ticks, None)
    return taken


def _batch(run: CalendarRecompute, case_ids: list[int], *, now: datetime) -> int:
    """A batch that fails is taken case by case, so that one that cannot be reckoned leaves the others alone."""
    try:
        return recompute_cases(run=run, case_ids=case_ids, now=now)
    except (ValueError, DatabaseError) as error:
        if len(case_ids) > 1:
            return sum(_batch(run, [case_id], now=now) for case_id in case_ids)
        log.error("the clocks of case %s could not be recomputed: %s", case_ids[0], error)  # noqa: TRY400 — no texts
        return 0


def _overtaken(run: CalendarRecompute) -> bool:
    newest = CalendarVersion.objects.aggregate(newest=Max("number"))["newest"]
    return bool(newest is not None and newest > run.calendar.number)


def _finish(run: CalendarRecompute, now: datetime, *, overtaken: bool = False) -> None:
    """The first end counts; a later look for latecomers does not move it."""
    with transaction.atomic():
        CalendarRecompute.objects.filter(pk=run.pk, finished_at=None).update(finished_at=now, overtaken=overtaken)
