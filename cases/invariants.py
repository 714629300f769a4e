"""What must hold of every database at every moment; checked by the state machine test and `manage.py check_invariants`.

The laws that one statement can check stand in `cases.laws`; chains, own time and sealed cases are checked here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from cases import journal
from cases.access import visible_to
from cases.keeping import keepers_of
from cases.laws import LAWS
from cases.models import Case, Clock
from cases.receipt import Reckoning
from cases.receipts import course_of, differences, with_course
from cases.schedule import own_time
from cases.terms import LATE_AFTER
from cases.versions import calendar_of
from grids.actors import actor_for
from grids.models import User

#: Everything that is due longer than this must have been raised.
LAG = LATE_AFTER
CHUNK = 500  # clocks that are read at a time


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: which law, which case, and what was found."""

    law: str
    number: str
    facts: str


def violations(*, now: datetime, lag: timedelta = LAG, seals: bool = True) -> Iterator[Violation]:
    """Everything that breaks a law at `now`, one law after the other.

    `lag`: how long what was due may have waited. `seals`: also ask on behalf of every user for the sealed cases.
    """
    for law, statement in LAWS.items():
        with connection.cursor() as cursor:
            cursor.execute(statement, {"until": now - lag, "cases": None})
            for number, facts, *_ids in cursor.fetchall():
                yield Violation(law, number, str(facts))
    for law, check in CHECKS.items():
        if check is _open_seals and not seals:
            continue
        for number, facts in check(now):
            yield Violation(law, number, facts)


Findings = Iterator[tuple[str, str]]


def _broken_chains(_now: datetime) -> Findings:
    for _, broken in journal.verify_all():
        if broken is not None:
            yield broken.number, f"{broken.seq} {broken.why}"


def _wrong_courses(_now: datetime) -> Findings:
    """Clocks whose stored moments are not what their receipt adds up to, or whose own time is not its segments."""
    after = 0
    while chunk := list(with_course(Clock.objects.filter(pk__gt=after)).order_by("pk")[:CHUNK]):
        for clock in chunk:
            wrong = [f"{found.field} {found.stored} {found.reckoned}" for found in differences(clock)]
            if not wrong and (course := course_of(clock)) is not None and _own(clock, course) != _added_up(course):
                wrong = [f"own time {_own(clock, course)} {_added_up(course)}"]
            yield from ((clock.case.number, f"{clock.kind} {facts}") for facts in wrong)
        after = chunk[-1].pk


def _own(clock: Clock, course: Reckoning) -> timedelta:
    """From the start to the exact due time by the calendar's sums, the pauses before it taken out."""
    calendar, due = calendar_of(clock.calendar_id), course.rolled_from or course.moments.due
    lost = (own_time(p.start, min(p.end, due), course.unit, calendar) for p in course.pauses if p.start < due)
    return own_time(clock.started_at, due, course.unit, calendar) - sum(lost, timedelta())


def _added_up(course: Reckoning) -> timedelta:
    return sum((segment.counted for segment in course.segments), timedelta())


def _open_seals(now: datetime) -> Findings:
    """Sealed cases that somebody else than their keepers would get from a list: two queries for every user."""
    sealed = Case.objects.filter(sealed=True)
    kept = {case.pk: {holder.user_id for holder in keepers_of(case, now=now)} for case in sealed}
    users = User.objects.filter(is_active=True, posts__isnull=False).distinct().order_by("pk")
    for user in users if kept else ():
        for case in visible_to(actor_for(user, now=now)).filter(sealed=True):
            if user.pk not in kept.get(case.pk, set()):
                yield case.number, user.username


CHECKS: dict[str, Callable[[datetime], Findings]] = {
    "chains are unbroken": _broken_chains,
    "the own time of a clock is the sum of its segments": _wrong_courses,
    "a sealed case is seen by its keepers alone": _open_seals,
}
