"""Five hundred phones come back into the network at noon: what they did all morning, a third of it sent twice."""

import random
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count

from cases.models import Case, JournalEvent
from grids.models import Post, User
from grids.roles import Role
from tests.bench.client import CONNECTIONS, Call, sequence_of
from tests.bench.county import County
from tests.bench.endpoints import token_of
from tests.bench.figures import Figure, say
from tests.bench.server import served

PHONES, OPERATIONS, REPEATED = 500, 20, 3  # every third operation is sent a second time
FOLLOWED = 5  # every fifth matter is taken back later in the morning


@dataclass(frozen=True, slots=True)
class Morning:
    """What one phone sends: its batch, and then the third of it whose answer it did not hear."""

    token: str
    operations: list[dict[str, Any]]

    def calls(self) -> Iterator[Call]:
        yield self._call(self.operations)
        yield self._call(self.operations[::REPEATED])

    def _call(self, operations: list[dict[str, Any]]) -> Call:
        body = {"sent_at": datetime.now(UTC).isoformat(), "operations": operations}
        return Call("POST", "/api/v1/sync/", 200, self.token, body)


def sync(county: County, *, phones: int) -> Figure:
    """Seconds until all are through, beside what is allowed. AssertionError for anything lost or doubled."""
    mornings = [_morning(county, number) for number in range(phones)]
    before = Case.objects.count()
    with served() as port:
        began = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            answered = list(pool.map(lambda morning: sequence_of(port, morning.calls()), mornings))
        taken = time.perf_counter() - began
    _check(mornings, answered, before)
    say(f"{phones} phones, {phones * OPERATIONS} operations and a third of them again")
    return Figure("sync_storm", taken, "s", 120.0)


def _morning(county: County, number: int) -> Morning:
    dice = random.Random(number)
    village = county.villages[number % len(county.villages)]
    user = User.objects.create(username=f"storm{number}", full_name=f"Grid worker {number}")
    Post.objects.create(
        user=user, role=Role.GRID_WORKER, area=village, valid_from=datetime.now(UTC).date() - timedelta(2)
    )
    operations: list[dict[str, Any]] = []
    while len(operations) < OPERATIONS:
        matter = _collect(village.code, dice)
        operations.append(matter)
        if len(operations) % FOLLOWED == 0 and len(operations) < OPERATIONS:
            operations.append(_take_back(matter, dice))
    return Morning(token_of(user), operations)


def _collect(area: str, dice: random.Random) -> dict[str, Any]:
    return {
        "op_id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "action": "collect",
        "case": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "capture_time": (datetime.now(UTC) - timedelta(hours=3)).isoformat(),
        "type": "appeal",
        "title": "路灯不亮",
        "description": "村口的路灯连续三天不亮,老人夜里出门不便。",
        "area": area,
    }


def _take_back(matter: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    return {
        "op_id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "action": "withdraw",
        "case": matter["case"],
        "after": matter["op_id"],
        "proof": "当面撤回",
    }


def _check(mornings: list[Morning], answered: list[list[Any]], before: int) -> None:
    for morning, (first, second) in zip(mornings, answered, strict=True):
        assert [result["status"] for result in first["results"]] == ["applied"] * len(morning.operations)
        assert {result["status"] for result in second["results"]} == {"replayed"}
    matters = sum(step["action"] == "collect" for morning in mornings for step in morning.operations)
    assert Case.objects.count() == before + matters
    twice = JournalEvent.objects.filter(kind__in=["collect", "withdraw"]).values("case", "kind")
    assert not twice.annotate(times=Count("pk")).filter(times__gt=1).exists()
