"""Who may extend, how often and by how much (domain.md, table of actions and default policy)."""

from cases.limits import Limit
from cases.models import Case
from cases.terms import PETITION_TYPES, ExtensionLevel
from cases.versions import rules_of
from grids.roles import Role

#: Extensions beyond what the ordinary approver may grant: one by the leader or the centre, one by the centre, in red.
BEYOND_ORDINARY = 2

#: Who decides in the case's area; the centre decides the third one alone.
AREA_DECIDERS = {
    ExtensionLevel.ORDINARY: frozenset({Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER}),
    ExtensionLevel.HIGHER: frozenset({Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER}),
    ExtensionLevel.HIGHEST: frozenset({Role.CENTER_DISPATCHER}),
}


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


def level_of(case: Case, ordinal: int) -> ExtensionLevel:
    """How high the extension of that ordinal is decided; the highest is granted in red."""
    beyond = ordinal - ordinary_times(case)
    return ExtensionLevel(min(max(beyond + 1, ExtensionLevel.ORDINARY), ExtensionLevel.HIGHEST))


def deciders(case_type: str, level: int) -> frozenset[Role]:
    """Who decides at that level; for petitions the unit's own head is the ordinary approver."""
    if level == ExtensionLevel.ORDINARY and case_type in PETITION_TYPES:
        return frozenset({Role.DEPARTMENT_HEAD})
    return AREA_DECIDERS[ExtensionLevel(level)]
