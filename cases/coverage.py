"""Whether the official days are known for as far as limits reach (domain.md, Time)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cases.errors import NotReady
from cases.limits import PolicyRules
from cases.versions import calendar_in_force, calendar_of, policy_in_force, rules_of


def missing_year(now: datetime) -> int | None:
    """The first year whose official days are missing while limits reach into it. NotReady without a calendar."""
    try:
        policy_id = policy_in_force(now).pk
    except NotReady:
        policy_id = None
    return missing_in(calendar_in_force().version_id, policy_id, now=now)


def missing_in(calendar_id: int, policy_id: int | None, *, now: datetime) -> int | None:
    """The same for these versions; without a policy no limit reaches anywhere."""
    reach = timedelta() if policy_id is None else reach_of(rules_of(policy_id))
    return calendar_of(calendar_id).missing_year(now, now + reach)


def reach_of(rules: PolicyRules) -> timedelta:
    """How far the longest limit reaches at most: twice its days, for weekends and holidays between."""
    hours: Iterable[float] = (
        float(cell.limit.least_natural_hours()) for cells in rules.types.values() for cell in cells.values()
    )
    return timedelta(hours=2 * max(hours, default=0.0))
