"""Figures of a period (domain.md, "Scores"): which rows each formula counts, in one statement for all groups.

Sealed cases are nowhere in them, not even as a number. Rejected, withdrawn and merged ones are left out of every figure
and counted apart. What is not decided yet, neither done nor past its due time, is in no denominator.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any, Final

from django.db import connection

from cases.calendar import ZONE, WorkCalendar
from cases.colours import Colour
from cases.scores import NOTHING, Period, Share
from cases.terms import LATE_AFTER, Grade
from grids.actors import Actor
from grids.roles import DEPARTMENT_ROLES, Role

#: They read the figures of their whole area; people of a department those of their own unit.
AREA_READERS: Final = frozenset({Role.AUDITOR, Role.CENTER_DISPATCHER, Role.INSPECTOR, Role.TOWNSHIP_LEADER})


class Group(Enum):
    """By what figures are told apart: the expression over a counted row."""

    ALL = "''"
    UNIT = "unit::text"
    AREA = "left(area_code, %(digits)s)"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures somebody reads: of these areas, by the beginning of their codes, and of these units."""

    areas: frozenset[str] = frozenset()
    units: frozenset[int] = frozenset()

    @classmethod
    def of(cls, actor: Actor) -> "Scope":
        areas = {post.area_code for post in actor.posts if post.role in AREA_READERS and post.area_code}
        units = {post.department_id for post in actor.posts if post.role in DEPARTMENT_ROLES and post.department_id}
        return cls(frozenset(areas), frozenset(units))

    def inside(self, parent: str) -> "Scope":
        """What of these areas lies in that one."""
        inner = {code for code in self.areas if code.startswith(parent)}
        return Scope(frozenset({parent}) if any(parent.startswith(code) for code in self.areas) else frozenset(inner))

    def parameters(self) -> dict[str, Any]:
        return {"areas": [f"{code}%" for code in sorted(self.areas)], "units": sorted(self.units)}


_COUNTED = "NOT c.sealed AND c.status NOT IN ('rejected', 'withdrawn', 'merged')"
_IN_PERIOD = "{0} >= %(begins)s AND {0} < %(ends)s"
_KEPT = "k.stop_reason = 'done' AND k.stopped_at <= k.due_at"
#: Decided: done, or past its due time. A clock that ended with something else before it was due is nobody's success or
#: failure, and neither is one that stands still.
_DECIDED = (
    "(k.stop_reason = 'done' OR k.stopped_at > k.due_at"
    " OR (k.stopped_at IS NULL AND k.paused_at IS NULL AND k.due_at < %(now)s))"
)
_RATED = "cases_rating r JOIN cases_case c ON c.id = r.case_id"
_CLOCKS = "cases_clock k JOIN cases_case c ON c.id = k.case_id"
_NOT_RETURNED = "NOT EXISTS (SELECT 1 FROM cases_objection o WHERE o.assignment_id = k.assignment_id AND o.upheld)"


def _counts(hit: str, unit: str, source: str, moment: str, *also: str) -> str:
    where = " AND ".join([_COUNTED, _IN_PERIOD.format(moment), *also])
    columns = f"c.id AS case_id, {moment} AS moment, c.area_code, {unit} AS unit, coalesce({hit}, FALSE) AS hit"
    return f"SELECT {columns} FROM {source} WHERE {where}"  # noqa: S608 — constants of this module


#: Name → one row for each matter in the denominator: its case, when it was counted, its area, its unit and whether it
#: is in the numerator.
_FIGURES: Final = {
    "closure": _counts("c.status = 'closed'", "c.lead_id", "cases_case c", "c.docketed_at"),
    "report_in": _counts(
        _KEPT, "k.charged_id", _CLOCKS, "k.started_at", "k.kind = 'report_in'", _DECIDED, _NOT_RETURNED
    ),
    "satisfaction": _counts(f"r.grade >= {int(Grade.FAIRLY_SATISFIED)}", "c.lead_id", _RATED, "r.rated_at"),
    "solved": _counts("r.solved", "c.lead_id", _RATED, "r.rated_at"),
    "participation": _counts(
        "EXISTS (SELECT 1 FROM cases_rating r WHERE r.case_id = k.case_id AND r.round = k.round)",
        "c.lead_id",
        _CLOCKS,
        "k.started_at",
        "k.kind = 'rate'",
    ),
    "returned": _counts(
        "EXISTS (SELECT 1 FROM cases_objection o WHERE o.assignment_id = a.id AND o.upheld)",
        "a.department_id",
        "cases_assignment a JOIN cases_case c ON c.id = a.case_id",
        "a.assigned_at",
    ),
    "rework": _counts("c.round > 1", "c.lead_id", "cases_case c", "c.answered_at"),
}
#: The county's promise to the citizen; a department is judged by its handling alone.
_PROMISE = _counts(_KEPT, "k.charged_id", _CLOCKS, "k.due_at", "k.kind = 'resolve'", "k.round = 1", _DECIDED)
_HANDLING = _counts(
    _KEPT, "k.charged_id", _CLOCKS, "k.due_at", "k.kind = 'handle'", "k.round = 1", _DECIDED, _NOT_RETURNED
)
#: A merged matter is one that was told before.
_REPEAT = _counts("c.status = 'merged'", "c.lead_id", "cases_case c", "c.received_at").replace(
    _COUNTED, "NOT c.sealed AND c.status NOT IN ('rejected', 'withdrawn')"
)
_PLACES: Final = _FIGURES | {"on_time": _PROMISE, "repeat": _REPEAT}
_UNITS: Final = _FIGURES | {"on_time": _HANDLING}
_EXTENSIONS = "cases_extensionrequest e JOIN cases_case c ON c.id = e.case_id"
#: Beside on-time, so that they cannot hide it; and what is left out of all figures.
_BESIDE: Final = {
    "extensions": _counts("e.granted", "c.lead_id", _EXTENSIONS, "e.requested_at"),
    "suspensions": _counts(
        "s.ended_at IS NULL", "c.lead_id", "cases_suspension s JOIN cases_case c ON c.id = s.case_id", "s.started_at"
    ),
    **{
        status: _counts("TRUE", "c.lead_id", "cases_case c", "c.received_at").replace(
            _COUNTED, f"NOT c.sealed AND c.status = '{status}'"
        )
        for status in ("rejected", "withdrawn", "merged")
    },
}  # fmt: skip

Shares = dict[str, Share]


@dataclass(frozen=True, slots=True)
class Spent:
    """Handling time in hours of the clock's own time: natural hours, or hours of office time."""

    count: int
    median: float
    mean: float


@dataclass(slots=True)
class Row:
    """What one group did: shares by name, counts beside them, handling times by the kind of time."""

    shares: Shares
    beside: Shares
    handling: dict[str, Spent]

    @classmethod
    def empty(cls, group: Group) -> "Row":
        return cls({name: Share() for name in names_of(group)}, {name: Share() for name in _BESIDE}, {})


def names_of(group: Group) -> tuple[str, ...]:
    return tuple(_UNITS if group is Group.UNIT else _PLACES)


def figures(
    scope: Scope, period: Period, group: Group, *, calendar: WorkCalendar, now: datetime, digits: int = 0
) -> dict[str, Row]:
    """The figures of each group that anything was counted of, by its code or id; two statements at any size."""
    sources = _UNITS if group is Group.UNIT else _PLACES
    given = scope.parameters() | {"begins": period.begins, "ends": period.ends, "now": now, "digits": digits}
    rows: dict[str, Row] = defaultdict(lambda: Row.empty(group))
    for place, name, hits, counted in _run(_union(sources | _BESIDE, group), given):
        told = rows[place].shares if name in sources else rows[place].beside
        told[name] = Share(hits, counted)
    for place, kind, *spent in _run(_HANDLED.format(group=group.value, scope=_SCOPE), given | _days(period, calendar)):
        rows[place].handling[kind] = Spent(*spent)
    return dict(rows)


_SCOPE = "(area_code LIKE ANY(%(areas)s::text[]) OR unit = ANY(%(units)s::bigint[]))"


def _union(sources: dict[str, str], group: Group) -> str:
    return " UNION ALL ".join(
        f"SELECT {group.value} AS place, '{name}' AS name, count(*) FILTER (WHERE hit), count(*)"  # noqa: S608 — constants of this module
        f" FROM ({source}) counted WHERE {_SCOPE} AND {group.value} IS NOT NULL GROUP BY 1"
        for name, source in sources.items()
    )


def _run(statement: str, given: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


# A month beside the last one, and each day


@dataclass(frozen=True, slots=True)
class Day:
    """What was taken in and what was closed on one day of the county's own time. Sealed matters are in neither."""

    day: date
    received: int
    closed: int


@dataclass(frozen=True, slots=True)
class Recent:
    """Shares of places by name in a period and in the one before it, and some days, those without anything included."""

    now: Shares
    before: Shares
    days: tuple[Day, ...]


_DAYS: Final = """
SELECT 'day', moment::date::text, count(*) FILTER (WHERE hit), count(*) FILTER (WHERE NOT hit) FROM (
    SELECT c.received_at AT TIME ZONE 'Asia/Shanghai' AS moment, c.area_code, c.lead_id AS unit, FALSE AS hit
    FROM cases_case c WHERE NOT c.sealed AND c.received_at >= %(since)s AND c.received_at < %(until)s
    UNION ALL
    SELECT c.closed_at AT TIME ZONE 'Asia/Shanghai', c.area_code, c.lead_id, TRUE
    FROM cases_case c
    WHERE NOT c.sealed AND c.status = 'closed' AND c.closed_at >= %(since)s AND c.closed_at < %(until)s
) counted WHERE {scope} GROUP BY moment::date
"""


def recent(
    scope: Scope, before: Period, period: Period, names: Sequence[str], days: Sequence[date], *, now: datetime
) -> Recent:
    """What the desk shows beside what is open; one statement. `period` follows `before`, as the days do each other."""
    given = scope.parameters() | {
        "now": now, "begins": before.begins, "splits": period.begins, "ends": period.ends,
        "since": _midnight(days[0]), "until": _midnight(days[-1], 1),
    }  # fmt: skip
    told: dict[bool, Shares] = {new: {name: Share() for name in names} for new in (False, True)}
    counted: dict[str, tuple[int, int]] = {}
    parts = [_DAYS.format(scope=_SCOPE), *(_beside(name) for name in names)]
    for name, place, hits, others in _run(" UNION ALL ".join(parts), given):
        if name == "day":
            counted[place] = (others, hits)
        else:
            told[place == "true"][name] = Share(hits, others)
    return Recent(told[True], told[False], tuple(Day(day, *counted.get(f"{day}", (0, 0))) for day in days))


def _beside(name: str) -> str:
    """A share of both periods, in one walk over their rows."""
    return (
        f"SELECT '{name}', (moment >= %(splits)s)::text, count(*) FILTER (WHERE hit), count(*)"  # noqa: S608 — constants of this module
        f" FROM ({_PLACES[name]}) counted WHERE {_SCOPE} GROUP BY 2"
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """One row that a share counts."""

    case_id: int
    moment: datetime
    hit: bool


def behind(
    scope: Scope, period: Period, name: str, *, hit: bool | None, now: datetime, start: int, size: int
) -> tuple[int, list[Counted]]:
    """How many rows a share of places counts, and a page of them, newest first: those in the numerator, those that are
    not, or both (`hit` None). Two statements. KeyError for a name that is none.
    """
    given = scope.parameters() | {"begins": period.begins, "ends": period.ends, "now": now, "hit": hit}
    rows = f"FROM ({_PLACES[name]}) counted WHERE {_SCOPE} AND hit = coalesce(%(hit)s::bool, hit)"
    [(total,)] = _run(f"SELECT count(*) {rows}", given)
    page = f"SELECT case_id, moment, hit {rows} ORDER BY moment DESC, case_id DESC LIMIT %(size)s OFFSET %(start)s"
    return total, [Counted(*row) for row in _run(page, given | {"size": size, "start": start})]


def _midnight(day: date, after: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=after), time(), tzinfo=ZONE)


# Handling times

#: How far back a clock that stopped in the period may have started; earlier ones count from there.
_REACH: Final = timedelta(days=400)
#: Own time passes by `days` (workdays before each day, and whether it is one) and `spans` of office time; each pause
#: takes away what passed in it. Edges are moments that add or take away what had passed until then.
_HANDLED = """
WITH days AS (SELECT * FROM unnest(%(days)s::date[], %(before)s::int[], %(work)s::bool[]) AS d(day, before, work)),
handled AS (
    SELECT k.id, c.area_code, k.charged_id AS unit, k.started_at, k.stopped_at,
           CASE WHEN k.limit ~ ' w[hd]$' THEN 'office' ELSE 'natural' END AS kind
    FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
    WHERE NOT c.sealed AND c.status NOT IN ('rejected', 'withdrawn', 'merged')
      AND k.kind = 'handle' AND k.stop_reason = 'done'
      AND k.stopped_at >= %(begins)s AND k.stopped_at < %(ends)s
), edges AS (
    SELECT id, kind, 1 AS sign, stopped_at AS moment FROM handled
    UNION ALL SELECT id, kind, -1, greatest(started_at, %(reach)s) FROM handled
    UNION ALL SELECT h.id, kind, e.sign, e.moment FROM handled h
        JOIN cases_clockadjustment p ON p.clock_id = h.id AND p.suspension_id IS NOT NULL AND p.ends_at IS NOT NULL
        CROSS JOIN LATERAL (VALUES (1, greatest(p.starts_at, %(reach)s)), (-1, greatest(p.ends_at, %(reach)s)))
            AS e(sign, moment)
), passed AS (
    SELECT e.id, sum(e.sign * CASE WHEN e.kind = 'natural' THEN extract(epoch FROM e.moment)
        ELSE d.before * %(length)s + CASE WHEN d.work THEN o.used ELSE 0 END END) / 3600 AS hours
    FROM edges e
    CROSS JOIN LATERAL (SELECT e.moment AT TIME ZONE 'Asia/Shanghai' AS local) l
    JOIN days d ON d.day = l.local::date
    CROSS JOIN LATERAL (
        SELECT sum(least(greatest(extract(epoch FROM l.local::time) - opens, 0), closes - opens)) AS used
        FROM unnest(%(opens)s::int[], %(closes)s::int[]) AS s(opens, closes)
    ) o
    GROUP BY e.id
)
SELECT {group} AS place, kind, count(*), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY hours)::numeric, 2)::float,
       round(avg(hours), 2)::float
FROM handled JOIN passed USING (id) WHERE {scope} AND {group} IS NOT NULL GROUP BY 1, 2
"""


def _days(period: Period, calendar: WorkCalendar) -> dict[str, Any]:
    first = (period.begins - _REACH).date()
    days = [first + timedelta(days=number) for number in range((period.ends.date() - first).days + 1)]
    work = [calendar.is_workday(day) for day in days]
    before = [0]
    for is_workday in work:
        before.append(before[-1] + is_workday)
    opens, closes = zip(*[(_seconds(span[0]), _seconds(span[1])) for span in calendar.hours], strict=True)
    length = sum(closes) - sum(opens)
    return {
        "days": days, "before": before[:-1], "work": work, "reach": period.begins - _REACH,
        "opens": list(opens), "closes": list(closes), "length": length,
    }  # fmt: skip


def _seconds(clock: Any) -> int:
    return int(clock.hour * 3600 + clock.minute * 60)


# Colours


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts of one colour whose moment lies in the period. Duties are shares of those that were not annulled."""

    raised: int = 0
    annulled: Share = NOTHING
    late: Share = NOTHING
    acknowledged: Share = NOTHING
    planned: Share = NOTHING
    signed_off: Share = NOTHING


_ALERTS = f"""
WITH told AS (
    SELECT a.*, c.area_code, a.charged_id AS unit, o.signed_off_at
    FROM cases_alert a JOIN cases_case c ON c.id = a.case_id
    LEFT JOIN cases_supervisionorder o ON o.id = a.order_id
    WHERE {_COUNTED} AND {_IN_PERIOD.format("a.moment")}
)
SELECT colour, count(*), count(annulled_at), count(*) FILTER (WHERE raised_at - moment > %(late)s),
       count(acknowledged_at) FILTER (WHERE annulled_at IS NULL), count(plan_at) FILTER (WHERE annulled_at IS NULL),
       count(signed_off_at) FILTER (WHERE annulled_at IS NULL)
FROM told WHERE {_SCOPE} GROUP BY colour
"""  # noqa: S608 — constants of this module


def alerts(scope: Scope, period: Period) -> dict[Colour, Alerts]:
    """Every colour, with zeros where none was raised; one statement."""
    given = scope.parameters() | {"begins": period.begins, "ends": period.ends, "late": LATE_AFTER}
    found = {colour: Alerts() for colour in (Colour.BLUE, Colour.YELLOW, Colour.RED)}
    for colour, raised, annulled, late, *duties in _run(_ALERTS, given):
        done = [Share(number, raised - annulled) for number in duties]
        found[Colour(colour)] = Alerts(raised, Share(annulled, raised), Share(late, raised), *done)
    return found
