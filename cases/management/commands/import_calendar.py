"""Takes official days over from `chinesecalendar`: `manage.py import_calendar [--year 2027] [--dry-run]`."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.publishing import publish_calendar
from cases.calendar import WorkCalendar
from cases.calendar_edits import changed_days, with_years_of
from cases.errors import CaseError
from cases.models import CalendarVersion
from cases.official_days import official_calendar
from cases.versions import calendar_in_force
from grids.actors import SERVICE


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Publishes the next work calendar with the official days that were announced meanwhile.")
        parser.add_argument(
            "--year",
            type=int,
            action="append",
            default=[],
            dest="years",
            help=_("take this year anew, edited days too (default: the years that are not known yet)"),
        )
        parser.add_argument("--reason", default="", help=_("what the version is published for"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what would change and publish nothing"))
        parser.add_argument("--later", action="store_true", help=_("leave the running clocks to the worker"))

    def handle(self, *args: Any, years: list[int], **options: Any) -> None:
        before = calendar_in_force().calendar if CalendarVersion.objects.exists() else WorkCalendar({}, frozenset())
        wanted = years or sorted(official_calendar().known_years - before.known_years)
        try:
            after = with_years_of(before, official_calendar(), wanted)
        except ValueError as error:
            message = f"{error}: {_('update the chinesecalendar package or edit the days')}"
            raise CommandError(message) from error
        if after.to_document() == before.to_document():
            self.stdout.write(_("Nothing new: the calendar in force knows these days already."))
            return
        self._say(wanted, changed_days(before, after))
        if not options["dry_run"]:
            self._publish(after, reason=options["reason"], years=wanted, later=options["later"])

    def _say(self, years: list[int], days: list[date]) -> None:
        facts = {"years": ", ".join(map(str, years)), "days": len(days)}
        self.stdout.write(_("%(years)s: %(days)d days change between workday and day off.") % facts)

    def _publish(self, calendar: WorkCalendar, *, reason: str, years: list[int], later: bool) -> None:
        reason = reason or _("Official days of %(years)s") % {"years": ", ".join(map(str, years))}
        try:
            version = publish_calendar(calendar=calendar, reason=reason, actor=SERVICE, now=timezone.now())
        except CaseError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Published as version %(number)d.") % {"number": version.number})
        if not later:
            call_command("recompute_clocks", stdout=self.stdout, stderr=self.stderr)
