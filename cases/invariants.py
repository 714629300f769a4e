"""What must hold of every database at every moment; checked by the state machine test and `manage.py check_invariants`.

Each check is one statement that returns what breaks it: the number of the case and a few facts. The chains of the
journal are checked by `cases.journal.verify_all`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from cases import journal

#: Everything that is due longer than this must have been raised.
LAG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: which law, which case, and what was found."""

    law: str
    number: str
    facts: str


ENDED_WITHOUT_CLOCKS = """
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at IS NULL AND c.closed_at IS NOT NULL
"""

RUNNING_HAS_ITS_NEXT_MOMENT = """
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at IS NULL AND k.paused_at IS NULL AND k.next_moment IS NULL
  AND (k.kind IN ('rate', 'suspension') OR (k.red_at IS NOT NULL AND k.raised < 3))
"""

NEXT_MOMENT_IS_THE_FIRST_PENDING = """
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at IS NULL AND k.next_moment IS NOT NULL AND k.kind NOT IN ('rate', 'suspension')
  AND k.next_moment IS DISTINCT FROM LEAST(
      CASE WHEN k.raised < 1 THEN k.blue_at END,
      CASE WHEN k.raised < 2 THEN k.yellow_at END,
      CASE WHEN k.raised < 3 THEN k.red_at END)
"""

NO_ALERT_BEFORE_ITS_MOMENT = """
SELECT c.number, a.colour FROM cases_alert a JOIN cases_case c ON c.id = a.case_id
WHERE a.raised_at < a.moment
"""

ALERT_HAS_THE_MOMENT_OF_ITS_CLOCK = """
SELECT c.number, a.colour FROM cases_alert a
JOIN cases_clock k ON k.id = a.clock_id JOIN cases_case c ON c.id = a.case_id
WHERE a.cause = 'time' AND a.generation = k.generation
  AND a.moment IS DISTINCT FROM (CASE a.colour WHEN 1 THEN k.blue_at WHEN 2 THEN k.yellow_at ELSE k.red_at END)
"""

#: A clock that stopped exactly at a moment was in time; one that a lower colour skipped was raised higher by people.
NO_PASSED_MOMENT_WITHOUT_ALERT = """
SELECT c.number, k.kind || ' ' || m.colour FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
CROSS JOIN LATERAL (VALUES (1, k.blue_at), (2, k.yellow_at), (3, k.red_at)) AS m(colour, moment)
WHERE k.kind NOT IN ('rate', 'suspension') AND k.paused_at IS NULL AND k.held_until IS NULL
  AND m.moment < LEAST(COALESCE(k.stopped_at, %(until)s), %(until)s)
  AND NOT EXISTS (SELECT 1 FROM cases_alert a WHERE a.clock_id = k.id AND a.colour >= m.colour)
"""

ONE_LEAD_AT_MOST = """
SELECT c.number, count(*)::text FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id
WHERE a.role = 'lead' AND a.state IN ('waiting', 'disputed', 'working', 'finished')
GROUP BY c.number HAVING count(*) > 1
"""

ROUNDS_FIT_THE_JOURNAL = """
SELECT c.number, c.round::text FROM cases_case c
WHERE c.round <> COALESCE((SELECT max((e.payload->>'round')::int) FROM cases_journalevent e
                           WHERE e.case_id = c.id AND e.payload ? 'round'), 1)
"""

#: Every change of state is one event: each begins where the one before it ended, the last ends where the case is.
STATES_FOLLOW_THE_JOURNAL = """
WITH steps AS (
    SELECT e.case_id, e.seq, e.payload->>'from' AS begun, e.payload->>'to' AS reached,
           lag(e.payload->>'to') OVER (PARTITION BY e.case_id ORDER BY e.seq) AS before,
           lead(e.seq) OVER (PARTITION BY e.case_id ORDER BY e.seq) AS following
    FROM cases_journalevent e WHERE e.payload ? 'to')
SELECT c.number, steps.seq::text FROM steps JOIN cases_case c ON c.id = steps.case_id
WHERE (steps.before IS NOT NULL AND steps.begun IS DISTINCT FROM steps.before)
   OR (steps.following IS NULL AND steps.reached IS DISTINCT FROM c.status)
"""

CASE_SHOWS_ITS_WORST_COLOUR = """
SELECT c.number, c.colour::text FROM cases_case c
LEFT JOIN LATERAL (SELECT max(k.colour) AS worst FROM cases_clock k
                   WHERE k.case_id = c.id AND k.stopped_at IS NULL AND k.kind NOT IN ('rate', 'suspension')) w ON true
WHERE c.colour <> COALESCE(w.worst, 0)
"""

SUSPENDED_CASES_STAND_STILL = """
SELECT c.number, k.kind FROM cases_case c JOIN cases_clock k ON k.case_id = c.id
WHERE c.status = 'suspended' AND k.stopped_at IS NULL AND k.kind <> 'suspension' AND k.paused_at IS NULL
UNION ALL
SELECT c.number, k.kind FROM cases_case c JOIN cases_clock k ON k.case_id = c.id
WHERE c.status <> 'suspended' AND k.stopped_at IS NULL AND k.paused_at IS NOT NULL
"""

LAWS = {
    "an ended case has no running clock": ENDED_WITHOUT_CLOCKS,
    "a running clock has a next moment unless red was its last": RUNNING_HAS_ITS_NEXT_MOMENT,
    "the next moment is the first one that is not raised": NEXT_MOMENT_IS_THE_FIRST_PENDING,
    "no alert comes before its moment": NO_ALERT_BEFORE_ITS_MOMENT,
    "a time alert has the moment of its clock": ALERT_HAS_THE_MOMENT_OF_ITS_CLOCK,
    "no passed moment lacks its alert": NO_PASSED_MOMENT_WITHOUT_ALERT,
    "at most one lead is alive": ONE_LEAD_AT_MOST,
    "rounds fit the journal": ROUNDS_FIT_THE_JOURNAL,
    "every change of state is one event": STATES_FOLLOW_THE_JOURNAL,
    "a case shows its worst colour": CASE_SHOWS_ITS_WORST_COLOUR,
    "a suspended case stands still, and no other": SUSPENDED_CASES_STAND_STILL,
}


def violations(*, now: datetime, lag: timedelta = LAG) -> Iterator[Violation]:
    """Everything that breaks a law at `now`, the laws one after the other, then the chains."""
    for law, statement in LAWS.items():
        with connection.cursor() as cursor:
            cursor.execute(statement, {"until": now - lag})
            for number, facts in cursor.fetchall():
                yield Violation(law, number, str(facts))
    for _, broken in journal.verify_all():
        if broken is not None:
            yield Violation("chains are unbroken", broken.number, f"{broken.seq} {broken.why}")
