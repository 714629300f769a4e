"""How fast a channel may go, and how long a failed attempt waits. Pure: no Django."""

from datetime import datetime, timedelta

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)


def pause_after(attempts: int, *, luck: float, retry_after: timedelta | None = None) -> timedelta:
    """How long to wait after the `attempts`-th failure: doubled each time up to six hours, between half and all of it.

    `luck` (0 to 1) spreads what failed together. What the other side asked for is the least, up to the longest pause.
    """
    whole = min(FIRST_PAUSE * int(2 ** min(attempts - 1, 20)), LONGEST_PAUSE)
    jittered = whole * (0.5 + 0.5 * luck)
    return jittered if retry_after is None else min(max(jittered, retry_after), LONGEST_PAUSE)


def allowance(left: float, *, per_minute: int, filled_at: datetime | None, now: datetime) -> float:
    """What a bucket of a minute's messages holds now. A clock that stepped back fills nothing."""
    if filled_at is None:
        return float(per_minute)
    passed = max((now - filled_at) / timedelta(minutes=1), 0.0)
    return min(left + passed * per_minute, float(per_minute))
