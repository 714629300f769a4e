"""`manage.py watchdog`: for cron or systemd. Says what fails to administrators, without worker, queue or database."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.health import Grade, status_of
from config.watchdog import News, Said, news_of, remember, remembered, say, words_of

FAILING, UNSAID = 1, 2


class Command(BaseCommand):
    help = "Check everything that deadlines depend on; exit code 1 when something fails, 2 when nobody could be told."
    requires_system_checks: list[str] = []  # they may ask a database that is dead

    def handle(self, *args: Any, **options: Any) -> None:
        now, file = timezone.now(), Path(settings.WATCHDOG_FILE)
        checks = status_of(now)
        failing = {name: check.detail for name, check in checks.items() if check.grade is Grade.FAILING}
        for name, detail in failing.items():
            self.stderr.write(f"{name}: {detail}")
        news = news_of(remembered(file), failing, now=now)
        if news is not None and not self._told(news, failing):
            sys.exit(UNSAID)
        if news is not None:
            remember(file, Said(tuple(sorted(failing)), now.isoformat()) if failing else Said())
        if failing:
            sys.exit(FAILING)

    def _told(self, news: News, failing: dict[str, str]) -> bool:
        if say(*words_of(news, failing)):
            return True
        self.stderr.write("nobody could be told: WATCHDOG_EMAILS and WATCHDOG_URLS name no way that works")
        return False
