"""核查, 评价, 办结, 撤回: how a case ends, or begins another round."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases import chain
from cases.actions.alarm import raise_alert
from cases.actions.attaching import facts_of, use
from cases.actions.interviews import propose_after_third_round
from cases.actions.notices import tell_awaited, tell_center, tell_collector, tell_departments
from cases.actions.raters import rater_of, raters_of, store_rating
from cases.actions.standstill import lift
from cases.actions.timing import limit_for
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.colours import Colour
from cases.errors import Conflict, NotPermitted
from cases.guards import is_party
from cases.models import Assignment, Case, Clock
from cases.terms import (
    MAX_ROUNDS,
    AlertCause,
    AssignmentRole,
    AssignmentState,
    ClockKind,
    Grade,
    Outcome,
    RatingChannel,
    Status,
    StopReason,
)
from cases.workflow import Action
from grids.actors import SERVICE, Actor
from grids.units import dispatching_unit


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
        if passed:
            _invite_or_close(turn)
        else:
            next_round(turn, told="rework")
    return turn.case


def resolve_on_spot(
    *, case_id: int, actor: Actor, now: datetime, reply: str, photos: Sequence[UUID], terms: Terms = NO_TERMS
) -> Case:
    """自办即结: the grid worker mended it and shows it; whoever raised it rates, a patrol matter is over."""
    action = Action.RESOLVE_ON_SPOT
    with take_turn(action, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        turn.facts |= facts_of(use(turn.case, photos, action=action, field="photos", actor=actor, photos_only=True))
        turn.case.answered_at = now
        turn.stop(ClockKind.DOCKET)
        turn.texts["reply"] = reply
        _invite_or_close(turn)
    return turn.case


def rate(
    *,
    case_id: int,
    actor: Actor,
    now: datetime,
    grade: str,
    solved: bool,
    record: str,
    petitioner: int | None = None,
    channel: RatingChannel = RatingChannel.CALLBACK,
    of_round: int | None = None,
    terms: Terms = NO_TERMS,
) -> Case:
    """评价: one petitioner's verdict; without `petitioner`, of the case's own. Decided once all invited have rated.

    `of_round`: Conflict where the case is in another one by now; without it, the verdict is about the present one.
    Dissatisfied: round 2 in yellow, then round 3 in red, then closed as such.
    """
    verdict = Grade(int(grade))
    with take_turn(Action.RATE, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        if of_round not in {None, turn.case.round}:
            raise Conflict(_("This verdict is about a round that is over."))
        raters = raters_of(turn.case)
        rater = rater_of(raters, petitioner)
        store_rating(turn, rater, verdict, solved=solved, channel=channel)
        turn.facts |= {"grade": int(verdict), "solved": solved, "channel": channel.value, "petitioner": rater}
        turn.texts["words" if channel is RatingChannel.LINK else "record"] = record
        if raters.awaited == (rater,):
            turn.stop(ClockKind.RATE)
            _decide(turn)
    return turn.case


def close_unrated(*, case_id: int, now: datetime) -> Case:
    """办结 by the clock: the rating period is over and those who were silent are waited for no longer.

    Without any rating the case closes as unrated: left out of satisfaction, never counted as satisfied.
    """
    with take_turn(Action.CLOSE, case_id=case_id, actor=SERVICE, now=now) as turn:
        due = next((c.due_at for c in turn.clocks if c.kind == ClockKind.RATE), None)
        if due is None or due > now:
            raise Conflict(_("The rating period is not over yet."))
        turn.stop(ClockKind.RATE, reason=StopReason.ENDED)
        turn.facts["moment"] = chain.stamp(due)
        _decide(turn)
    return turn.case


def reopen(*, case_id: int, actor: Actor, now: datetime, comment: str, terms: Terms = NO_TERMS) -> Case:
    """重办: a closed case is taken up again in a further round."""
    with take_turn(Action.REOPEN, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        case = turn.case
        case.closed_at, case.outcome = None, ""
        turn.texts["comment"] = comment
        next_round(turn, told="reopened")
        tell_collector(turn, "tell_reopened", key=f"{case.pk}:{case.round}")
    return turn.case


def withdraw(*, case_id: int, actor: Actor, now: datetime, proof: str, terms: Terms = NO_TERMS) -> Case:
    """撤回: the petitioner takes the matter back; an officer records the proof. One petitioner does not take back what
    others, whose cases follow this one, still wait for."""
    with take_turn(Action.WITHDRAW, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        if turn.followed:
            raise Conflict(_("Other petitioners' cases follow this one: it goes on for them."))
        lift(turn)
        turn.case.status, turn.case.outcome = Status.WITHDRAWN, Outcome.WITHDRAWN
        turn.texts["proof"] = proof
        tell_awaited(turn, "withdrawn", again="")
    return turn.case


def next_round(turn: Turn, *, told: str) -> Clock | None:
    """Handling starts again with the same departments and fresh clocks, without a new report-in.

    Without a lead that ever reported in, the case goes back to the dispatcher. Returns the lead's new handle clock,
    if there is one.
    """
    case = turn.case
    case.status = Status.HANDLING
    case.round += 1
    if case.dispatch_unit is None:  # it was never docketed
        case.dispatch_unit = dispatching_unit(case.area_code)
    turn.start(ClockKind.RESOLVE, charged_id=case.dispatch_unit_id)
    parts = [a for a in turn.assignments if a.state == AssignmentState.FINISHED]
    if not any(a.role == AssignmentRole.LEAD for a in parts):
        case.status, case.lead = Status.DOCKETED, None
        case.docketed_at = case.docketed_at or turn.now
        turn.start(ClockKind.DISPATCH, charged_id=case.dispatch_unit_id)
        return None
    for part in parts:
        part.state, part.finished_at = AssignmentState.WORKING, None
    Assignment.objects.bulk_update(parts, ["state", "finished_at"])
    clocks = turn.start_each(ClockKind.HANDLE, parts)
    tell_departments(turn, parts, told, again=f":{case.round}")
    return next((c for c in clocks if c.assignment and c.assignment.role == AssignmentRole.LEAD), None)


def _invite_or_close(turn: Turn) -> None:
    """What is done is rated by those who raised it; where nobody did, it is over."""
    case = turn.case
    if not raters_of(case).awaited or limit_for(case, ClockKind.RATE) is None:
        case.status, case.outcome = Status.CLOSED, Outcome.VERIFIED
        return
    case.status = Status.RATING
    turn.start(ClockKind.RATE, charged_id=None)
    tell_center(turn, "to_call_back", key=f"{case.pk}:{case.round}")


def _decide(turn: Turn) -> None:
    """What the verdicts of this round come to: one that is dissatisfied is enough for the next round."""
    grades = [Grade(g) for g in turn.case.ratings.filter(round=turn.case.round).values_list("grade", flat=True)]
    if any(not grade.satisfied for grade in grades):
        answer_dissatisfied(turn)
    else:
        turn.case.status, turn.case.outcome = Status.CLOSED, Outcome.RATED if grades else Outcome.UNRATED


def answer_dissatisfied(turn: Turn) -> None:
    """The next round in yellow, then in red; the third time the case closes as such and an interview is proposed."""
    turn.case.dissatisfied += 1
    if turn.case.dissatisfied >= MAX_ROUNDS:
        turn.case.status, turn.case.outcome = Status.CLOSED, Outcome.DISSATISFIED
        propose_after_third_round(turn.case, now=turn.now)
        return
    colour = Colour.YELLOW if turn.case.dissatisfied == 1 else Colour.RED
    clock = next_round(turn, told="dissatisfied")
    if clock is not None:
        raise_alert(turn, clock, colour, AlertCause.RATING)
