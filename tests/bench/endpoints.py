"""The API under load, each endpoint beside the bare read or insert of the same round on the same server."""

import itertools
import random
import uuid
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone
from knox.models import AuthToken

from cases.models import Assignment, Case
from cases.terms import AssignmentRole, AssignmentState
from grids.models import User
from tests.bench.bare.models import CREATE, Note
from tests.bench.client import Call, Pace, pace
from tests.bench.county import County
from tests.bench.figures import Figure, quantile, say, spread
from tests.bench.server import served

NOTES = 1_000
WARM_UP = 0.5  # seconds for each endpoint before anything counts
DRIFTING, DRIFT = "bare_read", 0.1  # a round that began or ended further below the best one was disturbed

BASELINES = {"list50": "bare_read", "detail": "bare_read", "intake": "bare_insert", "transition": "bare_insert"}


#: Every endpoint, measured one after the other.
Round = dict[str, Pace]


def measure(county: County, *, rounds: int, seconds: float) -> Iterator[Figure]:
    """Round robin, best of the rounds that nobody disturbed."""
    _make_notes()
    calls = _calls(county)
    with served() as port:
        for name in calls:
            pace(port, calls[name], seconds=WARM_UP)
        measured = [{name: pace(port, calls[name], seconds=seconds) for name in calls} for _number in range(rounds)]
        last = pace(port, calls[DRIFTING], seconds=seconds)
    kept = _undisturbed(measured, last=last.rate)
    best = {name: max((one[name] for one in kept), key=lambda pace: pace.rate) for name in calls}
    for name in calls:
        say(f"{name}: requests/s {spread([one[name].rate for one in kept])}")
    for name, baseline in BASELINES.items():
        yield Figure(name, best[name].rate, "requests/s", best[baseline].rate)
        yield _slowest(name, best[name])


def _slowest(name: str, pace: Pace) -> Figure:
    """How long the slowest hundredth waits, beside the median of the same turn."""
    return Figure(f"{name}_p99", quantile(pace.taken, 0.99) * 1e3, "ms", quantile(pace.taken, 0.5) * 1e3)


def _undisturbed(measured: list[Round], *, last: float) -> list[Round]:
    """The rounds before and after which a bare read was as fast as ever; all of them when there is none."""
    reads = [*(one[DRIFTING].rate for one in measured), last]
    least = (1 - DRIFT) * max(reads)
    kept = [one for one, *ends in zip(measured, reads, reads[1:], strict=False) if min(ends) >= least]
    say(f"{len(kept)} of {len(measured)} rounds undisturbed; bare reads/s {spread(reads)}")
    return kept or measured


def _make_notes() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
    Note.objects.bulk_create(Note(title=f"note {n}", amount=n, at=timezone.now()) for n in range(NOTES))


def _calls(county: County) -> dict[str, Iterator[Call]]:
    """Endless requests of each kind; the transitions end when no department is waited for any more."""
    center, dice = token_of(county.center), random.Random(1)
    numbers = list(Case.objects.order_by("pk").values_list("number", flat=True)[:20_000])
    return {
        "bare_read": (Call("GET", f"/bare/notes/{dice.randint(1, NOTES)}/", 200) for _ in itertools.count()),
        "list50": (Call("GET", "/api/v1/cases/?page_size=50", 200, center) for _ in itertools.count()),
        "detail": (Call("GET", f"/api/v1/cases/{dice.choice(numbers)}/", 200, center) for _ in itertools.count()),
        "bare_insert": (
            Call("POST", "/bare/notes/", 201, body={"title": f"note {n}", "amount": n}) for n in itertools.count()
        ),
        "intake": intakes(county, seed=2),
        "transition": _transitions(county),
    }


def intakes(county: County, *, seed: int) -> Iterator[Call]:
    """Endless matters, each new; another seed gives others."""
    token, dice = token_of(county.intake), random.Random(seed)
    return (Call("POST", "/api/v1/cases/", 201, token, _matter(county, dice, number)) for number in itertools.count())


def _matter(county: County, dice: random.Random, number: int) -> dict[str, object]:
    return {
        "client_id": str(uuid.UUID(int=dice.getrandbits(128))),
        "type": "appeal",
        "category": dice.choice(county.categories).code,
        "title": f"路灯不亮 {number}",
        "description": "村口的路灯连续三天不亮,老人夜里出门不便。",
        "source": "hotline",
        "area": dice.choice(county.villages).code,
        "address": "村口",
        "petitioner": {"name": "王小明", "phone": "13800001234", "disclosure": "named"},
    }


def _transitions(county: County) -> Iterator[Call]:
    """Departments that were called report in, each for itself: one action on one case after the other."""
    waiting = list(
        Assignment.objects.filter(state=AssignmentState.WAITING, role=AssignmentRole.LEAD)
        .order_by("pk")
        .values_list("pk", "case__number", "department_id")
    )
    tokens = {department.pk: token_of(county.handlers[department.pk]) for department in county.departments}
    return (
        Call("POST", f"/api/v1/cases/{number}/actions/report_in/", 200, tokens[department_id], {"assignment": pk})
        for pk, number, department_id in waiting
    )


def token_of(user: User) -> str:
    _row, token = AuthToken.objects.create(user=user)
    return str(token)
