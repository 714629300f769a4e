"""核查, 评价, 办结, 撤回: how a case ends, or begins another round."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases import chain
from cases.actions.alarm import raise_by_rating
from cases.actions.calling import tell_center, tell_departments
from cases.actions.timing import limit_for
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.colours import Colour
from cases.errors import Conflict, NotPermitted
from cases.guards import is_party
from cases.models import Assignment, Case, Clock, Rating
from cases.terms import (
    MAX_ROUNDS,
    AssignmentRole,
    AssignmentState,
    ClockKind,
    Grade,
    Outcome,
    RatingChannel,
    Status,
)
from cases.workflow import Action
from grids.actors import SERVICE, Actor


def verify(
    *, case_id: int, actor: Actor, now: datetime, passed: bool, comment: str = "", terms: Terms = NO_TERMS
) -> Case:
    """核查: by those who whistled, never by a department of the case. Failed: the next round begins."""
    with take_turn(Action.VERIFY, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        if is_party(actor, turn.assignments):
            raise NotPermitted(_("A department that handled the case does not verify its own work."))
        turn.stop(ClockKind.VERIFY)
        turn.facts["passed"] = passed
        turn.texts["comment"] = comment
        if not passed:
            next_round(turn, told="rework")
        elif turn.case.disclosure and limit_for(turn.case, ClockKind.RATE) is not None:
            _invite(turn)
        else:
            turn.case.status, turn.case.outcome = Status.CLOSED, Outcome.VERIFIED
    return turn.case


def rate(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    grade: str,
    solved: bool,
    record: str,
    channel: RatingChannel = RatingChannel.CALLBACK,
    terms: Terms = NO_TERMS,
) -> Case:
    """评价: the petitioner's verdict. Dissatisfied: round 2 in yellow, then round 3 in red, then closed as such."""
    verdict = Grade(int(grade))
    with take_turn(Action.RATE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.stop(ClockKind.RATE)
        _store_rating(turn, verdict, solved=solved, channel=channel)
        turn.facts |= {"grade": int(verdict), "solved": solved, "channel": channel.value}
        turn.texts["record"] = record
        if verdict.satisfied:
            turn.case.status, turn.case.outcome = Status.CLOSED, Outcome.RATED
        else:
            _dissatisfied(turn)
    return turn.case


def close_unrated(*, case_id: int, now: datetime) -> Case:
    """办结 by the clock: the rating period is over. Left out of satisfaction, never counted as satisfied."""
    with take_turn(Action.CLOSE, case_id=case_id, actor=SERVICE, now=now) as turn:
        due = next((c.due_at for c in turn.clocks if c.kind == ClockKind.RATE), None)
        if due is None or due > now:
            raise Conflict(_("The rating period is not over yet."))
        turn.case.status, turn.case.outcome = Status.CLOSED, Outcome.UNRATED
        turn.facts["moment"] = chain.stamp(due)
    return turn.case


def withdraw(*, case_id: int, actor: Actor, now: datetime, proof: str, terms: Terms = NO_TERMS) -> Case:
    """撤回: the petitioner takes the matter back; an officer records the proof."""
    with take_turn(Action.WITHDRAW, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.case.status, turn.case.outcome = Status.WITHDRAWN, Outcome.WITHDRAWN
        turn.texts["proof"] = proof
    return turn.case


def next_round(turn: Turn, *, told: str) -> Clock | None:
    """Handling starts again with the same departments and fresh clocks, without a new report-in.

    Returns the lead's new handle clock; None where the policy sets no handle limit.
    """
    case = turn.case
    case.status = Status.HANDLING
    case.round += 1
    turn.start(ClockKind.RESOLVE, charged_id=case.dispatch_unit_id)
    parts = [a for a in turn.assignments if a.state == AssignmentState.FINISHED]
    clocks = {part.role: _handle_again(turn, part) for part in parts}
    tell_departments(turn, parts, told, again=f":{case.round}")
    return clocks.get(AssignmentRole.LEAD)


def _handle_again(turn: Turn, part: Assignment) -> Clock | None:
    part.state, part.finished_at = AssignmentState.WORKING, None
    part.save(update_fields=["state", "finished_at"])
    return turn.start(ClockKind.HANDLE, charged_id=part.department_id, assignment=part)


def _invite(turn: Turn) -> None:
    case = turn.case
    case.status = Status.RATING
    turn.start(ClockKind.RATE, charged_id=None)
    tell_center(turn, "to_call_back", key=f"{case.pk}:{case.round}")


def _store_rating(turn: Turn, grade: Grade, *, solved: bool, channel: RatingChannel) -> None:
    Rating.objects.create(
        case=turn.case,
        round=turn.case.round,
        petitioner=turn.case.petitioners.first(),
        grade=grade,
        solved=solved,
        channel=channel,
        recorded_by_id=turn.actor.user_id,
        rated_at=turn.now,
    )


def _dissatisfied(turn: Turn) -> None:
    turn.case.dissatisfied += 1
    if turn.case.dissatisfied >= MAX_ROUNDS:
        turn.case.status, turn.case.outcome = Status.CLOSED, Outcome.DISSATISFIED
        return
    colour = Colour.YELLOW if turn.case.dissatisfied == 1 else Colour.RED
    clock = next_round(turn, told="dissatisfied")
    if clock is not None:
        raise_by_rating(turn, clock, colour)
