"""A demo of its own: servers, seeds, web, worker and beat, in a folder that is thrown away.

It is handed over once everything that keeps time has given its first sign: the page answers before the first sweep was
made, and until then `/statusz` rightly says 503, which a run that began early would take for a defect.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
START_SECONDS = 240.0
LOOK_SECONDS = 0.5
#: A run asks more in a minute than a citizen or a person who logs in may; the limits have tests of their own.
UNLIMITED = {
    "PUBLIC_CASES_PER_MINUTE": "1000000",
    "PUBLIC_REQUESTS_PER_MINUTE": "1000000",
    "LOGINS_PER_MINUTE": "1000000",
}


@contextmanager
def running_demo() -> Iterator[tuple[str, Path]]:
    """Its address without the last slash, and its folder; the log of all its parts is `demo.log` in there."""
    folder = Path(tempfile.mkdtemp(prefix="whistle-contract-"))
    folder.chmod(0o711)  # the account of the servers passes through when root runs this
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environ |= {"WHISTLE_DATA": str(folder), "PORT": "0", **UNLIMITED}
    command = [sys.executable, "-m", "config.demo"]
    log = folder / "demo.log"
    with log.open("w", encoding="utf-8") as out:
        demo = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    try:
        url = _address(demo, log)
        _await_all_parts(url)
        yield url, folder
    finally:
        demo.terminate()
        demo.wait(timeout=60)
        subprocess.run([*command, "reset"], cwd=ROOT, env=environ, check=True, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _address(demo: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        ready = re.search(r"ready at (\S+?)/? after", log.read_text(encoding="utf-8"))
        if ready:
            return ready[1]
        time.sleep(LOOK_SECONDS)
    sys.exit(f"The demo did not come up:\n{log.read_text(encoding='utf-8')}")


def _await_all_parts(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    said = _status(url)
    while said:
        if time.monotonic() > deadline:
            sys.exit(f"A part of the demo does not work:\n{said}")
        time.sleep(LOOK_SECONDS)
        said = _status(url)


def _status(url: str) -> str:
    """What `/statusz` complains of; nothing when all is well."""
    try:
        with urlopen(f"{url}/statusz", timeout=10):
            return ""
    except HTTPError as answer:
        with answer:
            return answer.read().decode()
