"""What a process may keep for a minute instead of reckoning it for every reader. Pure: the moment is given."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

KEPT: Final = timedelta(minutes=1)
#: So many readers' figures at most; beyond them all are forgotten, which costs each one reckoning.
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class AsOf(Generic[V]):
    """A value and the moment at which it was true: said beside it."""

    value: V
    at: datetime


class Minute(Generic[K, V]):
    """The last value of each key. Two threads may reckon the same one at the same time: both are right."""

    def __init__(self) -> None:
        self._kept: dict[K, AsOf[V]] = {}

    def of(self, key: K, *, now: datetime, read: Callable[[], V]) -> AsOf[V]:
        kept = self._kept.get(key)
        if kept is None or not timedelta() <= now - kept.at < KEPT:
            if len(self._kept) >= _MOST:
                self._kept = {}
            kept = self._kept[key] = AsOf(read(), now)
        return kept

    def forget(self) -> None:
        """Reckon anew next time: between tests."""
        self._kept = {}
