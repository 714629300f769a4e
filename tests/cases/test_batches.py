"""How the sweep finds the size of its batches: fast enough for an officer who waits, large enough to be worth it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.batches import FIRST, LEAST, LONGEST, first_size, next_size


def test_a_sweep_begins_small_and_never_beyond_the_operators_bound() -> None:
    assert first_size(most=500) == FIRST
    assert first_size(most=7) == 7


@pytest.mark.parametrize(
    ("size", "seconds", "most", "expected"),
    [
        (100, LONGEST / 100, 500, 200),  # far too fast: at most the double
        (400, LONGEST / 100, 500, 500),  # up to the bound
        (200, LONGEST, 500, 150),  # as long as anybody should wait: three quarters of it
        (200, 4 * LONGEST, 500, LEAST),  # far too slow: at once, down to the least
        (100, 0.75 * LONGEST, 500, 100),  # what it aims at stays
        (3, LONGEST, 5, 5),  # a bound below the least is kept
        (100, 0.0, 500, 200),  # a clock that did not move
    ],
)
def test_the_next_size_follows_the_time_of_the_last_batch(size: int, seconds: float, most: int, expected: int) -> None:
    assert next_size(size, seconds, most=most) == expected


@given(st.floats(1e-5, 1e-3), st.integers(1, 1000), st.integers(1, 1000))
def test_it_settles_where_a_batch_is_as_long_as_it_aims_at(row: float, size: int, most: int) -> None:
    """On a machine that takes so many seconds for a row it arrives within a few batches, from wherever it began."""
    size = min(size, most)
    for _ in range(12):
        size = next_size(size, size * row, most=most)
        assert min(LEAST, most) <= size <= most
    assert size * row <= LONGEST or size == min(LEAST, most)
    assert next_size(size, size * row, most=most) in {size, size - 1}, "and stays there"
