"""What a draft of the limits would do, as tables and a chart beside it (desk.md, "policy"). Nothing is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from cases import labels
from cases.colours import Colour
from cases.limits import PolicyRules
from cases.terms import CaseType, ClockKind
from cases.what_if import Beside, Change, Draft, Effect, Ruling, Tally, compare_history, compare_open, worst_first
from cases.what_if_reads import closed_cases, read_only, running_clocks, todays

#: Bounds of one answer on the page; `manage.py what_if` has none.
MOST_PAST, MOST_RUNNING = 20_000, 20_000
ROWS_SHOWN, CHANGES_SHOWN = 40, 15
_OVERALL = "resolve"
#: unfold's own bars stand on each other; these stand side by side, from 0 to 100 %.
_CHART_INK = "#75807d"  # read on a light and on a dark ground alike
CHART_OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "plugins": {
            "legend": {
                "position": "top",
                "align": "end",
                "labels": {"boxWidth": 10, "boxHeight": 10, "color": _CHART_INK},
            }
        },
        "scales": {
            "y": {"min": 0, "max": 100, "grid": {}, "ticks": {"color": _CHART_INK}},
            "x": {"grid": {"display": False}, "ticks": {"color": _CHART_INK}},
        },
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """Today's rule beside the draft for one type, department or month. Shares are words: "—" where nothing counts."""

    title: Any
    judged: int
    today: str
    draft: str
    worse: bool
    colours: list[tuple[int, int, int]]  # colour, today, draft


@dataclass(frozen=True, slots=True)
class Table:
    title: Any
    rows: list[Row]
    left_out: int


@dataclass(frozen=True, slots=True)
class Unit:
    """The running clocks of one department."""

    name: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Tried:
    total: Row
    tables: list[Table]
    chart: str
    chart_options: str
    running: Effect
    units: list[Unit]
    changes: list[tuple[Change, Any]]
    more_changes: int
    cut: bool


def tried(draft: PolicyRules, *, now: datetime) -> Tried:
    """The draft against running clocks and against closed cases, in a transaction that cannot write."""
    with read_only():
        today = todays(now)
        running = list(islice(running_clocks(now=now), MOST_RUNNING + 1))
        past = list(islice(closed_cases(ClockKind.RESOLVE), MOST_PAST + 1))
    opened = compare_open(running[:MOST_RUNNING], Draft(rules=draft))
    history = compare_history(past[:MOST_PAST], kind=_OVERALL, today=today, draft=Ruling(draft, today.calendar))
    groups = history.groups()
    changes = worst_first(opened.changes)
    units = sorted(opened.departments.items(), key=lambda entry: (-entry[1].changed, entry[0]))
    return Tried(
        total=_row(_("All"), history.total),
        tables=[
            _table(_("By department"), groups["department"]),
            _table(_("By type"), groups["type"], labels.TYPE),
            _table(_("By month"), groups["month"]),
        ],
        chart=_chart(groups["month"]),
        chart_options=CHART_OPTIONS,
        running=opened.total,
        units=[Unit(name or "—", effect) for name, effect in units[:ROWS_SHOWN]],
        changes=[(change, labels.CLOCK[ClockKind(change.kind)]) for change in changes[:CHANGES_SHOWN]],
        more_changes=max(len(changes) - CHANGES_SHOWN, 0),
        cut=len(past) > MOST_PAST or len(running) > MOST_RUNNING,
    )


def _table(title: Any, group: Mapping[str, Beside], words: Mapping[CaseType, Any] | None = None) -> Table:
    named: Mapping[Any, Any] = words or {}
    rows = [_row(named.get(key, key) or "—", beside) for key, beside in group.items()]
    return Table(title, rows[:ROWS_SHOWN], max(len(rows) - ROWS_SHOWN, 0))


def _row(title: Any, beside: Beside) -> Row:
    today, draft = beside.today, beside.draft
    return Row(
        title=title,
        judged=max(today.judged, draft.judged),
        today=_share(today),
        draft=_share(draft),
        worse=(draft.on_time_rate or 0) < (today.on_time_rate or 0),
        colours=[(int(colour), today.colours[colour], draft.colours[colour]) for colour in Colour if colour],
    )


def _share(tally: Tally) -> str:
    return "—" if tally.on_time_rate is None else f"{tally.on_time_rate:.1%}"


def _chart(months: Mapping[str, Beside]) -> str:
    """On-time rates by month as two rows of bars, for the canvas; the table beside it says the same."""
    shown = list(months.items())[-24:]
    return json.dumps(
        {
            "labels": [month for month, _beside in shown],
            "datasets": [
                _bars(_("Today's rule"), [beside.today for _month, beside in shown], "var(--color-base-400)"),
                _bars(_("Draft"), [beside.draft for _month, beside in shown], "var(--w-accent)"),
            ],
        }
    )


def _bars(title: str, tallies: list[Tally], colour: str) -> dict[str, Any]:
    rates = [None if tally.on_time_rate is None else round(tally.on_time_rate * 100, 1) for tally in tallies]
    return {"label": title, "data": rates, "backgroundColor": colour, "categoryPercentage": 0.5, "barPercentage": 0.9}
