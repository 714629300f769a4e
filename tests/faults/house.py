"""A house for faults: servers that may be killed, parts that are started again, and what must hold afterwards."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from config.demo import COURIER
from config.embedded import Services, hold, remove

DEADLINE = 180.0  # seconds, for anything that is waited for: the machine may be busy
_CELERY = ("-m", "celery", "--quiet", "-A", "config.celery")
_QUIET = ("--without-gossip", "--without-mingle")
WORKER = (*_CELERY, "worker", "--queues=celery", "--concurrency=1", *_QUIET)
COURIER_PART = (*_CELERY, *COURIER, "--concurrency=1")
BEAT = (*_CELERY, "beat")
_BEGIN = "import django\ndjango.setup()\n"


@dataclass
class House:
    """PostgreSQL, Valkey, a county, and the processes that a test starts. `dice` draws the moments of a test."""

    services: Services
    folder: Path
    environment: dict[str, str]
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, Sequence[str]] = field(default_factory=dict)

    # Parts

    def start(self, name: str, command: Sequence[str]) -> None:
        """In a session of its own, so that its children die with it."""
        if "worker" in command:
            command = [*command, f"--hostname={name}@fault"]
        self.commands[name] = command
        with (self.folder / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                [sys.executable, *command], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """kill -9, the whole session."""
        process = self.parts.pop(name)
        with suppress(ProcessLookupError):  # it ended by itself meanwhile
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def tend(self) -> None:
        """Start again what ended by itself, as a supervisor does."""
        for name in [name for name, process in self.parts.items() if process.poll() is not None]:
            self.start(name, self.commands[name])

    def end_parts(self) -> None:
        """A beat is asked to end, so that it gives back its lock: the next test's need not wait for that to run out."""
        for name in [name for name in self.parts if name.startswith("beat")]:
            self.parts[name].terminate()
            with suppress(subprocess.TimeoutExpired):
                self.parts[name].wait(timeout=20)
        for name in list(self.parts):
            self.kill(name)

    # Servers

    def server(self, title: str) -> int:
        """The process id of "PostgreSQL" or "Valkey"."""
        (pid,) = [server.pid() for server in self.services._servers() if server.title == title]
        assert pid is not None
        return pid

    def strike(self, title: str, how: signal.Signals) -> None:
        """End a server that way and start it again."""
        pid = self.server(title)
        os.kill(pid, how)
        self.until(lambda: title in self.services.missing(), what=f"{title} to end")
        self.services.revive()

    # What is there

    def run(self, code: str) -> str:
        """Run code with the service set up, in a process of its own; what it printed."""
        with self.running(code) as said:
            pass
        return said[0]

    @contextmanager
    def running(self, code: str) -> Iterator[list[str]]:
        """Run code while the block does something else; what it printed is in the list behind the block."""
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen([sys.executable, "-c", _BEGIN + code], env=self.environment, **pipes)
        said: list[str] = []
        try:
            yield said
        finally:
            try:
                out, err = process.communicate(timeout=DEADLINE)
            finally:
                process.kill()  # nothing, if it has ended
        assert process.returncode == 0, err
        said.append(out)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement on a fresh connection: the server may just have been restarted."""
        with psycopg.connect(self.services.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def count(self, statement: str, *values: Any) -> int:
        return int(self.ask(statement, *values)[0][0])

    def step_clock(self, seconds: float) -> None:
        """Shift the clock of every process of this house, from their next look on."""
        fresh = self.folder / "clock.new"
        fresh.write_text(str(seconds), encoding="ascii")
        fresh.replace(self.folder / "clock")

    def until(self, holds: Callable[[], bool], *, what: str) -> None:
        """Wait, tending the parts; AssertionError with the ends of their logs when it takes too long."""
        end = time.monotonic() + DEADLINE
        while not self._answered(holds):
            self.tend()
            assert time.monotonic() < end, f"waited {DEADLINE} s for {what}\n{self._logs()}"
            time.sleep(0.02)

    def _answered(self, holds: Callable[[], bool]) -> bool:
        try:
            return holds()
        except psycopg.OperationalError:  # the server is just being restarted
            return False

    def _logs(self) -> str:
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in self.folder.glob("*.log"))

    # What must hold

    def assert_whole(self) -> None:
        """Behind every fault: chains, laws, each alert once with its event, and a reconciliation that finds nothing.

        A law is that each passed threshold has its alert, another that no alert is without its event.
        """
        assert self.run(_CLOSING) == "{}\n", "something had to be repaired"
        assert self.count("SELECT count(*) FROM cases_clock WHERE held_until IS NOT NULL") == 0
        twice = "SELECT clock_id FROM cases_alert GROUP BY clock_id, generation, colour HAVING count(*) > 1"
        assert self.ask(twice) == []
        told = "SELECT count(*) FROM cases_alert WHERE cause = 'time'"
        events = "SELECT count(*) FROM cases_journalevent WHERE kind = 'alert'"
        assert self.count(told) == self.count(events)

    def all_swept(self) -> bool:
        """Nothing that is long past waits for the sweep any more."""
        return self.count("SELECT count(*) FROM cases_clock WHERE next_moment < now() - interval '1 day'") == 0


@contextmanager
def faulty_house() -> Iterator[House]:
    """Servers, migrations and the small county of the tests, in a folder that is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="whistle-test-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the account of the servers passes through
    services = hold(folder / "test", durable=True)
    house = House(services, folder, _environment(services, folder))
    house.step_clock(0)
    try:
        house.manage("migrate", "--verbosity=0")
        house.run("from tests.builders import build_county\nbuild_county()")
        yield house
    finally:
        house.end_parts()
        services.release()
        remove(folder / "test")
        shutil.rmtree(folder, ignore_errors=True)


def _environment(services: Services, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "WHISTLE_MODE": "test",
        "WHISTLE_DATA": str(folder),
        "DATABASE_URL": services.database_url,
        "REDIS_URL": services.redis_url,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "FAULT_CLOCK": str(folder / "clock"),
        "SWEEP_INTERVAL": "1",
        "SWEEP_BATCH": "2",
        "OUTBOX_INTERVAL": "1",
        "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore:You're running the worker:Warning",
    }


#: The commands that an operator has, and what a reconciliation found; each of them fails by its exit code.
_CLOSING = """
from django.core.management import call_command
from django.utils import timezone
from cases.models import Reconciliation
for command in ("verify_journal", "check_invariants", "reconcile"):
    call_command(command, stdout=open("/dev/null", "w"))
print(Reconciliation.objects.latest("pk").found)
"""

#: Cases whose three colours are all long past: three alerts each are owed.
FEED = """
from tests.concurrency.crowd import collect_many
from tests.faults.county import county_again
collect_many(county_again(), {count})
"""


#: Cases in hand, of which the time of the unit and that of the whole case are long past.
_FEED_IN_HAND = """
from cases.terms import Status
from tests.faults.county import county_again
from tests.stories import story_in
county = county_again()
for _ in range({count}):
    story_in(county, Status.HANDLING)
"""


def feed_in_hand(house: House, count: int) -> None:
    house.run(_FEED_IN_HAND.format(count=count))


def feed(house: House, count: int) -> None:
    house.run(FEED.format(count=count))


def luck(name: str) -> random.Random:
    """Random moments; `FAULT_SEED` repeats a run, and the seed is printed."""
    seed = os.environ.get("FAULT_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"FAULT_SEED={seed} for {name}")  # noqa: T201 — pytest shows it beside a failure
    return random.Random(f"{seed}{name}")
