"""A sweep that stands still in the middle of a batch: claimed, almost written, not committed."""

import threading
from collections.abc import Iterable
from datetime import datetime

import pytest

from cases import alerting
from notifications.outbox import Draft, enqueue_many
from tests.concurrency.together import DEADLINE


class Pause:
    """The first sweep that comes to its messages waits there until the test goes on; later ones pass."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._there, self._over = threading.Event(), threading.Event()
        patch.setattr(alerting, "enqueue_many", self._enqueue_many)

    def wait_until_there(self) -> None:
        assert self._there.wait(DEADLINE), "no sweep came to its messages"

    def end(self) -> None:
        self._over.set()

    def _enqueue_many(self, drafts: Iterable[Draft], *, now: datetime) -> None:
        self._there.set()
        assert self._over.wait(DEADLINE), "nobody let the sweep go on"
        enqueue_many(drafts, now=now)
