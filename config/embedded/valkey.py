"""Valkey, which speaks the Redis protocol: the broker's queue and the beat's schedule of one data folder."""

import signal
from pathlib import Path
from urllib.parse import quote

import redis

from config.embedded.places import Place
from config.embedded.processes import Server

DATABASES = 64  # one for each worker of a test run, and more than anybody has cores


def valkey_server(place: Place, *, durable: bool) -> Server:
    data = place.files / "valkey"
    socket = socket_path(place)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "pidfile": str(data / "valkey.pid"),
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "save": "",  # the append-only file is enough
        "maxmemory-policy": "noeviction",  # a queue must never forget
        "databases": str(DATABASES),
        "set-proc-title": "no",  # the command line is how the server is known again
        "daemonize": "no",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return Server(
        title="Valkey",
        command=[str(place.binaries.valkey), *options],
        mark=str(socket),
        pid_file=data / "valkey.pid",
        log=place.folder / "valkey.log",
        account=place.account,
        is_ready=lambda: _answers(socket),
        polite=signal.SIGTERM,
        rude=signal.SIGKILL,
    )


def redis_url(place: Place) -> str:
    return f"unix://{quote(str(socket_path(place)))}?db=0"


def socket_path(place: Place) -> Path:
    return place.sockets / "valkey.sock"


def _answers(socket: Path) -> bool:
    with redis.Redis(unix_socket_path=str(socket), socket_timeout=5) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
