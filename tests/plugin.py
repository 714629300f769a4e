"""pytest plugin: one embedded PostgreSQL and Valkey for each run, in a folder of its own that is thrown away.

It is loaded by `-p` in pyproject.toml, because pytest-django reads the settings before any conftest. The controller
starts the servers and exports their addresses; the workers of xdist inherit them, and each takes a numbered Valkey
database (pytest-django gives each a PostgreSQL database). `DATABASE_URL` and `REDIS_URL`, when set, win.
"""

import atexit
import gc
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.embedded import EmbeddedError, hold, remove
from tests import network

PREFIX = "whistle-test-"
ABANDONED_SECONDS = 3600.0  # a run that was killed leaves its folder; no run takes this long to begin
_WANTED = ("DATABASE_URL", "REDIS_URL")
_GARBAGE = (100_000, 50, 50)  # gc.set_threshold: more young objects than a request makes


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None, object, object]:
    if not {"-h", "--help", "-V", "--version"} & set(args):
        _prepare()
    return (yield)


def pytest_configure() -> None:
    network.block(allowed_url=os.environ.get("REDIS_URL", ""))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: looking through it for garbage took a fifth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def _prepare() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["REDIS_URL"] = _with_database(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)
        return
    try:
        _start()
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from None


def _with_database(redis_url: str, database: int) -> str:
    """The same server, another numbered database."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={database}"  # geturl() would lose the two slashes that the client wants
    return parts._replace(path=f"/{database}").geturl()


def _start() -> None:
    """Make the run's folder and start what no variable names; the end of this process undoes both."""
    _sweep_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the account of the servers passes through
    atexit.register(_throw_away, folder)  # before `hold` registers its release, so that it runs after that
    os.environ |= {"WHISTLE_MODE": "test", "WHISTLE_DATA": str(folder)}
    if all(os.environ.get(name) for name in _WANTED):
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: pytest ends in order, atexit runs
    services = hold(folder / "test", durable=False)
    urls = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
    os.environ |= {name: os.environ.get(name) or urls[name] for name in _WANTED}


def _throw_away(folder: Path) -> None:
    """Delete a run's folder, and what root keeps elsewhere for it."""
    if (folder / "test" / "start.lock").exists():
        remove(folder / "test")
    shutil.rmtree(folder, ignore_errors=True)


def _sweep_abandoned() -> None:
    """Stop and delete what runs of this user that were killed left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        found = folder.lstat()
        if found.st_uid != os.geteuid() or time.time() - found.st_mtime < ABANDONED_SECONDS:
            continue
        with suppress(EmbeddedError):  # a long run still uses it
            _throw_away(folder)
