"""The embedded servers with real processes: started, found, shared, survived, stopped, and nothing else touched."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import EmbeddedError, Services, hold, remove
from config.embedded.accounts import Account
from config.embedded.places import find_place
from config.embedded.processes import command_line

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from config.embedded import hold
services = hold(Path(sys.argv[1]), durable=False)
print(services.database_url, services.redis_url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path, because sockets lie under it; open to the account that root lends the servers to."""
    folder = Path(tempfile.mkdtemp(prefix="whistle-e-"))
    folder.chmod(0o711)
    yield folder
    if (folder / "demo" / "lock").exists():
        remove(folder / "demo")
    shutil.rmtree(folder)


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "demo"


def start_holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the folder until its standard input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def let_go(holder: subprocess.Popen[str]) -> None:
    holder.communicate(timeout=60)


def pids(services: Services) -> list[int | None]:
    place = services.place
    files = [place.files / "postgres" / "postmaster.pid", place.files / "valkey" / "valkey.pid"]
    return [int(file.read_text().split("\n")[0]) if file.exists() else None for file in files]


def answers(services: Services) -> bool:
    with psycopg.connect(services.database_url) as connection, redis.Redis.from_url(services.redis_url) as client:
        row = connection.execute(
            "SELECT current_user::text, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        return row == ("whistle", False) and bool(client.ping())


def wait_until_gone(pid: int, *, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while command_line(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_servers_start_serve_and_stop(folder: Path) -> None:
    services = hold(folder)
    started = pids(services)
    assert answers(services)
    services.release()
    assert pids(services) == [None, None]
    assert all(pid and not command_line(pid) for pid in started)
    services.release()  # a second time does nothing


def test_data_outlives_a_stop(folder: Path) -> None:
    services = hold(folder)
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('吹哨报到')")
    with redis.Redis.from_url(services.redis_url) as client:
        client.set("kept", "yes")
    services.release()
    services = hold(folder)
    with psycopg.connect(services.database_url) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("吹哨报到",)
    with redis.Redis.from_url(services.redis_url) as client:
        assert client.get("kept") == b"yes"
    services.release()


def test_chinese_words_have_trigrams(folder: Path) -> None:
    services = hold(folder, durable=False)
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT cardinality(show_trgm('吹哨报到'))").fetchone()
    services.release()
    assert row == (5,)


def test_sockets_and_data_are_private(folder: Path) -> None:
    services = hold(folder, durable=False)
    for name in ("run", "postgres", "valkey"):
        assert stat.S_IMODE((services.place.files / name).stat().st_mode) == 0o700
    for log in folder.glob("*.log"):
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
    services.release()


def test_the_servers_listen_on_no_port(folder: Path) -> None:
    services = hold(folder, durable=False)
    with psycopg.connect(services.database_url) as connection, redis.Redis.from_url(services.redis_url) as client:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert client.config_get("port") == {"port": "0"}
    services.release()


def test_the_last_one_out_stops_the_servers(folder: Path) -> None:
    services = hold(folder, durable=False)
    before = pids(services)
    holder = start_holder(folder)
    assert holder.stdout is not None
    assert holder.stdout.readline().split() == [services.database_url, services.redis_url]
    services.release()
    assert pids(services) == before
    assert answers(services)
    let_go(holder)
    assert pids(services) == [None, None]


def test_two_first_starts_at_once_share_one_pair_of_servers(folder: Path) -> None:
    holders = [start_holder(folder) for _ in range(3)]
    urls = {holder.stdout.readline() for holder in holders if holder.stdout}
    assert len(urls) == 1
    assert "postgresql://" in urls.pop()
    for holder in holders:
        let_go(holder)
        assert holder.returncode == 0
    services = Services(place=find_place(folder), durable=False)
    assert pids(services) == [None, None]


def test_a_killed_holder_leaves_servers_that_the_next_one_uses_and_stops(folder: Path) -> None:
    holder = start_holder(folder)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.communicate()
    services = Services(place=find_place(folder), durable=False)
    left = pids(services)
    assert all(pid and command_line(pid) for pid in left)
    services = hold(folder, durable=False)
    assert pids(services) == left
    assert answers(services)
    services.release()
    assert all(pid and wait_until_gone(pid) for pid in left)


def test_the_interrupt_of_a_terminal_reaches_the_holder_and_not_the_servers(folder: Path) -> None:
    services = hold(folder, durable=False)
    for pid in pids(services):
        assert pid is not None
        assert os.getsid(pid) == pid != os.getsid(0)
    services.release()


def test_servers_that_died_are_started_again(folder: Path) -> None:
    services = hold(folder, durable=False)
    assert services.missing() == []
    for pid in pids(services):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert wait_until_gone(pid)
    assert services.missing() == ["PostgreSQL", "Valkey"]
    assert services.revive() == ["PostgreSQL", "Valkey"]
    assert answers(services)
    services.release()


def test_a_pid_that_belongs_to_another_program_now_is_left_alone(folder: Path) -> None:
    services = hold(folder, durable=False)
    services.release()
    stranger = subprocess.Popen(["sleep", "60"])
    data = services.place.files / "postgres"
    (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n0\n5432\n{services.place.sockets}\n")
    services = hold(folder, durable=False)
    assert answers(services)
    services.release()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_two_folders_do_not_meet(home: Path) -> None:
    first, second = hold(home / "demo", durable=False), hold(home / "other", durable=False)
    second.release()
    assert pids(second) == [None, None]
    assert answers(first)
    first.release()
    remove(home / "other")


def test_a_path_with_blanks_and_quotes_works(home: Path) -> None:
    strange = home / "it's $HOME"
    services = hold(strange, durable=False)
    assert answers(services)
    services.release()
    remove(strange)


def test_a_too_long_socket_path_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "can_enter", lambda *_: True)  # below /root the sockets would lie elsewhere
    deep = home / ("long" * 25)
    with pytest.raises(EmbeddedError, match=r"has \d+ bytes and the system allows 107.*WHISTLE_DATA"):
        hold(deep)
    with pytest.raises(EmbeddedError, match="comma"):
        hold(home / "a,b")


def test_a_file_in_the_place_of_the_folder_is_one_sentence(home: Path) -> None:
    (home / "file").touch()
    for path in (home / "file", home / "file" / "demo"):
        with pytest.raises(EmbeddedError, match="a file is in its way"):
            hold(path)


def test_a_folder_that_cannot_be_written_is_one_sentence() -> None:
    """/proc refuses new folders to root as well, so this holds for whoever runs the tests."""
    with pytest.raises(EmbeddedError, match=r"cannot be used: .*WHISTLE_DATA"):
        hold(Path("/proc/whistle"))


def test_the_folder_of_another_user_is_refused_and_untouched(home: Path) -> None:
    foreign = Path("/usr")
    if os.geteuid() == 0:
        foreign = home / "foreign"
        foreign.mkdir(mode=0o755)
        os.chown(foreign, 65534, 65534)
    before = foreign.stat()
    with pytest.raises(EmbeddedError, match="belongs to another user"):
        hold(foreign)
    assert foreign.stat() == before


def test_a_cluster_of_another_version_is_refused(folder: Path) -> None:
    services = hold(folder, durable=False)
    services.release()
    (services.place.files / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match="was written by PostgreSQL 15"):
        hold(folder)
    assert pids(services) == [None, None]


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    services = hold(folder, durable=False)
    services.release()
    (services.place.files / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match=r"PostgreSQL did not start; the end of .*postgres.log says: "):
        hold(folder)


def test_an_interrupted_initdb_is_begun_anew(folder: Path) -> None:
    place = find_place(folder)
    (place.files / "postgres.unfinished").mkdir()
    (place.files / "postgres.unfinished" / "PG_VERSION").write_text("18\n")
    services = hold(folder, durable=False)
    assert answers(services)
    services.release()


def test_remove_refuses_while_somebody_uses_the_data(folder: Path) -> None:
    services = hold(folder, durable=False)
    with pytest.raises(EmbeddedError, match="in use"):
        remove(folder)
    assert answers(services)
    services.release()
    assert remove(folder) is True
    assert not folder.exists()
    assert remove(folder) is False


def test_remove_leaves_a_folder_alone_that_is_not_ours(home: Path) -> None:
    (home / "papers").mkdir()
    (home / "papers" / "letter").touch()
    with pytest.raises(EmbeddedError, match="left alone"):
        remove(home / "papers")
    assert (home / "papers" / "letter").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the servers to another account")
def test_root_keeps_everything_elsewhere_when_the_servers_account_cannot_enter(home: Path) -> None:
    home.chmod(0o700)
    services = hold(home / "demo", durable=False)
    outside = services.place.files
    assert not outside.is_relative_to(home)
    assert answers(services)
    services.release()
    assert Services(place=find_place(home / "demo"), durable=False).place.files == outside
    remove(home / "demo")
    assert not outside.exists()


def test_one_that_was_killed_is_waited_for_until_it_is_reaped(folder: Path) -> None:
    """It has no command line any more and keeps its pid; PostgreSQL would refuse to start beside it."""
    services = hold(folder, durable=False)
    services.release()
    dying = subprocess.Popen(["sleep", "60"], **services.place.account.identity)
    data = services.place.files / "postgres"
    (data / "postmaster.pid").write_text(f"{dying.pid}\n{data}\n0\n5432\n{services.place.sockets}\n")
    dying.kill()
    assert wait_until_gone(dying.pid)
    reaper = threading.Timer(1.0, dying.wait)
    reaper.start()
    services = hold(folder, durable=False)
    assert answers(services)
    services.release()
    reaper.join()
