"""Workers, beats and servers die while clocks are swept: each threshold has exactly one alert, each chain is whole."""

import signal
import time

from tests.faults.house import BEAT, FEED, WORKER, House, feed, feed_in_hand, luck

KILLS = 20
ALERTS = "SELECT count(*) FROM cases_alert"


def test_a_worker_is_killed_twenty_times(house: House) -> None:
    """Each in the middle of a sweep, at a random moment of it; the next one is started beside it."""
    dice, fed = luck("worker"), 60
    house.start("beat", BEAT)
    house.start("worker0", WORKER)
    for number in range(KILLS):
        house.start(f"worker{number + 1}", WORKER)
        before, enough = house.count(ALERTS), dice.randrange(1, 3 * fed)
        with house.running(FEED.format(count=fed)):
            house.until(lambda: house.count(ALERTS) >= before + enough, what="a sweep")  # noqa: B023
            time.sleep(dice.uniform(0, 0.05))
            house.kill(f"worker{number}")
    house.until(house.all_swept, what="the last worker to sweep the rest")
    assert house.count(ALERTS) == 3 * fed * KILLS


def test_two_beats_and_four_workers(house: House) -> None:
    before = house.count(ALERTS)
    feed(house, 300)
    for number in range(4):
        house.start(f"worker{number}", WORKER)
    for number in range(2):
        house.start(f"beat{number}", BEAT)
    house.until(house.all_swept, what="four workers")
    assert house.count(ALERTS) == before + 900


def test_valkey_is_killed_flushed_and_restarted(house: House) -> None:
    before = house.count(ALERTS)
    house.start("worker", WORKER)
    house.start("beat", BEAT)
    for strike in ("kill", "flush", "restart"):
        feed(house, 150)
        if strike == "flush":
            house.run("from notifications.pulse import client\nclient().flushall()")
        else:
            house.strike("Valkey", signal.SIGKILL if strike == "kill" else signal.SIGTERM)
        house.until(house.all_swept, what=f"the sweep after a {strike} of Valkey")
    assert house.count(ALERTS) == before + 3 * 450


def test_postgresql_is_restarted_in_the_middle(house: House) -> None:
    before = house.count(ALERTS)
    house.start("worker", WORKER)
    house.start("beat", BEAT)
    for how in (signal.SIGQUIT, signal.SIGINT):  # immediate, as a crash; fast, as an administrator
        feed(house, 300)
        house.strike("PostgreSQL", how)
    house.until(house.all_swept, what="the sweep after the restarts")
    assert house.count(ALERTS) == before + 3 * 600


def test_the_clock_steps_back_ten_minutes(house: House) -> None:
    before = house.count(ALERTS)
    house.start("worker", WORKER)
    house.start("beat", BEAT)
    feed(house, 300)
    house.step_clock(-600)
    feed(house, 100)
    house.until(house.all_swept, what="the sweep ten minutes earlier")
    house.step_clock(0)
    feed(house, 50)
    house.until(house.all_swept, what="the sweep at its own time again")
    assert house.count(ALERTS) == before + 3 * 450


_SPOIL = """
from cases.models import Clock
from notifications.models import Message
from tests.builders import MONDAY
from tests.faults.county import county_again
inspector = county_again().users["inspector"]
clocks = Clock.objects.filter(next_moment__isnull=False).order_by("next_moment", "pk")
for clock in list(clocks)[::5]:
    Message.objects.create(recipient=inspector, key=f"alert:{clock.pk}:1:3", kind="spoilt", created_at=MONDAY)
"""
_MEND = """
from cases.models import Clock
from notifications.models import Message
Message.objects.filter(kind="spoilt").delete()
Clock.objects.update(held_until=None, held_error="")
"""


def test_a_bad_row_in_every_batch(house: House) -> None:
    """A message that is there already makes a row unwritable: it is set aside alone, and mended it is swept."""
    before = house.count(ALERTS)
    feed(house, 100)
    house.run(_SPOIL)
    house.start("worker", WORKER)
    house.start("beat", BEAT)
    held = "SELECT count(*) FROM cases_clock WHERE held_until IS NOT NULL"
    house.until(lambda: house.count(held) == 20, what="twenty bad rows to be set aside")
    house.until(lambda: house.count(ALERTS) == before + 240, what="the good rows")
    assert house.count(f"{held} AND held_error LIKE '%%message_once%%'") == 20
    house.run(_MEND)
    house.until(house.all_swept, what="the mended rows")
    assert house.count(ALERTS) == before + 300


#: Says that it is ready, begins with the first alert of the sweep beside it, and prints which actions came through.
_ACT = """
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from time import sleep
from django.utils import timezone
from cases.actions.perform import perform
from cases.errors import CaseError
from cases.models import Alert, Assignment, Case
from cases.workflow import Action
from grids.actors import actor_for
from tests.faults.county import county_again
county, now = county_again(), timezone.now()
center, handler = (actor_for(county.users[name], now=now) for name in ("center", "handler"))
cases = list(Case.objects.filter(closed_at=None, status__in=("collected", "handling")).order_by("pk"))
parts = dict(Assignment.objects.filter(case__in=cases).values_list("case_id", "pk"))
dice, done = random.Random({seed}), Counter()
dice.shuffle(cases)
choices = dict(
    collected=(Action.REJECT, Action.MERGE, Action.WITHDRAW),
    handling=(Action.SUSPEND, Action.FINISH, Action.WITHDRAW, Action.MERGE),
)
until = (now + timedelta(days=30)).date().isoformat()
before = Alert.objects.count()
Path({ready!r}).touch()
while Alert.objects.count() == before:
    sleep(0.005)
for case, other in zip(cases, cases[1:]):
    action = dice.choice(choices[case.status])
    inputs = {{
        Action.REJECT: dict(reason="unclear", advice="x"),
        Action.MERGE: dict(master=other.number, comment="x"),
        Action.WITHDRAW: dict(proof="x"),
        Action.SUSPEND: dict(reason="awaiting_material", until=until),
        Action.FINISH: dict(assignment=parts.get(case.pk), reply="x"),
    }}[action]
    actor = handler if action is Action.FINISH else center
    try:
        perform(action, number=case.number, actor=actor, now=timezone.now(), inputs=inputs)
        done[action.value] += 1
    except CaseError:
        pass
print(*sorted(done))
"""


def test_cases_end_and_pause_while_their_clocks_are_swept(house: House) -> None:
    """Rejected, merged, withdrawn, answered, suspended: by people, while two workers raise their colours."""
    feed(house, 120)
    feed_in_hand(house, 120)
    ready = house.folder / "ready"
    with house.running(_ACT.format(seed=luck("ending").randrange(10**6), ready=str(ready))) as said:
        house.until(ready.exists, what="the people to be there")
        for number in range(2):
            house.start(f"worker{number}", WORKER)
        house.start("beat", BEAT)
    assert said[0].split() == ["finish", "merge", "reject", "suspend", "withdraw"]
    house.until(house.all_swept, what="the rest")
    paused = "SELECT count(*) FROM cases_clock WHERE paused_at IS NOT NULL AND next_moment IS NULL AND raised = 3"
    assert house.count(paused) > 0, "what was red before it was suspended stands still and stays red"
