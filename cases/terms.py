"""The closed lists of the domain (domain.md). Pure: no Django. Labels stand in `cases.labels`."""

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from grids.roles import Role


class Status(StrEnum):
    COLLECTED = "collected"
    DOCKETED = "docketed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    ANSWERED = "answered"
    RATING = "rating"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Phase(StrEnum):
    """The five phases shown to people: 采集 — 立项 — 受理 — 反馈 — 评价."""

    COLLECTION = "collection"
    DOCKETING = "docketing"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    RATING = "rating"


ENDED = frozenset({Status.CLOSED, Status.REJECTED, Status.WITHDRAWN, Status.MERGED})
OPEN = frozenset(Status) - ENDED
BEFORE_ANSWERED = frozenset({Status.COLLECTED, Status.DOCKETED, Status.DISPATCHED, Status.HANDLING, Status.SUSPENDED})


class CaseType(StrEnum):
    CONSULT = "consult"
    APPEAL = "appeal"
    URGENT = "urgent"
    PATROL = "patrol"
    WHISTLE_EMERGENCY = "whistle_emergency"
    WHISTLE_ENFORCEMENT = "whistle_enforcement"
    WHISTLE_KEY = "whistle_key"
    ENTERPRISE = "enterprise"
    WINDOW = "window"
    PETITION = "petition"
    REVIEW = "review"
    RECHECK = "recheck"
    SUGGESTION = "suggestion"
    ACCUSATION = "accusation"


#: What a citizen brings in alone. The others begin with an officer: a patrol, a whistle, a window, a review.
PUBLIC_TYPES = (
    CaseType.CONSULT,
    CaseType.APPEAL,
    CaseType.URGENT,
    CaseType.ENTERPRISE,
    CaseType.PETITION,
    CaseType.SUGGESTION,
    CaseType.ACCUSATION,
)

#: The petition office follows these in every area (信访).
PETITION_TYPES = frozenset({CaseType.PETITION, CaseType.REVIEW, CaseType.RECHECK, CaseType.SUGGESTION})


#: Who may keep a sealed case: the petition office, or the inspection office where that office itself is accused.
KEEPERS = frozenset({Role.PETITION_OFFICER, Role.INSPECTOR})


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


def is_emergency(case_type: str, urgency: str) -> bool:
    """Limits in hours, or somebody said so: what waits for no morning (domain.md, "Colours")."""
    return case_type in {CaseType.URGENT, CaseType.WHISTLE_EMERGENCY} or urgency == Urgency.EMERGENCY


class Source(StrEnum):
    GRID = "grid"
    HOTLINE = "hotline"
    WINDOW = "window"
    ONLINE = "online"
    IMPORT = "import"


class Disclosure(StrEnum):
    NAMED = "named"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"


class AssignmentRole(StrEnum):
    LEAD = "lead"
    ASSIST = "assist"


class AssignmentState(StrEnum):
    WAITING = "waiting"
    DISPUTED = "disputed"
    WORKING = "working"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    RELEASED = "released"


#: A department with one of these sees the case; one that lost it sees it nowhere.
HOLDING_STATES = frozenset(
    {AssignmentState.WAITING, AssignmentState.DISPUTED, AssignmentState.WORKING, AssignmentState.FINISHED}
)
#: The case waits for these.
PENDING_STATES = frozenset({AssignmentState.WAITING, AssignmentState.DISPUTED, AssignmentState.WORKING})


class ClockKind(StrEnum):
    DOCKET = "docket"
    DISPATCH = "dispatch"
    RESOLVE = "resolve"
    REPORT_IN = "report_in"
    HANDLE = "handle"
    VERIFY = "verify"
    RATE = "rate"
    SUSPENSION = "suspension"
    SUPERVISION = "supervision"


#: Charged to nobody and never coloured; their due time has an effect of its own.
UNCOLOURED_CLOCKS = frozenset({ClockKind.RATE, ClockKind.SUSPENSION})


#: A colour that is raised later than this after its moment says so: the service was held up, and nobody else.
LATE_AFTER: Final = timedelta(minutes=5)


def is_late(moment: datetime, raised_at: datetime) -> bool:
    return raised_at - moment > LATE_AFTER


class AlertCause(StrEnum):
    TIME = "time"
    RATING = "rating"
    EXTENSION = "extension"


class Discrepancy(StrEnum):
    """What the nightly reconciliation looks for."""

    MISSING_ALERT = "missing_alert"  # a moment has passed and there is no alert of it
    RAISED = "raised"  # a clock takes a colour for raised, and there is no alert of it
    NEXT_MOMENT = "next_moment"  # the sweep would come too late, too early or never
    CLOCK_COLOUR = "clock_colour"  # not the highest colour that counts
    CASE_COLOUR = "case_colour"
    CASE_DUE = "case_due"
    ENDED_CLOCK = "ended_clock"  # runs although its case has ended
    NO_EVENT = "no_event"  # an alert that the journal does not know
    NO_ALERT = "no_alert"  # an alert of the journal that is not there
    HELD = "held"  # set aside by the sweep, its moment long past


class SuggestedField(StrEnum):
    """What is suggested beside a form, by the name of the form's field."""

    CATEGORY = "category"
    LEAD = "lead"


class SuggestedWhy(StrEnum):
    """On what a suggestion rests: the category table, or similar cases of the past."""

    CATEGORY = "category"
    SIMILAR = "similar"


class ReasonList(StrEnum):
    """What a person chooses a reason for, from a closed list that an administrator keeps (`cases.reasons`)."""

    REJECT = "reject"
    OBJECT = "object"
    SUSPEND = "suspend"


class Card(StrEnum):
    """What a supervision order shows: listed (挂牌督办), a yellow or a red card."""

    LISTED = "listed"
    YELLOW = "yellow"
    RED = "red"


class ExtensionLevel(IntEnum):
    """How high an extension is decided (延期): the more of them a case has had, the higher."""

    ORDINARY = 1
    HIGHER = 2
    HIGHEST = 3


class InterviewRule(StrEnum):
    """Why an interview (约谈) is proposed (domain.md, "Colours")."""

    THREE_REDS = "three_reds"
    STANDING_RED = "standing_red"
    DISSATISFACTION = "dissatisfaction"
    THIRD_ROUND = "third_round"


class MeetingKind(StrEnum):
    """周调度 and 月推进."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Concern(StrEnum):
    """Why a case is on the list of a meeting."""

    OVERDUE = "overdue"
    SOON_DUE = "soon_due"
    STUCK = "stuck"
    DISSATISFIED = "dissatisfied"
    SUSPENDED_LONG = "suspended_long"


class Grade(IntEnum):
    """满意度 in five grades; the first three count as satisfied (domain.md, "Scores")."""

    VERY_SATISFIED = 5
    SATISFIED = 4
    FAIRLY_SATISFIED = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1

    @property
    def satisfied(self) -> bool:
        return self >= Grade.FAIRLY_SATISFIED


class RatingChannel(StrEnum):
    LINK = "link"
    CALLBACK = "callback"


#: What the journal says in `by` of an event that a citizen caused: nothing about which one.
CITIZEN_ACTED: Final = "citizen"


class Outcome(StrEnum):
    """How a case ended."""

    RATED = "rated"
    UNRATED = "unrated"
    DISSATISFIED = "dissatisfied"
    VERIFIED = "verified"
    CONCLUDED = "concluded"
    HISTORIC = "historic"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class ErrandKind(StrEnum):
    """Long pieces of work that an officer asks the worker for."""

    EXPORT = "export"
    CASES = "cases"
    POSTS = "posts"


class ErrandState(StrEnum):
    """`draft`: a file was uploaded and waits for its columns; `checked`: it was rehearsed and waits for a yes."""

    DRAFT = "draft"
    WAITING = "waiting"
    WORKING = "working"
    CHECKED = "checked"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class StopReason(StrEnum):
    """Why a clock stopped: by the act that it waits for, or because its case ended."""

    DONE = "done"
    ENDED = "ended"


#: Rounds of one case at most; a third dissatisfied rating closes it (domain.md, `rate`).
MAX_ROUNDS = 3
