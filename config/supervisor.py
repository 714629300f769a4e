"""Run several programs in the foreground as one: one log, one stop, and what dies is started again.

One thread does everything, a round every fifth of a second: read what the parts say, bury and restart the dead,
look after what else there is. The parts run in sessions of their own, so the Ctrl-C of the terminal reaches the
supervisor alone and the parts are stopped in order; the kernel stops them if the supervisor itself is killed.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO

ROUND_SECONDS = 0.2
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a part is started again, doubled with each early death
SETTLED_SECONDS = 30.0  # a part that lived this long begins with the first pause again
GRACE_SECONDS = 15.0  # for an orderly end, before the part is killed
_PR_SET_PDEATHSIG = 1  # prctl(2)

Write = Callable[[str, str], None]  # name of the part, one line


@dataclass
class Life:
    """One running process of a part."""

    process: subprocess.Popen[bytes]
    output: FileIO
    begun: float  # monotonic seconds
    unfinished: bytes = b""  # of its last line

    def has_ended(self) -> bool:
        """Asked without reaping it: until then its number cannot be given to another process."""
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


@dataclass
class Part:
    """One program, its present life and its past ones."""

    name: str
    command: list[str]
    life: Life | None = None
    deaths: int = 0
    pause: float = FIRST_PAUSE
    again_at: float = 0.0  # monotonic seconds from which it may be started


class Supervisor:
    """Keeps parts running until it is told to stop by a signal or by `stop()`."""

    def __init__(self, *, environment: Mapping[str, str], folder: os.PathLike[str], write: Write) -> None:
        self.stopping = False
        self._environment = dict(environment)
        self._folder = folder
        self._write = write
        self._selector = selectors.DefaultSelector()
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if kind is not signal.SIGHUP or signal.getsignal(kind) is not signal.SIG_IGN:  # nohup
                signal.signal(kind, self._on_signal)

    def stop(self) -> None:
        self.stopping = True

    def step(self, part: Part) -> int | None:
        """Run a program to its end; its exit code, or None when the supervisor was stopped in between."""
        life = self._start(part)
        while not self.stopping:
            self._read()
            if life.has_ended():
                return self._bury(part, life)
        self._end([part])
        return None

    def run(self, parts: list[Part], *, watch: Callable[[], None]) -> None:
        """Keep the parts running and call `watch` every round, until stopped; then end all of them."""
        try:
            while not self.stopping:
                for part in parts:
                    self._tend(part)
                self._read()
                watch()
        finally:
            self._end(parts)

    def _tend(self, part: Part) -> None:
        """Start the part when it does not run and may; bury it when it died."""
        if part.life is not None and part.life.has_ended():
            lived = time.monotonic() - part.life.begun
            self._note_death(part, lived=lived, code=self._bury(part, part.life))
        if part.life is None and time.monotonic() >= part.again_at:
            self._start(part)

    def _note_death(self, part: Part, *, lived: float, code: int) -> None:
        if lived > SETTLED_SECONDS:
            part.pause = FIRST_PAUSE
        part.deaths += 1
        part.again_at = time.monotonic() + part.pause
        self._write(part.name, f"ended with {_named(code)}, starting it again in {part.pause:.0f} s")
        part.pause = min(2 * part.pause, LONGEST_PAUSE)

    def _start(self, part: Part) -> Life:
        read_end, write_end = os.pipe()
        process = subprocess.Popen(  # noqa: S603 - our own programs
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=write_end,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=self._environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
        )
        os.close(write_end)
        os.set_blocking(read_end, False)
        part.life = Life(process=process, output=FileIO(read_end), begun=time.monotonic())
        self._selector.register(read_end, selectors.EVENT_READ, part)
        return part.life

    def _read(self) -> None:
        """Pass on what the parts say, line by line; waits at most one round."""
        if not self._selector.get_map():
            time.sleep(ROUND_SECONDS)
        for key, _ in self._selector.select(ROUND_SECONDS):
            if key.data.life is not None:
                self._drain(key.data.name, key.data.life)

    def _drain(self, name: str, life: Life) -> None:
        said = life.output.read()  # None: nothing new; empty: closed, the process itself may live on
        if said == b"" and life.output.fileno() in self._selector.get_map():
            self._selector.unregister(life.output.fileno())
        *lines, life.unfinished = (life.unfinished + (said or b"")).split(b"\n")
        for line in lines:
            if line.strip():
                self._write(name, line.decode(errors="replace").rstrip())

    def _bury(self, part: Part, life: Life) -> int:
        """Kill what is left of a part's session, read its last words and reap it; its exit code."""
        with suppress(ProcessLookupError):
            os.killpg(life.process.pid, signal.SIGKILL)  # not reaped yet: the number is still its own
        code = life.process.wait()
        self._drain(part.name, life)
        if life.unfinished:
            self._write(part.name, life.unfinished.decode(errors="replace"))
        if life.output.fileno() in self._selector.get_map():
            self._selector.unregister(life.output.fileno())
        life.output.close()
        part.life = None
        return code

    def _end(self, parts: list[Part]) -> None:
        """Ask the parts to end, wait, and kill those that do not; a second signal shortens the wait."""
        self.stopping = False
        running = [(part, part.life) for part in parts if part.life is not None]
        for _, life in running:
            os.kill(life.process.pid, signal.SIGTERM)  # Popen.send_signal would reap an ended one unseen
        deadline = time.monotonic() + GRACE_SECONDS
        while running and not self.stopping and time.monotonic() < deadline:
            self._read()
            for part, life in [pair for pair in running if pair[1].has_ended()]:
                self._bury(part, life)
                running.remove((part, life))
        for part, life in running:
            self._write(part.name, "did not end in time and is killed")
            self._bury(part, life)
        self.stopping = True

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.stopping = True


def _named(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"


def _end_with_parent() -> None:
    """In the child: ask the kernel for SIGTERM when the supervisor dies, however it dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
