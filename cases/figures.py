"""How the engine does, read by metrics, health and its page (docs/operations.md, "Watching it").

What sweeps did is kept in the database, because web and workers are many processes. These are figures only: they are
written after the sweep's own transactions, and a worker that is killed between the two loses the figures of one sweep
and no alert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import TruncHour

from cases.calendar import ZONE
from cases.colours import Colour
from cases.escalation import Report
from cases.models import Clock, Reconciliation, SweepDay, SweepRun

#: How long single sweeps are kept; the sums of their days stay.
KEPT = timedelta(days=14)
#: Of the chart.
HOURS = 24

#: One statement, so that a day is never without its sweep. Two workers of one day add up.
_NOTE = """
WITH run AS (
    INSERT INTO cases_sweeprun (started_at, clocks, blue, yellow, red, held, batches, seconds, longest, lag)
    VALUES (%(started)s, %(clocks)s, %(blue)s, %(yellow)s, %(red)s, %(held)s, %(batches)s, %(seconds)s, %(longest)s,
            %(lag)s)
)
INSERT INTO cases_sweepday AS d (day, sweeps, clocks, blue, yellow, red, held, batches, seconds, longest, lag)
VALUES (%(day)s, 1, %(clocks)s, %(blue)s, %(yellow)s, %(red)s, %(held)s, %(batches)s, %(seconds)s, %(longest)s, %(lag)s)
ON CONFLICT (day) DO UPDATE SET
    sweeps = d.sweeps + 1, clocks = d.clocks + excluded.clocks,
    blue = d.blue + excluded.blue, yellow = d.yellow + excluded.yellow, red = d.red + excluded.red,
    held = d.held + excluded.held, batches = d.batches + excluded.batches,
    seconds = d.seconds + excluded.seconds, longest = GREATEST(d.longest, excluded.longest),
    lag = GREATEST(d.lag, excluded.lag)
"""


def note(report: Report, *, started: datetime) -> None:
    """Keep what a sweep did; one that found nothing costs nothing."""
    if not (report.clocks or report.held):
        return
    values: dict[str, Any] = {
        "started": started,
        "day": started.astimezone(ZONE).date(),
        "clocks": report.clocks,
        "blue": report.raised[Colour.BLUE],
        "yellow": report.raised[Colour.YELLOW],
        "red": report.raised[Colour.RED],
        "held": report.held,
        "batches": report.batches,
        "seconds": report.seconds,
        "longest": report.longest,
        "lag": report.lag,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def forget(*, now: datetime) -> int:
    """Drop single sweeps that are older than `KEPT`; the number of them."""
    forgotten, _ = SweepRun.objects.filter(started_at__lt=now - KEPT).delete()
    return forgotten


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything that sweeps ever did."""

    sweeps: int
    clocks: int
    blue: int
    yellow: int
    red: int
    held: int
    batches: int
    seconds: float


def totals() -> Totals:
    sums = SweepDay.objects.aggregate(**{name: Sum(name, default=0) for name in Totals.__dataclass_fields__})
    return Totals(**sums)


@dataclass(frozen=True, slots=True)
class Worst:
    """Of some sweeps, in seconds: the longest batch, and how long the oldest moment had waited; 0 for none."""

    longest: float
    lag: float


def worst(*, since: datetime) -> Worst:
    runs = SweepRun.objects.filter(started_at__gte=since)
    return Worst(**runs.aggregate(longest=Max("longest", default=0.0), lag=Max("lag", default=0.0)))


@dataclass(frozen=True, slots=True)
class Hour:
    """Batches of one hour: seconds of the longest one, and of one on average."""

    begins: datetime
    batches: int = 0
    longest: float = 0.0
    mean: float = 0.0


def runs_by_hour(*, now: datetime) -> "QuerySet[Any, Any]":
    """What `hours` are made of, of the last `HOURS` with the present one."""
    return (
        SweepRun.objects.filter(started_at__gte=_first_hour(now))
        .order_by()
        .values(begins=TruncHour("started_at", tzinfo=ZONE))
        .annotate(sum_batches=Sum("batches"), sum_seconds=Sum("seconds"), max_longest=Max("longest"))
    )


def hours(rows: Iterable[Mapping[str, Any]], *, now: datetime) -> list[Hour]:
    """The last `HOURS` with the present one, oldest first, empty ones among them. `rows`: `runs_by_hour`."""
    found = {}
    for row in rows:
        begins = row["begins"].replace(tzinfo=ZONE)
        mean = row["sum_seconds"] / max(row["sum_batches"], 1)
        found[begins] = Hour(begins, row["sum_batches"], row["max_longest"], mean)
    begins_of = (_first_hour(now) + timedelta(hours=number) for number in range(HOURS))
    return [found.get(moment, Hour(moment)) for moment in begins_of]


def _first_hour(now: datetime) -> datetime:
    return now.astimezone(ZONE).replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)


#: Whoever asks has two seconds, also when a million clocks are due or set aside: more is not looked at.
COUNTED = 10_000
#: A clock may owe several colours; rows that were set aside are counted apart. By clock_next_moment, in its order.
_DUE = """
SELECT count(*) FILTER (WHERE raised < 1 AND blue_at <= %(now)s),
       count(*) FILTER (WHERE raised < 2 AND yellow_at <= %(now)s),
       count(*) FILTER (WHERE raised < 3 AND red_at <= %(now)s)
FROM (SELECT raised, blue_at, yellow_at, red_at FROM cases_clock
      WHERE next_moment <= %(now)s AND held_until IS NULL ORDER BY next_moment LIMIT %(counted)s) due
"""


def due_colours(*, now: datetime) -> dict[Colour, int]:
    """How many colours wait for the sweep, of the `COUNTED` clocks that are due first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "counted": COUNTED})
        return dict(zip((Colour.BLUE, Colour.YELLOW, Colour.RED), cursor.fetchone(), strict=True))


def held_count() -> int:
    """Running clocks that the sweep has set aside, up to `COUNTED`."""
    held = Clock.objects.running().filter(held_until__isnull=False).order_by("held_until")
    return held.values("pk")[:COUNTED].count()


def reconciled() -> "QuerySet[Reconciliation]":
    """The newest that came to its end, or none."""
    return Reconciliation.objects.filter(finished_at__isnull=False)[:1]


def last_reconciliation() -> Reconciliation | None:
    return reconciled().first()
