"""Who is asked for a verdict: the petitioners of the case and of all that were merged into it (domain.md, `merge`).

A petitioner is named by the id of the row; None is the anonymous petitioner of the case itself, who has none.
"""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.actions.turn import Turn
from cases.errors import Conflict, InvalidInput
from cases.models import Case, Petitioner, Rating
from cases.terms import Disclosure, Grade, RatingChannel


def invited_raters(case: Case) -> list[int | None]:
    """Everybody who may rate, own ones first. Whose data were erased can no longer be asked."""
    people = Petitioner.objects.filter(Q(case=case) | Q(case__master=case), erased_at=None).order_by("pk")
    rows = list(people.values_list("pk", "case_id"))
    own: list[int | None] = [pk for pk, case_id in rows if case_id == case.pk]
    if case.disclosure == Disclosure.ANONYMOUS:
        own = [None]
    return own + [pk for pk, case_id in rows if case_id != case.pk]


def awaited_raters(case: Case) -> list[int | None]:
    """The invited who have not rated in this round."""
    rated = set(case.ratings.filter(round=case.round).values_list("petitioner", flat=True))
    return [who for who in invited_raters(case) if who not in rated]


def rater_of(case: Case, awaited: Sequence[int | None], petitioner: int | None) -> int | None:
    """Whose verdict this is. InvalidInput for a petitioner of another case, Conflict for a second verdict."""
    invited = invited_raters(case)
    if petitioner is None:
        own = set(case.petitioners.values_list("pk", flat=True)) | {None}
        petitioner = next((who for who in invited if who in own), None)
    if petitioner not in invited:
        message = _("Choose the petitioner whose verdict this is.")
        raise InvalidInput(message, {"petitioner": [message]})
    if petitioner not in awaited:
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
