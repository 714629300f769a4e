"""Taking case data out of the service is noted, before the first row leaves it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.models import ExportNote
from grids.actors import Actor


def note_export(
    *, what: str, format: str, criteria: Mapping[str, Any], rows: int, actor: Actor, now: datetime
) -> ExportNote:
    """Who takes out how many rows of what. `criteria` are codes and ids, no text of a case."""
    return ExportNote.objects.create(
        at=now, user_id=actor.user_id, what=what, format=format, criteria=dict(criteria), rows=rows
    )
