"""The laws of the database as statements: each returns what breaks it, the number of the case and a few facts.

Meant for reading: docs/invariants.md says each of them in words. Those that the nightly reconciliation asks too
(`cases.reconciling`) keep to the `%(cases)s` that they are given, NULL for all, and name the ids of case and clock.
"""
# ruff: noqa: S608 — only constants of this file are put into the statements

_OF = "(%(cases)s::bigint[] IS NULL OR c.id = ANY(%(cases)s))"
_CLOCKS = "cases_clock k JOIN cases_case c ON c.id = k.case_id"

#: When a running clock must be looked at next; NULL when red was its last.
FIRST_PENDING = """
CASE WHEN k.kind IN ('rate', 'suspension') THEN k.due_at ELSE LEAST(
    CASE WHEN k.raised < 1 THEN k.blue_at END,
    CASE WHEN k.raised < 2 THEN k.yellow_at END,
    CASE WHEN k.raised < 3 THEN k.red_at END) END
"""

#: The highest colour raised that was not annulled and has not been taken back by a later generation.
COLOUR_THAT_COUNTS = """
COALESCE((SELECT max(a.colour) FROM cases_alert a
          WHERE a.clock_id = k.id AND a.annulled_at IS NULL AND a.colour <= k.raised), 0)
"""

ENDED_WITHOUT_CLOCKS = f"""
SELECT c.number, k.kind, c.id, k.id FROM {_CLOCKS}
WHERE k.stopped_at IS NULL AND c.closed_at IS NOT NULL AND {_OF}
"""

RUNNING_HAS_ITS_NEXT_MOMENT = f"""
SELECT c.number, k.kind, c.id, k.id FROM {_CLOCKS}
WHERE k.stopped_at IS NULL AND k.paused_at IS NULL AND k.next_moment IS NULL AND {FIRST_PENDING} IS NOT NULL AND {_OF}
"""

NEXT_MOMENT_IS_THE_FIRST_PENDING = f"""
SELECT c.number, k.kind, c.id, k.id FROM {_CLOCKS}
WHERE k.stopped_at IS NULL AND k.paused_at IS NULL AND k.next_moment IS NOT NULL
  AND k.next_moment IS DISTINCT FROM {FIRST_PENDING} AND {_OF}
"""

PAUSED_HAS_NO_NEXT_MOMENT = f"""
SELECT c.number, k.kind, c.id, k.id FROM {_CLOCKS}
WHERE k.stopped_at IS NULL AND k.paused_at IS NOT NULL AND k.next_moment IS NOT NULL AND {_OF}
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
#: `raised` is what this generation has reached: a colour of an earlier one is no excuse.
NO_PASSED_MOMENT_WITHOUT_ALERT = f"""
SELECT c.number, k.kind || ' ' || m.colour, c.id, k.id FROM {_CLOCKS}
CROSS JOIN LATERAL (VALUES (1, k.blue_at), (2, k.yellow_at), (3, k.red_at)) AS m(colour, moment)
WHERE k.kind NOT IN ('rate', 'suspension') AND k.paused_at IS NULL AND k.held_until IS NULL
  AND m.moment < LEAST(COALESCE(k.stopped_at, %(until)s), %(until)s)
  AND (k.raised < m.colour
       OR NOT EXISTS (SELECT 1 FROM cases_alert a WHERE a.clock_id = k.id AND a.colour >= m.colour))
  AND {_OF}
"""

#: An alert of the time is an event of its own, one that people raised stands in the event of what they did.
ALERTS_HAVE_THEIR_EVENTS = f"""
SELECT c.number, 'alert ' || a.id, c.id, a.clock_id FROM cases_alert a JOIN cases_case c ON c.id = a.case_id
WHERE NOT EXISTS (
    SELECT 1 FROM cases_journalevent e WHERE e.case_id = a.case_id AND CASE WHEN a.cause = 'time'
        THEN e.kind = 'alert' AND e.payload->>'clock' = a.clock_id::text
         AND e.payload->>'generation' = a.generation::text
         AND e.payload->>'colour' = (ARRAY['blue', 'yellow', 'red'])[a.colour]
        ELSE e.payload->'alert'->>'id' = a.id::text END)
  AND {_OF}
"""

EVENTS_HAVE_THEIR_ALERTS = f"""
SELECT c.number, 'event ' || e.seq, c.id, (e.payload->>'clock')::bigint
FROM cases_journalevent e JOIN cases_case c ON c.id = e.case_id
WHERE e.kind = 'alert' AND NOT EXISTS (
    SELECT 1 FROM cases_alert a
    WHERE a.clock_id = (e.payload->>'clock')::bigint AND a.generation = (e.payload->>'generation')::int
      AND a.colour = array_position(ARRAY['blue', 'yellow', 'red'], e.payload->>'colour'))
  AND {_OF}
UNION ALL
SELECT c.number, 'event ' || e.seq, c.id, (e.payload->'alert'->>'clock')::bigint
FROM cases_journalevent e JOIN cases_case c ON c.id = e.case_id
WHERE e.payload->'alert' ? 'id' AND NOT EXISTS (
    SELECT 1 FROM cases_alert a WHERE a.id = (e.payload->'alert'->>'id')::bigint)
  AND {_OF}
"""

CLOCK_SHOWS_THE_COLOUR_THAT_COUNTS = f"""
SELECT c.number, k.kind || ' ' || k.colour, c.id, k.id FROM {_CLOCKS}
WHERE k.colour <> {COLOUR_THAT_COUNTS} AND {_OF}
"""

ONE_LEAD_AT_MOST = """
SELECT c.number, count(*)::text FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id
WHERE a.role = 'lead' AND a.state IN ('waiting', 'disputed', 'working', 'finished')
GROUP BY c.number HAVING count(*) > 1
"""

#: Rounds are counted one by one: each event stays in the round before it or begins the next.
ROUNDS_FIT_THE_JOURNAL = """
WITH steps AS (
    SELECT e.case_id, e.seq, (e.payload->>'round')::int AS round,
           lag((e.payload->>'round')::int, 1, 1) OVER (PARTITION BY e.case_id ORDER BY e.seq) AS before
    FROM cases_journalevent e WHERE e.payload ? 'round')
SELECT c.number, steps.seq::text FROM steps JOIN cases_case c ON c.id = steps.case_id
WHERE steps.round NOT IN (steps.before, steps.before + 1)
UNION ALL
SELECT c.number, c.round::text FROM cases_case c
WHERE c.round <> COALESCE((SELECT max(steps.round) FROM steps WHERE steps.case_id = c.id), 1)
"""

#: Every change of state is one event: each begins where the one before it ended, the last ends where the case is.
STATES_FOLLOW_THE_JOURNAL = """
WITH steps AS (
    SELECT e.case_id, e.seq, e.payload->>'from' AS begun, e.payload->>'to' AS reached,
           lag(e.payload->>'to') OVER (PARTITION BY e.case_id ORDER BY e.seq) AS before,
           lead(e.seq) OVER (PARTITION BY e.case_id ORDER BY e.seq) AS following
    FROM cases_journalevent e WHERE e.payload ? 'to')
SELECT c.number, steps.seq::text FROM cases_case c LEFT JOIN steps ON c.id = steps.case_id
WHERE steps.begun IS DISTINCT FROM steps.before
   OR (steps.following IS NULL AND steps.reached IS DISTINCT FROM c.status)
"""

CASE_SHOWS_ITS_WORST_COLOUR = f"""
SELECT c.number, c.colour::text, c.id, NULL::bigint FROM cases_case c
LEFT JOIN LATERAL (SELECT max(k.colour) AS worst FROM cases_clock k
                   WHERE k.case_id = c.id AND k.stopped_at IS NULL AND k.kind NOT IN ('rate', 'suspension')) w ON true
WHERE c.colour <> COALESCE(w.worst, 0) AND {_OF}
"""

#: The trigger's work: an open case stands once, as it is; one that has ended does not stand at all.
STANDINGS_FOLLOW_THEIR_CASES = """
SELECT c.number, concat_ws(' ', s.colour, s.due_at) FROM cases_case c LEFT JOIN cases_standing s ON s.case_id = c.id
WHERE (c.closed_at IS NULL) <> (s.case_id IS NOT NULL)
   OR (s.case_id IS NOT NULL
       AND (s.colour, s.due_at, s.township, s.status, s.sealed)
           IS DISTINCT FROM (c.colour, c.due_at, left(c.area_code, 9), c.status, c.sealed))
"""

#: Orders that are opened while a case is suspended have their own time.
SUSPENDED_CASES_STAND_STILL = """
SELECT c.number, k.kind FROM cases_case c
JOIN cases_clock k ON k.case_id = c.id
LEFT JOIN cases_suspension s ON s.case_id = c.id AND s.ended_at IS NULL
WHERE c.status = 'suspended' AND k.stopped_at IS NULL AND k.kind <> 'suspension' AND k.paused_at IS NULL
  AND NOT (k.kind = 'supervision' AND k.started_at >= s.started_at)
UNION ALL
SELECT c.number, k.kind FROM cases_case c JOIN cases_clock k ON k.case_id = c.id
WHERE c.status <> 'suspended' AND k.stopped_at IS NULL AND k.paused_at IS NOT NULL
"""

CASE_SHOWS_ITS_NEAREST_DUE_TIME = f"""
SELECT c.number, COALESCE(c.due_at::text, '-'), c.id, NULL::bigint FROM cases_case c
LEFT JOIN LATERAL (SELECT min(k.due_at) AS nearest FROM cases_clock k
                   WHERE k.case_id = c.id AND k.stopped_at IS NULL AND k.paused_at IS NULL
                     AND k.kind NOT IN ('rate', 'suspension')) n ON true
WHERE c.due_at IS DISTINCT FROM n.nearest AND {_OF}
"""

RUNNING_CLOCKS_FIT_THE_STATUS = """
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at IS NULL AND NOT CASE k.kind
    WHEN 'docket' THEN c.status = 'collected'
    WHEN 'dispatch' THEN c.status = 'docketed'
    WHEN 'resolve' THEN c.status IN ('docketed', 'dispatched', 'handling', 'suspended')
    WHEN 'verify' THEN c.status = 'answered'
    WHEN 'rate' THEN c.status = 'rating'
    WHEN 'suspension' THEN c.status = 'suspended'
    WHEN 'supervision' THEN true
    ELSE c.status IN ('dispatched', 'handling', 'suspended') END
UNION ALL
SELECT c.number, 'suspension' FROM cases_case c
WHERE c.status = 'suspended' AND NOT EXISTS (
    SELECT 1 FROM cases_clock k WHERE k.case_id = c.id AND k.kind = 'suspension' AND k.stopped_at IS NULL)
"""

#: A department's own time runs in its hands only: nothing of it before the whistle or after its part has ended.
PARTS_FIT_THEIR_CLOCKS = """
SELECT c.number, k.kind || ' ' || a.state FROM cases_clock k
JOIN cases_assignment a ON a.id = k.assignment_id JOIN cases_case c ON c.id = k.case_id
WHERE k.charged_id IS DISTINCT FROM a.department_id
   OR k.started_at < a.assigned_at
   OR (k.stopped_at IS NULL AND NOT CASE k.kind
         WHEN 'report_in' THEN a.state IN ('waiting', 'disputed')
         WHEN 'handle' THEN a.state = 'working' ELSE false END)
   OR (k.kind = 'handle' AND k.started_at < a.reported_in_at)
   OR (a.state = 'finished' AND k.kind = 'handle' AND k.stopped_at > a.finished_at)
"""

#: A pause in which a clock stopped ended with it: its moments say what was left.
PAUSES_END_WITH_THEIR_CLOCK = """
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at IS NOT NULL AND (k.paused_at IS NOT NULL OR EXISTS (
    SELECT 1 FROM cases_clockadjustment j WHERE j.clock_id = k.id AND j.suspension_id IS NOT NULL
      AND (j.ends_at IS NULL OR j.ends_at > k.stopped_at)))
UNION ALL
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at IS NULL AND (k.paused_at IS NOT NULL) <> EXISTS (
    SELECT 1 FROM cases_clockadjustment j WHERE j.clock_id = k.id AND j.suspension_id IS NOT NULL AND j.ends_at IS NULL)
"""

CLOCKS_STOP_AFTER_THEY_START = """
SELECT c.number, k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.stopped_at < k.started_at OR k.paused_at < k.started_at
"""

COLOURS_HAVE_THEIR_ALERTS = f"""
SELECT c.number, k.kind || ' ' || k.raised, c.id, k.id FROM {_CLOCKS}
WHERE k.raised > 0 AND NOT EXISTS (SELECT 1 FROM cases_alert a WHERE a.clock_id = k.id AND a.colour >= k.raised)
  AND {_OF}
"""

REDS_OF_UNITS_STAND_IN_AN_ORDER = """
SELECT c.number, k.kind FROM cases_alert a
JOIN cases_clock k ON k.id = a.clock_id JOIN cases_case c ON c.id = a.case_id
WHERE a.colour = 3 AND a.charged_id IS NOT NULL AND a.order_id IS NULL
"""

MERGED_CASES_FOLLOW_ONE_MASTER = """
SELECT c.number, COALESCE(m.number, '-') FROM cases_case c LEFT JOIN cases_case m ON m.id = c.master_id
WHERE (c.status = 'merged') <> (c.master_id IS NOT NULL) OR m.status = 'merged'
"""

#: What a request, an objection or a proposal waits for must still be able to come.
WHAT_WAITS_CAN_BE_DECIDED = """
SELECT c.number, 'extension' FROM cases_extensionrequest e
JOIN cases_case c ON c.id = e.case_id JOIN cases_assignment a ON a.id = e.assignment_id
WHERE e.decided_at IS NULL AND c.closed_at IS NULL AND (a.state <> 'working' OR e.round <> c.round)
UNION ALL
SELECT c.number, 'objection' FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id
WHERE a.state = 'disputed' AND NOT EXISTS (
    SELECT 1 FROM cases_objection o WHERE o.assignment_id = a.id AND o.decided_at IS NULL)
UNION ALL
SELECT c.number, 'whistle' FROM cases_whistleproposal p JOIN cases_case c ON c.id = p.case_id
WHERE p.decided_at IS NULL AND c.closed_at IS NULL AND c.status <> 'docketed'
UNION ALL
SELECT c.number, 'suspension' FROM cases_suspension s JOIN cases_case c ON c.id = s.case_id
WHERE s.ended_at IS NULL AND c.closed_at IS NULL AND c.status <> 'suspended'
"""

SEALED_CASES_ARE_IN_NO_OTHER_HANDS = """
SELECT c.number, 'part' FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id
WHERE c.sealed AND a.state IN ('waiting', 'disputed', 'working', 'finished')
UNION ALL
SELECT c.number, 'clock ' || k.kind FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE c.sealed AND k.stopped_at IS NULL AND k.charged_id IS NOT NULL
UNION ALL
SELECT c.number, 'order' FROM cases_supervisionorder o JOIN cases_case c ON c.id = o.case_id
WHERE c.sealed AND o.signed_off_at IS NULL
UNION ALL
SELECT c.number, 'meeting' FROM cases_meetingitem i JOIN cases_case c ON c.id = i.case_id WHERE c.sealed
UNION ALL
SELECT c.number, 'interview' FROM cases_interviewproposal i JOIN cases_case c ON i.evidence->'cases' ? c.number
WHERE c.sealed
UNION ALL
SELECT c.number, 'message' FROM notifications_message n JOIN cases_case c ON c.number = n.reference
WHERE c.sealed AND (
    NOT EXISTS (SELECT 1 FROM grids_post p WHERE p.user_id = n.recipient_id AND p.role = c.keeper)
    OR EXISTS (SELECT 1 FROM cases_case_accused_persons a WHERE a.case_id = c.id AND a.user_id = n.recipient_id))
"""

LAWS = {
    "an ended case has no running clock": ENDED_WITHOUT_CLOCKS,
    "a running clock has a next moment unless red was its last": RUNNING_HAS_ITS_NEXT_MOMENT,
    "the next moment is the first one that is not raised": NEXT_MOMENT_IS_THE_FIRST_PENDING,
    "a paused clock has no next moment": PAUSED_HAS_NO_NEXT_MOMENT,
    "no alert comes before its moment": NO_ALERT_BEFORE_ITS_MOMENT,
    "a time alert has the moment of its clock": ALERT_HAS_THE_MOMENT_OF_ITS_CLOCK,
    "no passed moment lacks its alert": NO_PASSED_MOMENT_WITHOUT_ALERT,
    "every alert has its event": ALERTS_HAVE_THEIR_EVENTS,
    "every event of a colour has its alert": EVENTS_HAVE_THEIR_ALERTS,
    "a clock shows the highest colour that counts": CLOCK_SHOWS_THE_COLOUR_THAT_COUNTS,
    "at most one lead is alive": ONE_LEAD_AT_MOST,
    "rounds fit the journal": ROUNDS_FIT_THE_JOURNAL,
    "every change of state is one event": STATES_FOLLOW_THE_JOURNAL,
    "a case shows its worst colour": CASE_SHOWS_ITS_WORST_COLOUR,
    "a suspended case stands still, and no other": SUSPENDED_CASES_STAND_STILL,
    "a case shows its nearest due time": CASE_SHOWS_ITS_NEAREST_DUE_TIME,
    "a standing is that of its case": STANDINGS_FOLLOW_THEIR_CASES,
    "running clocks fit the status": RUNNING_CLOCKS_FIT_THE_STATUS,
    "a department's clocks fit its part": PARTS_FIT_THEIR_CLOCKS,
    "a pause ends with its clock": PAUSES_END_WITH_THEIR_CLOCK,
    "a clock stops after it starts": CLOCKS_STOP_AFTER_THEY_START,
    "a colour that was raised has its alert": COLOURS_HAVE_THEIR_ALERTS,
    "a red of a unit stands in an order": REDS_OF_UNITS_STAND_IN_AN_ORDER,
    "a merged case follows one master": MERGED_CASES_FOLLOW_ONE_MASTER,
    "what waits for a decision can be decided": WHAT_WAITS_CAN_BE_DECIDED,
    "a sealed case is in no other hands": SEALED_CASES_ARE_IN_NO_OTHER_HANDS,
}
