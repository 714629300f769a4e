"""The nightly reconciliation: what every clock owes against what was recorded (docs/operations.md, "Reconciliation").

It reads without locks, batch by batch, and locks only the cases on which it found something. Where it stands is kept
with its report: killed anywhere, it goes on with the next tick; two at once take turns.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from cases import laws
from cases.actions.mending import mend
from cases.invariants import LAG
from cases.models import Case, Clock, Reconciliation
from cases.terms import Discrepancy

log = logging.getLogger(__name__)

BATCH = 200  # cases in one transaction
MOST_DETAILS = 200  # in one report; the counts go on

_HELD = """
SELECT c.number, k.kind, c.id, k.id FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.held_until IS NOT NULL AND k.stopped_at IS NULL AND k.next_moment < %(until)s AND c.id = ANY(%(cases)s)
"""

_SEARCHES = {
    Discrepancy.MISSING_ALERT: (laws.NO_PASSED_MOMENT_WITHOUT_ALERT,),
    Discrepancy.RAISED: (laws.COLOURS_HAVE_THEIR_ALERTS,),
    Discrepancy.NEXT_MOMENT: (
        laws.RUNNING_HAS_ITS_NEXT_MOMENT,
        laws.NEXT_MOMENT_IS_THE_FIRST_PENDING,
        laws.PAUSED_HAS_NO_NEXT_MOMENT,
    ),
    Discrepancy.CLOCK_COLOUR: (laws.CLOCK_SHOWS_THE_COLOUR_THAT_COUNTS,),
    Discrepancy.CASE_COLOUR: (laws.CASE_SHOWS_ITS_WORST_COLOUR,),
    Discrepancy.CASE_DUE: (laws.CASE_SHOWS_ITS_NEAREST_DUE_TIME,),
    Discrepancy.ENDED_CLOCK: (laws.ENDED_WITHOUT_CLOCKS,),
    Discrepancy.NO_EVENT: (laws.ALERTS_HAVE_THEIR_EVENTS,),
    Discrepancy.NO_ALERT: (laws.EVENTS_HAVE_THEIR_ALERTS,),
    Discrepancy.HELD: (_HELD,),
}
#: These are for people: history is not rewritten, and the sweep itself tries again what it set aside.
_ONLY_REPORTED = frozenset({Discrepancy.NO_EVENT, Discrepancy.NO_ALERT, Discrepancy.HELD})


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy. `facts` are codes and ids."""

    kind: Discrepancy
    case_id: int
    clock_id: int | None
    facts: str


def begin(*, now: datetime, by_id: int | None = None) -> Reconciliation:
    """A new walk over all cases, or the one that is under way."""
    run, _ = Reconciliation.objects.get_or_create(
        finished_at=None, defaults={"started_at": now, "started_by_id": by_id}
    )
    return run


def under_way() -> Reconciliation | None:
    return Reconciliation.objects.filter(finished_at=None).first()


def carry_on(run: Reconciliation, *, ticks: Iterable[datetime], size: int = BATCH) -> Reconciliation:
    """Work on the run, a batch for each tick, until it is finished or the ticks end; the run as it stands then."""
    for now in ticks:
        if _batch(run.pk, now=now, size=size):
            break
    run.refresh_from_db()
    return run


def _batch(run_id: int, *, now: datetime, size: int) -> bool:
    """Look at the next cases, repair what can be, and add it to the report: one transaction. Whether that was all."""
    with transaction.atomic():
        run = Reconciliation.objects.select_for_update(no_key=True).get(pk=run_id)
        if run.finished_at is not None:
            return True
        ids = list(Case.objects.filter(pk__gt=run.position).order_by("pk").values_list("pk", flat=True)[:size])
        if ids:
            found = _search(ids, until=now - LAG)
            _report(run, ids, found, left=_after_mending(found, now=now))
        else:
            run.finished_at = now
        run.save()
    return not ids


def _search(ids: Sequence[int], *, until: datetime) -> list[Finding]:
    found = []
    with connection.cursor() as cursor:
        for kind, statements in _SEARCHES.items():
            for statement in statements:
                cursor.execute(statement, {"cases": list(ids), "until": until})
                found += [Finding(kind, row[2], row[3], str(row[1])) for row in cursor.fetchall()]
    return found


def _after_mending(found: Iterable[Finding], *, now: datetime) -> set[Finding]:
    """Repair what can be repaired; what is still found afterwards."""
    found = set(found)
    mendable = sorted({finding.case_id for finding in found if finding.kind not in _ONLY_REPORTED})
    if not mendable:
        return found
    _mend(mendable, now=now)
    others = {finding for finding in found if finding.case_id not in set(mendable)}
    return others | set(_search(mendable, until=now - LAG))


def _mend(ids: list[int], *, now: datetime) -> None:
    """A case that cannot be repaired leaves the others alone."""
    try:
        with transaction.atomic():
            mend(ids, now=now, until=now - LAG)
    except (OperationalError, InterfaceError):
        raise  # the server is in trouble, not the case
    except Exception:
        if len(ids) == 1:
            log.exception("case %s could not be set right", ids[0])
            return
        for case_id in ids:
            _mend([case_id], now=now)


def _report(run: Reconciliation, ids: Sequence[int], found: Sequence[Finding], *, left: set[Finding]) -> None:
    run.position = ids[-1]
    run.cases += len(ids)
    run.clocks += Clock.objects.filter(case__in=ids).count()
    run.found = _added(run.found, found)
    run.repaired = _added(run.repaired, [finding for finding in found if finding not in left])
    room = MOST_DETAILS - len(run.details)
    run.details += [_detail(finding, repaired=finding not in left) for finding in found[: max(room, 0)]]


def _added(counts: dict[str, int], found: Iterable[Finding]) -> dict[str, int]:
    return dict(Counter(counts) + Counter(finding.kind.value for finding in found))


def _detail(finding: Finding, *, repaired: bool) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "case": finding.case_id,
        "clock": finding.clock_id,
        "facts": finding.facts,
        "repaired": repaired,
    }
