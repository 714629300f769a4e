"""吹哨申请, 审批: a township calls county departments through its leader."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions.calling import check_distinct, whistle
from cases.actions.notices import tell_post
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.errors import Conflict
from cases.models import Case, WhistleProposal
from cases.terms import CaseType, Urgency
from cases.workflow import Action
from grids.actors import Actor
from grids.models import Department
from grids.roles import Role


def propose_whistle(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    lead: Department,
    assistants: Sequence[Department] = (),
    instruction: str = "",
    terms: Terms = NO_TERMS,
) -> Case:
    """吹哨申请. An emergency is effective at once and reported to the leader; everything else waits for the leader."""
    check_distinct(lead, assistants)
    with take_turn(Action.PROPOSE_WHISTLE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        if turn.proposal is not None:
            raise Conflict(_("A whistle was proposed already and waits for the leader."))
        at_once = effective_at_once(turn.case)
        proposal = WhistleProposal.objects.create(
            case=turn.case,
            lead=lead,
            effective_at_once=at_once,
            proposed_at=now,
            proposed_by_id=actor.user_id,
            decided_at=now if at_once else None,
            approved=True if at_once else None,
        )
        proposal.assistants.set(assistants)
        turn.facts |= {"proposal": proposal.pk, "at_once": at_once}
        turn.facts["departments"] = [lead.code, *(department.code for department in assistants)]
        turn.texts["instruction"] = instruction
        if at_once:
            whistle(turn, lead=lead, assistants=assistants)
        kind = "whistle_reported" if at_once else "whistle_proposed"
        tell_post(turn, Role.TOWNSHIP_LEADER, kind, key=str(proposal.pk))
    return turn.case


def effective_at_once(case: Case) -> bool:
    """An emergency whistle waits for no leader (domain.md, "The loop")."""
    return case.type == CaseType.WHISTLE_EMERGENCY or case.urgency == Urgency.EMERGENCY


def approve_whistle(*, case_id: int, actor: Actor, now: datetime, comment: str = "", terms: Terms = NO_TERMS) -> Case:
    """The leader approves: the whistle is blown as proposed."""
    with take_turn(Action.APPROVE_WHISTLE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        proposal = _decide(turn, approved=True)
        turn.texts["comment"] = comment
        assistants = list(proposal.assistants.select_related("area").order_by("pk"))
        whistle(turn, lead=proposal.lead, assistants=assistants)
    return turn.case


def refuse_whistle(*, case_id: int, actor: Actor, now: datetime, comment: str, terms: Terms = NO_TERMS) -> Case:
    """The leader refuses with a reason; the case stays with the township and its dispatch clock runs on."""
    with take_turn(Action.REFUSE_WHISTLE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        proposal = _decide(turn, approved=False)
        turn.texts["comment"] = comment
        tell_post(turn, Role.TOWNSHIP_DISPATCHER, "whistle_refused", key=str(proposal.pk))
    return turn.case


def _decide(turn: Turn, *, approved: bool) -> WhistleProposal:
    proposal, turn.proposal = turn.proposal, None
    if proposal is None:
        raise Conflict(_("No whistle waits for a decision."))
    proposal.decided_at, proposal.decided_by_id, proposal.approved = turn.now, turn.actor.user_id, approved
    proposal.save(update_fields=["decided_at", "decided_by", "approved"])
    turn.facts |= {"proposal": proposal.pk, "approved": approved}
    return proposal
