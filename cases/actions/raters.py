"""Who is asked for a verdict: the petitioners of the case and of all that were merged into it (domain.md, `merge`).

A petitioner is named by the id of the row; None is the anonymous petitioner of the case itself, who has none.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.actions.turn import Turn
from cases.errors import Conflict, InvalidInput
from cases.models import Case, Petitioner, Rating
from cases.terms import Disclosure, Grade, RatingChannel


@dataclass(frozen=True, slots=True)
class Raters:
    """Everybody who may rate, the case's own petitioners first, and who of them has not done so in this round."""

    own: tuple[int | None, ...]
    invited: tuple[int | None, ...]
    awaited: tuple[int | None, ...]


def raters_of(case: Case) -> Raters:
    """Whose data were erased can no longer be asked. One query, one more for an anonymous petitioner."""
    this_round = Rating.objects.filter(case=case, round=case.round)
    people = Petitioner.objects.filter(Q(case=case) | Q(case__master=case), erased_at=None).order_by("pk")
    rated = Exists(this_round.filter(petitioner=OuterRef("pk")))
    rows: list[tuple[int | None, int, bool]] = list(people.annotate(rated=rated).values_list("pk", "case_id", "rated"))
    own = [row for row in rows if row[1] == case.pk]
    if case.disclosure == Disclosure.ANONYMOUS:
        own = [(None, case.pk, this_round.filter(petitioner=None).exists())]
    everybody = own + [row for row in rows if row[1] != case.pk]
    return Raters(
        own=tuple(pk for pk, _case, _rated in own),
        invited=tuple(pk for pk, _case, _rated in everybody),
        awaited=tuple(pk for pk, _case, rated in everybody if not rated),
    )


def rater_of(raters: Raters, petitioner: int | None) -> int | None:
    """Whose verdict this is. InvalidInput for a petitioner of another case, Conflict for a second verdict."""
    if petitioner is None:
        petitioner = next(iter(raters.own), None)
    if petitioner not in raters.invited:
        message = _("Choose the petitioner whose verdict this is.")
        raise InvalidInput(message, {"petitioner": [message]})
    if petitioner not in raters.awaited:
        raise Conflict(_("This petitioner has rated in this round already; others are still waited for."))
    return petitioner


def store_rating(turn: Turn, rater: int | None, grade: Grade, *, solved: bool, channel: RatingChannel) -> None:
    Rating.objects.create(
        case=turn.case,
        round=turn.case.round,
        petitioner_id=rater,
        grade=grade,
        solved=solved,
        channel=channel,
        recorded_by_id=turn.actor.user_id,
        rated_at=turn.now,
    )
