"""Couriers die, other sides misbehave: every message arrives, once for each acknowledged attempt; nothing sticks."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notifications.pace import LONGEST_PAUSE
from notifications.tasks import TAKEN
from tests.faults.house import BEAT, COURIER_PART, WORKER, House, feed, luck
from tests.notifications.channels.servers import Endpoint, endpoint, mail_server

KILLS = 20
JUMP = 900  # seconds: longer than any lease and the first pauses
HOUR = 3600
UNSENT = "SELECT count(*) FROM notifications_delivery WHERE state NOT IN ('sent', 'cancelled')"
UNROUTED = "SELECT count(*) FROM notifications_message WHERE routed_at IS NULL"

_OPEN = """
from notifications.channels.webhook import new_secret
from notifications.models import Address, ChannelTerms, Demand, OfficeHours
from grids.models import User
ChannelTerms.objects.update_or_create(channel={channel!r}, defaults=dict(is_on=True, timeout={timeout}))
Demand.objects.get_or_create(channel={channel!r}, colour=3, defaults=dict(demand="required"))
OfficeHours.objects.update_or_create(only=True, defaults=dict(storm_from=32000))
for number, user in enumerate(User.objects.order_by("pk")[:{people}]):
    fresh = dict(target={target!r}, secret=new_secret(), is_active=True)
    Address.objects.update_or_create(user=user, channel={channel!r}, digest=str(number), defaults=fresh)
"""
_TELL = """
from django.utils import timezone
from grids.models import User
from notifications.outbox import Draft, enqueue
facts = dict(unit="水利局", clock="办理", colour="红色警示", due="x", number="1")
users = list(User.objects.order_by("pk")[:{people}])
enqueue(
    [
        Draft(users[n % len(users)].pk, f"{key}:{{n}}", "alert", facts, colour=3, reference=str(n))
        for n in range({count})
    ],
    now=timezone.now(),
)
"""
PEOPLE = 8


def telling(key: str, count: int) -> str:
    return _TELL.format(people=PEOPLE, key=key, count=count)


def tell(house: House, key: str, count: int) -> None:
    house.run(telling(key, count))


def open_channel(house: House, channel: str, target: str, *, timeout: int) -> None:
    house.run(_OPEN.format(channel=channel, target=target, people=PEOPLE, timeout=timeout))


@pytest.fixture(autouse=True)
def _empty_afterwards(house: House) -> Iterator[None]:
    """What one test leaves in the outbox is not the next one's."""
    yield
    house.end_parts()
    house.ask("UPDATE notifications_channelterms SET is_on = false")
    house.ask("UPDATE notifications_address SET is_active = false")
    house.ask("UPDATE notifications_delivery SET state = 'cancelled', lease_until = NULL WHERE state <> 'sent'")


def all_sent(house: House) -> bool:
    return house.count(UNROUTED) == 0 and house.count(UNSENT) == 0


def received(hook: Endpoint) -> Counter[str]:
    return Counter(
        {name.lower(): value for name, value in headers.items()}["webhook-id"] for headers, _ in list(hook.requests)
    )


def test_a_courier_is_killed_twenty_times(house: House) -> None:
    """Each in the middle of its work, at a random moment of it."""
    dice, shift, each = luck("courier"), 0.0, 200
    with endpoint(hang=0.05) as hook:
        open_channel(house, "webhook", hook.url, timeout=10)
        house.start("beat", BEAT)
        house.start("courier0", COURIER_PART)
        for number in range(KILLS):
            house.start(f"courier{number + 1}", COURIER_PART)
            enough = len(hook.requests) + dice.randrange(1, each)
            with house.running(telling(f"k{number}", each)):
                house.until(lambda: len(hook.requests) >= enough, what="deliveries")  # noqa: B023
                time.sleep(dice.uniform(0, 0.05))
                house.kill(f"courier{number}")
            shift += JUMP
            house.step_clock(shift)
        house.until(lambda: all_sent(house), what="the last courier to send the rest")
        times = received(hook)
    attempts = dict(house.ask("SELECT key, attempts FROM notifications_delivery WHERE channel = 'webhook'"))
    told = each * KILLS
    assert len(attempts) == told
    assert set(times) == set(attempts), "every message arrived"
    assert all(times[key] <= attempts[key] for key in times), "once for each attempt at most"
    assert sum(times.values()) - told <= KILLS * TAKEN, "a kill repeats what was in flight, not the queue"


@contextmanager
def sink(house: House) -> Iterator[Path]:
    """A receiver in a process of its own; the folder with its answer and what it received."""
    folder = house.folder / "sink"
    folder.mkdir()
    answers(folder, 500)
    (folder / "received").touch()
    command = [sys.executable, "-m", "tests.faults.sink", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        (folder / "url").write_text(f"http://127.0.0.1:{int(process.stdout.readline())}/hook", encoding="ascii")
        try:
            yield folder
        finally:
            process.kill()


def answers(folder: Path, status: int) -> None:
    """From its next request on. Put in place whole: it is read at any moment."""
    fresh = folder / "fresh"
    fresh.write_text(str(status), encoding="ascii")
    fresh.replace(folder / "answer")


def test_a_webhook_that_answers_500_for_an_hour(house: House) -> None:
    """The hour is the clock's: it jumps to each next attempt. Nothing is lost, doubled, dead or overtaken."""
    with sink(house) as folder:
        open_channel(house, "webhook", (folder / "url").read_text(), timeout=10)
        house.start("beat", BEAT)
        house.start("courier", COURIER_PART)
        tell(house, "before", 40)
        passed = 0.0
        house.until(lambda: is_spared(house), what="the courier to fail with everybody")
        while passed < HOUR:
            passed = min(next_attempt(house), HOUR)
            house.step_clock(passed)
            house.until(lambda: is_spared(house), what="the courier to fail with what may go")
        tell(house, "behind", 40)
        answers(folder, 204)
        house.step_clock(HOUR + LONGEST_PAUSE.total_seconds())
        house.until(lambda: all_sent(house), what="everything to arrive when the endpoint answers again")
        answered = [line.split() for line in (folder / "received").read_text().splitlines()]
    refused, taken = ([key for status, key in answered if status == wanted] for wanted in ("500", "204"))
    rows = house.ask("SELECT key, attempts, reference::int, id FROM notifications_delivery WHERE key = ANY(%s)", taken)
    assert len(taken) == len(set(taken)) == len(rows) == 80, "once each"
    assert 5 * PEOPLE <= len(refused) <= 9 * PEOPLE, "while it fails an address is asked once a pause"
    asked = Counter(refused) + Counter(taken)
    assert {key: attempts for key, attempts, _, _ in rows} == dict(asked), "an attempt for each answer"
    order = {key: place for place, key in enumerate(taken)}
    by_case = sorted((case, number, order[key]) for key, _, case, number in rows)
    assert by_case == sorted(by_case, key=lambda row: (row[0], row[2])), "news of a case in its order"


def is_spared(house: House) -> bool:
    """Whether nothing is on its way and nothing may go now."""
    busy = """
    SELECT count(*) FROM notifications_delivery WHERE channel = 'webhook'
       AND (state = 'sending' OR (state = 'waiting' AND not_before <= now() + make_interval(secs => %s)))
    """
    shift = float((house.folder / "clock").read_text())
    return house.count(UNROUTED) == 0 and house.count(busy, shift) == 0


def next_attempt(house: House) -> float:
    """To how many seconds ahead the clock must be set for every address to be asked once more."""
    ahead = """
    SELECT extract(epoch FROM max(first) - now()) FROM (
        SELECT min(not_before) AS first FROM notifications_delivery WHERE state = 'waiting' GROUP BY address_id) each
    """
    return float(house.ask(ahead)[0][0]) + 1


def test_mail_servers_that_hang_refuse_and_drop(house: House) -> None:
    """And meanwhile colours come as ever: delivery has workers of its own."""
    answers = {"rcpt": "250 OK", "data": "250 OK"}
    with mail_server(answer=lambda step: answers.get(step, "250 OK")) as post:
        house.environment |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(post.port), "EMAIL_SECURITY": "none"}
        open_channel(house, "email", "officer@county.example", timeout=10)
        house.start("beat", BEAT)
        house.start("courier", COURIER_PART)
        shift = 0.0
        for trouble in ({"rcpt": "451 busy"}, {"data": "drop"}, {"data": "421 leaving"}):
            answers |= {"rcpt": "250 OK", "data": "250 OK"} | trouble
            tell(house, "".join(trouble.values())[:4] + str(shift), 40)
            failed = "SELECT count(*) FROM notifications_delivery WHERE channel = 'email' AND last_error <> ''"
            house.until(lambda: house.count(failed) > 0, what=f"an attempt under {trouble}")  # noqa: B023
            answers |= {"rcpt": "250 OK", "data": "250 OK"}
            shift += JUMP
            house.step_clock(shift)
            house.until(lambda: all_sent(house), what=f"everything to arrive after {trouble}")
            house.ask("UPDATE notifications_delivery SET last_error = ''")
        sent = house.count("SELECT count(*) FROM notifications_delivery WHERE channel = 'email' AND state = 'sent'")
        assert sent == 120
        assert len({envelope.content for envelope in post.taken}) >= 120


@pytest.mark.parametrize(
    ("title", "how"), [("PostgreSQL", signal.SIGQUIT), ("PostgreSQL", signal.SIGINT), ("Valkey", signal.SIGKILL)]
)
def test_a_server_is_restarted_while_messages_leave(house: House, title: str, how: signal.Signals) -> None:
    """As by a crash, by an administrator, and by whoever kills: in the middle of what is sent."""
    mine = "SELECT count(*) FROM notifications_delivery WHERE channel = 'webhook' AND state = 'sent'"
    with endpoint(hang=0.05) as hook:
        open_channel(house, "webhook", hook.url, timeout=10)
        before = house.count(mine)
        house.start("beat", BEAT)
        house.start("courier", COURIER_PART)
        tell(house, f"{title}{how}", 300)
        house.until(lambda: len(hook.requests) > 50, what="messages to leave")
        house.strike(title, how)
        house.step_clock(JUMP)
        house.until(lambda: all_sent(house), what=f"the rest to leave after {title} was restarted")
        times = received(hook)
    assert house.count(mine) == before + 300 == before + len(times)
    attempts = dict(house.ask("SELECT key, attempts FROM notifications_delivery WHERE key = ANY(%s)", list(times)))
    assert all(times[key] <= attempts[key] for key in times), "once for each attempt at most"


def test_a_hanging_mail_server_delays_no_colour(house: House) -> None:
    with endpoint() as silent:  # it takes the connection and waits for its client to speak
        house.environment |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(silent.port), "EMAIL_SECURITY": "none"}
        open_channel(house, "email", "officer@county.example", timeout=60)
        house.start("beat", BEAT)
        house.start("courier", COURIER_PART)
        tell(house, "hanging", 40)
        leased = "SELECT count(*) FROM notifications_delivery WHERE state = 'sending'"
        house.until(lambda: house.count(leased) > 0, what="the courier to hang")
        house.start("worker", WORKER)
        before = house.count("SELECT count(*) FROM cases_alert")
        feed(house, 50)
        house.until(house.all_swept, what="the sweep beside a hanging courier")
        assert house.count("SELECT count(*) FROM cases_alert") == before + 150
        assert house.count(leased) > 0, "it hangs still"
