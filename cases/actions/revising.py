"""改评: the petitioner's own verdict replaces that of a call-back until the period is over (domain.md, `rate`)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.actions.closing import answer_dissatisfied
from cases.actions.turn import Turn, take_turn
from cases.citizens import said_by
from cases.codes import RatingLink
from cases.errors import Conflict
from cases.models import Case, Clock, Rating
from cases.terms import ClockKind, Grade, Outcome, RatingChannel, Status
from cases.workflow import Action
from grids.actors import CITIZEN


def revise_rating(*, link: RatingLink, now: datetime, grade: str, solved: bool, record: str) -> Case:
    """Put the petitioner's verdict in place of what an officer wrote down in a call-back.

    A case that closed upon the call-back is handled again when the petitioner is dissatisfied. A round that began upon
    it goes on, because departments are at work; only what is counted changes. The journal keeps both verdicts.
    Errors: those of `take_turn`, and Conflict after the period, or where no call-back was recorded.
    """
    with take_turn(Action.REVISE_RATING, case_id=link.case_id, actor=CITIZEN, now=now) as turn:
        rating = _revisable(turn, link)
        before = _is_dissatisfied(turn.case, link.round)
        rating.grade, rating.solved, rating.channel = int(grade), solved, RatingChannel.LINK
        rating.recorded_by, rating.rated_at = None, now
        rating.save(update_fields=["grade", "solved", "channel", "recorded_by", "rated_at"])
        turn.facts |= {"grade": int(grade), "solved": solved, "channel": RatingChannel.LINK.value}
        turn.facts |= {"petitioner": link.petitioner, "rated_round": link.round}
        turn.texts["words"] = record
        _settle(turn, link.round, before=before, after=_is_dissatisfied(turn.case, link.round))
    return turn.case


def _revisable(turn: Turn, link: RatingLink) -> Rating:
    rating = said_by(link)
    if rating is None or rating.channel != RatingChannel.CALLBACK:
        raise Conflict(_("You have rated this matter already. Your verdict stands as it is."))
    period = Clock.objects.filter(case=turn.case, kind=ClockKind.RATE, round=link.round).order_by("-pk").first()
    if period is None or period.due_at < turn.now:
        raise Conflict(_("The rating period is over; your verdict can no longer be changed."))
    return rating


def _is_dissatisfied(case: Case, nth: int) -> bool:
    """One that is dissatisfied is enough (ADR 0015)."""
    grades = case.ratings.filter(round=nth).values_list("grade", flat=True)
    return any(not Grade(grade).satisfied for grade in grades)


def _settle(turn: Turn, nth: int, *, before: bool, after: bool) -> None:
    case = turn.case
    waiting = case.status == Status.RATING and case.round == nth  # decided when all have rated
    if before == after or waiting:
        return
    closed_upon_it = case.status == Status.CLOSED and case.round == nth
    if closed_upon_it and after:
        case.closed_at, case.outcome = None, ""
        answer_dissatisfied(turn)
        return
    case.dissatisfied += 1 if after else -1
    if closed_upon_it:
        case.outcome = Outcome.RATED
