"""Any action by its name, with raw inputs: the one entry for the API's and the web's buttons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases import codes
from cases.actions import (
    closing,
    dispatch,
    extension,
    handling,
    joining,
    routing,
    sealing,
    standstill,
    supervising,
    whistle,
)
from cases.actions.inputs import clean
from cases.actions.turn import Terms
from cases.errors import CaseError, Conflict, NotVisible
from cases.models import Case, Request
from cases.selectors import seen_case
from cases.workflow import ALL_CASE_ACTIONS, Action
from grids.actors import Actor

VERBS: dict[Action, Callable[..., Case]] = {
    Action.RESOLVE_ON_SPOT: closing.resolve_on_spot,
    Action.DOCKET: dispatch.docket,
    Action.REJECT: dispatch.reject,
    Action.DISPATCH: dispatch.dispatch,
    Action.REPORT_IN: handling.report_in,
    Action.FINISH: handling.finish,
    Action.VERIFY: closing.verify,
    Action.RATE: closing.rate,
    Action.WITHDRAW: closing.withdraw,
    Action.CONCLUDE: sealing.conclude,
    Action.PROPOSE_WHISTLE: whistle.propose_whistle,
    Action.APPROVE_WHISTLE: whistle.approve_whistle,
    Action.REFUSE_WHISTLE: whistle.refuse_whistle,
    Action.OBJECT: routing.object_to,
    Action.DECIDE_OBJECTION: routing.decide_objection,
    Action.REASSIGN: routing.reassign,
    Action.ADD_ASSISTANT: routing.add_assistant,
    Action.RELEASE_ASSISTANT: routing.release_assistant,
    Action.REQUEST_EXTENSION: extension.request_extension,
    Action.DECIDE_EXTENSION: extension.decide_extension,
    Action.SUSPEND: standstill.suspend,
    Action.RESUME: standstill.resume,
    Action.MERGE: joining.merge,
    Action.REOPEN: closing.reopen,
    Action.REMIND: routing.remind,
    Action.ACKNOWLEDGE: handling.acknowledge,
    Action.SUBMIT_PLAN: supervising.submit_plan,
    Action.ANNUL_ALERT: supervising.annul_alert,
    Action.SUPERVISE: supervising.supervise,
    Action.ANSWER_SUPERVISION: supervising.answer_supervision,
    Action.SIGN_OFF: supervising.sign_off,
}


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of it. `replayed`: the same request had been carried out before, nothing happened now."""

    case_id: int
    replayed: bool


def perform(
    action: Action,
    *,
    number: str,
    actor: Actor,
    now: datetime,
    inputs: Mapping[str, Any],
    expected_version: int | None = None,
    key: str = "",
    evidence: Mapping[str, Any] | None = None,
) -> Performed:
    """Carry `action` out on the case `number`. Errors: those of `take_turn`, InvalidInput, NotReady.

    With a `key` the same request again answers the first result; it is looked at before the version (api.md).
    `evidence` of when a phone did it stands in the event.
    """
    case = seen_case(actor, number, named=False)
    if case is None or action not in ALL_CASE_ACTIONS:
        raise NotVisible(_("There is no such case."))
    case_id = case.pk
    digest = codes.request_digest({"action": action.value, "case": case_id, "inputs": dict(inputs)}) if key else ""
    if _done_before(actor.user_id, key=key, digest=digest):
        return Performed(case_id, replayed=True)
    terms = Terms(expected_version=expected_version, key=key, digest=digest, evidence=evidence or {})
    try:
        VERBS[action](case_id=case_id, actor=actor, now=now, terms=terms, **clean(action, inputs))
    except CaseError:
        # The same request may have been carried out while this one waited for the case: that is its answer.
        if _done_before(actor.user_id, key=key, digest=digest):
            return Performed(case_id, replayed=True)
        raise
    return Performed(case_id, replayed=False)


def _done_before(user_id: int | None, *, key: str, digest: str) -> bool:
    if not key or user_id is None:
        return False
    earlier = Request.objects.filter(user_id=user_id, key=key).values_list("digest", flat=True).first()
    if earlier is None:
        return False
    if earlier != digest:
        raise Conflict(_("This key was already used for another request. Nothing was changed."))
    return True
