"""`manage.py prepare_demo`: what a demo needs before its page opens, in one process: each start costs a second."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Apply the migrations and load the seeds of the demo; does nothing twice."
    requires_system_checks: list[str] = []  # the commands that are called make their own

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        call_command("load_seeds", demo=True, stdout=self.stdout)
