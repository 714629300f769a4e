"""The lists of reasons as this process knows them, read once in half a minute: every form and timeline shows them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.models import Reason
from cases.terms import ReasonList

#: How long a process keeps what it read, in seconds: a list that was edited elsewhere is new after that.
KEPT: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Book:
    read_at: float
    lists: Mapping[str, Mapping[str, Reason]]


_kept: list[_Book] = []


def offered(which: str) -> dict[str, str]:
    """What may be chosen today, in its order: code → words in the reader's language."""
    return {code: entry.words for code, entry in _entries(which).items() if entry.is_active}


def words(which: str, code: str) -> str:
    """What was chosen, a retired entry included. The code itself when nobody knows it any more."""
    entry = _entries(which).get(code)
    return entry.words if entry else code


def everything() -> list[Reason]:
    """All entries of all lists, retired ones too."""
    return [entry for which in ReasonList for entry in _entries(which).values()]


def forget() -> None:
    """Read anew next time: after an edit in this process, and between tests."""
    _kept.clear()


def _entries(which: str) -> Mapping[str, Reason]:
    if not _kept or time.monotonic() - _kept[0].read_at > KEPT:
        lists: dict[str, dict[str, Reason]] = {}
        for entry in Reason.objects.all():
            lists.setdefault(entry.list, {})[entry.code] = entry
        _kept[:] = [_Book(time.monotonic(), lists)]
    return _kept[0].lists.get(which, {})
