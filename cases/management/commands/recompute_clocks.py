"""Brings running clocks to the work calendar in force: `manage.py recompute_clocks`. May be interrupted at any time."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.calendar_change import behind
from cases.errors import NotReady
from cases.models import CalendarRecompute, CalendarVersion
from cases.recomputing import pending, recompute
from cases.versions import calendar_in_force


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Recomputes the clocks that an earlier work calendar computed, and says what moved.")
        parser.add_argument("--size", type=int, default=200, help=_("cases in one transaction"))

    def handle(self, *args: Any, size: int, **options: Any) -> None:
        _expect_run()
        finished = [recompute(run, ticks=_now(), size=size) for run in pending(now=timezone.now())]
        newest = CalendarRecompute.objects.select_related("calendar").first()
        if newest is None:
            self.stdout.write(_("Every running clock stands on the work calendar in force."))
            return
        self.stdout.write(report(newest))
        if not all(finished):
            left = behind(newest.calendar_id).count()
            self.stderr.write(_("%(left)d clocks are left: their cases are in use. Run it again.") % {"left": left})
            sys.exit(1)


def report(run: CalendarRecompute) -> str:
    """What a run did, in one sentence."""
    return _(
        "Calendar %(version)d: %(clocks)d clocks looked at, %(moved)d moved (%(later)d due later, "
        "%(earlier)d earlier), %(recoloured)d changed colour, in %(cases)d cases."
    ) % {
        "version": run.calendar.number,
        "clocks": run.clocks,
        "moved": run.moved,
        "later": run.later,
        "earlier": run.earlier,
        "recoloured": run.recoloured,
        "cases": run.cases,
    }


def _expect_run() -> None:
    """A calendar that came into the database by another way has no run yet."""
    try:
        version_id = calendar_in_force().version_id
    except NotReady as error:
        raise CommandError(str(error)) from error
    if behind(version_id).exists():
        CalendarRecompute.objects.get_or_create(
            calendar=CalendarVersion.objects.get(pk=version_id), defaults={"started_at": timezone.now()}
        )


def _now() -> Iterator[datetime]:
    while True:
        yield timezone.now()
