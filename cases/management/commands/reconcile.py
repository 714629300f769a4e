"""`manage.py reconcile`: compares what every clock owes with what was recorded, repairs, and says what it found."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.labels import DISCREPANCY
from cases.models import Reconciliation
from cases.reconciling import BATCH, begin, carry_on
from cases.terms import Discrepancy


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Compares clocks with alerts and journal, repairs what it can; exit code 1 if not all.")
        parser.add_argument("--size", type=int, default=BATCH, help=_("cases in one transaction"))

    def handle(self, *args: Any, size: int, **options: Any) -> None:
        run = carry_on(begin(now=timezone.now()), ticks=_now(), size=size)
        for detail in run.details:
            self.stdout.write(line(detail))
        self.stdout.write(report(run))
        if run.left:
            sys.exit(1)


def line(detail: dict[str, Any]) -> str:
    words = DISCREPANCY[Discrepancy(detail["kind"])]
    done = _("repaired") if detail["repaired"] else _("left")
    return f"{words}: case {detail['case']} clock {detail['clock']} {detail['facts']}: {done}"


def report(run: Reconciliation) -> str:
    """What a run did, in one sentence."""
    return _(
        "%(clocks)d clocks of %(cases)d cases looked at; %(found)d discrepancies found, %(repaired)d repaired, "
        "%(left)d left."
    ) % {
        "clocks": run.clocks,
        "cases": run.cases,
        "found": run.total_found,
        "repaired": run.total_repaired,
        "left": run.left,
    }


def _now() -> Iterator[datetime]:
    while True:
        yield timezone.now()
