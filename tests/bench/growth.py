"""What lists, searches and last pages take with a million cases, beside ten thousand on the same server."""

import itertools
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from cases.api.keyset import Cursor
from cases.models import Case
from cases.terms import Status
from tests.bench.client import Call, sequence
from tests.bench.county import County, vacuum
from tests.bench.endpoints import token_of
from tests.bench.figures import Figure, quantile, say
from tests.bench.load import Load
from tests.bench.server import served
from tests.bench.story import FREQUENT, RARE

ASKED = 100  # requests of each kind in one round
SMALL, OPEN_SHARE = 10_000, 0.05
CLOCKS_PER_CASE = 2.06  # of open cases, as `Load` draws them
PAGE = 50

Medians = dict[str, float]


def measure(load: Load, *, cases: int, rounds: int) -> Iterator[Figure]:
    """First with ten thousand cases, then with all: every twentieth is open."""
    _fill(load, SMALL)
    with served() as port:
        small, _seldom = _ask(port, load.county, rounds=rounds)
        began = time.perf_counter()
        _fill(load, cases)
        say(f"{Case.objects.count()} cases, loaded and vacuumed in {time.perf_counter() - began:.0f} s")
        large, frequent = _ask(port, load.county, rounds=rounds)
    for name, median in large.items():
        yield Figure(f"{name}_growth", median, "ms", small[name])
    yield Figure("search_frequent_p95", quantile(frequent, 0.95) * 1e3, "ms", large["search"])


def _fill(load: Load, cases: int) -> None:
    """Up to so many cases."""
    there = Case.objects.count()
    wanted = round((cases - there) * OPEN_SHARE * CLOCKS_PER_CASE)
    load.add(wanted)
    load.add_closed(cases - Case.objects.count())
    vacuum()


def _ask(port: int, county: County, *, rounds: int) -> tuple[Medians, list[float]]:
    """The medians in ms, best of the rounds, and what each search for a frequent word took."""
    calls = _calls(county)
    taken: dict[str, list[list[float]]] = {name: [] for name in calls}
    for _round, (name, call) in itertools.product(range(rounds + 1), calls.items()):
        taken[name].append(sequence(port, call, ASKED))
    frequent = [seconds for one in taken.pop("frequent")[1:] for seconds in one]
    return {name: min(map(statistics.median, ones[1:])) * 1e3 for name, ones in taken.items()}, frequent


def _calls(county: County) -> dict[str, Call]:
    """Pages that are full at both sizes: of ten thousand cases a dozen are yellow and in hand in one township."""
    asked: dict[str, dict[str, str]] = {
        "list50": {},
        "worst": {"ordering": "-colour"},
        "filter": {"colour": "yellow", "area": county.villages[0].code[:9], "status": "handling", "page_size": "10"},
        "search": {"q": RARE, "status": "all"},
        "frequent": {"q": FREQUENT, "status": "all"},
        "last_page": {"cursor": _before_the_end().write()},
    }
    token = token_of(county.center)
    return {
        name: Call("GET", f"/api/v1/cases/?{urlencode({'page_size': str(PAGE)} | query)}", 200, token)
        for name, query in asked.items()
    }


def _before_the_end() -> Cursor:
    """Behind which one page of open cases is left."""
    values = Case.objects.exclude(status=Status.CLOSED).order_by("-due_at", "-id").values("id", "due_at", "colour")
    return Cursor.at_row("due_at", dict(values[PAGE]))
