"""The loop as one table: who may do what, in which status, with which words, and what it does to the clocks.

Pure: no Django. The matrix test, the state diagram in docs/workflow.md, `allowed_actions` of the API, the forms of
the web UI and the checks inside every action are all made from this table and from nothing else.
Source of the rules: domain.md, "The loop".
"""

from cases.terms import Phase, Status
from cases.workflow.main_path import MAIN_PATH
from cases.workflow.rule import DOCKET_TYPES, REASON_LENGTH, REPLY_LENGTH, Action, Field, FieldKind, Rule, Subject
from cases.workflow.side_paths import SIDE_PATHS
from grids.roles import Role

__all__ = [
    "ALL_CASE_ACTIONS",
    "CASE_ACTIONS",
    "DOCKET_TYPES",
    "PHASES",
    "REASON_LENGTH",
    "REPLY_LENGTH",
    "TABLE",
    "Action",
    "Field",
    "FieldKind",
    "Rule",
    "Subject",
    "actions_in",
    "allows",
    "leads_to",
    "roles_for",
]

PHASES = {
    Status.COLLECTED: Phase.COLLECTION,
    Status.DOCKETED: Phase.DOCKETING,
    Status.DISPATCHED: Phase.HANDLING,
    Status.HANDLING: Phase.HANDLING,
    Status.SUSPENDED: Phase.HANDLING,
    Status.ANSWERED: Phase.FEEDBACK,
    Status.RATING: Phase.RATING,
    Status.CLOSED: Phase.RATING,
    Status.REJECTED: None,
    Status.WITHDRAWN: None,
    Status.MERGED: None,
}

TABLE: dict[Action, Rule] = {rule.action: rule for rule in (*MAIN_PATH, *SIDE_PATHS)}

#: Actions that a person can press on an existing case, in the order of the loop.
CASE_ACTIONS = tuple(rule.action for rule in TABLE.values() if rule.sources and rule.roles)
#: With those that exist on sealed cases only.
ALL_CASE_ACTIONS = tuple(rule.action for rule in TABLE.values() if rule.sources and (rule.roles or rule.sealed_roles))


def allows(action: Action, status: Status) -> bool:
    """Whether the table lets `action` happen in `status`, whoever asks."""
    return status in TABLE[action].sources


def leads_to(action: Action, status: Status) -> frozenset[Status]:
    """The statuses in which `action` may leave a case that it found in `status`. What only tells changes none."""
    rule = TABLE[action]
    if status not in rule.sources:
        return frozenset()
    if rule.stays or rule.subject in {Subject.ALERT, Subject.ORDER}:
        return frozenset({status})
    return frozenset(target for target in rule.targets if (status, target) not in rule.never)


def roles_for(action: Action, *, sealed: bool) -> frozenset[Role]:
    """Who may do it: on a sealed case only what its keepers are allowed."""
    return TABLE[action].sealed_roles if sealed else TABLE[action].roles


def actions_in(status: Status, roles: frozenset[Role], *, sealed: bool = False) -> tuple[Action, ...]:
    """What holders of `roles` may try in `status`; guards on the rows themselves come on top."""
    return tuple(a for a in ALL_CASE_ACTIONS if allows(a, status) and roles & roles_for(a, sealed=sealed))
