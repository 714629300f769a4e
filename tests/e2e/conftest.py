"""A running demo and a browser for the tests of this folder (`make e2e`).

`E2E_URL` names a site that runs already, `CHROMIUM` another browser. Pictures of every page go to .artefacts/e2e.
"""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.officer import Officer, laptop
from tests.e2e.running import ROOT, Demo, running_browser, running_demo

CROWD = 20_000


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with running_demo() as demo:
        yield demo


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def office(browser: Browser, demo: Demo) -> Iterator[Officer]:
    """A fresh browser on an office laptop, in Chinese. What it noticed is told at the end."""
    context = laptop(browser, demo.address)
    officer = Officer(context.new_page(), demo.address)
    yield officer
    context.close()
    assert not officer.complaints, "\n".join(officer.complaints)


@pytest.fixture
def crowd(demo: Demo) -> int:
    """So many cases more, in the data of the running site; the last test asks for them."""
    command = [sys.executable, "-m", "tests.e2e.crowd", str(CROWD)]
    subprocess.run(command, cwd=ROOT, env=demo.environ, check=True, timeout=300)
    return CROWD
