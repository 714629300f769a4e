"""The sweep: what fell due becomes alerts, journal events, colours and messages (architecture.md, "The engine").

The row is the timer; whoever calls `sweep` is only the heartbeat. Cost follows what fell due, never the backlog.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Min

from cases.actions.closing import close_unrated
from cases.actions.standstill import resume_by_clock
from cases.alerting import DUE_COLUMNS, DueClock, fire
from cases.colours import Colour
from cases.models import Clock
from cases.terms import ClockKind

log = logging.getLogger(__name__)

#: How long a row that could not be worked on is set aside before it is tried again.
HOLD = timedelta(minutes=10)

#: Clocks without colours: their due time acts by itself.
OWN_EFFECTS = {ClockKind.RATE: close_unrated, ClockKind.SUSPENSION: resume_by_clock}

#: Served by the partial index clock_next_moment. Both rows are locked: a clock that an action stopped meanwhile is
#: read again and dropped; a case that an action holds is left for the next pass, so nobody waits and nobody overwrites.
_CLAIM = f"""
SELECT {DUE_COLUMNS}
FROM cases_clock clock
JOIN cases_case matter ON matter.id = clock.case_id
LEFT JOIN grids_department unit ON unit.id = clock.charged_id
WHERE clock.next_moment <= %(until)s
  AND (clock.held_until IS NULL OR clock.held_until <= %(now)s)
  AND (%(ids)s::bigint[] IS NULL OR clock.id = ANY(%(ids)s))
ORDER BY clock.next_moment
LIMIT %(size)s
FOR NO KEY UPDATE OF clock, matter SKIP LOCKED
"""  # noqa: S608 — only the constant column list is put in


@dataclass(slots=True)
class Report:
    """What one sweep did. `seconds` is the time of all its batches together, `longest` that of the longest one."""

    clocks: int = 0
    raised: Counter[Colour] = field(default_factory=Counter)
    held: int = 0
    batches: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    @property
    def alerts(self) -> int:
        return self.raised.total()

    def batch_took(self, seconds: float) -> None:
        self.batches += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)


@dataclass(frozen=True, slots=True)
class Tick:
    """One call of the sweep: the time, the last moment that it works on, and how many clocks in one transaction."""

    now: datetime
    until: datetime
    size: int


def sweep(*, now: datetime, size: int, grace: timedelta = timedelta(0)) -> Report:
    """Work on everything that was due `grace` before `now`, `size` clocks in one transaction.

    `grace` is how long an action may wait for a lock: what an officer pressed in time is heard before its colour.

    1. Claim the earliest due clocks together with their cases.
    2. Write what they owe; clocks whose due time has an effect of its own run it through its action.
    3. If the batch fails, halve it until the bad row is alone and set that one aside; the rest go on.

    Ends with the first batch that is not full: what locked cases hid is the next tick's.
    """
    report, tick = Report(), Tick(now, now - grace, size)
    while True:
        began = perf_counter()
        claimed = _pass(tick, ids=None, report=report)
        report.batch_took(perf_counter() - began)
        if claimed < size:
            return report


def oldest_unfired(now: datetime) -> datetime | None:
    """The oldest moment that should have been worked on by `now`: its age is the lag of the sweep."""
    due = Clock.objects.filter(next_moment__lte=now, held_until=None)
    oldest: datetime | None = due.aggregate(oldest=Min("next_moment"))["oldest"]
    return oldest


def _pass(tick: Tick, *, ids: list[int] | None, report: Report) -> int:
    """One batch in one transaction; the number of clocks claimed. A failure undoes all of it and halves it."""
    rows: list[tuple[Any, ...]] = []
    try:
        with transaction.atomic():
            rows = _claim(tick, ids=ids)
            raised = _work([DueClock.from_row(row) for row in rows], tick)
    except (OperationalError, InterfaceError):
        raise  # the server is in trouble, not the row
    except Exception as error:
        if not rows:
            raise
        _isolate([row[0] for row in rows], error, tick, report=report)
    else:
        report.clocks += len(rows)
        report.raised += raised
    return len(rows)


def _claim(tick: Tick, *, ids: list[int] | None) -> list[tuple[Any, ...]]:
    """The rows as they are: one that cannot be read is the batch's failure, not the end of the sweep."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": tick.now, "until": tick.until, "size": tick.size, "ids": ids})
        return list(cursor.fetchall())


def _work(due: Sequence[DueClock], tick: Tick) -> Counter[Colour]:
    """Let due times that have an effect of their own run it, then raise the colours of all other cases."""
    turned = set()
    for clock in due:
        if act := OWN_EFFECTS.get(clock.charge.kind):
            act(case_id=clock.case_id, now=tick.now)
            turned.add(clock.case_id)
    return fire([clock for clock in due if clock.case_id not in turned], now=tick.now, until=tick.until)


def _isolate(ids: list[int], error: Exception, tick: Tick, *, report: Report) -> None:
    if len(ids) == 1:
        _hold(ids[0], error, now=tick.now)
        report.held += 1
        return
    middle = len(ids) // 2
    for half in (ids[:middle], ids[middle:]):
        _pass(replace(tick, size=len(half)), ids=half, report=report)


def _hold(clock_id: int, error: Exception, *, now: datetime) -> None:
    """Set one row aside, its moments untouched, its error where an operator sees it."""
    log.error("clock %s could not be worked on: %s", clock_id, type(error).__name__, exc_info=error)
    Clock.objects.filter(pk=clock_id).update(
        held_until=now + HOLD, held_error=f"{type(error).__name__}: {_first_line(error)}"
    )


def _first_line(error: Exception) -> str:
    """What went wrong without PostgreSQL's DETAIL, which quotes the row."""
    return str(error).partition("\n")[0][:500]
