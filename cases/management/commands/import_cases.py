"""Takes in messages of another system: `manage.py import_cases FILE [--source NAME] [--dry-run]` (docs/import.md)."""

import csv
import os
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cases.errors import NotReady
from cases.importing import Import, Outcome, Result
from cases.models import Case
from cases.sheets import HEADINGS, Row, SheetError, parse_overrides, read_rows
from cases.terms import CaseType
from grids.models import Area

NOTHING_TAKEN = 1
UNUSABLE = 2
_SYSTEM_LENGTH = Case.source_system.field.max_length or 0
_TYPES = [case_type.value for case_type in CaseType]


class Command(BaseCommand):
    help = gettext_lazy(  # type: ignore[assignment]  # the stubs know no lazy help
        "Takes in cases from an .xlsx or .csv file. Running it again takes in nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=_("an .xlsx or .csv file with headings"))
        parser.add_argument("--map", action="append", default=[], metavar="HEADING=FIELD", dest="overrides")
        parser.add_argument("--source", metavar="NAME", help=_("the system that gave the numbers (the file's name)"))
        parser.add_argument("--area", metavar="CODE", default=settings.COUNTY_CODE, help=_("where a row names none"))
        parser.add_argument("--type", default=CaseType.APPEAL.value, choices=_TYPES, help=_("where a row names none"))
        parser.add_argument("--result", type=Path, metavar="OUT.csv", help=_("what became of each row"))
        parser.add_argument("--dry-run", action="store_true", help=_("check every row and store nothing"))

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        work = Import(
            source_system=_source_system(options["source"] or file.stem),
            area=_area(options["area"]),
            type=CaseType(options["type"]),
            dry_run=options["dry_run"],
        )
        try:
            overrides = parse_overrides(options["overrides"], set(HEADINGS.values()))
            total = sum(1 for _row in read_rows(file, overrides=overrides))
            rows = _with_progress(read_rows(file, overrides=overrides), total, shown=options["verbosity"] > 0)
            with _result_file(options["result"], beside=file) as (path, write):
                counts = _write_all(work.take(rows, now=timezone.now()), write)
        except (SheetError, NotReady) as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
        self._sum_up(counts, total, path, dry_run=work.dry_run)

    def _sum_up(self, counts: Counter[Outcome], total: int, path: Path, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write(_("Nothing was stored: this was a dry run."))
        self.stdout.write(
            _(
                "%(total)d rows: %(historic)d historic, %(collected)d collected, %(known)d known already, "
                "%(failed)d failed. Each row's result: %(path)s"
            )
            % {"total": total, "path": path, **{outcome.value: counts[outcome] for outcome in Outcome}}
        )
        if counts[Outcome.FAILED] == total:
            raise CommandError(_("No row could be taken in."), returncode=NOTHING_TAKEN)


def _source_system(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= _SYSTEM_LENGTH:
        message = _("The name of the source system has 1 to %(limit)d characters: give one with --source.")
        raise CommandError(message % {"limit": _SYSTEM_LENGTH}, returncode=UNUSABLE)
    return name


def _area(code: str) -> Area:
    area = Area.objects.filter(code=code, is_active=True).first()
    if area is None:
        message = _("There is no area with the code %(code)s.")
        raise CommandError(message % {"code": code}, returncode=UNUSABLE)
    return area


def _with_progress(rows: Iterable[Row], total: int, *, shown: bool) -> Iterator[Row]:
    """The rows themselves, with a bar on standard error where a person looks at it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:
        yield from progress.track(rows, total=total, description=_("Importing"))


@contextmanager
def _result_file(wanted: Path | None, *, beside: Path) -> Iterator[tuple[Path, Callable[[Result], None]]]:
    """A csv that spreadsheets open as UTF-8; beside the input, or here when that folder may not be written."""
    name = f"{beside.stem}.result.csv"
    path = wanted or (beside.with_name(name) if os.access(beside.parent, os.W_OK) else Path(name))
    try:
        if path.exists() and path.samefile(beside):
            raise FileExistsError
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        message = _("The result file %(path)s cannot be written: name another with --result.")
        raise CommandError(message % {"path": path}, returncode=UNUSABLE) from error
    with file:
        out = csv.writer(file)
        out.writerow(["row", "source_number", "outcome", "number", "reason"])
        yield (
            path,
            lambda result: out.writerow(
                [
                    result.row,
                    _harmless(result.source_number),
                    result.outcome.value,
                    result.number,
                    _harmless(result.reason),
                ]
            ),
        )


def _harmless(text: str) -> str:
    """A spreadsheet would run a cell that begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _write_all(results: Iterable[Result], write: Callable[[Result], None]) -> Counter[Outcome]:
    counts: Counter[Outcome] = Counter()
    for result in results:
        write(result)
        counts[result.outcome] += 1
    return counts
