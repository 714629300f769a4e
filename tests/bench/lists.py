"""What the officers' work list takes with a hundred thousand cases: every view, filter, order and search, by role."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client

from cases.models import Assignment, Case
from cases.terms import AssignmentState, Status
from cases.worklists import Worklist
from grids.models import Post, User
from grids.roles import Role
from tests.bench.county import vacuum
from tests.bench.figures import Figure, say
from tests.bench.load import Load
from tests.bench.story import FREQUENT, RARE

LIST = "/admin/cases/case/"
OPEN_SHARE, CLOCKS_PER_CASE = 0.5, 2.06
#: Asked one after the other; the first of each also fills what a process keeps for half a minute.
ASKED = 9
MOST_MS, MOST_QUERIES = 300.0, 12
_DISPUTED, _RATING, _RED = 200, 40, 5_000  # every so manieth assignment and case; clocks red for long


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


def measure(load: Load, *, cases: int) -> Iterator[Figure]:
    """The median of each request in process, from the test client's call to the rendered page."""
    _fill(load, cases)
    for name, user in _people(load).items():
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        baseline = 0.0
        for what, method, asked in _requests(load):
            taken = _taken(client, method, asked)
            median = statistics.median(taken.times)
            baseline = baseline or median
            if median > MOST_MS or taken.queries > MOST_QUERIES:
                say(f"over the bar: {name} {what}: {median:.0f} ms, {taken.queries} queries")
            yield Figure(f"list_{name}_{what}_queries", taken.queries, "queries", MOST_QUERIES)
            yield Figure(f"list_{name}_{what}", median, "ms", baseline)


def _fill(load: Load, cases: int) -> None:
    """Half of them open; some came back, some wait for a rating, without the journal of it: nothing acts on them."""
    began = time.perf_counter()
    load.add(round(cases * OPEN_SHARE * CLOCKS_PER_CASE), red=_RED)
    load.add_closed(cases - Case.objects.count())
    waiting = Assignment.objects.filter(state=AssignmentState.WAITING)
    _every(waiting, _DISPUTED).update(state=AssignmentState.DISPUTED)
    _every(Case.objects.filter(status=Status.HANDLING), _RATING).update(status=Status.RATING)
    vacuum()
    found = Case.objects.open().count()
    say(f"{Case.objects.count()} cases, {found} of them open, loaded in {time.perf_counter() - began:.0f} s")


def _every(rows: Any, step: int) -> Any:
    return rows.extra(where=[f"{rows.model._meta.db_table}.id %% {step} = 0"])


def _people(load: Load) -> dict[str, User]:
    def holder(role: Role) -> User:
        post = Post.objects.filter(role=role).select_related("user").order_by("pk").first()
        assert post is not None
        return post.user

    busiest = Assignment.objects.values_list("department", flat=True).order_by("department").first()
    assert busiest is not None
    return {
        "center": load.county.center,
        "township": holder(Role.TOWNSHIP_DISPATCHER),
        "handler": load.county.handlers[busiest],
        "inspector": holder(Role.INSPECTOR),
    }


def _requests(load: Load) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, method and what is asked."""
    yield "open", "GET", {}
    for which in Worklist:
        if which is not Worklist.OPEN:
            yield which.value, "GET", {"scope": which.value}
    filters = {
        "colour_red": {"colour": "red"},
        "colour_yellow": {"colour": "yellow"},
        "status": {"status": "handling"},
        "status_rare": {"status": "rating"},
        "type": {"type": "urgent"},
        "type_none": {"type": "review"},
        "area": {"area": load.county.villages[0].code[:9]},
        "village": {"area": load.county.villages[0].code},
        "category": {"category": load.county.categories[-1].code},
        "lead": {"lead": load.county.departments[0].code},
        "due_late": {"due": "late"},
        "due_today": {"due": "today"},
        "due_week": {"due": "week"},
        "sort_due": {"sort": "due"},
        "sort_oldest": {"sort": "received"},
        "all_due": {"scope": "all", "sort": "due"},
        "all_oldest": {"scope": "all", "sort": "received"},
        "all_lead_status": {"scope": "all", "status": "closed", "lead": load.county.departments[0].code},
        "several": {"colour": "yellow", "status": "handling", "area": load.county.villages[0].code[:9]},
        "far_page": {"p": "200"},
    }
    yield from ((name, "GET", asked) for name, asked in filters.items())
    for name, words in (("rare", RARE), ("frequent", FREQUENT), ("number", "0001234"), ("phone", "13800001234")):
        for scope in (Worklist.OPEN, Worklist.ALL):
            yield f"search_{name}_{scope}", "POST", {"q": words, "scope": scope.value}


def _taken(client: Client, method: str, asked: dict[str, str]) -> Taken:
    taken = Taken()
    for turn in range(ASKED + 1):
        taken.begin()
        began = time.perf_counter()
        with connection.execute_wrapper(taken):
            response = client.get(LIST, asked) if method == "GET" else client.post(f"{LIST}rows/", asked)
        took = (time.perf_counter() - began) * 1e3
        assert response.status_code == 200, (asked, response.status_code)
        if turn:
            taken.end(took)
    return taken
