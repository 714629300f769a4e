"""The policy and calendar versions, parsed. Versions are immutable, so what was parsed once stays true."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

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


def policy_in_force(now: datetime) -> PolicyVersion:
    """The newest policy version that is valid at `now`. NotReady when none was ever published."""
    version = PolicyVersion.objects.filter(valid_from__lte=now).order_by("-valid_from", "-number").first()
    if version is None:
        raise NotReady(_("No policy is in force yet: an administrator must publish one."))
    return version


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
    version_id = CalendarVersion.objects.order_by("-number").values_list("pk", flat=True).first()
    if version_id is None:
        raise NotReady(_("No work calendar is in force yet: an administrator must publish one."))
    return CalendarInForce(version_id, calendar_of(version_id))


@lru_cache(maxsize=16)
def calendar_of(version_id: int) -> WorkCalendar:
    return WorkCalendar.parse(CalendarVersion.objects.values_list("days", flat=True).get(pk=version_id))
