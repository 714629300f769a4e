"""Prints the loop's diagram and table, or puts them into docs/workflow.md: `manage.py workflow_docs [--write]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy

from cases.diagram import generated, inserted


class Command(BaseCommand):
    help = gettext_lazy("Prints the state diagram and the table of the loop as Markdown.")  # type: ignore[assignment]  # the stubs know no lazy help
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help=str(gettext_lazy("renew docs/workflow.md")))

    def handle(self, *args: Any, write: bool, **options: Any) -> None:
        if not write:
            self.stdout.write(generated())
            return
        page = Path(settings.BASE_DIR) / "docs" / "workflow.md"
        page.write_text(inserted(page.read_text(encoding="utf-8")), encoding="utf-8")
