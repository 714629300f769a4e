"""One REDIS_URL, in the spelling of each of its readers."""

from urllib.parse import parse_qs, unquote, urlsplit


def broker_url(redis_url: str) -> str:
    """The URL for Celery, which spells Unix sockets differently from the Redis client.

    `unix:///run/valkey.sock?db=1` becomes `redis+socket:///run/valkey.sock?virtual_host=1`; others stay.
    """
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def with_database(redis_url: str, database: int) -> str:
    """The same server, another numbered database."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return parts._replace(query=f"db={database}").geturl()
    return parts._replace(path=f"/{database}").geturl()


def socket_of(redis_url: str) -> str | None:
    """The path of the Unix socket, None for a server on the network."""
    parts = urlsplit(redis_url)
    return unquote(parts.path) if parts.scheme == "unix" else None
