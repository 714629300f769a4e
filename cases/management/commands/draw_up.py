"""Draws up the list of a dispatch meeting for today: `manage.py draw_up weekly|monthly`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.meetings import draw_up
from cases.terms import MeetingKind


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Draws up today's list of a dispatch meeting; a second run finds the one that is there.")
        parser.add_argument("kind", choices=[kind.value for kind in MeetingKind])

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        now = timezone.now()
        drawn = draw_up(MeetingKind(kind), now=now, county=settings.COUNTY_CODE)
        new = "drawn up" if drawn.drawn_up_at == now else "was there"
        # Read by scripts: the same in every language.
        self.stdout.write(f"{kind} {drawn.day:%Y-%m-%d}: {drawn.items.count()} items, {new}")
