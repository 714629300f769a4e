"""Signs of life in Redis: this room's workers after each tick. The client is everybody's who asks for such signs."""

from datetime import UTC, datetime

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

_COURIER_KEY = "whistle:pulse:courier"
_TIMEOUT = 2  # seconds: a dead Redis must not hold a health check


def client() -> "redis.Redis":
    """Asks once: the retries that the library makes by itself would multiply the timeout."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


def say(key: str, *, now: datetime) -> None:
    client().set(key, now.astimezone(UTC).isoformat())


def heard(key: str) -> datetime | None:
    """When `say` was last called with this key. redis.RedisError when Redis does not answer."""
    value = client().get(key)
    return datetime.fromisoformat(value.decode()) if isinstance(value, bytes) else None


def courier_lives(*, now: datetime) -> None:
    """Said by a courier when it has decided on what was new."""
    say(_COURIER_KEY, now=now)


def last_courier() -> datetime | None:
    """When a courier last gave a sign of life. redis.RedisError when Redis does not answer."""
    return heard(_COURIER_KEY)
