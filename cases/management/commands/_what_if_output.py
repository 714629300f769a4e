"""The reports of `what_if` as tables for people and as csv for sheets."""

import csv
from typing import Any

from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from cases import labels
from cases.calendar import ZONE
from cases.colours import Colour
from cases.terms import CaseType, ClockKind
from cases.what_if import Beside, Change, Effect, History, OpenCases, Tally, worst_first

_SHOWN = 20
_TALLY = ("judged", "on_time", "on_time_rate", *(colour.code for colour in Colour))
_EFFECT = ("clocks", "changed", "later", "earlier", "worse", "better")


def write_tables(stream: Any, opened: OpenCases | None, history: History | None) -> None:
    console = Console(file=stream, width=140, highlight=False)
    if opened is not None:
        console.print(_open_table(opened))
        if opened.changes:
            console.print(_changes_table(worst_first(opened.changes)))
    if history is not None:
        console.print(_history_table(history))


def write_csv(stream: Any, opened: OpenCases | None, history: History | None) -> None:
    """One row for each group: report, group, name, rule, then the figures. Codes, not words: made for machines."""
    out = csv.writer(stream, lineterminator="\n")
    if opened is not None:
        out.writerow(["report", "group", "name", *_EFFECT])
        for group, name, effect in [("total", "", opened.total), *_departments(opened)]:
            out.writerow(["open", group, name, *(getattr(effect, field) for field in _EFFECT)])
        out.writerow(["report", *Change.__dataclass_fields__])
        for change in worst_first(opened.changes):
            out.writerow(["change", *change.to_dict().values()])
    if history is not None:
        out.writerow(["report", "group", "name", "rule", *_TALLY, "unlimited"])
        for group, name, beside in _besides(history):
            for rule, tally in (("today", beside.today), ("draft", beside.draft)):
                figures = tally.to_dict()
                out.writerow(["history", group, name, rule, *(figures[field] for field in (*_TALLY, "unlimited"))])


def _departments(opened: OpenCases) -> list[tuple[str, str, Effect]]:
    return [("department", name, effect) for name, effect in sorted(opened.departments.items())]


def _besides(history: History) -> list[tuple[str, str, Beside]]:
    groups = history.groups().items()
    return [("total", "", history.total), *((group, name, b) for group, rows in groups for name, b in rows.items())]


def _open_table(opened: OpenCases) -> Table:
    headings = (_("Department"), _("Clocks"), _("Changed"), _("Later"), _("Earlier"), _("Worse"), _("Better"))
    table = _table(_("Open cases"), *headings, _("Colours today"), _("Colours by the draft"))
    for name, effect in [(_("All"), opened.total), *sorted(opened.departments.items())]:
        figures = [str(getattr(effect, field)) for field in _EFFECT]
        table.add_row(name or "—", *figures, _colours(effect.today), _colours(effect.draft))
    return table


def _changes_table(changes: list[Change]) -> Table:
    title = _("Clocks that change (%(shown)d of %(all)d)") % {"shown": min(_SHOWN, len(changes)), "all": len(changes)}
    table = _table(title, _("Number"), _("Limit"), _("Department"), _("Due today"), _("Due by the draft"), _("Colour"))
    for change in changes[:_SHOWN]:
        due = f"{change.due_draft.astimezone(ZONE):%Y-%m-%d %H:%M}" if change.due_draft else "—"
        table.add_row(
            change.number,
            str(labels.CLOCK[ClockKind(change.kind)]),
            change.department or "—",
            f"{change.due_today.astimezone(ZONE):%Y-%m-%d %H:%M}",
            due,
            f"{labels.COLOUR[change.colour_today]} → {labels.COLOUR[change.colour_draft]}",
        )
    return table


def _history_table(history: History) -> Table:
    title = _("History: %(kind)s") % {"kind": labels.CLOCK[ClockKind(history.kind)]}
    headings = (_("Group"), _("Cases"), _("On time today"), _("On time by the draft"))
    table = _table(title, *headings, _("Colours today"), _("Colours by the draft"), _("Changed"))
    for group, name, beside in _besides(history):
        table.add_row(
            _name(group, name),
            str(beside.today.judged),
            _rate(beside.today),
            _rate(beside.draft),
            _colours(beside.today.colours),
            _colours(beside.draft.colours),
            str(beside.changed),
            end_section=group == "total",
        )
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _name(group: str, name: str) -> str:
    if group == "total":
        return _("All")
    return str(labels.TYPE[CaseType(name)]) if group == "type" else name or "—"


def _rate(tally: Tally) -> str:
    return "—" if tally.on_time_rate is None else f"{100 * tally.on_time_rate:.2f} %"


def _colours(colours: dict[Colour, int]) -> str:
    """none · blue · yellow · red."""
    return " · ".join(str(colours[colour]) for colour in Colour)
