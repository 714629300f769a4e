"""Whether the official days are known for as far as limits reach (domain.md, Time)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from cases.errors import NotReady
from cases.limits import PolicyRules
from cases.versions import calendar_in_force, policy_in_force, rules_of


def missing_year(now: datetime) -> int | None:
    """The first year whose official days are missing while limits reach into it. NotReady without a calendar."""
    return calendar_in_force().calendar.missing_year(now, now + _reach(now))


def _reach(now: datetime) -> timedelta:
    try:
        return reach_of(rules_of(policy_in_force(now).pk))
    except NotReady:
        return timedelta()


def reach_of(rules: PolicyRules) -> timedelta:
    """How far the longest limit reaches at most: twice its days, for weekends and holidays between."""
    hours: Iterable[float] = (
        float(cell.limit.least_natural_hours()) for cells in rules.types.values() for cell in cells.values()
    )
    return timedelta(hours=2 * max(hours, default=0.0))
