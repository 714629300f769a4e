"""A demo of its own and a browser, for the tests of this folder and for the pictures of the READMEs."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
LOG = ROOT / ".artefacts" / "e2e" / "demo.log"
START_SECONDS = 240.0
LOOK_SECONDS = 0.5
MISSING = "Chromium or a Chinese font is missing. On Debian: apt-get install -y chromium fonts-wqy-microhei"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class NotRunning(Exception):
    """What is missing, in a sentence that says how to mend it."""


@dataclass(frozen=True)
class Demo:
    """A running site: its address without the last slash, and the environment that leads to its data."""

    address: str
    environ: Mapping[str, str]


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Of its own folder and ports, gone afterwards; or the one that `E2E_URL` names. Raises `NotRunning`."""
    given = os.environ.get("E2E_URL")
    if given:
        yield Demo(given.rstrip("/"), os.environ)
        return
    folder = Path(tempfile.mkdtemp(prefix="whistle-e2e-"))
    folder.chmod(0o711)  # the account of the servers passes through when root runs this
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environ |= {"WHISTLE_DATA": str(folder), "PORT": "0"}
    command = [sys.executable, "-m", "config.demo"]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w", encoding="utf-8") as out:
        servers = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield Demo(_address(servers), environ)
    finally:
        servers.terminate()
        servers.wait(timeout=60)
        subprocess.run([*command, "reset"], cwd=ROOT, env=environ, check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _address(servers: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and servers.poll() is None:
        ready = re.search(r"ready at (\S+?)/? after", LOG.read_text(encoding="utf-8"))
        if ready:
            return ready[1]
        time.sleep(LOOK_SECONDS)
    msg = f"The demo did not come up:\n{LOG.read_text(encoding='utf-8')}"
    raise NotRunning(msg)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """The machine's Chromium, or the one that `CHROMIUM` names. Raises `NotRunning`."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None or not _speaks_chinese():
        raise NotRunning(MISSING)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def _speaks_chinese() -> bool:
    """Without a Chinese font every picture is boxes. Where fc-list is not installed nobody can tell."""
    lister = shutil.which("fc-list")
    return lister is None or bool(subprocess.run([lister, ":lang=zh"], capture_output=True, check=True).stdout)
