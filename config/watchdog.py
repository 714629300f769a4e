"""Watching from outside the worker: what fails is said to administrators directly (docs/operations.md, "The watchdog").

It asks what /statusz asks, needs neither worker nor queue, and says its news over SMTP and apprise itself. What it said
last stands in a small file beside the data: one that is lost or broken only means one more alarm.
"""

import json
import os
import secrets
import smtplib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

log = structlog.get_logger(__name__)

REPEATED = timedelta(hours=1)
TIMEOUT = 10  # seconds for each way of saying it


class News(StrEnum):
    BEGUN = "begun"
    LASTS = "lasts"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Said:
    """What administrators were told last: what fails, and when they were told. Nothing fails: nothing is remembered."""

    failing: tuple[str, ...] = ()
    at: str = ""


def news_of(said: Said, failing: Collection[str], *, now: datetime) -> News | None:
    """What to say: when something begins to fail, again each hour while it lasts, and once when all is well again."""
    if not failing:
        return News.OVER if said.failing else None
    if set(failing) - set(said.failing):
        return News.BEGUN
    return News.LASTS if not said.at or abs(now - datetime.fromisoformat(said.at)) >= REPEATED else None


def remembered(file: Path) -> Said:
    """What the file says; nothing when it is not there or cannot be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        said = Said(tuple(map(str, found["failing"])), str(found["at"]))
        datetime.fromisoformat(said.at)
    except (OSError, ValueError, KeyError, TypeError):
        return Said()
    return said


def remember(file: Path, said: Said) -> None:
    """Written beside and renamed, so that a reader finds the old or the new one."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(json.dumps(asdict(said)), encoding="utf-8")
        os.replace(fresh, file)
    except OSError as error:
        log.warning("the watchdog cannot remember what it said", error=type(error).__name__)


def words_of(news: News, failing: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text, in both languages: whoever is woken by it reads one of them. No personal data."""
    if news is News.OVER:
        return "Whistle 恢复正常 · all is well again", "所有检查均已恢复。\nEvery check is well again."
    names = ", ".join(sorted(failing))
    subject = f"Whistle 异常 · failing: {names}"
    lines = [f"{name}: {detail}" for name, detail in sorted(failing.items())]
    return subject, "\n".join(["以下检查失败，请立即处理：", "These checks fail:", "", *lines])


def say(subject: str, body: str) -> bool:
    """Over every way that is configured; whether one of them took it."""
    took = [_mail(subject, body, settings.WATCHDOG_EMAILS)] if settings.WATCHDOG_EMAILS else []
    took += [_notify(subject, body, url) for url in settings.WATCHDOG_URLS]
    return any(took)


def _mail(subject: str, body: str, people: Sequence[str]) -> bool:
    backend = EmailBackend(timeout=TIMEOUT)
    try:
        return EmailMessage(subject, body, to=list(people), connection=backend).send() > 0
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the watchdog's mail was not taken", error=type(error).__name__)
        return False


def _notify(subject: str, body: str, url: str) -> bool:
    """`url` in apprise's spelling; its scheme alone may be named in the log, the rest is a key."""
    apprise = import_module("apprise")
    waits = f"{'&' if '?' in url else '?'}cto={TIMEOUT}&rto={TIMEOUT}"
    robot = apprise.Apprise.instantiate(url + waits)
    took = bool(robot and robot.notify(title=subject, body=body))
    if not took:
        log.warning("the watchdog's notice was not taken", scheme=url.partition(":")[0])
    return took
