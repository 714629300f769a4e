"""What a petitioner does without an account: bring a matter in, rate it, take it back.

Whoever calls has shown the query code or the link, or is new; each verb can be repeated without doing anything twice.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cases.actions.closing import rate, withdraw
from cases.actions.intake import Collected, Matter, collect
from cases.actions.revising import revise_rating
from cases.citizens import said_by
from cases.codes import RatingLink
from cases.errors import Conflict
from cases.models import Case
from cases.terms import RatingChannel, Status
from grids.actors import CITIZEN

#: Ids that citizens' phones make are kept under names of their own: none can be that of an imported row.
_BROUGHT_IN: Final = uuid.UUID("6f0d1a52-7f6b-4b57-8d0e-2a6a4c1f9b33")


def bring_in(*, matter: Matter, client_id: uuid.UUID, now: datetime, request: Mapping[str, Any]) -> Collected:
    """A matter that a citizen brings in alone. The same `client_id` and `request` again: the same case and code."""
    own = uuid.uuid5(_BROUGHT_IN, str(client_id))
    return collect(matter=matter, client_id=own, actor=CITIZEN, now=now, request=request)


def rate_by_link(*, link: RatingLink, now: datetime, grade: str, solved: bool, record: str) -> None:
    """The petitioner's own verdict, in place of a call-back's if there is one. The same verdict again changes nothing.

    Errors: Conflict after the period, in another round, or for another verdict than the one that stands.
    """
    try:
        rate(
            case_id=link.case_id,
            actor=CITIZEN,
            now=now,
            grade=grade,
            solved=solved,
            record=record,
            petitioner=link.petitioner,
            channel=RatingChannel.LINK,
            of_round=link.round,
        )
    except Conflict:
        said = said_by(link)
        if said is None:
            raise
        if (said.channel, said.grade, said.solved) != (RatingChannel.LINK, int(grade), solved):
            revise_rating(link=link, now=now, grade=grade, solved=solved, record=record)


def take_back(*, case: Case, now: datetime, reason: str) -> None:
    """撤回 by the petitioner, before the matter is answered. Taken back already: nothing happens."""
    if case.status != Status.WITHDRAWN:
        withdraw(case_id=case.pk, actor=CITIZEN, now=now, proof=reason)
