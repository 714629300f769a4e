"""`manage.py check_invariants`: whether everything that must hold of this database holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.invariants import CHECKS, violations
from cases.laws import LAWS


class Command(BaseCommand):
    help = "Check the laws of cases, clocks, alerts and journals; name every breach and exit with 1 if there is any."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for violation in violations(now=timezone.now()):
            found += 1
            self.stdout.write(f"{violation.number}: {violation.law}: {violation.facts}")
        summary = _("%(laws)d laws checked, %(found)d breaches") % {"laws": len(LAWS) + len(CHECKS), "found": found}
        if found:
            raise CommandError(summary)
        self.stdout.write(summary)
