"""What a draft policy or a changed calendar would do: to the open cases, and to those that are history.

Pure: obligations come in as plain rows (`cases.what_if_reads`), both rules are reckoned with the same `schedule.plan`
as the live clocks, and reports are plain dataclasses. Colours are those that time raises.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cases.calendar import ZONE, WorkCalendar
from cases.colours import Colour
from cases.limits import Limit, PolicyRules, Thresholds
from cases.schedule import Adjustment, Moments, plan

_RATE_DIGITS: Final = 4

#: A limit with its colours; None where the rules set none.
Terms = tuple[Limit, Thresholds] | None


def terms_of(rules: PolicyRules, case_type: str, kind: str, category: str | None) -> Terms:
    """What these rules say of one obligation; None for a type that they do not know."""
    try:
        limit = rules.limit(case_type, kind, category)
    except ValueError:
        return None
    return (limit, rules.thresholds(case_type, kind, category)) if limit else None


def colour_at(moments: Moments, moment: datetime) -> Colour:
    """The highest colour whose moment is not after this one."""
    rising = ((Colour.BLUE, moments.blue), (Colour.YELLOW, moments.yellow), (Colour.RED, moments.red))
    return max((colour for colour, at in rising if at is not None and at <= moment), default=Colour.NONE)


# History: today's rule beside the draft


@dataclass(frozen=True, slots=True)
class Past:
    """An obligation that was met at `end`. `department` is a name; empty where nobody is known."""

    case_type: str
    category: str | None
    department: str
    start: datetime
    end: datetime
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """One of the two rules that are compared."""

    rules: PolicyRules
    calendar: WorkCalendar


@dataclass(slots=True)
class Tally:
    """How obligations fared under one rule. `unlimited`: the rule sets no limit, or it cannot be reckoned."""

    judged: int = 0
    unlimited: int = 0
    on_time: int = 0
    colours: dict[Colour, int] = field(default_factory=lambda: dict.fromkeys(Colour, 0))

    def count(self, verdict: tuple[Colour, bool] | None) -> None:
        if verdict is None:
            self.unlimited += 1
            return
        colour, on_time = verdict
        self.judged += 1
        self.on_time += on_time
        self.colours[colour] += 1

    @property
    def on_time_rate(self) -> float | None:
        """None without a single judged obligation: shown as "—", never as 0."""
        return round(self.on_time / self.judged, _RATE_DIGITS) if self.judged else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "judged": self.judged,
            "unlimited": self.unlimited,
            "on_time": self.on_time,
            "on_time_rate": self.on_time_rate,
            **_by_code(self.colours),
        }


@dataclass(slots=True)
class Beside:
    """Today's rule beside the draft. `changed`: obligations whose colour or punctuality differs."""

    today: Tally = field(default_factory=Tally)
    draft: Tally = field(default_factory=Tally)
    changed: int = 0

    def count(self, today: tuple[Colour, bool] | None, draft: tuple[Colour, bool] | None) -> None:
        self.today.count(today)
        self.draft.count(draft)
        self.changed += today != draft

    def to_dict(self) -> dict[str, Any]:
        return {"today": self.today.to_dict(), "draft": self.draft.to_dict(), "changed": self.changed}


@dataclass(slots=True)
class History:
    """The comparison as a whole and by type, department and month (of the start, in Asia/Shanghai).

    `skipped`: rows that say too little to be judged.
    """

    kind: str
    skipped: int = 0
    total: Beside = field(default_factory=Beside)
    types: dict[str, Beside] = field(default_factory=dict)
    departments: dict[str, Beside] = field(default_factory=dict)
    months: dict[str, Beside] = field(default_factory=dict)

    def groups(self) -> dict[str, Mapping[str, Beside]]:
        return {
            "type": dict(sorted(self.types.items())),
            "department": dict(sorted(self.departments.items())),
            "month": dict(sorted(self.months.items())),
        }

    def to_dict(self) -> dict[str, Any]:
        groups = {
            name: {key: beside.to_dict() for key, beside in group.items()} for name, group in self.groups().items()
        }
        return {"kind": self.kind, "skipped": self.skipped, "total": self.total.to_dict(), **groups}


def compare_history(past: Iterable[Past | None], *, kind: str, today: Ruling, draft: Ruling) -> History:
    """Judge every obligation by both rules. One that was met exactly at its due time is on time."""
    history, of_today, of_draft = History(kind), _Judge(today, kind), _Judge(draft, kind)
    for one in past:
        if one is None:
            history.skipped += 1
            continue
        now = of_today.verdict(one)
        then = now if of_draft.like(of_today, one) else of_draft.verdict(one)
        month = f"{one.start.astimezone(ZONE):%Y-%m}"
        for beside in (
            history.total,
            history.types.setdefault(one.case_type, Beside()),
            history.departments.setdefault(one.department, Beside()),
            history.months.setdefault(month, Beside()),
        ):
            beside.count(now, then)
    return history


class _Judge:
    """One rule at work; what it says of a type and category is looked up once."""

    def __init__(self, ruling: Ruling, kind: str) -> None:
        self.ruling, self._kind = ruling, kind
        self._terms: dict[tuple[str, str | None], Terms] = {}

    def terms(self, one: Past) -> Terms:
        key = (one.case_type, one.category)
        if key not in self._terms:
            self._terms[key] = terms_of(self.ruling.rules, one.case_type, self._kind, one.category)
        return self._terms[key]

    def like(self, other: "_Judge", one: Past) -> bool:
        """Whether both rules say the same of it, so that it need not be reckoned twice."""
        return self.ruling.calendar is other.ruling.calendar and self.terms(one) == other.terms(one)

    def verdict(self, one: Past) -> tuple[Colour, bool] | None:
        terms = self.terms(one)
        if terms is None:
            return None
        try:
            moments = plan(
                start=one.start,
                limit=terms[0],
                thresholds=terms[1],
                calendar=self.ruling.calendar,
                adjustments=one.adjustments,
            )
        except ValueError:  # outside the years that the calendar reckons with
            return None
        return colour_at(moments, one.end), one.end <= moments.due


# Open cases: what changes


@dataclass(frozen=True, slots=True)
class Running:
    """A running clock as it is stored, with what its own rule says. `seen` is now, or when it was paused."""

    number: str
    clock_id: int
    kind: str
    department: str
    case_type: str
    category: str | None
    start: datetime
    seen: datetime
    stored: Moments
    own: Terms
    calendar: WorkCalendar
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is tried: other rules, another calendar, or both. None leaves the clock's own."""

    rules: PolicyRules | None = None
    calendar: WorkCalendar | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A running clock that would be due at another time or show another colour. `due_draft` None: no limit at all."""

    number: str
    clock_id: int
    kind: str
    department: str
    due_today: datetime
    due_draft: datetime | None
    colour_today: Colour
    colour_draft: Colour

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "clock": self.clock_id,
            "kind": self.kind,
            "department": self.department,
            "due_today": self.due_today.astimezone(ZONE).isoformat(),
            "due_draft": self.due_draft.astimezone(ZONE).isoformat() if self.due_draft else None,
            "colour_today": self.colour_today.code,
            "colour_draft": self.colour_draft.code,
        }


@dataclass(slots=True)
class Effect:
    """What the draft does to some running clocks."""

    clocks: int = 0
    changed: int = 0
    later: int = 0
    earlier: int = 0
    worse: int = 0
    better: int = 0
    today: dict[Colour, int] = field(default_factory=lambda: dict.fromkeys(Colour, 0))
    draft: dict[Colour, int] = field(default_factory=lambda: dict.fromkeys(Colour, 0))

    def count(self, due: tuple[datetime, datetime | None], colours: tuple[Colour, Colour]) -> None:
        self.clocks += 1
        self.changed += due[0] != due[1] or colours[0] != colours[1]
        self.later += due[1] is None or due[1] > due[0]
        self.earlier += due[1] is not None and due[1] < due[0]
        self.worse += colours[1] > colours[0]
        self.better += colours[1] < colours[0]
        self.today[colours[0]] += 1
        self.draft[colours[1]] += 1

    def to_dict(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("clocks", "changed", "later", "earlier", "worse", "better")}
        return {**counts, "today": _by_code(self.today), "draft": _by_code(self.draft)}


@dataclass(slots=True)
class OpenCases:
    """The effect on all running clocks, by the department that is charged, and each clock that changes."""

    total: Effect = field(default_factory=Effect)
    departments: dict[str, Effect] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {
            "total": self.total.to_dict(),
            "department": {name: effect.to_dict() for name, effect in sorted(self.departments.items())},
            "changes": [change.to_dict() for change in self.changes],
        }


def compare_open(running: Iterable[Running], draft: Draft) -> OpenCases:
    """Reckon every running clock by the draft, with the pauses and extensions that it had."""
    report = OpenCases()
    for clock in running:
        moments = _drafted(clock, draft)
        due = (clock.stored.due, moments.due if moments else None)
        colours = (colour_at(clock.stored, clock.seen), colour_at(moments, clock.seen) if moments else Colour.NONE)
        report.total.count(due, colours)
        report.departments.setdefault(clock.department, Effect()).count(due, colours)
        if due[0] != due[1] or colours[0] != colours[1]:
            place = (clock.number, clock.clock_id, clock.kind, clock.department)
            report.changes.append(Change(*place, *due, *colours))
    return report


def _drafted(clock: Running, draft: Draft) -> Moments | None:
    terms = clock.own
    if draft.rules is not None:
        terms = terms_of(draft.rules, clock.case_type, clock.kind, clock.category)
    if terms is None:
        return None
    limit, thresholds = terms
    calendar = draft.calendar or clock.calendar
    return plan(start=clock.start, limit=limit, thresholds=thresholds, calendar=calendar, adjustments=clock.adjustments)


def _by_code(colours: Mapping[Colour, int]) -> dict[str, int]:
    return {colour.code: count for colour, count in colours.items()}


def worst_first(changes: Sequence[Change]) -> list[Change]:
    """Those that become worse first, then by what was due soonest."""
    return sorted(changes, key=lambda change: (change.colour_today - change.colour_draft, change.due_today))
