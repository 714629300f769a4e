"""What one request of the desk takes in process, and how many statements it makes."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client

from grids.models import User

#: Asked one after the other; the first of each also fills what a process keeps for half a minute.
ASKED = 9
MOST_MS, MOST_QUERIES = 300.0, 12

Ask = Callable[[], Any]


@dataclass(slots=True)
class Taken:
    """What one request took each time, in ms, and how many statements it made.

    `queries`: the fewest of all turns. Once in half a minute a process reads its books anew, which is nobody's page.
    """

    times: list[float] = field(default_factory=list)
    queries: int = 1_000
    _now: int = 0

    def begin(self) -> None:
        self._now = 0

    def end(self, took: float) -> None:
        self.times.append(took)
        self.queries = min(self.queries, self._now)

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        self._now += 1
        return execute(*arguments)

    @property
    def median(self) -> float:
        return statistics.median(self.times)


def taken(ask: Ask) -> Taken:
    """The first turn does not count. Raises AssertionError for any answer but 200."""
    found = Taken()
    for turn in range(ASKED + 1):
        found.begin()
        began = time.perf_counter()
        with connection.execute_wrapper(found):
            response: HttpResponse = ask()
        took = (time.perf_counter() - began) * 1e3
        assert response.status_code == 200, (response.status_code, getattr(response, "url", ""))
        if turn:
            found.end(took)
    return found


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
