"""What a draft policy or a changed calendar would do: `manage.py what_if --policy DRAFT.json` (docs/what-if.md)."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.publishing import check_policy
from cases.calendar import DayRule, WorkCalendar
from cases.calendar_edits import edited
from cases.errors import CaseError, InvalidInput
from cases.imported_rows import types_by_label
from cases.limits import PolicyRules
from cases.management.commands._what_if_output import write_csv, write_tables
from cases.sheets import HEADINGS, SheetError, parse_overrides, read_rows
from cases.terms import CaseType, ClockKind
from cases.what_if import Draft, History, OpenCases, Past, Ruling, compare_history, compare_open
from cases.what_if_reads import closed_cases, past_of_rows, read_only, running_clocks, todays

_DEPARTMENT_HEADINGS = dict.fromkeys(("department", "承办单位", "主办单位", "责任单位"), "department")
_KINDS = [kind.value for kind in ClockKind if kind not in (ClockKind.SUSPENSION, ClockKind.RATE)]


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Holds a draft policy or calendar against open cases and history. Changes nothing.")
        parser.add_argument("--policy", type=Path, metavar="FILE", help=_("a policy document, as JSON"))
        parser.add_argument("--calendar", type=Path, metavar="FILE", help=_("a work calendar, as JSON"))
        parser.add_argument("--day-off", action="append", default=[], metavar="DATE[=NAME]", help=_("a day off more"))
        parser.add_argument("--workday", action="append", default=[], metavar="DATE[=NAME]", help=_("a workday more"))
        parser.add_argument("--only", choices=("open", "history"), help=_("one of the two questions (default: both)"))
        parser.add_argument("--kind", choices=_KINDS, default=ClockKind.RESOLVE.value, help=_("history: which limit"))
        parser.add_argument("--file", type=Path, metavar="FILE", help=_("history of an .xlsx or .csv file instead"))
        parser.add_argument("--map", action="append", default=[], metavar="HEADING=FIELD", dest="overrides")
        parser.add_argument("--type", default=CaseType.APPEAL.value, choices=[t.value for t in CaseType])
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table", dest="style")

    def handle(self, *args: Any, **options: Any) -> None:
        with read_only():
            try:
                opened, history = _reports(options)
            except InvalidInput as error:
                lines = [f"{place}: {said}" for place, sentences in error.errors.items() for said in sentences]
                raise CommandError("\n".join([str(error), *lines])) from error
            except (CaseError, SheetError) as error:
                raise CommandError(str(error)) from error
        self._write(opened, history, style=options["style"])

    def _write(self, opened: OpenCases | None, history: History | None, *, style: str) -> None:
        if style == "json":
            document = {"open": opened and opened.to_dict(), "history": history and history.to_dict()}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        elif style == "csv":
            write_csv(self.stdout, opened, history)
        else:
            write_tables(self.stdout, opened, history)


def _reports(options: dict[str, Any]) -> tuple[OpenCases | None, History | None]:
    now = timezone.now()
    today = todays(now)
    draft = Draft(rules=_policy(options["policy"]), calendar=_calendar(today.calendar, options))
    if draft.rules is None and draft.calendar is None:
        raise CommandError(_("Nothing to try: give --policy, --calendar, --day-off or --workday."))
    opened = None if options["only"] == "history" else compare_open(running_clocks(now=now), draft)
    if options["only"] == "open":
        return opened, None
    other = Ruling(draft.rules or today.rules, draft.calendar or today.calendar)
    kind = ClockKind(options["kind"])
    return opened, compare_history(_past(kind, options), kind=kind.value, today=today, draft=other)


def _policy(path: Path | None) -> PolicyRules | None:
    if path is None:
        return None
    document = _read(path)
    check_policy(document)
    return PolicyRules.parse(document)


def _calendar(today: WorkCalendar, options: dict[str, Any]) -> WorkCalendar | None:
    days = dict(_days(options["day_off"], work=False)) | dict(_days(options["workday"], work=True))
    if options["calendar"] is None and not days:
        return None
    try:
        calendar = WorkCalendar.parse(_read(options["calendar"])) if options["calendar"] else today
        return edited(calendar, days)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _days(written: Iterable[str], *, work: bool) -> Iterator[tuple[date, DayRule]]:
    for text in written:
        day, _equals, name = text.partition("=")
        try:
            yield date.fromisoformat(day.strip()), DayRule(work, name.strip())
        except ValueError as error:
            raise CommandError(_("%(text)s is not a day such as 2026-10-08.") % {"text": day}) from error


def _past(kind: ClockKind, options: dict[str, Any]) -> Iterator[Past | None]:
    if options["file"] is None:
        return closed_cases(kind)
    headings = {**HEADINGS, **_DEPARTMENT_HEADINGS}
    overrides = parse_overrides(options["overrides"], set(headings.values()))
    rows = read_rows(options["file"], headings, overrides=overrides, required=("received_at", "answered_at"))
    return past_of_rows(rows, types=types_by_label(), default=CaseType(options["type"]))


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(_("%(path)s cannot be read as JSON: %(error)s") % {"path": path, "error": error}) from error
    if not isinstance(document, dict):
        raise CommandError(_("%(path)s does not hold an object.") % {"path": path})
    return document
