"""Watching from outside: what to say to administrators, and when (docs/operations.md, "The watchdog").

It speaks once when something begins to fail, again each hour while it lasts, and once when it is over. What it said
stands in a small file: one that is lost or broken only means one more alarm.
"""

import json
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.utils.translation import gettext as _

from cases.calendar import ZONE
from config.health import TITLES, Check, Grade

log = structlog.get_logger(__name__)

REPEATED = timedelta(hours=1)

#: What fails, by the name of its check.
Failing = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """Since when something fails, and when administrators were told of it last; None: nobody could be told yet."""

    since: datetime
    told: datetime | None = None


Memory = dict[str, Known]


@dataclass(frozen=True, slots=True)
class News:
    """What is to be said now, by the names of the checks."""

    begun: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.lasting or self.over)


def failing_of(checks: Mapping[str, Check], limits: Mapping[str, timedelta]) -> dict[str, str]:
    """What is an alarm: an age beyond the limit of its check; without a limit or an age, whatever fails."""
    found = {}
    for name, check in checks.items():
        limit = limits.get(name)
        beyond = check.age > limit if limit is not None and check.age is not None else check.grade is Grade.FAILING
        if beyond:
            found[name] = check.detail
    return found


def news_of(memory: Memory, failing: Collection[str], asked: Collection[str], *, now: datetime) -> News:
    """What could not be asked (the beat of a dead Redis) is not over. A clock that stepped back silences nobody."""
    begun, lasting = [], []
    for name in sorted(failing):
        told = memory[name].told if name in memory else None
        if told is None:
            begun.append(name)
        elif abs(now - told) >= REPEATED:
            lasting.append(name)
    over = [name for name in sorted(memory) if name in asked and name not in failing and memory[name].told]
    return News(tuple(begun), tuple(lasting), tuple(over))


def remembered_after(
    memory: Memory, failing: Collection[str], asked: Collection[str], *, news: News, told: bool, now: datetime
) -> Memory:
    """What to remember when the news were told, or could not be: then they are news again at the next run."""
    fresh = {}
    for name in failing:
        before = memory.get(name, Known(now))
        heard = told and name in (*news.begun, *news.lasting)
        fresh[name] = Known(before.since, now if heard else before.told)
    kept = {name for name in memory if name not in asked} | (set() if told else set(news.over))
    return fresh | {name: memory[name] for name in kept if name not in fresh}


def words_of(news: News, failing: Failing, memory: Memory, *, host: str) -> tuple[str, str]:
    """Subject and text. No personal data: names of parts, ages, counts."""
    lines = [_("%(part)s: %(detail)s") % {"part": _title(name), "detail": detail} for name, detail in failing.items()]
    over = [_("%(part)s is well again.") % {"part": _title(name)} for name in news.over]
    lasting = [
        _("%(part)s has failed since %(moment)s.")
        % {"part": _title(name), "moment": f"{memory[name].since.astimezone(ZONE):%Y-%m-%d %H:%M}"}
        for name in news.lasting
    ]
    if failing:
        parts = ", ".join(_title(name) for name in failing)
        subject = _("Whistle on %(host)s fails: %(parts)s") % {"host": host, "parts": parts}
    else:
        subject = _("Whistle on %(host)s is well again") % {"host": host}
    return subject, "\n".join([*over, *lines, *lasting])


def _title(name: str) -> str:
    return str(TITLES.get(name, name))


# Its memory


def remembered(file: Path) -> Memory:
    """What the file says; nothing when it is not there or cannot be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): Known(_moment(entry["since"]), _told(entry)) for name, entry in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def remember(file: Path, memory: Memory) -> None:
    """Written beside and renamed, so that a reader finds the old or the new one."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    entries = {
        name: {"since": known.since.isoformat(), "told": known.told.isoformat() if known.told else None}
        for name, known in memory.items()
    }
    try:
        fresh.write_text(json.dumps(entries), encoding="utf-8")
        os.replace(fresh, file)
    except OSError as error:
        log.warning("the watchdog cannot remember what it said", error=type(error).__name__)


def _told(entry: Mapping[str, Any]) -> datetime | None:
    return None if entry["told"] is None else _moment(entry["told"])


def _moment(text: str) -> datetime:
    """ValueError for a time without its zone: it could not be compared."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "no zone"
        raise ValueError(msg)
    return moment
