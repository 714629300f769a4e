"""Turning moments that have passed into alerts, journal events, colours and messages, for many clocks at once.

Used by the sweep and by every action (which first fires what its case owes). Callers hold the locks of the clocks
and of their cases. The plan is plain Python; rows are written with COPY, updates with one `unnest` each, because
that is three times faster than the ORM and still reads as what it is (stack.md, "the sweep").
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.utils import translation

from cases import chain, labels
from cases.calendar import ZONE
from cases.colours import Colour
from cases.duties import DISPATCHING_CLOCKS, Charge, Told, roles_told, told
from cases.messages import ALERT
from cases.orders import Pair, Red, open_orders
from cases.reached import Timer
from cases.terms import AlertCause, ClockKind, is_emergency
from grids.holders import Holder, Roster
from grids.roles import DEPARTMENT_ROLES, Role
from grids.roster import roster_for
from notifications.outbox import Draft, enqueue_many

ALERT_EVENT = ALERT  # the event and the message of it have one name

#: What the planner needs of a clock and its case. The claim of the sweep and the owing of an action share it.
DUE_COLUMNS = """
    clock.id, clock.case_id, clock.kind, clock.generation, clock.raised, clock.due_at, clock.blue_at,
    clock.yellow_at, clock.red_at, clock.charged_id, unit.kind, unit.short_name,
    matter.number, matter.area_code, matter.event_seq, matter.event_hash, matter.policy_id, matter.type, matter.round,
    matter.keeper,
    CASE WHEN matter.sealed THEN ARRAY(
        SELECT named.user_id FROM cases_case_accused_persons named WHERE named.case_id = matter.id) END,
    CASE WHEN matter.sealed THEN ARRAY(
        SELECT named.department_id FROM cases_case_accused_units named WHERE named.case_id = matter.id) END,
    matter.urgency
"""

_COPY_ALERTS = """
COPY cases_alert (clock_id, case_id, generation, colour, cause, charged_id, moment, raised_at, vacancies, order_id)
FROM STDIN
"""
_COPY_EVENTS = """
COPY cases_journalevent (case_id, seq, kind, at, actor_id, payload, prev_hash, hash) FROM STDIN
"""
_UPDATE_CLOCKS = """
UPDATE cases_clock SET colour = CASE WHEN new.raised > cases_clock.raised THEN new.raised ELSE cases_clock.colour END,
                       raised = new.raised, next_moment = new.next_moment, held_until = NULL, held_error = ''
FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) AS new(id, raised, next_moment)
WHERE cases_clock.id = new.id
"""
_UPDATE_CASES = """
UPDATE cases_case SET event_seq = new.seq, event_hash = new.hash, updated_at = %s,
                      colour = GREATEST(cases_case.colour, new.colour)
FROM unnest(%s::bigint[], %s::integer[], %s::bytea[], %s::smallint[]) AS new(id, seq, hash, colour)
WHERE cases_case.id = new.id
"""


@dataclass(frozen=True, slots=True)
class DueClock:
    """A clock that owes something, with what its messages and its case's chain need."""

    clock_id: int
    case_id: int
    generation: int
    timer: Timer
    charge: Charge
    unit_name: str
    number: str
    event_seq: int
    event_hash: bytes
    policy_id: int
    case_type: str
    round: int
    urgent: bool = False

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "DueClock":
        kind = ClockKind(row[2])
        return cls(
            clock_id=row[0],
            case_id=row[1],
            generation=row[3],
            timer=Timer(kind, row[5], row[6], row[7], row[8], Colour(row[4])),
            charge=Charge(
                kind, row[9], row[10] or "", row[13], row[19], frozenset(row[20] or ()), frozenset(row[21] or ())
            ),
            unit_name=row[11] or "",
            number=row[12],
            event_seq=row[14],
            event_hash=bytes(row[15]),
            policy_id=row[16],
            case_type=row[17],
            round=row[18],
            urgent=is_emergency(row[17], row[22]),
        )


@dataclass(slots=True)
class Head:
    """Where a case's chain stands while several of its clocks are planned in one batch."""

    seq: int
    hash: bytes
    colour: Colour = Colour.NONE


@dataclass(slots=True)
class Plan:
    """Everything that one batch writes at `now`."""

    now: datetime
    orders: Mapping[Pair, int] = field(default_factory=dict)
    alerts: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    clocks: list[tuple[int, int, datetime | None]] = field(default_factory=list)
    heads: dict[int, Head] = field(default_factory=dict)
    raised: Counter[Colour] = field(default_factory=Counter)


def fire(due: Sequence[DueClock], *, now: datetime, until: datetime) -> Counter[Colour]:
    """Raise at `now` every colour whose moment is `until` or earlier.

    All missed colours are recorded with their true moments; only the highest of a clock is sent. Returns how many
    alerts of each colour were written.
    """
    if not due:
        return Counter()
    orders = open_orders(_reds(due, until), now=now)
    plan = make_plan(due, roster=_roster(due, now), orders=orders, now=now, until=until)
    _write(plan)
    return plan.raised


def _reds(due: Iterable[DueClock], until: datetime) -> Iterator[Red]:
    """The reds to come that put a unit under supervision; a late answer to an order joins that order."""
    for clock in due:
        unit = clock.charge.department_id
        if unit is not None and any(colour is Colour.RED for colour, _ in clock.timer.passed(until)):
            opens = clock.charge.kind is not ClockKind.SUPERVISION
            yield Red(clock.case_id, unit, clock.policy_id, clock.case_type, clock.round, opens=opens)


def make_plan(
    due: Iterable[DueClock],
    *,
    roster: Roster,
    now: datetime,
    until: datetime,
    orders: Mapping[Pair, int] = MappingProxyType({}),
) -> Plan:
    """What to write at `now` for all colours whose moment is `until` or earlier, into the open `orders`."""
    plan = Plan(now, orders)
    people: dict[tuple[Charge, Colour], Told] = {}
    for clock in due:
        reached = clock.timer.passed(until)
        head = plan.heads.setdefault(clock.case_id, Head(clock.event_seq, clock.event_hash))
        for colour, moment in reached:
            key = (clock.charge, colour)
            if key not in people:
                people[key] = told(clock.charge, colour, roster)
            _plan_alert(plan, head, clock, colour, moment, people[key])
        plan.raised.update(colour for colour, _ in reached)
        highest = reached[-1][0] if reached else clock.timer.raised
        if reached:
            sent = people[clock.charge, highest]
            plan.drafts.extend(_message(clock, highest, holder) for holder in sent.holders)
        plan.clocks.append((clock.clock_id, int(highest), _next_moment(clock, until)))
    return plan


def _next_moment(clock: DueClock, until: datetime) -> datetime | None:
    """When the clock must be looked at again. ValueError for one that would be due again at once, for ever."""
    following = clock.timer.next_after(until)
    if following is not None and following <= until:
        msg = f"a {clock.charge.kind} clock is due and has neither a colour nor an effect"
        raise ValueError(msg)
    return following


def _plan_alert(plan: Plan, head: Head, clock: DueClock, colour: Colour, moment: datetime, people: Told) -> None:
    order_id = _order_of(plan, clock, colour)
    payload = _facts(clock, colour, moment, people, order_id)
    seq = head.seq + 1
    digest = chain.link(
        prev=head.hash,
        case_id=clock.case_id,
        seq=seq,
        kind=ALERT_EVENT,
        actor_id=None,
        at=plan.now,
        payload=payload,
    )
    plan.alerts.append(
        (
            clock.clock_id,
            clock.case_id,
            clock.generation,
            int(colour),
            AlertCause.TIME.value,
            clock.charge.department_id,
            moment,
            plan.now,
            json.dumps(payload["vacancies"]),
            order_id,
        )
    )
    plan.events.append(
        (
            clock.case_id,
            seq,
            ALERT_EVENT,
            plan.now,
            None,
            json.dumps(payload, ensure_ascii=False),
            head.hash,
            digest,
        )
    )
    head.seq, head.hash, head.colour = seq, digest, max(head.colour, colour)


def _facts(clock: DueClock, colour: Colour, moment: datetime, people: Told, order_id: int | None) -> dict[str, Any]:
    """What the journal keeps of an alert."""
    facts = {
        "clock": clock.clock_id,
        "kind": clock.charge.kind.value,
        "generation": clock.generation,
        "colour": colour.code,
        "cause": AlertCause.TIME.value,
        "moment": chain.stamp(moment),
        "charged": clock.charge.department_id,
        "told": [holder.user_id for holder in people.holders],
        "vacancies": [role.value for role in people.vacancies],
    }
    return facts if order_id is None else facts | {"order": order_id}


def _order_of(plan: Plan, clock: DueClock, colour: Colour) -> int | None:
    unit = clock.charge.department_id
    return plan.orders.get((clock.case_id, unit)) if colour is Colour.RED and unit is not None else None


def alert_message(
    *,
    clock_id: int,
    generation: int,
    kind: ClockKind,
    number: str,
    unit_name: str,
    due_at: datetime,
    colour: Colour,
    holder: Holder,
    urgent: bool,
    confined: bool,
) -> Draft:
    """The message about one alert for one person, its facts in that person's language."""
    labelled = _labelled(colour, kind, holder.language)
    due = f"{due_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return Draft(
        recipient_id=holder.user_id,
        key=f"alert:{clock_id}:{generation}:{int(colour)}",
        kind=ALERT,
        facts={"number": number, "unit": unit_name or number, "due": due, **labelled},
        language=holder.language,
        colour=int(colour),
        reference=number,
        urgent=urgent,
        confined=confined,
    )


def _message(clock: DueClock, colour: Colour, holder: Holder) -> Draft:
    return alert_message(
        clock_id=clock.clock_id,
        generation=clock.generation,
        kind=clock.charge.kind,
        number=clock.number,
        unit_name=clock.unit_name,
        due_at=clock.timer.due_at,
        colour=colour,
        holder=holder,
        urgent=clock.urgent,
        confined=bool(clock.charge.keeper),
    )


@lru_cache(maxsize=256)
def _labelled(colour: Colour, kind: ClockKind, language: str) -> Mapping[str, str]:
    with translation.override(language):
        return {"colour": str(labels.COLOUR[colour]), "clock": str(labels.CLOCK[kind])}


def _roster(due: Iterable[DueClock], now: datetime) -> Roster:
    departments: set[int] = set()
    roles: set[Role] = {Role.CENTER_DISPATCHER, Role.INSPECTOR}
    for clock in due:
        departments.update(clock.charge.accused_units)
        if clock.charge.department_id is not None and clock.charge.kind not in DISPATCHING_CLOCKS:
            departments.add(clock.charge.department_id)
        roles.update(role for role in roles_told(clock.charge, Colour.RED) if role not in DEPARTMENT_ROLES)
    if Role.TOWNSHIP_DISPATCHER in roles:
        roles.add(Role.TOWNSHIP_LEADER)
    return roster_for(department_ids=departments, area_roles=roles, now=now)


def _write(plan: Plan) -> None:
    # Django hands COPY through to psycopg and does not translate its errors by itself.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        with cursor.copy(_COPY_ALERTS) as copy:
            for row in plan.alerts:
                copy.write_row(row)
        with cursor.copy(_COPY_EVENTS) as copy:
            for row in plan.events:
                copy.write_row(row)
        cursor.execute(_UPDATE_CLOCKS, [list(column) for column in zip(*plan.clocks, strict=True)])
        heads = [(case_id, head) for case_id, head in plan.heads.items() if head.colour]
        cursor.execute(
            _UPDATE_CASES,
            [
                plan.now,
                [case_id for case_id, _ in heads],
                [head.seq for _, head in heads],
                [head.hash for _, head in heads],
                [int(head.colour) for _, head in heads],
            ],
        )
    enqueue_many(plan.drafts, now=plan.now)


_OWED = f"""
SELECT {DUE_COLUMNS}
FROM cases_clock clock
JOIN cases_case matter ON matter.id = clock.case_id
LEFT JOIN grids_department unit ON unit.id = clock.charged_id
WHERE clock.id = ANY(%s)
ORDER BY clock.next_moment, clock.id
"""  # noqa: S608 — only the constant column list is put in


def owed(clock_ids: list[int]) -> list[DueClock]:
    """These clocks as the planner wants them. The caller has locked their case."""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, [clock_ids])
        return [DueClock.from_row(row) for row in cursor.fetchall()]
