"""`manage.py load_seeds [--demo]`: 寿宁's reference data, and with --demo its accounts and cases."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cases.calendar import ZONE
from seeds.accounts import load_accounts
from seeds.demo import load_demo_cases
from seeds.reference import load_reference

#: Old enough for every case that a demo or an import brings.
POLICY_SINCE = datetime(2000, 1, 1, tzinfo=ZONE)


class Command(BaseCommand):
    help = "Load 寿宁's areas, departments, categories, policy and calendar; with --demo also accounts and cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also the demo's accounts and cases (demo mode only)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"] and settings.MODE == "production":
            msg = "Demo accounts have a known password and are not loaded in production mode."
            raise CommandError(msg)
        with transaction.atomic():
            load_reference(valid_from=POLICY_SINCE, now=timezone.now())
        self.stdout.write("Reference data of 寿宁 is loaded.")
        if options["demo"]:
            with transaction.atomic():
                load_accounts()
            count = load_demo_cases(clock=timezone.now, progress=lambda text: self.stdout.write(f"demo cases {text}"))
            self.stdout.write(f"Demo: {count} new cases.")
