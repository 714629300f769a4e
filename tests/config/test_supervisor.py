"""The supervisor with small shell programs as its parts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import supervisor
from config.embedded.processes import command_line
from config.supervisor import Part, Supervisor

ROOT = Path(__file__).parents[2]
Lines = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Short pauses, and this process's own signal handlers back afterwards."""
    monkeypatch.setattr(supervisor, "ROUND_SECONDS", 0.02)
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.5)
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(kind) for kind in kinds]
    yield
    for kind, handler in zip(kinds, before, strict=True):
        signal.signal(kind, handler)


def shell(name: str, script: str) -> Part:
    return Part(name, ["/bin/sh", "-c", script], pause=0.01)


def run_until(parts: list[Part], enough: Callable[[Lines], bool]) -> Lines:
    """Run the parts until what they said is enough."""
    lines: Lines = []
    found = Supervisor(environment=os.environ, folder=ROOT, write=lambda name, line: lines.append((name, line)))
    deadline = time.monotonic() + 20

    def watch() -> None:
        if enough(lines):
            found.stop()
        assert time.monotonic() < deadline, lines

    found.run(parts, watch=watch)
    return lines


def test_a_part_that_died_is_started_again_and_the_others_go_on() -> None:
    steady, frail = shell("steady", "echo up; exec sleep 60"), shell("frail", "echo up; exit 3")
    lines = run_until([steady, frail], lambda lines: lines.count(("frail", "up")) >= 3)
    assert lines.count(("steady", "up")) == 1
    assert ("frail", "ended with code 3, starting it again in 0 s") in lines
    assert frail.deaths >= 2
    assert steady.life is None
    assert frail.life is None


def test_a_killed_part_is_named_by_its_signal() -> None:
    lines = run_until([shell("part", "kill -KILL $$")], lambda lines: len(lines) >= 1)
    assert lines[0] == ("part", "ended with SIGKILL, starting it again in 0 s")


def test_early_deaths_double_the_pause_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.03)
    part = shell("part", "exit 1")
    run_until([part], lambda _: part.deaths >= 4)
    assert part.pause == 0.03


def test_what_a_dead_part_left_in_its_session_is_killed() -> None:
    part = shell("part", "sleep 61 & echo $!; exit 1")
    lines = run_until([part], lambda _: part.deaths >= 2)
    orphans = [int(line) for _, line in lines if line.isdecimal()]
    assert len(orphans) >= 2
    assert [pid for pid in orphans if command_line(pid)] == []


def test_a_part_that_does_not_end_is_killed_after_the_grace() -> None:
    part = shell("deaf", "trap '' TERM; echo up; while :; do sleep 0.05; done")
    lines = run_until([part], lambda lines: ("deaf", "up") in lines)
    assert lines[-1] == ("deaf", "did not end in time and is killed")
    assert part.life is None


def test_last_words_and_unfinished_lines_are_passed_on() -> None:
    lines = run_until([shell("part", "printf 'one\\ntwo'; exit 1")], lambda lines: len(lines) >= 3)
    assert lines[:2] == [("part", "one"), ("part", "two")]


def test_a_step_gives_its_exit_code() -> None:
    lines: Lines = []
    found = Supervisor(environment={"WORD": "ok"}, folder=ROOT, write=lambda name, line: lines.append((name, line)))
    assert found.step(shell("good", "echo $WORD")) == 0
    assert found.step(shell("bad", "exit 7")) == 7
    assert lines == [("good", "ok")]


def test_a_signal_during_a_step_ends_it() -> None:
    found = Supervisor(environment=os.environ, folder=ROOT, write=lambda *_: None)
    part = shell("long", f"kill -TERM {os.getpid()}; exec sleep 60")
    assert found.step(part) is None
    assert part.life is None


def test_the_parts_end_when_the_supervisor_is_killed() -> None:
    script = (
        "import os; from config.supervisor import Part, Supervisor\n"
        "s = Supervisor(environment=os.environ, folder='.', write=lambda name, line: print(line, flush=True))\n"
        "s.run([Part('part', ['/bin/sh', '-c', 'echo $$; exec sleep 62'])], watch=lambda: None)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 10
    while command_line(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)
