"""The sweep: what fell due becomes alerts, journal events, colours and messages (architecture.md, "The engine").

The row is the timer; whoever calls `sweep` is only the heartbeat. Cost follows what fell due, never the backlog. Any
number of sweeps may run at once: each takes what no other one, and no action, has its hands on.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import inf
from time import perf_counter

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Min, QuerySet

from cases.actions.closing import close_unrated
from cases.actions.standstill import resume_by_clock
from cases.actions.turn import is_busy
from cases.alerting import fire
from cases.batches import first_size, next_size
from cases.bulk import read_rows
from cases.colours import Colour
from cases.due import DUE_COLUMNS, DUE_TABLES, DueClock
from cases.duties import TOLD_IN_AREAS
from cases.manners import Manners
from cases.models import Clock
from cases.terms import ClockKind
from grids.holders import Roster
from grids.roster import roster_for

log = logging.getLogger(__name__)

#: How long a row that could not be worked on is set aside before it is tried again.
HOLD = timedelta(minutes=10)
#: What a statement of the sweep waits for a lock, which it meets only where SKIP LOCKED does not reach: a table that
#: is being altered, a person's row that is being deleted. Then the batch gives way.
LOCK_TIMEOUT = "200ms"
#: So often one sweep gives way: enough to find the one row of a batch that must wait, and an end when all must.
MOST_WAITS = 16

#: Clocks without colours: their due time acts by itself.
OWN_EFFECTS = {ClockKind.RATE: close_unrated, ClockKind.SUSPENSION: resume_by_clock}

LONG_AGO, FAR_AHEAD = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

#: Served by the partial index clock_next_moment. Both rows are locked, the case first: one that an action or another
#: sweep holds is passed over with its clock untouched, and does not count as claimed. A clock that was changed
#: meanwhile is read again and dropped if it is not due any more.
_CLAIM = f"""
SELECT {DUE_COLUMNS} {DUE_TABLES}
WHERE clock.next_moment <= %(until)s AND clock.next_moment >= %(since)s
  AND (clock.held_until IS NULL OR clock.held_until <= %(held)s)
  AND (%(ids)s::bigint[] IS NULL OR clock.id = ANY(%(ids)s))
  AND clock.id <> ALL(%(left)s::bigint[])
ORDER BY clock.next_moment
LIMIT %(size)s
FOR NO KEY UPDATE OF matter, clock SKIP LOCKED
"""

_GIVE_WAY = f"SELECT set_config('lock_timeout', '{LOCK_TIMEOUT}', true), set_config('synchronous_commit', 'off', true)"

_HOLD = """
UPDATE cases_clock SET held_until = %(until)s, held_error = %(error)s
WHERE id = (SELECT id FROM cases_clock WHERE id = %(id)s AND next_moment IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED)
"""


@dataclass(slots=True)
class Report:
    """What one sweep did. `seconds` is the time of all its batches together, `longest` that of the longest one.

    `lag`: seconds that the oldest moment had waited by then. `held`: rows set aside. `busy`: rows that gave
    way to somebody else, for the next sweep. `cut_short`: its time was over before its work was done.
    """

    clocks: int = 0
    raised: Counter[Colour] = field(default_factory=Counter)
    held: int = 0
    busy: int = 0
    batches: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    lag: float = 0.0
    cut_short: bool = False

    @property
    def alerts(self) -> int:
        return self.raised.total()

    def batch_took(self, seconds: float) -> None:
        self.batches += 1
        self.seconds += seconds
        self.longest = max(self.longest, seconds)


class Retried(StrEnum):
    """What came of another try at a row that was set aside."""

    DONE = "done"
    HELD = "held"
    BUSY = "busy"


def sweep(
    *,
    now: datetime,
    size: int,
    grace: timedelta = timedelta(0),
    seconds: float = inf,
    on_backlog: Callable[[], None] = lambda: None,
) -> Report:
    """Work on everything that was due `grace` before `now`, at most `size` clocks in one transaction.

    `grace` is how long an action may wait for a lock: what an officer pressed in time is heard before its colour.
    `seconds`: how long it may go on. `on_backlog` is called once, when there is more than one batch of work.

    1. Claim the earliest due clocks with their cases, passing over what others hold.
    2. Write what they owe; clocks whose due time has an effect of its own run it through its action.
    3. If the batch fails, halve it until the bad row is alone and set that one aside; the rest go on.
    4. Rest beside people (`cases.manners`), go on behind the last one, begin again until the beginning holds nothing.
    """
    work = _Sweep(now, now - grace, manners=Manners())
    end = perf_counter() + seconds
    wanted, since, called = first_size(most=size), LONG_AGO, False
    while True:
        began = perf_counter()
        due = work.batch(since=since, size=wanted)
        took = perf_counter() - began
        if due:
            work.report.batch_took(took)
        if work.gives_up or (not due and since == LONG_AGO):
            return work.report
        if len(due) < wanted:
            since = LONG_AGO
            continue
        since, wanted = due[-1].next_moment, next_size(wanted, took, most=work.most(size))
        if not called:
            called = True
            on_backlog()
        work.rest(took)
        if perf_counter() > end:
            work.report.cut_short = True
            return work.report


def retry(*, clock_id: int, now: datetime) -> Retried:
    """Try a row that was set aside once more, at once. What it owes is written, or its new error is."""
    work = _Sweep(now, now, held=FAR_AHEAD)
    work.batch(ids=[clock_id], size=1)
    if work.report.held:
        return Retried.HELD
    return Retried.DONE if work.report.clocks else Retried.BUSY


def unfired(now: datetime) -> QuerySet[Clock]:
    """Clocks that should have been worked on by `now`: the age of their oldest moment is the lag of the sweep."""
    return Clock.objects.filter(next_moment__lte=now, held_until=None)


def oldest_unfired(now: datetime) -> datetime | None:
    """The oldest moment that should have been worked on by `now`."""
    oldest: datetime | None = unfired(now).aggregate(oldest=Min("next_moment"))["oldest"]
    return oldest


class _Sweep:
    """One sweep at `now` over what was due `until` then; rows that were set aside until `held` are tried again."""

    def __init__(
        self, now: datetime, until: datetime, *, held: datetime | None = None, manners: Manners | None = None
    ) -> None:
        self.report = Report()
        self._manners = manners
        self._now, self._until, self._held = now, until, held or now
        self._left: set[int] = set()  # not again in this sweep: what gave way, and what acted by itself
        self._roster: Roster | None = None
        self._waits = 0

    @property
    def gives_up(self) -> bool:
        """Whether it met locks so often that the next tick may fare better, or another one is at it beside people."""
        return self._waits >= MOST_WAITS or (self._manners is not None and self._manners.unseated)

    def most(self, size: int) -> int:
        """Of a batch; `size` is the operator's bound."""
        return size if self._manners is None else self._manners.most(size)

    def rest(self, seconds: float) -> None:
        if self._manners is not None:
            self._manners.rest(seconds)

    def batch(self, *, size: int, since: datetime = LONG_AGO, ids: list[int] | None = None) -> list[DueClock]:
        """One batch in one transaction; the clocks that it claimed. A failure undoes all of it and halves it."""
        due: list[DueClock] = []
        try:
            with transaction.atomic():
                _give_way()
                if self._manners is not None and not self._manners.take_seat():
                    return due
                due = self._claim(size=size, since=since, ids=ids)
                raised = self._work(due)
        except Exception as error:
            # Without a claim, or with a connection that is gone, the server is in trouble and not the row.
            if not due or (isinstance(error, OperationalError | InterfaceError) and not is_busy(error)):
                raise
            self._isolate([clock.clock_id for clock in due], error)
        else:
            self._note(due, raised)
        return due

    def _note(self, due: Sequence[DueClock], raised: Counter[Colour]) -> None:
        self.report.clocks += len(due)
        self.report.raised += raised
        for clock in due:
            self.report.lag = max(self.report.lag, (self._now - clock.next_moment).total_seconds())

    def _claim(self, *, size: int, since: datetime, ids: list[int] | None) -> list[DueClock]:
        values = {
            "until": self._until,
            "since": since,
            "held": self._held,
            "ids": ids,
            "left": sorted(self._left),
            "size": size,
        }
        return [DueClock._make(row) for row in read_rows(_CLAIM, values)]

    def _work(self, due: Sequence[DueClock]) -> Counter[Colour]:
        """Let due times that have an effect of their own run it, then raise the colours of all other cases."""
        turned = set()
        for clock in due:
            if act := OWN_EFFECTS.get(clock.kind):  # type: ignore[call-overload]  # a code is its kind
                act(case_id=clock.case_id, now=self._now)
                self._left.add(clock.clock_id)
                turned.add(clock.case_id)
        owing = [clock for clock in due if clock.case_id not in turned]
        return fire(owing, now=self._now, until=self._until, roster=self._everybody() if owing else None)

    def _everybody(self) -> Roster:
        """Whoever can be told of anything, looked up once: a sweep is over in seconds."""
        if self._roster is None:
            self._roster = roster_for(department_ids=None, area_roles=TOLD_IN_AREAS, now=self._now)
        return self._roster

    def _isolate(self, ids: list[int], error: Exception) -> None:
        self._left.difference_update(ids)  # what they did was undone
        if is_busy(error):
            self._waits += 1
        if len(ids) == 1 or self.gives_up:
            self._leave(ids, error)
            return
        middle = len(ids) // 2
        self.batch(ids=ids[:middle], size=middle)
        self._rest(ids[middle:], error)

    def _rest(self, ids: list[int], error: Exception) -> None:
        """The other half, unless the first one has used up the patience of this sweep."""
        if self.gives_up:
            self._leave(ids, error)
        else:
            self.batch(ids=ids, size=len(ids))

    def _leave(self, ids: list[int], error: Exception) -> None:
        """One that fails by itself is set aside; what gives way, or was not tried alone, is the next sweep's."""
        self._left.update(ids)
        if len(ids) == 1 and not is_busy(error):
            self._set_aside(ids[0], error)
        else:
            self.report.busy += len(ids)

    def _set_aside(self, clock_id: int, error: Exception) -> None:
        """Its moments stay untouched, its error stands where an operator sees it."""
        log.error("clock %s could not be worked on: %s", clock_id, type(error).__name__, exc_info=error)
        words = f"{type(error).__name__}: {_first_line(error)}"
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, {"until": self._now + HOLD, "error": words, "id": clock_id})
        self.report.held += 1


def _give_way() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_WAY)


def _first_line(error: Exception) -> str:
    """What went wrong without PostgreSQL's DETAIL, which quotes the row."""
    return str(error).partition("\n")[0][:500]
