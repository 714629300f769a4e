"""Removes files that nobody used: `manage.py clean_uploads` (docs/attachments.md). The beat does it every hour."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.attaching import clean_uploads


class Command(BaseCommand):
    help = gettext_lazy("Removes files that no case used within a day.")  # type: ignore[assignment]  # the stubs know no lazy help

    def handle(self, *args: Any, **options: Any) -> None:
        cleaned = clean_uploads(now=timezone.now())
        self.stdout.write(
            _("%(unused)d unused uploads and %(strays)d files without a row were removed.")
            % {"unused": cleaned.unused, "strays": cleaned.strays}
        )
