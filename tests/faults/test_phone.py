"""A grid worker's day with a bad network, against the running server: nothing is lost, nothing is doubled."""

import io
import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from config.demo import granian_options
from config.demo_address import Address
from tests.bench.server import free_port
from tests.faults.house import House, luck
from tests.phone.client import Phone
from tests.phone.network import BadNetwork, NoAnswer

PASSWORD = "mountains-and-rain-9"
_PASSWORDS = f"""
from django.contrib.auth.hashers import make_password
from grids.models import User
User.objects.filter(username__in=["gridworker", "center"]).update(password=make_password("{PASSWORD}"))
"""
COLLECTED, MENDED = 12, 4
SLOW = timedelta(hours=-5)  # the phone's clock is five hours behind


@pytest.fixture
def root(house: House) -> str:
    """The web server of the demo, on the county of the tests."""
    house.run(_PASSWORDS)
    port = free_port()
    house.start("web", ("-m", "granian", *granian_options(Address("127.0.0.1", port)), "config.wsgi:application"))
    address = f"http://127.0.0.1:{port}"
    house.until(lambda: _answers(address), what="the web server")
    return address


def _answers(address: str) -> bool:
    try:
        Phone(address).pull()
    except NoAnswer:
        return False
    except Exception as error:
        return "401" in str(error)
    return True


def test_a_day_in_the_mountains(house: House, root: str) -> None:
    network = BadNetwork(luck("phone"))
    worker = Phone(root, now=lambda: datetime.now(UTC) + SLOW)
    worker.log_in("gridworker", PASSWORD)
    worker.send = network.deliver
    center = Phone(root)
    center.log_in("center", PASSWORD)
    first, mended = _a_morning(worker)
    worker.sync()
    _the_center_works(center, worker)
    late = worker.act("resolve_on_spot", _number(worker, first[0]), reply="修好了", photos=[])
    worker.act("verify", _number(worker, first[1]), passed=True)  # in the wrong order: nobody handled it yet
    worker.sync()
    worker.send = network.calm()
    worker.sync()
    assert sum(network.troubles.values()) > 0, "the network was too good"
    _nothing_lost_nothing_doubled(house, worker, center, first, mended)
    assert worker.answered[late["op_id"]]["status"] in ("rejected", "conflict")


def _a_morning(worker: Phone) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Matters collected, some of them mended on the spot with a photo that is named before it could be sent."""
    collected = [worker.collect(f"路灯不亮 {n}", type="appeal", description="村口") for n in range(COLLECTED)]
    mended = []
    for step in collected[-MENDED:]:
        photo = str(uuid.uuid4())
        mended.append(worker.act("resolve_on_spot", step["case"], after=step, reply="已修好", photos=[photo]))
        worker.upload(_photo(), photo)
    return collected, mended


def _photo() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (32, 24), tuple(random.choices(range(256), k=3))).save(picture, "JPEG")
    return picture.getvalue()


def _the_center_works(center: Phone, worker: Phone) -> None:
    """Meanwhile somebody dockets half of it, so that the phone's copy is out of date."""
    center.pull()
    for number in sorted(worker.cases)[: COLLECTED // 2]:
        if center.cases[number]["status"] == "collected":
            center.act("docket", number, type="appeal", category="urban-supply", urgency="normal")
    center.sync()


def _number(worker: Phone, step: dict[str, object]) -> str:
    number: str = worker.answered[str(step["op_id"])]["number"]
    return number


def _nothing_lost_nothing_doubled(
    house: House,
    worker: Phone,
    center: Phone,
    collected: list[dict[str, object]],
    mended: list[dict[str, object]],
) -> None:
    assert worker.queue == []
    for step in (*collected, *mended):
        assert worker.answered[str(step["op_id"])]["status"] in ("applied", "replayed"), worker.answered
    assert house.count("SELECT count(*) FROM cases_case") == COLLECTED
    assert house.count("SELECT count(DISTINCT client_id) FROM cases_case") == COLLECTED
    assert house.count("SELECT count(*) FROM cases_journalevent WHERE kind = 'collect'") == COLLECTED
    assert house.count("SELECT count(*) FROM cases_journalevent WHERE kind = 'resolve_on_spot'") == MENDED
    assert house.count("SELECT count(*) FROM cases_attachment") == MENDED
    assert len(worker.codes) == COLLECTED
    there = dict(house.ask("SELECT number, version FROM cases_case"))
    assert {number: case["version"] for number, case in worker.cases.items()} == there
    center.pull()
    assert {number: case["version"] for number, case in center.cases.items()} == there
    skews = house.ask("SELECT DISTINCT (payload->>'skew')::int / 3600 FROM cases_journalevent WHERE kind = 'collect'")
    assert {hours for (hours,) in skews} <= {-4, -5}
    assert house.count("SELECT count(*) FROM cases_case WHERE due_at < received_at") == 0
    house.assert_whole()
