"""Signs of life in Redis: the worker after each sweep, the beat through redbeat's own entry."""

import json
from datetime import UTC, datetime

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

_WORKER_KEY = "whistle:pulse:worker"
_BEAT_ENTRY = "redbeat:sweep"
_PARTS = ("year", "month", "day", "hour", "minute", "second")
_TIMEOUT = 2  # seconds: a dead Redis must not hold a health check


def client() -> "redis.Redis":
    """Asks once: the retries that the library makes by itself would multiply the timeout."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


def beat(*, now: datetime) -> None:
    """Said by the worker when a sweep is done."""
    client().set(_WORKER_KEY, now.astimezone(UTC).isoformat())


def last_worker() -> datetime | None:
    """When a worker last finished a sweep. redis.RedisError when Redis does not answer."""
    value = client().get(_WORKER_KEY)
    return datetime.fromisoformat(value.decode()) if isinstance(value, bytes) else None


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
