"""One server process: start it, know it again, stop it.

A server is known by the pid file in its own folder together with its command line, which must name that
folder: a pid that was given to another program since is never taken for ours, and nothing else is stopped.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.embedded.accounts import Account
from config.embedded.errors import EmbeddedError

START_SECONDS = 60.0  # crash recovery of a large demo included
STOP_SECONDS = 30.0
BURIAL_SECONDS = 10.0  # a parent that reaps nobody never will
PAUSE = 0.02

# Servers that this process started: kept so that each is reaped when it ends.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Server:
    """What one kind of server needs to be started and recognised."""

    title: str
    command: list[str]
    mark: str  # the path on its command line that makes it ours
    pid_file: Path
    log: Path
    account: Account
    is_ready: Callable[[], bool]
    polite: signal.Signals  # ends it in order, clients or not
    rude: signal.Signals

    def pid(self) -> int | None:
        """The process id when the server runs, else None."""
        pid = self._written_pid()
        return pid if pid is not None and self.mark in command_line(pid) else None

    def ensure(self) -> bool:
        """Start the server unless it runs, and wait until it answers; True when it was started here.

        Raises EmbeddedError with the server's own last words when it does not come up.
        """
        child = None if self.pid() else self._spawn()
        try:
            self._wait_for(child)
        except BaseException:
            if child is not None and child.poll() is None:  # it may not have written its pid yet
                child.send_signal(self.rude)
                child.wait()
            raise
        return child is not None

    def stop(self) -> None:
        """End the server if it runs and wait until it is gone; raises EmbeddedError when it stays."""
        for kind in (self.polite, self.rude):
            pid = self.pid()
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, kind)
            if self._gone_within(pid, STOP_SECONDS):
                return
        sentence = f"{self.title} (process {self.pid()}) cannot be stopped; see {self.log}."
        raise EmbeddedError(sentence)

    def _wait_for(self, child: subprocess.Popen[bytes] | None) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (self.pid() and self.is_ready()):
            if child is not None and child.poll() is not None:
                sentence = f"{self.title} did not start; the end of {self.log} says: {self._last_words()}"
                raise EmbeddedError(sentence)
            if time.monotonic() > deadline:
                sentence = f"{self.title} did not answer within {START_SECONDS:.0f} seconds; see {self.log}."
                raise EmbeddedError(sentence)
            time.sleep(PAUSE)

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start it in a session of its own: the Ctrl-C of a terminal reaches its holder, not the server."""
        _children[:] = [child for child in _children if child.poll() is None]
        self._drop_stale_pid()
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            child = subprocess.Popen(  # noqa: S603 - the wheel's own program
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=server_environment(),
                start_new_session=True,
                umask=0o077,
                **self.account.identity,
            )
        _children.append(child)
        return child

    def _written_pid(self) -> int | None:
        try:
            return int(self.pid_file.read_text(encoding="ascii").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _drop_stale_pid(self) -> None:
        """After a reboot the old pid may be another program; PostgreSQL would take that for itself."""
        pid = self._written_pid()
        if pid is not None and (command_line(pid) or not _buried(pid)):
            self.pid_file.unlink()

    def _gone_within(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.mark in command_line(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE)
        return True

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "nothing")


def _buried(pid: int) -> bool:
    """Whoever was killed keeps its pid until it is reaped, and PostgreSQL would take it for alive. That is waited
    for: without the pid file the next server would not find what the dead one left in shared memory."""
    deadline = time.monotonic() + BURIAL_SECONDS
    while Path(f"/proc/{pid}").exists():
        _children[:] = [child for child in _children if child.poll() is None]
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def command_line(pid: int) -> str:
    """The arguments of a process, spaces between; empty when it ended (an unreaped one has none either)."""
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def server_environment() -> dict[str, str]:
    """Nothing of the caller's PG* or LC_* reaches the servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
