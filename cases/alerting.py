"""Turning moments that have passed into alerts, journal events, colours and messages, for many clocks at once.

Used by the sweep and by every action (which first fires what its case owes). Callers hold the locks of the clocks
and of their cases. The plan is plain Python; rows are written in bulk (`cases.bulk`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from cases import chain, labels, phrases
from cases.bulk import array, copy_rows
from cases.colours import Colour
from cases.due import DueClock, owed
from cases.duties import DISPATCHING_CLOCKS, Told, roles_told, told
from cases.messages import ALERT, LATE
from cases.orders import Pair, Red, open_orders
from cases.terms import AlertCause, ClockKind, is_late
from grids.holders import Holder, Roster
from grids.roles import DEPARTMENT_ROLES, Role
from grids.roster import roster_for
from notifications.outbox import Draft, enqueue_many

__all__ = ["ALERT_EVENT", "News", "alert_drafts", "fire", "make_plan", "owed"]

ALERT_EVENT = ALERT  # the event and the message of it have one name

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


@dataclass(slots=True)
class Head:
    """Where a case's chain stands while several of its clocks are planned in one batch."""

    seq: int
    hash: bytes
    colour: Colour = Colour.NONE


@dataclass(slots=True)
class Plan:
    """Everything that one batch writes at `now`, as rows of its statements."""

    now: datetime
    stamp: str
    orders: Mapping[Pair, int]
    alerts: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    clocks: list[tuple[int, int, str | None]] = field(default_factory=list)
    heads: dict[int, Head] = field(default_factory=dict)
    raised: Counter[Colour] = field(default_factory=Counter)


def fire(due: Sequence[DueClock], *, now: datetime, until: datetime, roster: Roster | None = None) -> Counter[Colour]:
    """Raise at `now` every colour whose moment is `until` or earlier.

    All missed colours are recorded with their true moments; only the highest of a clock is sent. `roster`: whoever
    can be told, looked up for these clocks when it is not given. Returns how many alerts of each colour were written.
    """
    if not due:
        return Counter()
    orders = open_orders(_reds(due, until), now=now)
    plan = make_plan(due, roster=roster or _roster(due, now), orders=orders, now=now, until=until)
    _write(plan)
    return plan.raised


def _reds(due: Iterable[DueClock], until: datetime) -> Iterator[Red]:
    """The reds to come that put a unit under supervision; a late answer to an order joins that order."""
    for clock in due:
        if clock.unit_id is None or clock.red_at is None or clock.red_at > until or clock.raised >= Colour.RED:
            continue
        opens = clock.kind != ClockKind.SUPERVISION
        rule = (clock.policy_id, clock.case_type, clock.category)
        yield Red(clock.case_id, clock.unit_id, rule, clock.round, opens=opens)


def make_plan(
    due: Iterable[DueClock],
    *,
    roster: Roster,
    now: datetime,
    until: datetime,
    orders: Mapping[Pair, int] = MappingProxyType({}),
) -> Plan:
    """What to write at `now` for all colours whose moment is `until` or earlier, into the open `orders`."""
    plan = Plan(now, chain.stamp(now), orders)
    for clock in due:
        _plan_clock(plan, clock, roster, until)
    return plan


def _plan_clock(plan: Plan, clock: DueClock, roster: Roster, until: datetime) -> None:
    """ValueError for a row that makes no sense, or that would be due again at once, for ever."""
    timer, charge = clock.timer, clock.charge
    reached, following = timer.passed(until), timer.next_after(until)
    if following is not None and following <= until:
        msg = f"a {clock.kind} clock is due and has neither a colour nor an effect"
        raise ValueError(msg)
    head = plan.heads.get(clock.case_id)
    if head is None:
        head = plan.heads[clock.case_id] = Head(clock.event_seq, clock.event_hash)
    highest = timer.raised
    for highest, moment in reached:
        people = told(charge, highest, roster)
        _plan_alert(plan, head, clock, highest, moment, people)
    if reached:
        plan.drafts += alert_drafts(_news(clock, highest, moment, plan.now), people.holders)
    plan.clocks.append((clock.clock_id, int(highest), chain.stamp(following) if following is not None else None))


def _plan_alert(plan: Plan, head: Head, clock: DueClock, colour: Colour, moment: datetime, people: Told) -> None:
    order_id = plan.orders.get((clock.case_id, clock.unit_id)) if colour is Colour.RED and clock.unit_id else None
    at, vacancies = chain.stamp(moment), [role.value for role in people.vacancies]
    facts = chain.canonical(_facts(plan, clock, colour, moment, people, order_id))
    seq, cause = head.seq + 1, AlertCause.TIME.value
    digest = chain.seal(prev=head.hash, head=[clock.case_id, seq, ALERT_EVENT, None, plan.stamp], facts=facts)
    place = (clock.clock_id, clock.case_id, clock.generation, int(colour), cause, clock.unit_id)
    plan.alerts.append((*place, at, plan.stamp, orjson.dumps(vacancies).decode() if vacancies else "[]", order_id))
    plan.events.append((clock.case_id, seq, ALERT_EVENT, plan.stamp, None, facts.decode(), head.hash, digest))
    plan.raised[colour] += 1
    head.seq, head.hash, head.colour = seq, digest, max(head.colour, colour)


def _facts(
    plan: Plan, clock: DueClock, colour: Colour, moment: datetime, people: Told, order_id: int | None
) -> dict[str, Any]:
    """What the journal keeps of an alert."""
    facts = {
        "clock": clock.clock_id,
        "kind": clock.kind,
        "generation": clock.generation,
        "colour": colour.code,
        "cause": AlertCause.TIME.value,
        "moment": chain.stamp(moment),
        "late": is_late(moment, plan.now),
        "charged": clock.unit_id,
        "told": [holder.user_id for holder in people.holders],
        "vacancies": [role.value for role in people.vacancies],
    }
    return facts if order_id is None else facts | {"order": order_id}


class News(NamedTuple):
    """What the people who are told of an alert hear. `late`: it comes later than it should have."""

    clock_id: int
    generation: int
    kind: str
    colour: Colour
    moment: datetime
    late: bool
    due_at: datetime
    unit_name: str
    number: str
    urgent: bool
    confined: bool


def alert_drafts(news: News, holders: Iterable[Holder]) -> Iterator[Draft]:
    """The messages about one alert, one for each person, with the facts in that person's language."""
    key, colour = f"alert:{news.clock_id}:{news.generation}:{int(news.colour)}", int(news.colour)
    facts: dict[str, Mapping[str, str]] = {}
    for holder in holders:
        language = holder.language
        if language not in facts:
            facts[language] = _told_facts(news, language)
        yield Draft(
            recipient_id=holder.user_id,
            key=key,
            kind=ALERT,
            facts=facts[language],
            language=language,
            colour=colour,
            reference=news.number,
            urgent=news.urgent,
            confined=news.confined,
        )


def _news(clock: DueClock, colour: Colour, moment: datetime, now: datetime) -> News:
    return News(
        clock.clock_id,
        clock.generation,
        clock.kind,
        colour,
        moment,
        is_late(moment, now),
        clock.due_at,
        clock.unit_name or "",
        clock.number,
        clock.urgent,
        bool(clock.keeper),
    )


def _told_facts(news: News, language: str) -> Mapping[str, str]:
    colour_words, clock_words, late_words = _labelled(int(news.colour), news.kind, language)
    return {
        "number": news.number,
        "unit": news.unit_name or news.number,
        "due": _written(news.due_at, news.moment, language),
        "colour": colour_words,
        "clock": clock_words,
        "late": late_words.format(moment=_written(news.moment, news.moment, language)) if news.late else "",
    }


@lru_cache(maxsize=4096)
def _written(at: datetime, now: datetime, language: str) -> str:
    """As officers write it. Many clocks of a sweep share these moments."""
    with translation.override(language):
        return phrases.moment(at, now=now)


@lru_cache(maxsize=256)
def _labelled(colour: int, kind: str, language: str) -> tuple[str, str, str]:
    with translation.override(language):
        return str(labels.COLOUR[Colour(colour)]), str(labels.CLOCK[ClockKind(kind)]), gettext(LATE)


def _roster(due: Iterable[DueClock], now: datetime) -> Roster:
    departments: set[int] = set()
    roles: set[Role] = {Role.CENTER_DISPATCHER, Role.INSPECTOR}
    for clock in due:
        departments.update(clock.accused_units or ())
        if clock.unit_id is not None and clock.kind not in DISPATCHING_CLOCKS:
            departments.add(clock.unit_id)
        roles.update(role for role in roles_told(clock.charge, Colour.RED) if role not in DEPARTMENT_ROLES)
    if Role.TOWNSHIP_DISPATCHER in roles:
        roles.add(Role.TOWNSHIP_LEADER)
    return roster_for(department_ids=departments, area_roles=roles, now=now)


def _write(plan: Plan) -> None:
    copy_rows(_COPY_ALERTS, plan.alerts)
    copy_rows(_COPY_EVENTS, plan.events)
    clocks = [array(column) for column in zip(*plan.clocks, strict=True)]
    heads = [(pk, head.seq, head.hash, int(head.colour)) for pk, head in plan.heads.items() if head.colour]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_CLOCKS, clocks)
        if heads:
            cursor.execute(_UPDATE_CASES, [plan.now, *(array(column) for column in zip(*heads, strict=True))])
    enqueue_many(plan.drafts, now=plan.now)
