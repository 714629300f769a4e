"""`manage.py watchdog`: for cron or systemd. Says what fails to administrators, without worker, queue or database.

It must not fall with what it watches: every question and every way has a limit, and whatever they raise is news.
"""

import socket
import sys
import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from config import alarming, watchdog
from config.health import TITLES, Check, Grade, status_of

log = structlog.get_logger(__name__)

WELL, FAILING, UNSAID = 0, 1, 2
#: Seconds for all questions together; each has its own limit, but a dead name server has none.
CHECK_SECONDS = 60.0


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # they may ask a database that is dead

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Tells administrators what fails. Exit code 1: something fails; 2: nobody could be told."
        )
        parser.add_argument("--every", type=int, metavar="SECONDS", help=_("go on for ever instead of once"))

    def handle(self, *args: Any, every: int | None, **options: Any) -> None:
        if every is None:
            if code := self._watch(timezone.now()):
                sys.exit(code)
            return
        while True:
            try:
                self._watch(timezone.now())
            except Exception:
                log.exception("the watchdog stumbled and goes on")
            time.sleep(every)

    def _watch(self, now: datetime) -> int:
        """One look; the exit code."""
        file = Path(settings.WATCHDOG_FILE)
        checks, memory = _checks(now), watchdog.remembered(file)
        failing = watchdog.failing_of(checks, _limits())
        news = watchdog.news_of(memory, failing, checks, now=now)
        for name, detail in failing.items():
            self.stderr.write(f"{TITLES.get(name, name)}: {detail}")
        told = self._told(news, failing, memory)
        watchdog.remember(file, watchdog.remembered_after(memory, failing, checks, news=news, told=told, now=now))
        return UNSAID if not told else FAILING if failing else WELL

    def _told(self, news: watchdog.News, failing: watchdog.Failing, memory: watchdog.Memory) -> bool:
        """Also true when there was nothing to tell."""
        if not news or alarming.say(*watchdog.words_of(news, failing, memory, host=socket.gethostname())):
            return True
        self.stderr.write(_("Nobody could be told: WATCHDOG_EMAILS and WATCHDOG_URLS name no way that works."))
        return False


def _checks(now: datetime) -> dict[str, Check]:
    """What health says; one failing check when even that does not come to an end."""

    def asked() -> dict[str, Check]:
        try:
            return status_of(now)
        finally:
            connections.close_all()

    try:
        return alarming.begun(asked).result(CHECK_SECONDS) | {"watch": Check(Grade.OK, "")}
    except TimeoutError:
        return {"watch": Check(Grade.FAILING, _("the checks did not come to an end"))}
    except Exception as error:
        return {"watch": Check(Grade.FAILING, _("could not be checked: %(error)s") % {"error": type(error).__name__})}


def _limits() -> dict[str, timedelta]:
    silence = timedelta(seconds=settings.WATCHDOG_SILENCE)
    return {
        "sweep": timedelta(seconds=settings.WATCHDOG_LAG),
        "beat": silence,
        "worker": silence,
        "courier": silence,
        "outbox": timedelta(seconds=settings.WATCHDOG_UNDELIVERED),
        "reconciliation": timedelta(hours=settings.WATCHDOG_RECONCILED),
    }
