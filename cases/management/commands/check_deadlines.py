"""Checks worked deadlines of a file against the schedule: `manage.py check_deadlines FILE`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cases.calendar import WorkCalendar
from cases.official_days import official_calendar
from cases.selectors import calendar_in_force
from cases.worked_deadlines import Checked, check_lines


class Command(BaseCommand):
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Checks the worked deadlines of a file of JSON lines and prints each line that differs.")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--calendar",
            choices=("official", "live"),
            default="official",
            help=_("the official days as shipped, or the calendar that this service has in force"),
        )

    def handle(self, *args: Any, file: Path, calendar: str, **options: Any) -> None:
        days = official_calendar() if calendar == "official" else _live_calendar()
        checked = differing = 0
        try:
            with file.open("rb") as lines:
                for result in check_lines(lines, days):
                    checked += 1
                    if result.differs:
                        differing += 1
                        self.stdout.write(_sentence(result))
        except OSError as error:
            raise CommandError(_("The file %(path)s cannot be read.") % {"path": file}) from error
        self.stdout.write(f"{checked} checked, {differing} differ")  # read by scripts: the same in every language
        if differing:
            sys.exit(1)


def _live_calendar() -> WorkCalendar:
    calendar = calendar_in_force()
    if calendar is None:
        raise CommandError(_("This service has no work calendar in force yet."))
    return calendar


def _sentence(result: Checked) -> str:
    place = _("line %(number)d") % {"number": result.line}
    if result.malformed:
        return f"{place}: {_('cannot be read')}: {result.malformed}"
    differences = (
        _("%(moment)s is %(written)s in the file, computed %(computed)s")
        % {
            "moment": difference.moment,
            "written": difference.written.isoformat() if difference.written else "–",
            "computed": difference.computed.isoformat() if difference.computed else "–",
        }
        for difference in result.differences
    )
    return f"{place}: {'; '.join(differences)}"
