"""Tables that everybody reads and few people edit, as this process knows them: areas, departments, categories.

A case names half a dozen of their rows, and a list of fifty cases a hundred. They are read once in half a minute
instead of joined into every statement; what was edited meanwhile is shown that much later.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django.db.models import Model, QuerySet

from grids.models import Area, Department

M = TypeVar("M", bound=Model)

#: How long a process keeps what it read, in seconds.
KEPT: Final = 30.0
#: After how long a code that nobody has heard of is looked for once more.
LOOKED_AGAIN: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Pages(Generic[M]):
    read_at: float
    by_id: Mapping[int, M]
    by_code: Mapping[str, M]


class Book(Generic[M]):
    """The rows of one table by id and by code. They are shared by everybody in the process: to be read, not changed."""

    def __init__(self, rows: Callable[[], QuerySet[M]]) -> None:
        self._rows = rows
        self._pages: _Pages[M] | None = None

    def of(self, pk: int) -> M:
        """The row with this id, also one that is newer than what was read. KeyError when there is none."""
        found = self._read().by_id.get(pk)
        return found if found is not None else self._read(anew=True).by_id[pk]

    def maybe(self, pk: int | None) -> M | None:
        """The same for a reference that may be empty."""
        return None if pk is None else self.of(pk)

    def coded(self, code: str) -> M | None:
        """The row with this code. What is not there is looked for again, though not for every wrong code anew."""
        pages = self._read()
        if code not in pages.by_code and time.monotonic() - pages.read_at > LOOKED_AGAIN:
            pages = self._read(anew=True)
        return pages.by_code.get(code)

    def known(self, code: str) -> M | None:
        """The row with this code among what was read: for words beside a row that is shown anyway."""
        return self._read().by_code.get(code)

    def all(self) -> list[M]:
        """In the order of the table."""
        return list(self._read().by_id.values())

    def forget(self) -> None:
        """Read anew next time: between tests, and after an edit that must be seen at once."""
        self._pages = None

    def _read(self, *, anew: bool = False) -> _Pages[M]:
        pages = self._pages
        if pages is None or anew or time.monotonic() - pages.read_at > KEPT:
            rows = list(self._rows())
            by_code = {row.code: row for row in rows}  # type: ignore[attr-defined]  # all these tables have codes
            pages = _Pages(time.monotonic(), {row.pk: row for row in rows}, by_code)
            self._pages = pages
        return pages


AREAS: Final[Book[Area]] = Book(lambda: Area.objects.select_related("parent"))
DEPARTMENTS: Final[Book[Department]] = Book(lambda: Department.objects.select_related("area"))
