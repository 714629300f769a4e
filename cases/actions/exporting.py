"""Taking case data out of the service is noted, before the first row leaves it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.models import ExportNote
from cases.table_files import Lines
from grids.actors import Actor


def note_export(
    *, what: str, format: str, criteria: Mapping[str, Any], rows: int, actor: Actor, now: datetime
) -> ExportNote:
    """Who takes out how many rows of what. `criteria` are codes and ids, no text of a case."""
    return ExportNote.objects.create(
        at=now, user_id=actor.user_id, what=what, format=format, criteria=dict(criteria), rows=rows
    )


def noted(lines: Lines, note: ExportNote, clock: Callable[[], datetime]) -> Iterator[Sequence[str]]:
    """The lines of a file, the first of them its headings; behind the last one the note says that it is complete.

    One that breaks off, because its reader left or a row could not be read, keeps how many rows had gone by then.
    """
    rows, ended = -1, None
    try:
        for line in lines:
            yield line
            rows += 1
        ended = clock()
    finally:
        # What broke off never takes back that another try came to its end.
        mine = ExportNote.objects.filter(pk=note.pk)
        (mine if ended else mine.filter(finished_at=None)).update(rows=max(rows, 0), finished_at=ended)
