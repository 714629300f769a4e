"""How long failures wait, how much a channel takes, when it is quiet: pure rules."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.hours import ZONE, Hours, hours
from notifications.pace import FIRST_PAUSE, LONGEST_PAUSE, allowance, pause_after
from tests.builders import MONDAY

OFFICE = hours(time(22), time(7), [time(14, 30), time(8, 30)])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_a_pause_doubles_up_to_six_hours() -> None:
    pauses = [pause_after(attempt, luck=1) for attempt in range(1, 14)]
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses[-1] == pauses[-2] == LONGEST_PAUSE
    assert sum(pauses[:11], timedelta()) > timedelta(hours=8), "a night's outage is outlived"


@given(attempt=st.integers(1, 60), luck=st.floats(0, 1), asked=st.integers(0, 90_000))
def test_a_pause_stays_within_its_bounds(attempt: int, luck: float, asked: int) -> None:
    pause = pause_after(attempt, luck=luck, retry_after=timedelta(seconds=asked))
    assert FIRST_PAUSE / 2 <= pause <= LONGEST_PAUSE
    assert pause >= min(timedelta(seconds=asked), LONGEST_PAUSE)


def test_a_bucket_fills_with_time_and_never_runs_over() -> None:
    assert allowance(0, per_minute=60, filled_at=None, now=MONDAY) == 60
    assert allowance(0, per_minute=60, filled_at=MONDAY, now=MONDAY + timedelta(seconds=30)) == 30
    assert allowance(50, per_minute=60, filled_at=MONDAY, now=MONDAY + timedelta(hours=1)) == 60
    assert allowance(5, per_minute=60, filled_at=MONDAY, now=MONDAY - timedelta(minutes=10)) == 5


@pytest.mark.parametrize(
    ("now", "chance"),
    [
        ("2026-03-02 21:59:59", "2026-03-02 21:59:59"),
        ("2026-03-02 22:00", "2026-03-03 07:00"),
        ("2026-03-03 03:00", "2026-03-03 07:00"),
        ("2026-03-03 06:59:59", "2026-03-03 07:00"),
        ("2026-03-03 07:00", "2026-03-03 07:00"),
    ],
)
def test_quiet_hours_pass_midnight(now: str, chance: str) -> None:
    assert OFFICE.first_chance(at(now)) == at(chance)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = hours(time(12), time(14), [])
    assert noon.first_chance(at("2026-03-02 13:00")) == at("2026-03-02 14:00")
    assert noon.first_chance(at("2026-03-02 11:00")) == at("2026-03-02 11:00")
    never = Hours(time(0), time(0), ())
    assert never.first_chance(at("2026-03-02 03:00")) == at("2026-03-02 03:00")
    assert never.next_digest(at("2026-03-02 03:00")) == at("2026-03-02 03:00"), "without gathering it goes at once"


@pytest.mark.parametrize(
    ("now", "digest"),
    [
        ("2026-03-02 08:29", "2026-03-02 08:30"),
        ("2026-03-02 08:30", "2026-03-02 14:30"),
        ("2026-03-02 14:30", "2026-03-03 08:30"),
        ("2026-03-02 23:00", "2026-03-03 08:30"),
    ],
)
def test_a_digest_is_later_than_now(now: str, digest: str) -> None:
    assert OFFICE.next_digest(at(now)) == at(digest)
