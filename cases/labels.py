"""What people read for the codes of this room."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.colours import Colour
from cases.terms import (
    AlertCause,
    AssignmentRole,
    AssignmentState,
    Card,
    CaseType,
    ClockKind,
    Concern,
    Disclosure,
    Discrepancy,
    ErrandKind,
    ErrandState,
    ExtensionLevel,
    Grade,
    InterviewRule,
    MeetingKind,
    Outcome,
    Phase,
    RatingChannel,
    ReasonList,
    Source,
    Status,
    StopReason,
    Urgency,
)
from cases.workflow import Action

STATUS = {
    Status.COLLECTED: _("Collected"),
    Status.DOCKETED: _("Docketed"),
    Status.DISPATCHED: _("Awaiting report-in"),
    Status.HANDLING: _("Handling"),
    Status.ANSWERED: _("Answered"),
    Status.RATING: _("Awaiting rating"),
    Status.CLOSED: _("Closed"),
    Status.SUSPENDED: _("Suspended"),
    Status.REJECTED: _("Rejected"),
    Status.WITHDRAWN: _("Withdrawn"),
    Status.MERGED: _("Merged"),
}
PHASE = {
    Phase.COLLECTION: _("Collection"),
    Phase.DOCKETING: _("Docketing"),
    Phase.HANDLING: _("Acceptance"),
    Phase.FEEDBACK: _("Feedback"),
    Phase.RATING: _("Rating"),
}
ACTION = {
    Action.COLLECT: _("Collect"),
    Action.RESOLVE_ON_SPOT: _("Resolve on the spot"),
    Action.DOCKET: _("Docket"),
    Action.REJECT: _("Reject"),
    Action.DISPATCH: _("Blow the whistle"),
    Action.REPORT_IN: _("Report in"),
    Action.FINISH: _("Answer"),
    Action.VERIFY: _("Verify"),
    Action.RATE: _("Rate"),
    Action.REVISE_RATING: _("Replace the verdict of a call-back"),
    Action.CLOSE: pgettext_lazy("action", "Close"),  # "Close" alone shuts a page
    Action.WITHDRAW: _("Withdraw"),
    Action.PROPOSE_WHISTLE: _("Propose a whistle"),
    Action.APPROVE_WHISTLE: _("Approve the whistle"),
    Action.REFUSE_WHISTLE: _("Refuse the whistle"),
    Action.OBJECT: _("Object"),
    Action.DECIDE_OBJECTION: _("Decide the objection"),
    Action.REASSIGN: _("Reassign"),
    Action.ADD_ASSISTANT: _("Add an assistant"),
    Action.RELEASE_ASSISTANT: _("Release an assistant"),
    Action.REQUEST_EXTENSION: _("Ask for an extension"),
    Action.DECIDE_EXTENSION: _("Decide the extension"),
    Action.SUSPEND: _("Suspend"),
    Action.RESUME: _("Resume"),
    Action.MERGE: _("Merge"),
    Action.REOPEN: _("Reopen"),
    Action.REMIND: _("Remind"),
    Action.ACKNOWLEDGE: _("Acknowledge"),
    Action.SUBMIT_PLAN: _("Hand in a plan"),
    Action.ANNUL_ALERT: _("Annul the alert"),
    Action.SUPERVISE: _("Supervise"),
    Action.ANSWER_SUPERVISION: _("Answer the supervision order"),
    Action.SIGN_OFF: _("Sign off"),
    Action.CONCLUDE: _("Conclude"),
}
TYPE = {
    CaseType.CONSULT: _("Consultation"),
    CaseType.APPEAL: _("Appeal"),
    CaseType.URGENT: _("Urgent utility matter"),
    CaseType.PATROL: _("Grid patrol matter"),
    CaseType.WHISTLE_EMERGENCY: _("Emergency whistle"),
    CaseType.WHISTLE_ENFORCEMENT: _("Enforcement whistle"),
    CaseType.WHISTLE_KEY: _("Key task whistle"),
    CaseType.ENTERPRISE: _("Enterprise whistle"),
    CaseType.WINDOW: _("Matter that found no window"),
    CaseType.PETITION: _("Petition"),
    CaseType.REVIEW: _("Petition review"),
    CaseType.RECHECK: _("Petition recheck"),
    CaseType.SUGGESTION: _("Suggestion"),
    CaseType.ACCUSATION: _("Accusation"),
}
URGENCY = {
    Urgency.NORMAL: _("Normal"),
    Urgency.URGENT: _("Urgent"),
    Urgency.EMERGENCY: _("Emergency"),
}
SOURCE = {
    Source.GRID: _("Grid patrol"),
    Source.HOTLINE: _("Hotline"),
    Source.WINDOW: _("Service window"),
    Source.ONLINE: _("Online"),
    Source.IMPORT: _("Import"),
}
DISCLOSURE = {
    Disclosure.NAMED: _("Named"),
    Disclosure.CONFIDENTIAL: _("Confidential"),
    Disclosure.ANONYMOUS: _("Anonymous"),
}
ASSIGNMENT_ROLE = {AssignmentRole.LEAD: _("Lead"), AssignmentRole.ASSIST: _("Assistant")}
ASSIGNMENT_STATE = {
    AssignmentState.WAITING: _("Waiting for report-in"),
    AssignmentState.DISPUTED: _("Objection pending"),
    AssignmentState.WORKING: _("In hand"),
    AssignmentState.FINISHED: _("Finished"),
    AssignmentState.CANCELLED: _("Cancelled"),
    AssignmentState.RELEASED: _("Released"),
}
CLOCK = {
    ClockKind.DOCKET: _("Docketing limit"),
    ClockKind.DISPATCH: _("Dispatch limit"),
    ClockKind.RESOLVE: _("Resolution limit"),
    ClockKind.REPORT_IN: _("Report-in limit"),
    ClockKind.HANDLE: _("Handling limit"),
    ClockKind.VERIFY: _("Verification limit"),
    ClockKind.RATE: _("Rating period"),
    ClockKind.SUSPENSION: _("Suspension"),
    ClockKind.SUPERVISION: _("Supervision limit"),
}
COLOUR = {
    Colour.NONE: _("On time"),
    Colour.BLUE: _("Blue notice"),
    Colour.YELLOW: _("Yellow warning"),
    Colour.RED: _("Red alert"),
}
CAUSE = {
    AlertCause.TIME: _("Time"),
    AlertCause.RATING: _("Dissatisfied rating"),
    AlertCause.EXTENSION: _("Third extension"),
}
DISCREPANCY = {
    Discrepancy.MISSING_ALERT: _("Moment without its alert"),
    Discrepancy.RAISED: _("Clock takes a colour for raised that was not"),
    Discrepancy.NEXT_MOMENT: _("Clock waits for a wrong moment"),
    Discrepancy.CLOCK_COLOUR: _("Clock shows a wrong colour"),
    Discrepancy.CASE_COLOUR: _("Case shows a wrong colour"),
    Discrepancy.CASE_DUE: _("Case shows a wrong due time"),
    Discrepancy.ENDED_CLOCK: _("Clock of an ended case runs on"),
    Discrepancy.NO_EVENT: _("Alert without its journal event"),
    Discrepancy.NO_ALERT: _("Journal event without its alert"),
    Discrepancy.HELD: _("Clock set aside, its moment past"),
}
EXTENSION_LEVEL = {
    ExtensionLevel.ORDINARY: _("The ordinary approver"),
    ExtensionLevel.HIGHER: _("Township leader or county center"),
    ExtensionLevel.HIGHEST: _("County center, in red"),
}
REASON_LIST = {
    ReasonList.REJECT: _("Rejecting a matter"),
    ReasonList.OBJECT: _("Objecting to a whistle"),
    ReasonList.SUSPEND: _("Suspending a case"),
}
CARD = {Card.LISTED: _("Listed for supervision"), Card.YELLOW: _("Yellow card"), Card.RED: _("Red card")}
INTERVIEW_RULE = {
    InterviewRule.THREE_REDS: _("Many reds in a short time"),
    InterviewRule.STANDING_RED: _("A red that stands too long"),
    InterviewRule.DISSATISFACTION: _("Too little satisfaction"),
    InterviewRule.THIRD_ROUND: _("Dissatisfied for the third time"),
}
MEETING = {MeetingKind.WEEKLY: _("Weekly dispatch"), MeetingKind.MONTHLY: _("Monthly push")}
CONCERN = {
    Concern.OVERDUE: _("Overdue"),
    Concern.SOON_DUE: _("Soon due"),
    Concern.STUCK: _("Stuck between departments"),
    Concern.DISSATISFIED: _("Dissatisfied"),
    Concern.SUSPENDED_LONG: _("Suspended for long"),
}
GRADE = {
    Grade.VERY_SATISFIED: _("Very satisfied"),
    Grade.SATISFIED: _("Satisfied"),
    Grade.FAIRLY_SATISFIED: _("Fairly satisfied"),
    Grade.DISSATISFIED: _("Dissatisfied"),
    Grade.VERY_DISSATISFIED: _("Very dissatisfied"),
}
CHANNEL = {RatingChannel.LINK: _("By the citizen"), RatingChannel.CALLBACK: _("Call-back")}
OUTCOME = {
    Outcome.RATED: _("Rated"),
    Outcome.UNRATED: _("Unrated"),
    Outcome.DISSATISFIED: _("Closed as dissatisfied"),
    Outcome.VERIFIED: _("Verified, no petitioner"),
    Outcome.CONCLUDED: _("Concluded by its keeper"),
    Outcome.HISTORIC: _("Historic"),
    Outcome.REJECTED: _("Rejected"),
    Outcome.WITHDRAWN: _("Withdrawn"),
    Outcome.MERGED: _("Merged"),
}
STOP_REASON = {StopReason.DONE: _("Done"), StopReason.ENDED: _("Case ended")}
FIELD = {
    "type": _("Type"),
    "category": _("Category"),
    "urgency": _("Urgency"),
    "note": _("Note"),
    "reason": _("Reason"),
    "advice": _("Where to go instead"),
    "lead": _("Lead department"),
    "assistants": _("Assisting departments"),
    "instruction": _("Instruction"),
    "assignment": _("Assignment"),
    "on_spot": _("Signed in on the spot"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "reply": _("What was done, who was spoken to, when"),
    "passed": _("Verification passed"),
    "comment": _("Comment"),
    "grade": _("Grade"),
    "solved": _("Was it solved?"),
    "record": _("Record of the call-back"),
    "words": _("In the petitioner's own words"),
    "proof": _("Proof of the petitioner's wish"),
    "alert": _("Alert"),
    "basis": _("Legal basis and facts"),
    "upheld": _("Objection upheld"),
    "department": _("Department"),
    "amount": _("Extension in units of the limit"),
    "granted": _("Granted"),
    "until": _("Until"),
    "master": _("Number of the master case"),
    "plan": _("Plan"),
    "card": _("Card"),
    "person": _("Person in charge"),
    "demand": _("Demand"),
    "order": _("Supervision order"),
    "accused_units": _("Accused units"),
    "accused_persons": _("Accused persons"),
    "petitioner": _("Petitioner"),
    "photos": _("Photos"),
    "decision": _("Decision"),
}


_WORDS: Mapping[str, Mapping[Any, Any]] = {
    "type": TYPE,
    "urgency": URGENCY,
    "grade": {str(int(grade)): words for grade, words in GRADE.items()},
    "card": CARD,
}


def choice_words(field: str) -> Mapping[Any, Any]:
    """The words for the choices of one field. Empty: nothing to choose, or a reason, whose lists are rows."""
    return _WORDS.get(field, {})


ERRAND = {
    ErrandKind.EXPORT: _("Export of a list"),
    ErrandKind.CASES: _("Import of cases"),
    ErrandKind.POSTS: _("Import of users and posts"),
}
ERRAND_STATE = {
    ErrandState.DRAFT: _("Columns to be named"),
    ErrandState.WAITING: _("Waiting for its turn"),
    ErrandState.WORKING: _("Under way"),
    ErrandState.CHECKED: _("Checked, to be confirmed"),
    ErrandState.DONE: _("Done"),
    ErrandState.FAILED: pgettext_lazy("errand", "Failed"),
    ErrandState.EXPIRED: _("Expired"),
}


def choices(labels: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """The labels as Django's choices, in their order."""
    return [(code.value, label) for code, label in labels.items()]
