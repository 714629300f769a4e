"""One house for each module: what one test leaves must not disturb the next, and every test ends with the checks."""

from collections.abc import Iterator

import pytest

from tests.faults.house import House, faulty_house


@pytest.fixture(scope="module")
def shared_house() -> Iterator[House]:
    with faulty_house() as house:
        yield house


@pytest.fixture
def house(shared_house: House) -> Iterator[House]:
    """At the end of each test the parts are gone, the clock is right, and nothing is broken or to be repaired."""
    yield shared_house
    shared_house.end_parts()
    shared_house.step_clock(0)
    shared_house.assert_whole()
