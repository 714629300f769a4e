"""Recomputes every receipt: `manage.py verify_receipts [--after ID]`. Exits with 1 when a stored moment differs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cases.receipts import Difference, verify_clocks

PROGRESS_EVERY = 10_000


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Adds up every clock again and names those whose stored moments differ.")
        parser.add_argument("--after", type=int, default=0, metavar="ID", help=_("go on behind this clock"))

    def handle(self, *args: Any, after: int, **options: Any) -> None:
        checked, differing, last = 0, 0, after
        try:
            for last, found in verify_clocks(after=after):
                checked += 1
                differing += bool(found)
                self._report(found)
                if checked % PROGRESS_EVERY == 0:
                    self.stderr.write(
                        _("%(checked)d checked, up to clock %(last)d") % {"checked": checked, "last": last}
                    )
        except KeyboardInterrupt:
            self.stderr.write(_("Interrupted: go on with --after %(last)d") % {"last": last})
            sys.exit(130)
        # Read by scripts: the same in every language.
        self.stdout.write(f"{checked} checked, {differing} differ")
        if differing:
            sys.exit(1)

    def _report(self, found: list[Difference]) -> None:
        for one in found:
            self.stdout.write(f"{one.number} clock {one.clock_id} {one.field}: {one.stored} ≠ {one.reckoned}")
