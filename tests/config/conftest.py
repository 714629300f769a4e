"""A mail server for whoever watches the engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notifications.channels.servers import Post, mail_server


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Iterator[Post]:
    with mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.WATCHDOG_EMAILS, settings.WATCHDOG_URLS = ["night@county.example", "day@county.example"], []
        settings.WATCHDOG_FILE = tmp_path / "watchdog.json"
        yield server
