"""Errands asked for twice at once, claimed by two workers at once, and killed in the middle."""

import uuid

import pytest

from cases.actions import errands
from cases.actions.errands import SILENCE, Order
from cases.admin.listings import sheet_of
from cases.errands import carry_out
from cases.models import Errand
from cases.terms import ErrandKind, ErrandState
from tests.builders import MONDAY, County
from tests.cases.test_errands import asked
from tests.concurrency.processes import kill, process, until_noticed
from tests.concurrency.together import failed, together
from tests.stories import Story

pytestmark = pytest.mark.usefixtures("working")

_CLAIM_AND_STAND_STILL = f"""
from datetime import datetime
from cases.actions import errands
now = datetime.fromisoformat({MONDAY.isoformat()!r})
errand = errands.claim(now=now)
errands.tell(errand, now=now, done=1)
print("in the middle", flush=True)
import time
time.sleep(600)
"""


def test_pressed_twice_at_once_is_one_errand(county: County) -> None:
    key, actor = uuid.uuid4(), county.actor("center")

    def press() -> Errand:
        return errands.place(Order(ErrandKind.EXPORT, key, options={"format": "csv"}), actor=actor, now=MONDAY)

    outcomes = together(press, press, press)
    assert failed(outcomes) == []
    assert len({errand.pk for errand in outcomes if isinstance(errand, Errand)}) == 1


def test_two_workers_claim_one(county: County) -> None:
    asked(county)
    asked(county, username="inspector")
    outcomes = together(*[lambda: errands.claim(now=MONDAY)] * 3)
    assert failed(outcomes) == []
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert Errand.objects.filter(state=ErrandState.WORKING).count() == 1


def test_killed_in_the_middle_and_begun_anew(county: County) -> None:
    errand = asked(county, Story.begin(county).case_id)
    with process(_CLAIM_AND_STAND_STILL) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "in the middle\n"
        kill(worker)
    until_noticed()
    assert errands.claim(now=MONDAY) is None, "nobody knows yet that it is dead"
    later = MONDAY + SILENCE * 2
    assert errands.give_up_silent(now=later) == 1
    errands.begin_anew(errand_id=errand.pk, actor=county.actor("center"), now=later)
    again = errands.claim(now=later)
    assert again is not None
    carry_out(again, lambda: later, sheet_of)
    errand.refresh_from_db()
    assert (errand.state, errand.done) == (ErrandState.DONE, 1)
