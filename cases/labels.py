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
    CaseType,
    ClockKind,
    Disclosure,
    Grade,
    Outcome,
    Phase,
    RatingChannel,
    RejectReason,
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
    Action.DOCKET: _("Docket"),
    Action.REJECT: _("Reject"),
    Action.DISPATCH: _("Blow the whistle"),
    Action.REPORT_IN: _("Report in"),
    Action.FINISH: _("Answer"),
    Action.VERIFY: _("Verify"),
    Action.RATE: _("Rate"),
    Action.CLOSE: pgettext_lazy("action", "Close"),  # "Close" alone shuts a page
    Action.WITHDRAW: _("Withdraw"),
    Action.ACKNOWLEDGE: _("Acknowledge"),
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
REJECT_REASON = {
    RejectReason.NOT_COMPETENT: _("Outside the county's competence"),
    RejectReason.LITIGATION: _("In litigation, arbitration or review"),
    RejectReason.DUPLICATE: _("The same matter is already being handled"),
    RejectReason.UNCLEAR: _("No concrete matter can be made out"),
    RejectReason.PRIVATE_MATTER: _("A private dispute for mediation or the court"),
    RejectReason.CLOSED_BEFORE: _("Already answered finally"),
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
    Outcome.HISTORIC: _("Historic"),
    Outcome.REJECTED: _("Rejected"),
    Outcome.WITHDRAWN: _("Withdrawn"),
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
    "proof": _("Proof of the petitioner's wish"),
    "alert": _("Alert"),
}


def choices(labels: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """The labels as Django's choices, in their order."""
    return [(code.value, label) for code, label in labels.items()]
