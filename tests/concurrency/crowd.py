"""Many cases at once, through the real action."""

import uuid
from datetime import datetime

from cases.actions.intake import collect
from tests.builders import MONDAY, County
from tests.stories import matter


def collect_many(county: County, count: int, *, at: datetime = MONDAY) -> list[int]:
    """Collect that many matters at that time; the ids of their cases."""
    actor, told = county.actor("gridworker", now=at), matter(county, petitioner=None)
    return [
        collect(matter=told, client_id=uuid.uuid4(), actor=actor, now=at, request={"n": n}).case.pk
        for n in range(count)
    ]
