"""Workers, beats and servers die while clocks are swept: each threshold has exactly one alert, each chain is whole."""

import signal
import time

from tests.faults.house import BEAT, FEED, WORKER, House, feed, luck

KILLS = 20
ALERTS = "SELECT count(*) FROM cases_alert"


def test_a_worker_is_killed_twenty_times(house: House) -> None:
    """At random moments, while cases fall due; the next one is started beside it."""
    dice = luck("worker")
    house.start("beat", BEAT)
    house.start("worker0", WORKER)
    for number in range(KILLS):
        house.start(f"worker{number + 1}", WORKER)
        with house.running(FEED.format(count=60)):
            time.sleep(dice.uniform(1.5, 4.0))
            house.kill(f"worker{number}")
    house.until(house.all_swept, what="the last worker to sweep the rest")
    assert house.count(ALERTS) == 3 * 60 * KILLS
    house.assert_whole()


def test_two_beats_and_four_workers(house: House) -> None:
    before = house.count(ALERTS)
    feed(house, 300)
    for number in range(4):
        house.start(f"worker{number}", WORKER)
    for number in range(2):
        house.start(f"beat{number}", BEAT)
    house.until(house.all_swept, what="four workers")
    assert house.count(ALERTS) == before + 900
    house.assert_whole()


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
    house.assert_whole()


def test_postgresql_is_restarted_in_the_middle(house: House) -> None:
    before = house.count(ALERTS)
    house.start("worker", WORKER)
    house.start("beat", BEAT)
    for how in (signal.SIGQUIT, signal.SIGINT):  # immediate, as a crash; fast, as an administrator
        feed(house, 300)
        house.strike("PostgreSQL", how)
    house.until(house.all_swept, what="the sweep after the restarts")
    assert house.count(ALERTS) == before + 3 * 600
    house.assert_whole()


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
    house.assert_whole()


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
    house.assert_whole()


_END_CASES = """
import random
from django.utils import timezone
from cases.actions.perform import perform
from cases.errors import CaseError
from cases.models import Case
from cases.workflow import Action
from grids.actors import actor_for
from tests.faults.county import county_again
county, now = county_again(), timezone.now()
center = actor_for(county.users["center"], now=now)
numbers = list(Case.objects.filter(closed_at=None).values_list("number", flat=True))
random.Random({seed}).shuffle(numbers)
done = 0
for number, other in zip(numbers, numbers[1:]):
    action = random.choice([Action.REJECT, Action.MERGE])
    inputs = {{"reason": "unclear", "advice": "x"}} if action is Action.REJECT else {{"master": other, "comment": "x"}}
    try:
        perform(action, number=number, actor=center, now=timezone.now(), inputs=inputs)
        done += 1
    except CaseError:
        pass
print(done)
"""


def test_cases_end_while_their_clocks_are_swept(house: House) -> None:
    feed(house, 200)
    house.start("worker0", WORKER)
    house.start("worker1", WORKER)
    house.start("beat", BEAT)
    assert int(house.run(_END_CASES.format(seed=luck("ending").randrange(10**6)))) > 0
    house.until(house.all_swept, what="the rest")
    house.assert_whole()
