"""REDIS_URL in Celery's spelling."""

import pytest

from config.broker import broker_url


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
        ("redis://:secret@cache:6379/2", "redis://:secret@cache:6379/2"),
        ("rediss://cache/0", "rediss://cache/0"),
    ],
)
def test_celery_gets_its_own_spelling(given: str, expected: str) -> None:
    assert broker_url(given) == expected
