"""A sign of life counts for four sweep intervals."""

from datetime import UTC, datetime, timedelta

from config.pulse_check import is_fresh

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_sign_of_life_is_fresh_for_four_intervals() -> None:
    assert is_fresh(NOW - timedelta(seconds=60), now=NOW, interval=15)
    assert not is_fresh(NOW - timedelta(seconds=61), now=NOW, interval=15)


def test_no_sign_of_life_is_not_fresh() -> None:
    assert not is_fresh(None, now=NOW, interval=15)
