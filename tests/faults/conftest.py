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
    yield shared_house
    shared_house.end_parts()
