"""Who may extend, how often and by how much (domain.md, table of actions and default policy)."""

from cases.limits import Limit
from cases.models import Case
from cases.terms import PETITION_TYPES
from cases.versions import rules_of
from grids.roles import Role

#: Extensions beyond what the ordinary approver may grant: one by the leader or the centre, one by the centre, in red.
BEYOND_ORDINARY = 2

_ORDINARY = frozenset({Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER})
_HIGHER = frozenset({Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER})
_HIGHEST = frozenset({Role.CENTER_DISPATCHER})


def longest_at_once(case: Case) -> Limit | None:
    """How much one extension may add; None: matters of this type are never extended."""
    extension = rules_of(case.policy_id).extension(case.type)
    return extension[1] if extension else None


def ordinary_times(case: Case) -> int:
    """How many extensions the ordinary approver may grant."""
    extension = rules_of(case.policy_id).extension(case.type)
    return extension[0] if extension else 0


def is_extensible(case: Case, ordinal: int) -> bool:
    return longest_at_once(case) is not None and ordinal <= ordinary_times(case) + BEYOND_ORDINARY


def is_last_resort(case: Case, ordinal: int) -> bool:
    """A third extension is granted by the centre alone, and it is red."""
    return ordinal >= ordinary_times(case) + BEYOND_ORDINARY


def deciders(case: Case, ordinal: int) -> frozenset[Role]:
    """Who decides the extension of that ordinal; for petitions the unit's own head decides the first."""
    times = ordinary_times(case)
    if ordinal <= times:
        return frozenset({Role.DEPARTMENT_HEAD}) if case.type in PETITION_TYPES else _ORDINARY
    return _HIGHER if ordinal == times + 1 else _HIGHEST
