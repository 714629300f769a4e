"""Stock phrases as this process knows them, read once in half a minute: every case page shows them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.models import Phrase
from cases.workflow import Action

#: How long a process keeps what it read, in seconds: phrases that were edited elsewhere are new after that.
KEPT: Final = 30.0
#: More beside one field would be a list to search in.
MOST: Final = 12


@dataclass(frozen=True, slots=True)
class _Book:
    read_at: float
    phrases: Mapping[str, list[str]]


_kept: list[_Book] = []


def offered(action: Action) -> list[str]:
    """What may be put into the text of that action, in its order."""
    if not _kept or time.monotonic() - _kept[0].read_at > KEPT:
        phrases: dict[str, list[str]] = {}
        for action_code, text in Phrase.objects.filter(is_active=True).values_list("action", "text"):
            phrases.setdefault(action_code, []).append(text)
        _kept[:] = [_Book(time.monotonic(), phrases)]
    return _kept[0].phrases.get(action.value, [])[:MOST]


def forget() -> None:
    """Read anew next time: after an edit in this process, and between tests."""
    _kept.clear()
