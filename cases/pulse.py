"""Signs of life in Redis: the worker after each sweep, the beat through redbeat's own entry."""

import json
from datetime import UTC, datetime

from notifications.pulse import client, heard, say

_WORKER_KEY = "whistle:pulse:worker"
_BEAT_ENTRY = "redbeat:sweep"
__all__ = ["beat", "client", "last_beat", "last_worker"]

_PARTS = ("year", "month", "day", "hour", "minute", "second")


def beat(*, now: datetime) -> None:
    """Said by the worker when a sweep is done."""
    say(_WORKER_KEY, now=now)


def last_worker() -> datetime | None:
    """When a worker last finished a sweep. redis.RedisError when Redis does not answer."""
    return heard(_WORKER_KEY)


def last_beat() -> datetime | None:
    """When the beat last sent a sweep. redis.RedisError when Redis does not answer."""
    meta = client().hget(_BEAT_ENTRY, "meta")
    if not isinstance(meta, bytes):
        return None
    stamp = json.loads(meta).get("last_run_at")
    if not stamp:
        return None
    if isinstance(stamp, dict):  # redbeat's own encoding of a datetime
        year, month, day, hour, minute, second = (stamp[part] for part in _PARTS)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return datetime.fromisoformat(stamp)
