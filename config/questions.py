"""What health and the engine's page want to know of the database: each a few probes of an index (`config.asking`)."""

from datetime import datetime

from cases import figures
from cases.calendar import ZONE
from cases.escalation import unfired
from cases.models import Clock, Reconciliation, SweepDay
from cases.versions import CALENDAR_IN_FORCE, POLICY_IN_FORCE
from config.asking import Question
from notifications import figures as outbox

#: Clocks set aside that are looked at; more are said as "more than".
HELD_COUNTED = 100
_TODAY = ("clocks", "blue", "yellow", "red", "held", "batches", "lag")
_RECONCILED = ("id", "finished_at", "cases", "clocks", "found", "repaired")


def of_health(now: datetime) -> dict[str, Question]:
    held = Clock.objects.running().exclude(held_until=None).order_by("held_until")
    return {
        "database": ("SELECT 1", ()),
        "oldest_unfired": unfired(now).order_by("next_moment").values("next_moment")[:1],
        "held": held.values("next_moment")[:HELD_COUNTED],
        "undecided": outbox.undecided().values("created_at")[:1],
        "ready": outbox.ready(now),
        "dead": outbox.dead(),
        "reconciled": figures.reconciled().values(*_RECONCILED),
        "first_day": SweepDay.objects.order_by("day").values("day")[:1],
        "policy": (POLICY_IN_FORCE, (now,)),
        "calendar": (CALENDAR_IN_FORCE, ()),
    }


def of_the_page(now: datetime) -> dict[str, Question]:
    """What the page shows beside the checks."""
    return {
        "today": SweepDay.objects.filter(day=now.astimezone(ZONE).date()).values(*_TODAY),
        "hours": figures.runs_by_hour(now=now),
        "waiting": outbox.waiting(),
        "sending": outbox.sending(),
        "under_way": Reconciliation.objects.filter(finished_at=None).values("cases")[:1],
    }
