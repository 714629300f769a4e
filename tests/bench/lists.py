"""What the officers' work list takes with a hundred thousand cases: every view, filter, order and search, by role."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.test import Client

from cases.models import Assignment, Case
from cases.terms import AssignmentState, Status
from cases.worklists import Worklist
from tests.bench.county import vacuum
from tests.bench.figures import Figure, say
from tests.bench.load import Load
from tests.bench.pages import officers
from tests.bench.story import COMMON_NAME, FREQUENT, NAMES, RARE
from tests.bench.taken import MOST_MS, MOST_QUERIES, Ask, client_of, taken

LIST = "/admin/cases/case/"
OPEN_SHARE, CLOCKS_PER_CASE = 0.5, 2.06
_LISTED = ("center", "township", "handler", "inspector")
_DISPUTED, _RATING, _RED = 200, 40, 5_000  # every so manieth assignment and case; clocks red for long


def measure(load: Load, *, cases: int) -> Iterator[Figure]:
    """The median of each request in process, from the test client's call to the rendered page."""
    fill(load, cases)
    people = officers(load)
    for name in _LISTED:
        client = client_of(people[name])
        baseline = 0.0
        for what, method, asked in _requests(load):
            found = taken(_ask(client, method, asked))
            baseline = baseline or found.median
            if found.median > MOST_MS or found.queries > MOST_QUERIES:
                say(f"over the bar: {name} {what}: {found.median:.0f} ms, {found.queries} queries")
            yield Figure(f"list_{name}_{what}_queries", found.queries, "queries", MOST_QUERIES)
            yield Figure(f"list_{name}_{what}", found.median, "ms", baseline)


def fill(load: Load, cases: int) -> None:
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
    words_of = {"rare": RARE, "frequent": FREQUENT, "number": "0001234", "phone": "13800001234", "nobody": "欧阳无名"}
    for name, words in (words_of | {"name": NAMES[-1], "common_name": COMMON_NAME}).items():
        for scope in (Worklist.OPEN, Worklist.ALL):
            yield f"search_{name}_{scope}", "POST", {"q": words, "scope": scope.value}


def _ask(client: Client, method: str, asked: dict[str, str]) -> Ask:
    return partial(client.get, LIST, asked) if method == "GET" else partial(client.post, f"{LIST}rows/", asked)
