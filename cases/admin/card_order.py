"""In which order the buttons of a case stand, which of them are drawn quietly and which open by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.terms import CaseType
from cases.workflow import Action

#: What a person most likely does next stands first.
LIKELY = (
    Action.APPROVE_WHISTLE,
    Action.REFUSE_WHISTLE,
    Action.DECIDE_OBJECTION,
    Action.DECIDE_EXTENSION,
    Action.DOCKET,
    Action.RESOLVE_ON_SPOT,
    Action.DISPATCH,
    Action.PROPOSE_WHISTLE,
    Action.REPORT_IN,
    Action.FINISH,
    Action.VERIFY,
    Action.RATE,
    Action.RESUME,
    Action.ANSWER_SUPERVISION,
    Action.SIGN_OFF,
    Action.SUBMIT_PLAN,
    Action.ACKNOWLEDGE,
    Action.CONCLUDE,
    Action.OBJECT,
    Action.REQUEST_EXTENSION,
    Action.REMIND,
    Action.REASSIGN,
    Action.ADD_ASSISTANT,
    Action.RELEASE_ASSISTANT,
    Action.SUSPEND,
    Action.SUPERVISE,
    Action.ANNUL_ALERT,
    Action.MERGE,
    Action.REOPEN,
    Action.REJECT,
    Action.WITHDRAW,
)
#: They end a case, or undo what was settled: drawn quietly.
QUIET = frozenset({Action.REJECT, Action.WITHDRAW, Action.MERGE, Action.REOPEN, Action.ANNUL_ALERT})
#: Nobody waits for these: the person who wants one opens it.
UNASKED = QUIET | {
    Action.RESOLVE_ON_SPOT,
    Action.PROPOSE_WHISTLE,
    Action.OBJECT,
    Action.REQUEST_EXTENSION,
    Action.REMIND,
    Action.REASSIGN,
    Action.ADD_ASSISTANT,
    Action.RELEASE_ASSISTANT,
    Action.SUSPEND,
    Action.SUPERVISE,
}


@dataclass(frozen=True, slots=True)
class Sure:
    """What is asked once more before a form is sent; with `field` only while `choice` is chosen there."""

    words: Any
    field: str = ""
    choice: str = ""


#: Nothing leads back from these: they ask once more (desk.md, "Craft"); all else can be put right by another action.
FINAL: Final[Mapping[Action, Sure]] = {
    Action.REJECT: Sure(_("The case ends here and cannot be taken up again. The petitioner is told.")),
    Action.WITHDRAW: Sure(_("The case ends here and cannot be taken up again.")),
    Action.MERGE: Sure(_("The case follows the other one from now on and cannot be parted from it again.")),
    Action.CONCLUDE: Sure(_("The sealed case is closed and cannot be opened again.")),
    Action.DOCKET: Sure(
        _("An accusation is sealed: it goes to its keeper, you do not see it any more, and nothing takes that back."),
        field="type",
        choice=CaseType.ACCUSATION.value,
    ),
}
