"""Whether the process lives, is ready for traffic, and keeps its time (api.md, "Operations").

`/healthz` asks nobody. `/readyz` asks the database. `/statusz` asks everything that deadlines depend on; every
question has a time limit, so that a dead Redis is reported instead of waited for.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial
from threading import Event

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import pulse
from cases.calendar import ZONE
from cases.coverage import missing_year
from cases.errors import NotReady
from cases.escalation import oldest_unfired
from cases.figures import last_reconciliation
from cases.models import Clock, SweepDay
from cases.selectors import calendar_in_force
from cases.versions import policy_in_force
from config.asking import in_time
from notifications.figures import dead_count, oldest_undelivered
from notifications.pulse import last_courier

#: Sweep intervals without a sign of life, or behind the oldest moment: fewer are fine, more are failing.
LATE_INTERVALS, DEAD_INTERVALS = 2, 4
#: A row that the sweep set aside is an operator's work; one that was set aside for so long was overlooked.
HELD_TOO_LONG = timedelta(hours=1)
#: A message that may go is sent within seconds; channels with a rate take their minutes.
UNDELIVERED_LATE, UNDELIVERED_DEAD = timedelta(minutes=10), timedelta(hours=1)
#: The night's reconciliation, with two hours to spare.
RECONCILED_LATE = timedelta(hours=26)

_APPLIED = Event()


class Grade(IntEnum):
    OK = 0
    WARNING = 1
    FAILING = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Check:
    grade: Grade
    detail: str


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    return _answer({"process": Check(Grade.OK, "lives")})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    return _answer({"database": _asked(_database, in_time), "migrations": _asked(_migrations, in_time)})


@require_safe
def statusz(_request: HttpRequest) -> JsonResponse:
    return _answer(status_of(timezone.now()))  # noqa: TID251 — a door


def status_of(now: datetime) -> dict[str, Check]:
    """Every check by its name. Where Redis or the database is dead, what depends on it is not asked."""
    checks = {"database": _asked(_database, in_time), "redis": _asked(_redis)}
    if checks["redis"].grade is Grade.OK:
        checks |= {
            "beat": _asked(lambda: _sign_of_life("beat", pulse.last_beat(), now)),
            "worker": _asked(lambda: _sign_of_life("worker", pulse.last_worker(), now)),
            "courier": _asked(lambda: _sign_of_life("courier", last_courier(), now)),
        }
    if checks["database"].grade is Grade.OK:
        checks |= {name: _asked(partial(question, now), in_time) for name, question in _OF_THE_DATABASE.items()}
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
        return Check(Grade.FAILING, f"does not answer: {type(error).__name__}")


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(Grade.OK, "answers")


def _migrations() -> Check:
    missing = unapplied()
    if missing:
        return Check(Grade.FAILING, f"not applied: {', '.join(missing)}")
    return Check(Grade.OK, "applied")


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
    return Check(Grade.OK, "answers")


def _sign_of_life(name: str, last: datetime | None, now: datetime) -> Check:
    if last is None:
        return Check(Grade.FAILING, f"no {name} gave a sign of life yet")
    return Check(_by_age(now - last), f"last sign of life {_ago(now - last)}")


def _sweep(now: datetime) -> Check:
    oldest = oldest_unfired(now)
    if oldest is None:
        return Check(Grade.OK, "nothing is due")
    return Check(_by_age(now - oldest), f"the oldest moment that was not worked on is {_ago(now - oldest)}")


def _held(now: datetime) -> Check:
    held = Clock.objects.running().exclude(held_until=None).order_by("next_moment")
    moments = list(held.values_list("next_moment", flat=True)[:100])
    if not moments:
        return Check(Grade.OK, "none")
    age = now - min((moment for moment in moments if moment is not None), default=now)
    count = f"{len(moments)}" if len(moments) < 100 else "100 or more"
    detail = f"{count} set aside by the sweep; the oldest moment among them is {_ago(age)}"
    return Check(Grade.FAILING if age > HELD_TOO_LONG else Grade.WARNING, detail)


def _outbox(now: datetime) -> Check:
    """News that could be on its way and is not; what is spared after a failure shows as a dead letter in the end."""
    oldest = oldest_undelivered(now=now)
    if oldest is None:
        return Check(Grade.OK, "nothing waits")
    age = now - oldest
    grade = Grade.OK if age <= UNDELIVERED_LATE else Grade.WARNING if age <= UNDELIVERED_DEAD else Grade.FAILING
    return Check(grade, f"the oldest message that may go waits since {_ago(age)}")


def _dead_letters(_now: datetime) -> Check:
    count = dead_count()
    return Check(Grade.WARNING, f"{count} could not be delivered") if count else Check(Grade.OK, "none")


def _reconciliation(now: datetime) -> Check:
    """Missing it is a warning: it proves and repairs, and no deadline waits for it."""
    last = last_reconciliation()
    if last is None or last.finished_at is None:
        overdue = SweepDay.objects.filter(day__lt=now.astimezone(ZONE).date()).exists()
        return Check(Grade.WARNING if overdue else Grade.OK, "none has come to its end yet")
    age = now - last.finished_at
    detail = f"{last.total_found} discrepancies found, {last.left} left, {_ago(age)}"
    return Check(Grade.WARNING if last.left or age > RECONCILED_LATE else Grade.OK, detail)


def _policy(now: datetime) -> Check:
    try:
        version = policy_in_force(now)
    except NotReady:
        return Check(Grade.FAILING, "no policy is in force: publish one")
    return Check(Grade.OK, f"version {version.number} is in force")


def _calendar(now: datetime) -> Check:
    """Official days must be known for as far as limits reach; beyond them weekends count and nothing fails."""
    calendar = calendar_in_force()
    if calendar is None:
        return Check(Grade.FAILING, "no work calendar is in force: publish one")
    missing = missing_year(now)
    if missing is not None:
        return Check(Grade.WARNING, f"the official days of {missing} are missing; limits reach into that year")
    return Check(Grade.OK, "known for as far as limits reach")


_OF_THE_DATABASE: dict[str, Callable[[datetime], Check]] = {
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


def _ago(age: timedelta) -> str:
    return f"{max(int(age.total_seconds()), 0)} s ago"
