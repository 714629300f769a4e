"""REDIS_URL in Celery's spelling."""

from urllib.parse import parse_qs, urlsplit


def broker_url(redis_url: str) -> str:
    """The URL for Celery, which spells Unix sockets differently from the Redis client.

    `unix:///run/valkey.sock?db=1` becomes `redis+socket:///run/valkey.sock?virtual_host=1`; others stay.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"
