"""The policy and calendar versions, parsed. Versions are immutable, so what was parsed once stays true."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection
from django.utils.translation import gettext_lazy as _

from cases.calendar import WorkCalendar
from cases.errors import NotReady
from cases.limits import PolicyRules
from cases.models import CalendarVersion, PolicyVersion
from cases.oversight import Oversight


@dataclass(frozen=True, slots=True)
class CalendarInForce:
    version_id: int
    calendar: WorkCalendar


#: Asked by everything that starts a clock, so written once and not by the ORM each time.
POLICY_IN_FORCE = """
SELECT id, number FROM cases_policyversion WHERE valid_from <= %s ORDER BY valid_from DESC, number DESC LIMIT 1
"""
CALENDAR_IN_FORCE = "SELECT id FROM cases_calendarversion ORDER BY number DESC LIMIT 1"


def policy_in_force(now: datetime) -> PolicyVersion:
    """The newest policy version that is valid at `now`. NotReady when none was ever published."""
    version_id = _id_of(POLICY_IN_FORCE, now)
    if version_id is None:
        raise NotReady(_("No policy is in force yet: an administrator must publish one."))
    return policy_of(version_id)


def number_in_force(now: datetime) -> int | None:
    """Of the policy version that is valid at `now`; None where none is."""
    row = _first(POLICY_IN_FORCE, now)
    return row[1] if row else None


@lru_cache(maxsize=64)
def policy_of(policy_id: int) -> PolicyVersion:
    return PolicyVersion.objects.get(pk=policy_id)


@lru_cache(maxsize=64)
def rules_of(policy_id: int) -> PolicyRules:
    return PolicyRules.parse(policy_of(policy_id).rules)


def oversight_in_force(now: datetime) -> Oversight:
    """The numbers of the rules about departments and meetings."""
    return oversight_of(policy_in_force(now).pk)


@lru_cache(maxsize=16)
def oversight_of(policy_id: int) -> Oversight:
    return Oversight.of(policy_of(policy_id).rules)


def calendar_in_force() -> CalendarInForce:
    """The newest calendar version. NotReady when none was ever published."""
    version_id = _id_of(CALENDAR_IN_FORCE)
    if version_id is None:
        raise NotReady(_("No work calendar is in force yet: an administrator must publish one."))
    return CalendarInForce(version_id, calendar_of(version_id))


def _id_of(statement: str, *given: datetime) -> int | None:
    row = _first(statement, *given)
    return row[0] if row else None


def _first(statement: str, *given: datetime) -> tuple[int, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        row: tuple[int, ...] | None = cursor.fetchone()
    return row


@lru_cache(maxsize=16)
def calendar_of(version_id: int) -> WorkCalendar:
    return WorkCalendar.parse(CalendarVersion.objects.values_list("days", flat=True).get(pk=version_id))
