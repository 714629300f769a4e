"""Whether the process lives, is ready for traffic, and keeps its time (api.md, "Operations").

`/healthz` asks nobody. `/readyz` asks the database. `/statusz` asks everything that deadlines depend on; every
question has a time limit, so that a dead Redis is reported instead of waited for. What the database says is asked in
one statement and judged here; where that fails, each question is asked alone (`config.asking`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import partial, wraps
from threading import Event

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from cases import pulse
from cases.calendar import ZONE
from cases.coverage import missing_in
from cases.models import Reconciliation
from config.asking import Answers, ask, in_time
from config.questions import HELD_COUNTED, of_health
from notifications.figures import in_words
from notifications.pulse import last_courier

#: Sweep intervals without a sign of life, or behind the oldest moment: fewer are fine, more are failing.
LATE_INTERVALS, DEAD_INTERVALS = 2, 4
#: A row that the sweep set aside is an operator's work; one that was set aside for so long was overlooked.
HELD_TOO_LONG = timedelta(hours=1)
#: A message that may go is sent within seconds; channels with a rate take their minutes.
UNDELIVERED_LATE, UNDELIVERED_DEAD = timedelta(minutes=10), timedelta(hours=1)
#: The night's reconciliation, with two hours to spare.
RECONCILED_LATE = timedelta(hours=26)

log = structlog.get_logger(__name__)

_APPLIED = Event()

#: What people call the checks.
TITLES = {
    "database": gettext_lazy("Database"),
    "redis": gettext_lazy("Redis"),
    "beat": gettext_lazy("Beat"),
    "worker": gettext_lazy("Worker"),
    "courier": gettext_lazy("Courier"),
    "sweep": gettext_lazy("Sweep"),
    "held_rows": gettext_lazy("Clocks set aside"),
    "outbox": gettext_lazy("Outbox"),
    "dead_letters": gettext_lazy("Dead letters"),
    "reconciliation": gettext_lazy("Reconciliation"),
    "policy": gettext_lazy("Limits"),
    "calendar": gettext_lazy("Official days"),
    "watch": gettext_lazy("Checks"),  # the watchdog's own
}


class Grade(IntEnum):
    OK = 0
    WARNING = 1
    FAILING = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Check:
    """`age`: how long it has been so, where the check is about that; the watchdog has limits of its own for these."""

    grade: Grade
    detail: str
    age: timedelta | None = None


def _in_english(view: Callable[[HttpRequest], JsonResponse]) -> Callable[[HttpRequest], JsonResponse]:
    """Machines and operators read it; whoever asks may prefer another language."""

    @wraps(view)
    def english(request: HttpRequest) -> JsonResponse:
        with override("en"):
            return view(request)

    return english


# Nothing here changes anything: another method is the wrong method (405), not a forged form (403).
@csrf_exempt
@require_safe
@_in_english
def healthz(_request: HttpRequest) -> JsonResponse:
    return _answer({"process": Check(Grade.OK, _("lives"))})


@csrf_exempt
@require_safe
@_in_english
def readyz(_request: HttpRequest) -> JsonResponse:
    return _answer({"database": _asked(_database, in_time), "migrations": _asked(_migrations, in_time)})


@csrf_exempt
@require_safe
@_in_english
def statusz(_request: HttpRequest) -> JsonResponse:
    return _answer(status_of(timezone.now()))  # noqa: TID251 — a door


def status_of(now: datetime) -> dict[str, Check]:
    """In the language of the moment: the engine's page shows the same sentences that operators read in English.

    Every check by its name. Where Redis or the database is dead, what depends on it is not asked.
    """
    return checked(ask(of_health(now)), now)


def checked(answers: Answers, now: datetime) -> dict[str, Check]:
    """What the answers to `of_health` say; Redis is asked here."""
    checks = {"database": _asked(partial(_answers, answers)), "redis": _asked(_redis)}
    if checks["redis"].grade is Grade.OK:
        checks |= {
            "beat": _asked(lambda: _sign_of_life(pulse.last_beat(), now)),
            "worker": _asked(lambda: _sign_of_life(pulse.last_worker(), now)),
            "courier": _asked(lambda: _sign_of_life(last_courier(), now)),
        }
    if checks["database"].grade is Grade.OK:
        checks |= {name: _asked(partial(check, answers, now)) for name, check in _OF_THE_DATABASE.items()}
    return checks


def _answer(checks: dict[str, Check]) -> JsonResponse:
    worst = max(check.grade for check in checks.values())
    told = {name: {"status": check.grade.word, "detail": check.detail} for name, check in checks.items()}
    response = JsonResponse({"status": worst.word, "checks": told}, status=503 if worst is Grade.FAILING else 200)
    response["Cache-Control"] = "no-store"
    return response


def _asked(question: Callable[[], Check], limited: Callable[[], AbstractContextManager[None]] = nullcontext) -> Check:
    """The answer, or that none came in time. One dead question does not spoil the next."""
    try:
        with limited():
            return question()
    except (redis.RedisError, DatabaseError, InterfaceError) as error:
        return Check(Grade.FAILING, _("does not answer: %(error)s") % {"error": type(error).__name__})
    except Exception as error:  # whoever watches must not fall with what it watches
        log.exception("a check could not be made")
        return Check(Grade.FAILING, _("could not be checked: %(error)s") % {"error": type(error).__name__})


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(Grade.OK, _("answers"))


def _answers(answers: Answers) -> Check:
    answers.rows("database")
    return Check(Grade.OK, _("answers"))


def _migrations() -> Check:
    missing = unapplied()
    if missing:
        return Check(Grade.FAILING, _("not applied: %(names)s") % {"names": ", ".join(missing)})
    return Check(Grade.OK, _("applied"))


def unapplied() -> tuple[str, ...]:
    """Migrations of this code that the database does not have. Once there are none it stays so for this process."""
    if _APPLIED.is_set():
        return ()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        _APPLIED.set()
    return tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)


def _redis() -> Check:
    pulse.client().ping()
    return Check(Grade.OK, _("answers"))


def _sign_of_life(last: datetime | None, now: datetime) -> Check:
    if last is None:
        return Check(Grade.FAILING, _("gave no sign of life yet"))
    age = now - last
    return Check(_by_age(age), _("last sign of life %(age)s") % {"age": ago(age)}, age)


def _sweep(answers: Answers, now: datetime) -> Check:
    oldest = answers.first("oldest_unfired", "next_moment")
    if oldest is None:
        return Check(Grade.OK, _("nothing is due"))
    age = now - oldest["next_moment"]
    return Check(_by_age(age), _("the oldest moment that was not worked on was %(age)s") % {"age": ago(age)}, age)


def _held(answers: Answers, now: datetime) -> Check:
    held = answers.rows("held", "next_moment")
    if not held:
        return Check(Grade.OK, _("none"))
    age = now - min((row["next_moment"] for row in held if row["next_moment"]), default=now)
    count = f"{len(held)}" if len(held) < HELD_COUNTED else f"{HELD_COUNTED}+"
    words = _("%(count)s set aside by the sweep; the oldest moment among them was %(age)s")
    detail = words % {"count": count, "age": ago(age)}
    return Check(Grade.FAILING if age > HELD_TOO_LONG else Grade.WARNING, detail)


def _outbox(answers: Answers, now: datetime) -> Check:
    """News that could be on its way and is not; what is spared after a failure shows as a dead letter in the end."""
    since = [row["created_at"] for row in answers.rows("undecided", "created_at")]
    since += [row["since"] for row in answers.rows("ready", "since")]
    if not since:
        return Check(Grade.OK, _("nothing waits"))
    age = now - min(since)
    grade = Grade.OK if age <= UNDELIVERED_LATE else Grade.WARNING if age <= UNDELIVERED_DEAD else Grade.FAILING
    return Check(grade, _("the oldest message that may go could have gone %(age)s") % {"age": ago(age)}, age)


def _dead_letters(answers: Answers, _now: datetime) -> Check:
    count = sum(row["count"] for row in answers.rows("dead"))
    if not count:
        return Check(Grade.OK, _("none"))
    return Check(Grade.WARNING, _("%(count)s could not be delivered") % {"count": in_words(count)})


def _reconciliation(answers: Answers, now: datetime) -> Check:
    """Missing it is a warning: it proves and repairs, and no deadline waits for it."""
    row = answers.first("reconciled", "finished_at")
    if row is None:
        nights = _nights(answers, now)
        return Check(Grade.WARNING if nights else Grade.OK, _("none has come to its end yet"), nights)
    last = Reconciliation(**row)
    age = now - row["finished_at"]
    words = _("%(found)d discrepancies found, %(left)d left, %(age)s")
    detail = words % {"found": last.total_found, "left": last.left, "age": ago(age)}
    return Check(Grade.WARNING if last.left or age > RECONCILED_LATE else Grade.OK, detail, age)


def _nights(answers: Answers, now: datetime) -> timedelta:
    """Since the first day of sweeps."""
    began = answers.first("first_day")
    return now.astimezone(ZONE).date() - date.fromisoformat(began["day"]) if began else timedelta()


def _policy(answers: Answers, _now: datetime) -> Check:
    version = answers.first("policy")
    if version is None:
        return Check(Grade.FAILING, _("no policy is in force: publish one"))
    return Check(Grade.OK, _("version %(number)d is in force") % {"number": version["number"]})


def _calendar(answers: Answers, now: datetime) -> Check:
    """Official days must be known for as far as limits reach; beyond them weekends count and nothing fails."""
    calendar, policy = answers.first("calendar"), answers.first("policy")
    if calendar is None:
        return Check(Grade.FAILING, _("no work calendar is in force: publish one"))
    with in_time():  # a version that this process has not read yet
        missing = missing_in(calendar["id"], policy["id"] if policy else None, now=now)
    if missing is not None:
        words = _("the official days of %(year)d are missing; limits reach into that year")
        return Check(Grade.WARNING, words % {"year": missing})
    return Check(Grade.OK, _("known for as far as limits reach"))


_OF_THE_DATABASE: dict[str, Callable[[Answers, datetime], Check]] = {
    "sweep": _sweep,
    "held_rows": _held,
    "outbox": _outbox,
    "dead_letters": _dead_letters,
    "reconciliation": _reconciliation,
    "policy": _policy,
    "calendar": _calendar,
}


def _by_age(age: timedelta) -> Grade:
    interval = timedelta(seconds=settings.SWEEP_INTERVAL)
    if age <= LATE_INTERVALS * interval:
        return Grade.OK
    return Grade.WARNING if age <= DEAD_INTERVALS * interval else Grade.FAILING


def ago(age: timedelta) -> str:
    """In the largest unit of which there are two."""
    seconds = max(int(age.total_seconds()), 0)
    if seconds < 2 * 60:
        return ngettext("%(count)d second ago", "%(count)d seconds ago", seconds) % {"count": seconds}
    if seconds < 2 * 3600:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", seconds // 60) % {"count": seconds // 60}
    if seconds < 48 * 3600:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", seconds // 3600) % {"count": seconds // 3600}
    days = seconds // 86400
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
