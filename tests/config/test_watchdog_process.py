"""The watchdog as cron runs it: a process of its own, on servers that are really dead."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.core.management import call_command
from django.utils import timezone

from config.embedded import remove as remove_house
from tests.config.letters import mails, texts
from tests.notifications.channels.servers import Post

pytestmark = pytest.mark.slow


def run_it(tmp_path: Path, post: Post, **environment: str) -> "subprocess.CompletedProcess[str]":
    given = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "WHISTLE_DATA": str(tmp_path),
        "EMAIL_HOST": post.host,
        "EMAIL_PORT": str(post.port),
        "EMAIL_SECURITY": "none",
        "WATCHDOG_EMAILS": "night@county.example",
        **environment,
    }
    command = [sys.executable, "manage.py", "watchdog"]
    return subprocess.run(
        command, env=given, cwd=live.BASE_DIR, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("dead", ["gone", "hanging"])
def test_a_dead_database_and_a_dead_redis_are_said(post: Post, tmp_path: Path, dead: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="w", dir="/tmp"))  # socket paths are short
    (folder / "test").mkdir(mode=0o711)
    with socket.socket(socket.AF_UNIX) as database, socket.socket(socket.AF_UNIX) as redis:
        if dead == "hanging":
            for silent, name in ((database, ".s.PGSQL.5432"), (redis, "valkey.sock")):
                silent.bind(str(folder / name))
                silent.listen()
        done = run_it(
            folder,
            post,
            WHISTLE_MODE="test",
            DATABASE_URL=f"postgresql://x@/x?host={folder}",
            REDIS_URL=f"unix://{folder}/valkey.sock?db=0",
        )
    shutil.rmtree(folder)
    assert done.returncode == 1, done.stderr
    assert "数据库：" in done.stderr.replace(": ", "：")
    (mail,) = mails(post)
    assert "数据库" in mail["Subject"]
    assert "Redis" in mail["Subject"]


def test_it_starts_no_embedded_server(post: Post) -> None:
    """Of a demo that is down it says so, instead of waking it."""
    folder = Path(tempfile.mkdtemp(prefix="w", dir="/tmp"))
    folder.chmod(0o711)
    try:
        done = run_it(folder, post, WHISTLE_MODE="demo", DATABASE_URL="", REDIS_URL="")
        assert done.returncode == 1, done.stderr
        assert "数据库" in mails(post)[0]["Subject"]
        assert not list(folder.rglob("postmaster.pid"))
    finally:
        remove_house(folder / "demo")
        shutil.rmtree(folder)


@pytest.mark.django_db(transaction=True)
def test_the_real_checks_of_a_service_that_sleeps(post: Post, settings: Any) -> None:
    from cases import pulse

    pulse.client().flushdb()
    pulse.beat(now=timezone.now() - timedelta(seconds=settings.WATCHDOG_SILENCE + 5))
    with pytest.raises(SystemExit) as end:
        call_command("watchdog")
    assert end.value.code == 1
    (said,) = texts(post)
    assert "工作进程：最近一次运行报告在" in said
    assert "投递进程：尚未报告过运行状态" in said
    pulse.client().flushdb()
