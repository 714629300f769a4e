"""A demo of its own and a browser for the tests of this folder (`make e2e`).

`E2E_URL` names a site that runs already, `CHROMIUM` another browser. Pictures of every page go to .artefacts/e2e.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.officer import PICTURES, Officer

ROOT = Path(__file__).parents[2]
START_SECONDS = 240.0
LOOK_SECONDS = 0.5
CROWD = 20_000
MISSING = "Chromium or a Chinese font is missing. On Debian: apt-get install -y chromium fonts-wqy-microhei"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def demo() -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a running site, without its last slash, and the environment that leads to its data."""
    given = os.environ.get("E2E_URL")
    if given:
        yield given.rstrip("/"), dict(os.environ)
        return
    folder = Path(tempfile.mkdtemp(prefix="whistle-e2e-"))
    folder.chmod(0o711)  # the account of the servers passes through when root runs the tests
    PICTURES.mkdir(parents=True, exist_ok=True)
    log = PICTURES / "demo.log"
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environ |= {"WHISTLE_DATA": str(folder), "PORT": "0"}
    command = [sys.executable, "-m", "config.demo"]
    with log.open("w", encoding="utf-8") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _address(running, log), environ
    finally:
        running.terminate()
        running.wait(timeout=60)
        subprocess.run([*command, "reset"], cwd=ROOT, env=environ, check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def site(demo: tuple[str, dict[str, str]]) -> str:
    return demo[0]


@pytest.fixture
def crowd(demo: tuple[str, dict[str, str]]) -> int:
    """So many cases more, in the data of the running site; a file of their own asks for them last."""
    command = [sys.executable, "-m", "tests.e2e.crowd", str(CROWD)]
    subprocess.run(command, cwd=ROOT, env=demo[1], check=True, timeout=300)
    return CROWD


def _address(demo: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        ready = re.search(r"ready at (\S+?)/? after", log.read_text(encoding="utf-8"))
        if ready:
            return ready[1]
        time.sleep(LOOK_SECONDS)
    pytest.fail(f"The demo did not come up:\n{log.read_text(encoding='utf-8')}", pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None or not _speaks_chinese():
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def _speaks_chinese() -> bool:
    """Without a Chinese font every picture is boxes. Where fc-list is not installed nobody can tell."""
    lister = shutil.which("fc-list")
    return lister is None or bool(subprocess.run([lister, ":lang=zh"], capture_output=True, check=True).stdout)


@pytest.fixture
def office(browser: Browser, site: str) -> Iterator[Officer]:
    """A fresh browser on an office laptop, in Chinese. What it noticed is told at the end."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}, base_url=site)
    officer = Officer(context.new_page(), site)
    yield officer
    context.close()
    assert not officer.complaints, "\n".join(officer.complaints)
