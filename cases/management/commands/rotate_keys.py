"""Re-encrypts petitioners' fields with the newest key: `manage.py rotate_keys [--batch N]` (docs/privacy.md)."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.rotation import rotate

UNREADABLE_SHOWN = 20


class Command(BaseCommand):
    help = gettext_lazy(  # type: ignore[assignment]  # the stubs know no lazy help
        "Writes everything encrypted anew with the newest key. A run that was cut off is simply started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=500, metavar="N", help=_("rows in one transaction"))

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError(_("A batch has at least one row."))
        checked: Counter[str] = Counter()
        rewritten: Counter[str] = Counter()
        unreadable: list[str] = []
        for done in rotate(size=batch):
            checked[done.column] += done.checked
            rewritten[done.column] += done.rewritten
            unreadable += [f"{done.column} {pk}" for pk in done.unreadable]
        for column in checked:
            self.stdout.write(
                _("%(column)s: %(checked)d checked, %(rewritten)d written anew")
                % {"column": column, "checked": checked[column], "rewritten": rewritten[column]}
            )
        if unreadable:
            shown = ", ".join(unreadable[:UNREADABLE_SHOWN])
            message = _("%(count)d values can be read with none of FIELD_KEYS and were left as they are: %(rows)s")
            raise CommandError(message % {"count": len(unreadable), "rows": shown})
