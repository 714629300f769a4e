"""The network of a mountain village: requests get lost, answers get lost, some arrive twice, some arrive late."""

import json
import random
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TIMEOUT = 60.0  # seconds


class NoAnswer(Exception):
    """Nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One request."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def deliver(letter: Letter) -> Answer:
    """Over a network that works."""
    request = urllib.request.Request(letter.url, letter.body, letter.headers, method=letter.method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            return Answer(response.status, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read())


@dataclass(slots=True)
class BadNetwork:
    """Delivers by luck. `late` letters arrive before a later one, long after their sender gave them up."""

    dice: random.Random
    late: list[Letter] = field(default_factory=list)
    troubles: dict[str, int] = field(default_factory=dict)

    def deliver(self, letter: Letter) -> Answer:
        if self.late and self.dice.random() < 0.5:
            deliver(self.late.pop(self.dice.randrange(len(self.late))))
        return self.dice.choice([self._well, self._well, self._lost, self._unanswered, self._twice, self._late])(letter)

    def calm(self) -> Callable[[Letter], Answer]:
        """What was under way arrives, and from now on everything does."""
        for letter in self.late:
            deliver(letter)
        self.late.clear()
        return deliver

    def _well(self, letter: Letter) -> Answer:
        return deliver(letter)

    def _lost(self, _letter: Letter) -> Answer:
        raise self._trouble("lost")

    def _unanswered(self, letter: Letter) -> Answer:
        deliver(letter)
        raise self._trouble("unanswered")

    def _twice(self, letter: Letter) -> Answer:
        self._trouble("twice")
        deliver(letter)
        return deliver(letter)

    def _late(self, letter: Letter) -> Answer:
        self.late.append(letter)
        raise self._trouble("late")

    def _trouble(self, kind: str) -> NoAnswer:
        self.troubles[kind] = self.troubles.get(kind, 0) + 1
        return NoAnswer(kind)
