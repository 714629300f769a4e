"""Replays three-colour supervision over past messages: `manage.py replay FILE --limit 5wd [--rows OUT.json]`."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.limits import Limit
from cases.official_days import official_calendar
from cases.replay import Answered, Totals, Verdict, replay
from cases.selectors import calendar_in_force
from cases.sheets import HEADINGS, Row, SheetError, parse_overrides, read_rows


class Command(BaseCommand):
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Tells what three-colour supervision would have said of past messages. Changes nothing.")
        parser.add_argument("file", type=Path, metavar="FILE", help=_("an .xlsx or .csv file with headings"))
        parser.add_argument("--limit", required=True, help=_("such as 24h, 4wh, 5wd or 60cd"))
        parser.add_argument("--rows", type=Path, metavar="OUT.json", help=_("write due time and colour by number"))
        parser.add_argument("--map", action="append", default=[], metavar="HEADING=FIELD", dest="overrides")

    def handle(self, *args: Any, file: Path, limit: str, rows: Path | None, **options: Any) -> None:
        allowed, totals, verdicts = _limit(limit), Totals(), _Verdicts()
        try:
            overrides = parse_overrides(options["overrides"], set(HEADINGS.values()))
            sheet = read_rows(file, overrides=overrides, required=("received_at", "answered_at"))
            calendar = calendar_in_force() or official_calendar()
            for verdict in replay(_matters(sheet), allowed, calendar):
                totals.count(verdict)
                if rows and verdict:
                    verdicts.add(verdict)
            if rows:
                rows.write_text(json.dumps(verdicts.by_number, ensure_ascii=False) + "\n", encoding="utf-8")
        except SheetError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(_("The file %(path)s cannot be written.") % {"path": rows}) from error
        self.stdout.write(json.dumps(totals.as_document()))


def _limit(written: str) -> Limit:
    try:
        return Limit.parse(written)
    except ValueError as error:
        message = _("%(text)s is not a limit: write a number and h, wh, wd or cd, such as 5wd.")
        raise CommandError(message % {"text": written}) from error


class _Verdicts:
    """Due time and colour by number, as written with --rows; a number that comes again gets a suffix."""

    def __init__(self) -> None:
        self.by_number: dict[str, dict[str, str]] = {}
        self._times: Counter[str] = Counter()

    def add(self, verdict: Verdict) -> None:
        self._times[verdict.number] += 1
        times = self._times[verdict.number]
        number = verdict.number if times == 1 else f"{verdict.number}#{times}"
        self.by_number[number] = {"due": verdict.due.isoformat(), "colour": verdict.colour.code}


def _matters(sheet: Iterator[Row]) -> Iterator[Answered]:
    for row in sheet:
        number = row.values.get("source_number", f"#{row.number}")
        yield Answered(str(number), _moment(row, "received_at"), _moment(row, "answered_at"))


def _moment(row: Row, field: str) -> datetime | None:
    moment = row.values.get(field)
    return moment if isinstance(moment, datetime) else None
