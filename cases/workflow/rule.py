"""The vocabulary of the workflow table: actions, fields and rows. Pure: no Django."""

from dataclasses import dataclass
from enum import StrEnum

from cases.terms import CaseType, ClockKind, ReasonList, Status
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
    PROPOSE_WHISTLE = "propose_whistle"
    APPROVE_WHISTLE = "approve_whistle"
    REFUSE_WHISTLE = "refuse_whistle"
    OBJECT = "object"
    DECIDE_OBJECTION = "decide_objection"
    REASSIGN = "reassign"
    ADD_ASSISTANT = "add_assistant"
    RELEASE_ASSISTANT = "release_assistant"
    REQUEST_EXTENSION = "request_extension"
    DECIDE_EXTENSION = "decide_extension"
    SUSPEND = "suspend"
    RESUME = "resume"
    MERGE = "merge"
    REOPEN = "reopen"
    REMIND = "remind"
    ACKNOWLEDGE = "acknowledge"
    SUBMIT_PLAN = "submit_plan"
    ANNUL_ALERT = "annul_alert"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    SIGN_OFF = "sign_off"
    CONCLUDE = "conclude"
    RESOLVE_ON_SPOT = "resolve_on_spot"
    REVISE_RATING = "revise_rating"


class Subject(StrEnum):
    """What an action acts on besides the case itself."""

    CASE = "case"
    ASSIGNMENT = "assignment"
    ALERT = "alert"
    ORDER = "order"


class FieldKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    REASON = "reason"
    FLAG = "flag"
    CATEGORY = "category"
    DEPARTMENT = "department"
    DEPARTMENTS = "departments"
    ASSIGNMENT = "assignment"
    ALERT = "alert"
    ORDER = "order"
    DATE = "date"
    NUMBER = "number"
    CASE = "case"
    USER = "user"
    USERS = "users"
    PETITIONER = "petitioner"
    PHOTOS = "photos"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"


@dataclass(frozen=True, slots=True)
class Field:
    """One input of an action. `unless` and `when` name a flag: true makes this field optional, or required.

    `reasons`: the list (`ReasonList`) of which a reason must be, which is data and not code.
    """

    name: str
    kind: FieldKind
    required: bool = True
    choices: tuple[str, ...] = ()
    max_length: int = 0
    unless: str = ""
    when: str = ""
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `targets` lists every status the action may lead to; the action picks one by its own guard.

    `never` lists pairs of a source and a target that cannot follow each other; `stays`: it only tells, no status moves.
    `sealed_roles`: who may do it on a sealed case, where `roles` count for nothing (docs/privacy.md).
    `petitioner`: the petitioner may too, through a public door, unless the case is sealed.
    """

    action: Action
    sources: frozenset[Status]
    targets: frozenset[Status]
    roles: frozenset[Role]
    fields: tuple[Field, ...] = ()
    subject: Subject = Subject.CASE
    stops: frozenset[ClockKind] = frozenset()
    starts: frozenset[ClockKind] = frozenset()
    sealed_roles: frozenset[Role] = frozenset()
    never: frozenset[tuple[Status, Status]] = frozenset()
    stays: bool = False
    petitioner: bool = False


#: What a person may choose when docketing. What turns out to be an accusation is sealed by the choice.
DOCKET_TYPES = tuple(t.value for t in CaseType)
REASON_LENGTH = 500
REPLY_LENGTH = 4000

DISPATCHERS = frozenset({Role.TOWNSHIP_DISPATCHER, Role.CENTER_DISPATCHER})
UNIT = frozenset({Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_DEPUTY, Role.DEPARTMENT_HEAD})

#: A suspended case allows only what ends or lifts the suspension; a merged one is followed in its master.
TOLD = frozenset(Status) - {Status.MERGED, Status.SUSPENDED}
WITH_DEPARTMENTS = frozenset({Status.DISPATCHED, Status.HANDLING})


#: Who an accusation is against: fields, not free text.
ACCUSED = (
    Field("accused_units", FieldKind.DEPARTMENTS, required=False),
    Field("accused_persons", FieldKind.USERS, required=False),
)


def text(name: str, *, required: bool = True, longest: int = REASON_LENGTH, unless: str = "", when: str = "") -> Field:
    return Field(name, FieldKind.TEXT, required, max_length=longest, unless=unless, when=when)


def reason_of(which: ReasonList) -> Field:
    return Field("reason", FieldKind.REASON, reasons=which)


ASSIGNMENT = Field("assignment", FieldKind.ASSIGNMENT)
ALERT = Field("alert", FieldKind.ALERT)
