"""`make demo`: the whole system in the foreground of one terminal, and `make demo-reset`.

    servers → migrations and seeds → web, worker, courier, beat → "ready"

Nothing of Django is loaded here: this process starts, watches and stops the others.
"""

import csv
import os
import sys
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.demo_address import Address, read_address
from config.embedded import EmbeddedError, Services, remove
from config.embedded.holding import open_lock, take
from config.embedded.places import private_folder
from config.embedding import BASE_DIR, embed_missing
from config.environment import data_folder
from config.supervisor import Part, Supervisor

PASSWORD = "Whistle-demo-2026"  # noqa: S105 - of the demo accounts, in demo mode only
WATCH_SECONDS = 1.0
PATIENCE_SECONDS = 60.0  # for the page to answer once the data is prepared
#: The worker of the outbox; the same words stand in docker-compose.yml.
COURIER = ("worker", "--queues=delivery", "--hostname=courier@%h", "--without-gossip", "--without-mingle")
HOPELESS_DEATHS = 3  # of the web before it ever answered: something is wrong that a restart does not cure


class Demo:
    """One run of the demo, from its lock to its end."""

    def __init__(self, *, address: Address, services: Services | None) -> None:
        self.address = address
        self.services = services
        self.failure: str | None = None
        self._ready = False
        self._warned = False
        self._begun = self._watched = self._prepared = time.monotonic()
        environment = {**os.environ, "WHISTLE_MODE": "demo", "PYTHONUNBUFFERED": "1"}
        # Celery warns about root because of pickle, which is off here.
        environment["PYTHONWARNINGS"] = "ignore:You're running the worker:Warning"
        self.supervisor = Supervisor(environment=environment, folder=BASE_DIR, write=say)
        self.web = Part("web", python("-m", "granian", *granian_options(address), "config.wsgi:application"))

    def run(self) -> str | None:
        """Until a signal; a sentence when something went wrong that cannot be mended."""
        code = self.supervisor.step(Part("prepare", python("manage.py", "prepare_demo")))
        if code is None:
            return None
        if code != 0:
            return f"The demo's data could not be prepared (exit code {code}); the lines above say why."
        self._prepared = time.monotonic()
        self._greet()
        celery = ("-m", "celery", "--quiet", "-A", "config.celery")
        worker = Part("worker", python(*celery, "worker", "--without-gossip", "--without-mingle"))
        courier = Part("courier", python(*celery, *COURIER))
        beat = Part("beat", python(*celery, "beat"))
        self.supervisor.run([self.web, worker, courier, beat], watch=self._watch)
        return self.failure

    def _greet(self) -> None:
        say("demo", f"address {self.address.url} - accounts, all with the password {PASSWORD}:")
        accounts = read_accounts(BASE_DIR / "seeds" / "accounts.csv")
        shown = first_of_each_role(accounts)
        for row in shown:
            where = row["department"] or row["area"]
            say("demo", f"  {row['username']:<12} {row['role']:<20} {row['full_name']} {where}".rstrip())
        if len(accounts) > len(shown):
            say("demo", f"  and {len(accounts) - len(shown)} more in seeds/accounts.csv")

    def _watch(self) -> None:
        now = time.monotonic()
        if not self._ready:
            self._look_for_page(now)
        if now - self._watched >= WATCH_SECONDS:
            self._watched = now
            self._look_after_servers()

    def _look_for_page(self, now: float) -> None:
        if self.address.answers("/readyz"):
            self._ready = True
            say("demo", f"ready at {self.address.url} after {now - self._begun:.1f} s; Ctrl-C stops everything")
        elif self.web.deaths >= HOPELESS_DEATHS:
            self._give_up("The web server does not come up; its lines above say why.")
        elif now - self._prepared > PATIENCE_SECONDS and not self._warned:
            self._warned = True
            say("demo", "the page does not answer yet; the lines above may say why")

    def _look_after_servers(self) -> None:
        """A server that died is started again; the parts reconnect by themselves or are restarted."""
        missing = self.services.missing() if self.services else []
        if self.services and missing:
            say("demo", f"{' and '.join(missing)} died and is started again")
            try:
                self.services.revive()
            except EmbeddedError as error:
                self._give_up(str(error))

    def _give_up(self, sentence: str) -> None:
        self.failure = sentence
        self.supervisor.stop()


def main() -> None:
    try:
        if sys.argv[1:] == ["reset"]:
            reset()
        elif sys.argv[1:]:
            sys.exit("usage: python -m config.demo [reset]")
        else:
            sys.exit(start())
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(0)


def start() -> str | None:
    """Run the demo; None when it was stopped in order, else the sentence to end with."""
    if os.environ.setdefault("WHISTLE_MODE", "demo") != "demo":
        return "WHISTLE_MODE is set to something else; `make demo` runs in demo mode only."
    folder = private_folder(demo_folder())
    lock = open_lock(folder / "demo.lock")
    if not take(lock):
        return f"The demo of this folder runs already, at {os.pread(lock, 200, 0).decode() or 'its address'}."
    address = read_address(os.environ)
    os.truncate(lock, 0)
    os.pwrite(lock, address.url.encode(), 0)
    services = embed_missing()
    try:
        return Demo(address=address, services=services).run()
    finally:
        if services is not None:
            services.release()
        say("demo", "stopped")


def reset() -> None:
    folder = demo_folder()
    print(f"{folder} deleted" if remove(folder) else f"{folder} holds nothing")  # noqa: T201 - a command's answer


def demo_folder() -> Path:
    return data_folder(os.environ, mode="demo", base_dir=BASE_DIR)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def granian_options(address: Address) -> list[str]:
    """Two processes of one thread each, as measured best (design/stack.md)."""
    options = ["--interface", "wsgi", "--host", address.host, "--port", str(address.port)]
    return [*options, "--workers", "2", "--blocking-threads", "1", "--log-level", "warning", "--respawn-failed-workers"]


def read_accounts(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def first_of_each_role(accounts: list[dict[str, str]]) -> list[dict[str, str]]:
    """What fits on one screen: an office has many officers and a visitor wants one of each."""
    first: dict[str, dict[str, str]] = {}
    for row in accounts:
        first.setdefault(row["role"], row)
    return list(first.values())


def say(name: str, line: str) -> None:
    """One line of the common log. When nobody reads it any more (a closed pipe) the demo goes on quietly."""
    try:
        print(f"{name:<7} | {line}", flush=True)  # noqa: T201 - this is the log
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


if __name__ == "__main__":
    main()
