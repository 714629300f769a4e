"""并案: a case that follows a master. It is counted once; its petitioner is still answered and rates alone."""

from datetime import datetime

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from cases import telling
from cases.access import is_concerned, sees
from cases.actions.notices import tell_awaited
from cases.actions.standstill import lift
from cases.actions.turn import NO_TERMS, Terms, busy, is_busy, take_turn
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.models import Case
from cases.terms import OPEN, Outcome, Status
from cases.workflow import Action
from grids.actors import Actor


def merge(
    *, case_id: int, actor: Actor, now: datetime, master: Case | None, comment: str, terms: Terms = NO_TERMS
) -> Case:
    """`master` None: a number that was never given, answered like a case that the actor does not see.

    Both cases are locked in the order of their ids, so that two merges never wait for each other in a ring.
    """
    if master is not None and master.pk == case_id:
        message = _("A case cannot be merged into itself.")
        raise InvalidInput(message, {"master": [message]})
    try:
        with transaction.atomic():
            wanted = master.pk if master else None
            pair = list(Case.objects.locked().filter(pk__in=filter(None, [case_id, wanted])).order_by("pk"))
            with take_turn(Action.MERGE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
                leader = _checked_master(next((case for case in pair if case.pk == wanted), None), actor)
                if turn.followed:
                    raise Conflict(_("Other cases follow this one: it cannot be merged itself."))
                lift(turn)
                turn.case.status, turn.case.outcome, turn.case.master = Status.MERGED, Outcome.MERGED, leader
                turn.facts["master"] = leader.pk
                turn.texts["comment"] = comment
                tell_awaited(turn, "merged_away", again="")
                if turn.case.created_by is not None:
                    turn.drafts += telling.to_user(turn.case, "merged", turn.case.created_by, key=str(turn.case.pk))
            return turn.case
    except OperationalError as error:
        if is_busy(error):
            raise busy() from error
        raise


def _checked_master(leader: Case | None, actor: Actor) -> Case:
    if leader is None or not sees(actor, leader, list(leader.assignments.all())):
        message = _("There is no such case.")
        raise InvalidInput(message, {"master": [message]})
    if is_concerned(actor, leader):
        raise NotPermitted(_("This case names you: somebody else must act on it."))
    if leader.sealed:
        raise Conflict(_("A sealed case takes no other case in."))
    if leader.status not in OPEN:
        raise Conflict(_("The master case has ended already."))
    return leader
