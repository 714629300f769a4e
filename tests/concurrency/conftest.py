"""Real transactions for every test of this folder, and no deadlock in any of them."""

from collections.abc import Iterator

import pytest

from tests.builders import County
from tests.concurrency.together import assert_whole, deadlocks


@pytest.fixture(autouse=True)
def _whole_afterwards(transactional_db: None, county: County) -> Iterator[None]:
    before = deadlocks()
    yield
    assert_whole()
    assert deadlocks() == before
