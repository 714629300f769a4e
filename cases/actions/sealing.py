"""封存: an accusation is handed to its keeper and from then on exists for nobody else (docs/privacy.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from cases import telling
from cases.actions.errands import withdraw_files
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.keeping import keeper_for, keepers_of
from cases.models import Case, InterviewProposal, MeetingItem
from cases.terms import CaseType, ErrandKind, Outcome, Status
from cases.workflow import Action
from grids.actors import Actor
from grids.holders import Holder
from grids.models import Department, User
from notifications import outbox
from notifications.outbox import Draft

SEALED_MESSAGE = "sealed"


def seal(
    case: Case, *, units: Sequence[Department], persons: Sequence[User], now: datetime
) -> tuple[dict[str, list[str] | list[int] | str], list[Draft]]:
    """Seal a case that is saved and locked, or name further accused of a sealed one.

    Returns the facts for the journal and the news for its keepers. What others were told of it before is taken back.
    """
    keepers = keepers_of(case, now=now) if case.sealed else ()
    case.accused_units.add(*units)
    case.accused_persons.add(*persons)
    keeper = keeper_for(case.accused_units.all(), case.accused_persons.all(), now=now)
    moved = case.keeper != keeper
    case.type, case.sealed, case.keeper = CaseType.ACCUSATION, True, keeper
    facts: dict[str, list[str] | list[int] | str] = {
        "keeper": keeper.value,
        "accused_units": [unit.code for unit in units],
        "accused_persons": [person.pk for person in persons],
    }
    _note_lost(case, keepers, now=now)
    if not moved:
        return facts, []
    outbox.take_back(case.number)
    _take_off_lists(case)
    withdraw_files(ErrandKind.EXPORT, now=now)
    return facts, arrived(case, now=now)


def _note_lost(case: Case, keepers: Iterable[Holder], *, now: datetime) -> None:
    """Keepers who lose it hear so; nobody else does, because the accused among them may never have seen it."""
    left = {holder.user_id for holder in keepers_of(case, now=now)}
    with connection.cursor() as cursor:
        for holder in keepers:
            if holder.user_id not in left:
                cursor.execute("SELECT cases_departed(%s, 'person', '', NULL, %s)", [case.pk, holder.user_id])


def arrived(case: Case, *, now: datetime) -> list[Draft]:
    """The news of a sealed case for those who keep it, and for nobody else."""
    return telling.drafts(case, SEALED_MESSAGE, keepers_of(case, now=now), key=f"{case.pk}:{case.keeper}")


def _take_off_lists(case: Case) -> None:
    """Meetings and interview proposals that were drawn up before it was known what the case is."""
    MeetingItem.objects.filter(case=case).delete()
    for proposal in InterviewProposal.objects.filter(evidence__cases__contains=[case.number]):
        proposal.evidence["cases"] = [number for number in proposal.evidence["cases"] if number != case.number]
        proposal.save(update_fields=["evidence"])


def seal_in_turn(turn: Turn, *, units: Iterable[Department], persons: Iterable[User]) -> None:
    """As `seal`; clocks and orders that ran against other units end, so that nothing of the case stays with them."""
    facts, drafts = seal(turn.case, units=list(units), persons=list(persons), now=turn.now)
    turn.stop_all()
    turn.case.supervision_orders.filter(answered_at=None).update(answered_at=turn.now)
    turn.case.supervision_orders.filter(signed_off_at=None).update(signed_off_at=turn.now)
    turn.facts |= facts
    turn.drafts += drafts


def conclude(*, case_id: int, actor: Actor, now: datetime, reply: str, terms: Terms = NO_TERMS) -> Case:
    """结案: the keeper brings a sealed case to its end and says what became of it. Nobody is asked to rate it."""
    with take_turn(Action.CONCLUDE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.case.status, turn.case.outcome, turn.case.answered_at = Status.CLOSED, Outcome.CONCLUDED, now
        turn.texts["reply"] = reply
    return turn.case
