"""The heartbeat: Celery only says that time has passed; the rows know what is due (architecture.md, "The engine")."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError
from redis import RedisError

from cases import figures, pulse, syncing
from cases.actions import attaching
from cases.actions import errands as errand_actions
from cases.actions.expiry import anonymise_expired
from cases.actions.interviews import propose_interviews
from cases.actions.meetings import draw_up
from cases.admin.listings import sheet_of
from cases.calendar import ZONE
from cases.coverage import missing_year
from cases.errands import carry_out
from cases.errors import NotReady
from cases.escalation import sweep
from cases.recomputing import pending, recompute
from cases.reconciling import begin, carry_on, under_way
from cases.terms import MeetingKind
from cases.versions import calendar_in_force

log = logging.getLogger(__name__)

#: How long one tick works on what goes through all clocks before it lets the sweep have its worker again.
WORK_SECONDS = 20


@shared_task(name="cases.tasks.sweep", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def sweep_due(hand: int = 1) -> None:
    """Sweep, and call another hand when there is more than one batch of work; `hand` counts them up to SWEEP_HANDS.

    After `WORK_SECONDS` a hand calls its successor instead of going on: other tasks have their turn in between.
    """
    now = timezone.now()
    report = sweep(
        now=now,
        size=settings.SWEEP_BATCH,
        grace=timedelta(seconds=settings.SWEEP_GRACE),
        seconds=WORK_SECONDS,
        on_backlog=partial(_call_hand, hand + 1),
    )
    figures.note(report, started=now)
    pulse.beat(now=timezone.now())
    if report.cut_short:
        _call_hand(hand)


def _call_hand(hand: int) -> None:
    """One call too many finds nothing to do; one that gets lost is made up for by the next tick of the beat."""
    if hand > settings.SWEEP_HANDS:
        return
    try:
        sweep_due.apply_async(kwargs={"hand": hand}, expires=settings.SWEEP_INTERVAL, retry=False)
    except (BrokerError, RedisError) as error:
        log.warning("no other hand could be called to the sweep: %s", type(error).__name__)


@shared_task(name="cases.tasks.recompute_clocks", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def recompute_clocks() -> None:
    """Bring the clocks to a calendar that was published; what is left is the next tick's."""
    ticks = _ticks(WORK_SECONDS)
    for run in pending(now=timezone.now()):
        recompute(run, ticks=ticks)


def _ticks(seconds: float) -> Iterator[datetime]:
    end = monotonic() + seconds
    while monotonic() < end:
        yield timezone.now()


@shared_task(name="cases.tasks.reconcile", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def reconcile() -> None:
    """Begin the nightly walk over all cases; what is left is the next minute's."""
    carry_on(begin(now=timezone.now()), ticks=_ticks(WORK_SECONDS))


@shared_task(name="cases.tasks.reconcile_further", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def reconcile_further() -> None:
    """Carry on with a walk that is under way: the night's, one that was interrupted, one that a person asked for."""
    if (run := under_way()) is not None:
        carry_on(run, ticks=_ticks(WORK_SECONDS))


@shared_task(name="cases.tasks.check_calendar", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def check_calendar() -> None:
    """Once a day: say in the log when limits reach into a year whose official days are missing."""
    try:
        year = missing_year(timezone.now())
    except NotReady as error:
        log.warning("%s", error)
        return
    if year is not None:
        log.warning("the official days of %d are missing; limits reach into that year: run import_calendar", year)


@shared_task(name="cases.tasks.weekly_meeting", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def weekly_meeting() -> None:
    draw_up(MeetingKind.WEEKLY, now=timezone.now(), county=settings.COUNTY_CODE)


@shared_task(name="cases.tasks.monthly_meeting", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def monthly_meeting() -> None:
    """Called on the first days of each month: only on the first workday of it there is something to do."""
    now = timezone.now()
    today = now.astimezone(ZONE).date()
    if calendar_in_force().calendar.first_workday(today.year, today.month) == today:
        draw_up(MeetingKind.MONTHLY, now=now, county=settings.COUNTY_CODE)


@shared_task(name="cases.tasks.clean_uploads", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def clean_uploads() -> None:
    attaching.clean_uploads(now=timezone.now())


@shared_task(name="cases.tasks.anonymise", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def anonymise() -> None:
    """Every quarter of an hour of the night: what is left when its time is over is the next one's."""
    if settings.PERSONAL_DATA_DAYS:
        ended_before = timezone.now() - timedelta(days=settings.PERSONAL_DATA_DAYS)
        done = anonymise_expired(ended_before=ended_before, ticks=_ticks(WORK_SECONDS))
        log.info("petitioners of %d cases that ended long ago were anonymised", done)


@shared_task(name="cases.tasks.forget_sweeps", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_sweeps() -> None:
    figures.forget(now=timezone.now())


@shared_task(name="cases.tasks.forget_departures", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_departures() -> None:
    syncing.forget_departures(now=timezone.now())


@shared_task(name="cases.tasks.interviews", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def interviews() -> None:
    propose_interviews(now=timezone.now())


@shared_task(name="cases.tasks.errands", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def errands() -> None:
    """One errand at a time, so that a worker of two processes always has one left for the sweep."""
    errand_actions.give_up_silent(now=timezone.now())
    end = monotonic() + WORK_SECONDS
    while monotonic() < end and (errand := errand_actions.claim(now=timezone.now())) is not None:
        carry_out(errand, timezone.now, sheet_of)


@shared_task(name="cases.tasks.clean_errands", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def clean_errands() -> None:
    errand_actions.clean_errands(now=timezone.now())
