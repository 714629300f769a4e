"""`make demo` with everything real: servers, migrations, seeds, web, worker and beat, on a folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from config.demo import first_of_each_role, read_accounts
from config.embedded.places import elsewhere_of
from config.embedded.processes import command_line

ROOT = Path(__file__).parents[2]
START_SECONDS = 400  # a machine may be busy with much else; 40 s on two idle cores
PARTS = ("granian", "celery", "postgres", "valkey-server")


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """An environment like that of a fresh terminal, with a data folder that is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="whistle-d-"))
    folder.chmod(0o711)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    yield {**kept, "WHISTLE_DATA": str(folder), "PORT": "0", "SWEEP_INTERVAL": "1"}
    subprocess.run(demo("reset"), check=True, cwd=ROOT, env={**kept, "WHISTLE_DATA": str(folder)}, capture_output=True)
    shutil.rmtree(folder)


def demo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "config.demo", *arguments]


@contextmanager
def running(environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, as soon as it says that it is ready; ended in any case."""
    process = subprocess.Popen(
        demo(), cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process, address_of(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def address_of(process: subprocess.Popen[str]) -> str:
    """Read the log until it says that the page is ready."""
    said: list[str] = []
    deadline = time.monotonic() + START_SECONDS
    for line in process.stdout or []:
        said.append(line)
        found = re.search(r"ready at (\S+) after", line)
        if found:
            return found[1]
        assert time.monotonic() < deadline, "".join(said)
    raise AssertionError("".join(said))


def descendants(environ: dict[str, str]) -> list[str]:
    """Command lines of the processes that belong to this data folder, by environment or by argument."""
    found = []
    marks = [environ["WHISTLE_DATA"], str(servers_folder(environ))]
    for folder in Path("/proc").glob("[0-9]*"):
        line = command_line(int(folder.name))
        try:
            inherited = os.fsencode(environ["WHISTLE_DATA"]) in (folder / "environ").read_bytes()
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            inherited = False
        if any(part in line for part in PARTS) and (inherited or any(mark in line for mark in marks)):
            found.append(line)
    return found


def servers_folder(environ: dict[str, str]) -> Path:
    folder = Path(environ["WHISTLE_DATA"]) / "demo"
    return elsewhere_of(folder) or folder


def worker_gave_sign(environ: dict[str, str]) -> bool:
    socket = servers_folder(environ) / "run" / "valkey.sock"
    with redis.Redis(unix_socket_path=str(socket)) as client:
        return client.get("whistle:pulse:worker") is not None


@pytest.mark.slow
def test_it_serves_ticks_refuses_a_second_copy_stops_and_starts_again(environ: dict[str, str]) -> None:
    with running(environ) as (process, address):
        with urllib.request.urlopen(f"{address}readyz", timeout=10) as answer:
            assert answer.status == 200
        second = subprocess.run(demo(), check=False, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        assert second.stderr.strip() == f"The demo of this folder runs already, at {address}."
        deadline = time.monotonic() + 60
        while not worker_gave_sign(environ):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert descendants(environ)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert descendants(environ) == []

    with running(environ) as (process, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert descendants(environ) == []


def test_a_broken_mode_is_refused(environ: dict[str, str]) -> None:
    done = subprocess.run(
        demo(), check=False, cwd=ROOT, env={**environ, "WHISTLE_MODE": "production"}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "demo mode only" in done.stderr


def test_the_accounts_are_read_from_the_seeds(tmp_path: Path) -> None:
    assert read_accounts(tmp_path / "none.csv") == []
    (tmp_path / "accounts.csv").write_text("username,role\nintake,intake\n", encoding="utf-8")
    assert read_accounts(tmp_path / "accounts.csv") == [{"username": "intake", "role": "intake"}]


def test_of_many_officers_the_first_of_each_role_is_shown() -> None:
    accounts = [
        {"username": "intake", "role": "i"},
        {"username": "intake-2", "role": "i"},
        {"username": "admin", "role": "a"},
    ]
    assert [row["username"] for row in first_of_each_role(accounts)] == ["intake", "admin"]
