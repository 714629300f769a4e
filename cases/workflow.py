"""The loop as one table: who may do what, in which status, with which words, and what it does to the clocks.

Pure: no Django. The matrix test, the state diagram in docs/workflow.md, `allowed_actions` of the API, the forms of
the web UI and the checks inside every action are all made from this table and from nothing else.
Source of the rules: domain.md, "The loop".
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.terms import (
    BEFORE_ANSWERED,
    CaseType,
    ClockKind,
    Grade,
    Phase,
    RejectReason,
    Status,
    Urgency,
)
from grids.roles import Role


class Action(StrEnum):
    COLLECT = "collect"
    DOCKET = "docket"
    REJECT = "reject"
    DISPATCH = "dispatch"
    REPORT_IN = "report_in"
    FINISH = "finish"
    VERIFY = "verify"
    RATE = "rate"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    ACKNOWLEDGE = "acknowledge"


class Subject(StrEnum):
    """What an action acts on besides the case itself."""

    CASE = "case"
    ASSIGNMENT = "assignment"
    ALERT = "alert"


class FieldKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    CATEGORY = "category"
    DEPARTMENT = "department"
    DEPARTMENTS = "departments"
    ASSIGNMENT = "assignment"
    ALERT = "alert"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"


@dataclass(frozen=True, slots=True)
class Field:
    """One input of an action. `unless` names a flag that, when true, makes this field optional."""

    name: str
    kind: FieldKind
    required: bool = True
    choices: tuple[str, ...] = ()
    max_length: int = 0
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `targets` lists every status the action may lead to; the action picks one by its own guard.

    `never` lists pairs of a source and a target that cannot follow each other.
    """

    action: Action
    sources: frozenset[Status]
    targets: frozenset[Status]
    roles: frozenset[Role]
    fields: tuple[Field, ...] = ()
    subject: Subject = Subject.CASE
    stops: frozenset[ClockKind] = frozenset()
    starts: frozenset[ClockKind] = frozenset()
    never: frozenset[tuple[Status, Status]] = frozenset()


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

#: What a person may choose when docketing. An accusation is not among them until it can be sealed.
DOCKET_TYPES = tuple(t.value for t in CaseType if t is not CaseType.ACCUSATION)
REASON_LENGTH = 500
REPLY_LENGTH = 4000

_DISPATCHERS = frozenset({Role.TOWNSHIP_DISPATCHER, Role.CENTER_DISPATCHER})
_UNIT = frozenset({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD})


def _text(name: str, *, required: bool = True, longest: int = REASON_LENGTH, unless: str = "") -> Field:
    return Field(name, FieldKind.TEXT, required, max_length=longest, unless=unless)


#: A suspended case allows only what ends or lifts the suspension; a merged one is followed in its master.
_TOLD = frozenset(Status) - {Status.MERGED, Status.SUSPENDED}

_ASSIGNMENT = Field("assignment", FieldKind.ASSIGNMENT)

TABLE: dict[Action, Rule] = {
    rule.action: rule
    for rule in (
        Rule(
            Action.COLLECT,
            sources=frozenset(),
            targets=frozenset({Status.COLLECTED}),
            roles=frozenset({Role.GRID_WORKER, Role.INTAKE_OFFICER}),
            starts=frozenset({ClockKind.DOCKET}),
        ),
        Rule(
            Action.DOCKET,
            sources=frozenset({Status.COLLECTED}),
            targets=frozenset({Status.DOCKETED}),
            roles=_DISPATCHERS,
            fields=(
                Field("type", FieldKind.CHOICE, choices=DOCKET_TYPES),
                Field("category", FieldKind.CATEGORY),
                Field("urgency", FieldKind.CHOICE, choices=tuple(Urgency)),
                _text("note", required=False),
            ),
            stops=frozenset({ClockKind.DOCKET}),
            starts=frozenset({ClockKind.RESOLVE, ClockKind.DISPATCH}),
        ),
        Rule(
            Action.REJECT,
            sources=frozenset({Status.COLLECTED, Status.DOCKETED}),
            targets=frozenset({Status.REJECTED}),
            roles=_DISPATCHERS,
            fields=(
                Field("reason", FieldKind.CHOICE, choices=tuple(RejectReason)),
                _text("advice"),
            ),
            stops=frozenset(ClockKind),
        ),
        Rule(
            Action.DISPATCH,
            sources=frozenset({Status.DOCKETED}),
            targets=frozenset({Status.DISPATCHED}),
            roles=_DISPATCHERS,
            fields=(
                Field("lead", FieldKind.DEPARTMENT),
                Field("assistants", FieldKind.DEPARTMENTS, required=False),
                _text("instruction", required=False),
            ),
            stops=frozenset({ClockKind.DISPATCH}),
            starts=frozenset({ClockKind.REPORT_IN}),
        ),
        Rule(
            Action.REPORT_IN,
            sources=frozenset({Status.DISPATCHED, Status.HANDLING}),
            targets=frozenset({Status.DISPATCHED, Status.HANDLING}),
            roles=frozenset({Role.DEPARTMENT_HANDLER}),
            subject=Subject.ASSIGNMENT,
            fields=(
                _ASSIGNMENT,
                Field("on_spot", FieldKind.FLAG, required=False),
                Field("latitude", FieldKind.LATITUDE, required=False),
                Field("longitude", FieldKind.LONGITUDE, required=False),
            ),
            stops=frozenset({ClockKind.REPORT_IN}),
            starts=frozenset({ClockKind.HANDLE}),
            never=frozenset({(Status.HANDLING, Status.DISPATCHED)}),
        ),
        Rule(
            Action.FINISH,
            sources=frozenset({Status.DISPATCHED, Status.HANDLING}),
            targets=frozenset({Status.DISPATCHED, Status.HANDLING, Status.ANSWERED}),
            roles=frozenset({Role.DEPARTMENT_HANDLER}),
            subject=Subject.ASSIGNMENT,
            fields=(_ASSIGNMENT, _text("reply", longest=REPLY_LENGTH)),
            stops=frozenset({ClockKind.HANDLE, ClockKind.RESOLVE}),
            starts=frozenset({ClockKind.VERIFY}),
            # While the lead has not reported in, an assistant that finishes leaves the case where it is.
            never=frozenset(
                {
                    (Status.DISPATCHED, Status.HANDLING),
                    (Status.DISPATCHED, Status.ANSWERED),
                    (Status.HANDLING, Status.DISPATCHED),
                }
            ),
        ),
        Rule(
            Action.VERIFY,
            sources=frozenset({Status.ANSWERED}),
            targets=frozenset({Status.RATING, Status.HANDLING, Status.CLOSED}),
            roles=_DISPATCHERS | {Role.GRID_WORKER},
            fields=(
                Field("passed", FieldKind.FLAG),
                _text("comment", required=False, unless="passed"),
            ),
            stops=frozenset({ClockKind.VERIFY}),
            starts=frozenset({ClockKind.RATE, ClockKind.HANDLE, ClockKind.RESOLVE}),
        ),
        Rule(
            Action.RATE,
            sources=frozenset({Status.RATING}),
            targets=frozenset({Status.CLOSED, Status.HANDLING}),
            roles=frozenset({Role.CENTER_DISPATCHER}),
            fields=(
                Field("grade", FieldKind.CHOICE, choices=tuple(str(int(g)) for g in Grade)),
                Field("solved", FieldKind.FLAG),
                _text("record"),
            ),
            stops=frozenset({ClockKind.RATE}),
            starts=frozenset({ClockKind.HANDLE, ClockKind.RESOLVE}),
        ),
        Rule(
            Action.CLOSE,
            sources=frozenset({Status.RATING}),
            targets=frozenset({Status.CLOSED}),
            roles=frozenset(),
            stops=frozenset(ClockKind),
        ),
        Rule(
            Action.WITHDRAW,
            sources=BEFORE_ANSWERED,
            targets=frozenset({Status.WITHDRAWN}),
            roles=_DISPATCHERS | {Role.GRID_WORKER, Role.INTAKE_OFFICER},
            fields=(_text("proof"),),
            stops=frozenset(ClockKind),
        ),
        Rule(
            Action.ACKNOWLEDGE,
            sources=_TOLD,
            targets=_TOLD,
            roles=_UNIT | _DISPATCHERS | {Role.TOWNSHIP_LEADER},
            subject=Subject.ALERT,
            fields=(Field("alert", FieldKind.ALERT), _text("note", required=False)),
        ),
    )
}

#: Actions that a person can press on an existing case, in the order of the loop.
CASE_ACTIONS = tuple(rule.action for rule in TABLE.values() if rule.sources and rule.roles)


def allows(action: Action, status: Status) -> bool:
    """Whether the table lets `action` happen in `status`, whoever asks."""
    return status in TABLE[action].sources


def leads_to(action: Action, status: Status) -> frozenset[Status]:
    """The statuses in which `action` may leave a case that it found in `status`. What only tells changes none."""
    rule = TABLE[action]
    if status not in rule.sources:
        return frozenset()
    if rule.subject is Subject.ALERT:
        return frozenset({status})
    return frozenset(target for target in rule.targets if (status, target) not in rule.never)


def actions_in(status: Status, roles: frozenset[Role]) -> tuple[Action, ...]:
    """What holders of `roles` may try in `status`; guards on the rows themselves come on top."""
    return tuple(a for a in CASE_ACTIONS if allows(a, status) and roles & TABLE[a].roles)
