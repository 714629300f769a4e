"""What sweeps did, kept in the database because web and workers are many processes (docs/operations.md, "Watching it").

Figures only: they are written after the sweep's own transactions, and a worker that is killed between the two loses
the figures of one sweep and no alert.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from cases.calendar import ZONE
from cases.colours import Colour
from cases.escalation import Report
from cases.models import SweepRun

#: How long single sweeps are kept; the sums of their days stay.
KEPT = timedelta(days=14)

#: One statement, so that a day is never without its sweep. Two workers of one day add up.
_NOTE = """
WITH run AS (
    INSERT INTO cases_sweeprun (started_at, clocks, blue, yellow, red, held, batches, seconds, longest)
    VALUES (%(started)s, %(clocks)s, %(blue)s, %(yellow)s, %(red)s, %(held)s, %(batches)s, %(seconds)s, %(longest)s)
)
INSERT INTO cases_sweepday AS d (day, sweeps, clocks, blue, yellow, red, held, batches, seconds, longest)
VALUES (%(day)s, 1, %(clocks)s, %(blue)s, %(yellow)s, %(red)s, %(held)s, %(batches)s, %(seconds)s, %(longest)s)
ON CONFLICT (day) DO UPDATE SET
    sweeps = d.sweeps + 1, clocks = d.clocks + excluded.clocks,
    blue = d.blue + excluded.blue, yellow = d.yellow + excluded.yellow, red = d.red + excluded.red,
    held = d.held + excluded.held, batches = d.batches + excluded.batches,
    seconds = d.seconds + excluded.seconds, longest = GREATEST(d.longest, excluded.longest)
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
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def forget(*, now: datetime) -> int:
    """Drop single sweeps that are older than `KEPT`; the number of them."""
    forgotten, _ = SweepRun.objects.filter(started_at__lt=now - KEPT).delete()
    return forgotten
