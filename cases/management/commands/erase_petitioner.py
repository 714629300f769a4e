"""Erases a petitioner: `manage.py erase_petitioner NUMBER --reason TEXT` (docs/privacy.md)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.erasure import Erased, erase_petitioner
from cases.errors import CaseError


class Command(BaseCommand):
    help = gettext_lazy(  # type: ignore[assignment]  # the stubs know no lazy help
        "Erases everything that says who raised a case. Running it again takes what was left, or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help=_("the number of the case"))
        parser.add_argument(
            "--reason", required=True, metavar="TEXT", help=_("who asked for it and when, without personal data")
        )

    def handle(self, *args: Any, number: str, reason: str, **options: Any) -> None:
        try:
            erased = erase_petitioner(number=number, reason=reason, now=timezone.now())
        except CaseError as error:
            raise CommandError(str(error)) from error
        self._report(number, erased)

    def _report(self, number: str, erased: Erased) -> None:
        if not erased.anything:
            self.stdout.write(_("%(number)s: nothing was left to erase.") % {"number": number})
        else:
            self.stdout.write(
                _("%(number)s: %(petitioners)d people, %(texts)d texts, %(messages)d messages, %(files)d files erased.")
                % {
                    "number": number,
                    "petitioners": erased.petitioners,
                    "texts": erased.texts,
                    "messages": erased.messages,
                    "files": erased.files,
                }
            )
        if erased.matter_kept:
            self.stdout.write(_("The case is open and keeps its matter: run this again when it has ended."))
