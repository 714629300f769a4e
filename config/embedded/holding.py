"""Who uses the servers of a data folder: the first holder starts them, the last one stops them.

Each holder keeps a shared lock on `lock`. Whoever starts or stops a server holds `start.lock` alone, so that
two first starts, or a start and a last stop, never cross. The kernel drops the locks of a process that was
killed: the servers it left behind are found and used by the next holder, and stopped when that one leaves.
"""

import atexit
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.places import Place, find_place, private_folder
from config.embedded.postgres import database_url, make_cluster, make_database, postgres_server
from config.embedded.processes import Server
from config.embedded.valkey import redis_url, valkey_server


@dataclass
class Services:
    """The two servers of one data folder, kept up until `release`."""

    place: Place
    durable: bool
    lock: int | None = None  # descriptor of the lock file, with our shared lock on it
    _owner: int = field(default_factory=os.getpid)

    @property
    def database_url(self) -> str:
        return database_url(self.place)

    @property
    def redis_url(self) -> str:
        return redis_url(self.place)

    def missing(self) -> list[str]:
        """The titles of the servers that should run and do not."""
        return [server.title for server in self._servers() if server.pid() is None]

    def revive(self) -> list[str]:
        """Start what died and return the titles of what was started; EmbeddedError when one stays down."""
        with alone(self.place.folder / "start.lock"):
            make_cluster(self.place, durable=self.durable)
            started = [server.title for server in self._servers() if server.ensure()]
            make_database(self.place)
        return started

    def release(self) -> None:
        """Let go; the last holder stops both servers. A second call and a forked child do nothing."""
        if self.lock is None or self._owner != os.getpid():
            return
        lock, self.lock = self.lock, None
        atexit.unregister(self.release)
        with alone(self.place.folder / "start.lock"):
            fcntl.flock(lock, fcntl.LOCK_UN)
            if take(lock):
                for server in self._servers():
                    server.stop()
            os.close(lock)

    def _servers(self) -> list[Server]:
        return [
            postgres_server(self.place, durable=self.durable),
            valkey_server(self.place, durable=self.durable),
        ]


def hold(folder: Path, *, durable: bool = True) -> Services:
    """Find the servers of `folder` or start them; they stay up until `release()` or the end of this process.

    `durable=False` gives up safety against a power cut for speed; for tests. Raises EmbeddedError.
    """
    folder = private_folder(folder)
    with alone(folder / "start.lock"):
        services = Services(place=find_place(folder), durable=durable)
        # Nobody holds `lock` alone without `start.lock`, so this never waits.
        services.lock = lock = open_lock(folder / "lock")
        fcntl.flock(lock, fcntl.LOCK_SH)
    atexit.register(services.release)
    try:
        services.revive()
    except BaseException:
        services.release()
        raise
    return services


def find(folder: Path) -> Services:
    """The servers of `folder` as they are, running or not: nothing is started and nothing is held."""
    folder = private_folder(folder)
    with alone(folder / "start.lock"):
        return Services(place=find_place(folder), durable=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait for and keep the exclusive lock of a file."""
    lock = open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def take(lock: int) -> bool:
    """Take an open lock file exclusively; False when somebody else has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
