"""立项, 不予受理, 派单: what dispatchers decide."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions.calling import calling_unit, check_distinct, check_reach, whistle
from cases.actions.notices import tell_collector
from cases.actions.sealing import seal_in_turn
from cases.actions.turn import NO_TERMS, Terms, take_turn
from cases.errors import InvalidInput
from cases.models import Case, Category
from cases.terms import CaseType, ClockKind, Outcome, Status
from cases.workflow import Action
from grids.actors import Actor
from grids.models import Department, User


def docket(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    type: str,
    category: Category,
    urgency: str,
    note: str = "",
    accused_units: Sequence[Department] = (),
    accused_persons: Sequence[User] = (),
    terms: Terms = NO_TERMS,
) -> Case:
    """立项: fix type, category and urgency; the county's promise to the citizen begins to run.

    What turns out to be an accusation is sealed by this and leaves the hands of the dispatcher; a sealed case is
    dispatched to nobody, so that only its promise runs.
    """
    with take_turn(Action.DOCKET, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        case = turn.case
        _check_accusation(case, type, accused=bool(accused_units or accused_persons))
        case.type, case.category, case.urgency = type, category, urgency
        case.status, case.docketed_at = Status.DOCKETED, now
        turn.stop(ClockKind.DOCKET)
        if type == CaseType.ACCUSATION:
            seal_in_turn(turn, units=accused_units, persons=accused_persons)
        case.dispatch_unit = None if case.sealed else calling_unit(turn)
        charged = case.dispatch_unit.pk if case.dispatch_unit else None
        turn.start(ClockKind.RESOLVE, charged_id=charged)
        if not case.sealed:
            turn.start(ClockKind.DISPATCH, charged_id=charged)
        turn.facts |= {"type": type, "category": category.code, "urgency": urgency, "unit": charged}
        turn.texts["note"] = note
    return case


def _check_accusation(case: Case, type: str, *, accused: bool) -> None:
    """Once sealed always sealed; and only an accusation accuses anybody."""
    if case.sealed and type != CaseType.ACCUSATION:
        message = _("A sealed case stays an accusation. What is none is not accepted, with the place to go instead.")
        raise InvalidInput(message, {"type": [message]})
    if accused and type != CaseType.ACCUSATION:
        message = _("Only an accusation names accused units and persons.")
        raise InvalidInput(message, {"type": [message]})


def reject(*, case_id: int, actor: Actor, now: datetime, reason: str, advice: str, terms: Terms = NO_TERMS) -> Case:
    """不予受理: with a reason from the closed list and the place to go instead."""
    with take_turn(Action.REJECT, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.stop(ClockKind.DOCKET)  # it waited for this decision as well; what else runs ends with the case
        turn.case.status, turn.case.outcome = Status.REJECTED, Outcome.REJECTED
        turn.facts["reason"] = reason
        turn.texts["advice"] = advice
        if not turn.case.sealed:
            tell_collector(turn, "rejected", key=str(turn.case.pk))
    return turn.case


def dispatch(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    lead: Department,
    assistants: Sequence[Department] = (),
    instruction: str = "",
    terms: Terms = NO_TERMS,
) -> Case:
    """吹哨派单: one lead, any assistants; each gets its own report-in clock. A township calls only its own units."""
    check_distinct(lead, assistants)
    with take_turn(Action.DISPATCH, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        check_reach(turn, lead, *assistants)
        whistle(turn, lead=lead, assistants=assistants)
        turn.texts["instruction"] = instruction
    return turn.case
