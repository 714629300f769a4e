"""Setting right what an outage, a defect or a hand on the database left on clocks and cases, through the same engine.

What is stored twice follows what it was made of; what was never raised is raised, with its true moment. History is
never rewritten: what the journal says otherwise than the tables is left for people.
"""
# ruff: noqa: S608 — only constants of cases.laws are put into the statements

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from cases import alerting, chain, journal
from cases.actions.timing import end_pauses
from cases.laws import COLOUR_THAT_COUNTS, FIRST_PENDING
from cases.models import Case, Clock
from cases.terms import UNCOLOURED_CLOCKS, StopReason

RECONCILE_EVENT = "reconcile"

#: A colour that left no trace was never raised. With an event of it in the journal it is not for us to say.
_FORGET_WHAT_WAS_NOT_RAISED = """
WITH known AS (
    SELECT k.id, COALESCE((SELECT max(a.colour) FROM cases_alert a WHERE a.clock_id = k.id), 0) AS raised
    FROM cases_clock k WHERE k.case_id = ANY(%(cases)s) AND k.stopped_at IS NULL AND k.raised > 0
)
UPDATE cases_clock k SET raised = known.raised, colour = LEAST(k.colour, known.raised)
FROM known WHERE k.id = known.id AND k.raised > known.raised AND NOT EXISTS (
    SELECT 1 FROM cases_journalevent e
    CROSS JOIN LATERAL (SELECT CASE WHEN e.kind = 'alert' THEN e.payload ELSE e.payload->'alert' END AS fact) f
    WHERE e.case_id = k.case_id AND f.fact->>'clock' = k.id::text
      AND array_position(ARRAY['blue', 'yellow', 'red'], f.fact->>'colour') > known.raised)
"""

_WAIT_FOR_THE_FIRST_PENDING = f"""
UPDATE cases_clock k SET next_moment = CASE WHEN k.paused_at IS NULL THEN {FIRST_PENDING} END
WHERE k.case_id = ANY(%(cases)s) AND k.stopped_at IS NULL
  AND k.next_moment IS DISTINCT FROM CASE WHEN k.paused_at IS NULL THEN {FIRST_PENDING} END
"""

_SHOW_THE_COLOUR_THAT_COUNTS = f"""
UPDATE cases_clock k SET colour = {COLOUR_THAT_COUNTS}
WHERE k.case_id = ANY(%(cases)s) AND k.colour <> {COLOUR_THAT_COUNTS}
"""

_SHOW_WORST_COLOUR_AND_NEAREST_DUE_TIME = """
UPDATE cases_case c SET colour = shown.colour, due_at = shown.due_at, updated_at = %(now)s
FROM (SELECT m.id, COALESCE(max(k.colour), 0) AS colour, min(k.due_at) FILTER (WHERE k.paused_at IS NULL) AS due_at
      FROM cases_case m LEFT JOIN cases_clock k
        ON k.case_id = m.id AND k.stopped_at IS NULL AND k.kind NOT IN ('rate', 'suspension')
      WHERE m.id = ANY(%(cases)s) GROUP BY m.id) shown
WHERE c.id = shown.id AND (c.colour, c.due_at) IS DISTINCT FROM (shown.colour, shown.due_at)
"""


def mend(case_ids: Sequence[int], *, now: datetime, until: datetime) -> None:
    """Set these cases right inside the caller's transaction; those that somebody holds are left alone.

    1. Stop what still runs on an ended case, at its end, with an event that says so.
    2. Forget colours that left no trace; let every clock wait for its first pending moment.
    3. Raise what passed before `until`, except on rows that the sweep has set aside.
    4. Let clocks show the colour that counts, and cases their worst colour and nearest due time.
    """
    held = Case.objects.filter(pk__in=case_ids).select_for_update(skip_locked=True, no_key=True, of=("self",))
    ids = sorted(held.values_list("pk", flat=True))
    for case in Case.objects.filter(pk__in=ids, closed_at__isnull=False, clocks__stopped_at=None).distinct():
        _stop_at_the_end(case, now)
    _execute(_FORGET_WHAT_WAS_NOT_RAISED, ids, now)
    _execute(_WAIT_FOR_THE_FIRST_PENDING, ids, now)
    _fire(ids, now=now, until=until)
    _execute(_SHOW_THE_COLOUR_THAT_COUNTS, ids, now)
    _execute(_SHOW_WORST_COLOUR_AND_NEAREST_DUE_TIME, ids, now)


def _execute(statement: str, ids: list[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"cases": ids, "now": now})


def _stop_at_the_end(case: Case, now: datetime) -> None:
    clocks = list(case.clocks.running())
    ended = case.closed_at or now
    for clock in clocks:
        if clock.paused_at is not None:
            end_pauses([clock], case=case, at=max(ended, clock.paused_at), now=now)
        clock.stopped_at, clock.stop_reason, clock.next_moment = max(ended, clock.started_at), StopReason.ENDED, None
    Clock.objects.bulk_update(clocks, ["stopped_at", "stop_reason", "next_moment"])
    facts = {"stopped": {str(clock.pk): clock.kind for clock in clocks}, "moment": chain.stamp(ended)}
    journal.record(case, RECONCILE_EVENT, actor_id=None, at=now, facts=facts)
    case.save(update_fields=["event_seq", "event_hash", "updated_at"])


def _fire(ids: list[int], *, now: datetime, until: datetime) -> None:
    late = Clock.objects.running().filter(case__in=ids, next_moment__lte=until, paused_at=None, held_until=None)
    owing = list(late.exclude(kind__in=sorted(UNCOLOURED_CLOCKS)).values_list("pk", flat=True))
    if owing:
        alerting.fire(alerting.owed(owing), now=now, until=until)
