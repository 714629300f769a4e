"""The load of the bench, small: what it writes is what lists, searches and sweeps need (tests/bench/load.py)."""

from datetime import timedelta

import pytest

from cases import journal
from cases.access import visible_to
from cases.invariants import violations
from cases.models import Case, Clock
from cases.searching import search
from cases.terms import Status
from grids.actors import actor_for
from tests.bench.county import make_county
from tests.bench.load import Load
from tests.bench.story import FREQUENT, RARE
from tests.builders import MONDAY

#: Segments of time and versions are for pages of single cases, which no measurement opens by the million.
NOT_WRITTEN = {"the own time of a clock is the sum of its segments", "every change of state is one event"}


@pytest.mark.django_db(transaction=True)
def test_a_small_load_is_found_by_lists_and_searches_and_breaks_no_other_law() -> None:
    load = Load(make_county(now=MONDAY), MONDAY)
    load.add(200, windows=2, per_window=10, red=20)
    load.add_closed(150)
    assert Clock.objects.filter(stopped_at=None).count() == 200
    assert Clock.objects.filter(next_moment__lt=MONDAY + timedelta(hours=2)).count() == 20
    assert Case.objects.filter(status=Status.CLOSED).count() == 150
    assert [found for _number, found in journal.verify_all() if found] == []
    assert {violation.law for violation in violations(now=MONDAY)} <= NOT_WRITTEN
    seen = visible_to(actor_for(load.county.center, now=MONDAY))
    assert search(seen, RARE).count() == seen.count() == Case.objects.count()
    assert 0 < search(seen, FREQUENT).count() < seen.count()
