"""manage.py as a person types it: production refuses in one sentence, and file commands start no servers."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from manage import needs_servers
from tests.config.test_environment import GOOD

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    **GOOD,
    "SECRET_KEY": secrets.token_urlsafe(50),
    "WHISTLE_MODE": "production",
    "DATABASE_URL": "postgresql://whistle@db.invalid/whistle",
    "REDIS_URL": "redis://redis.invalid/0",
    "ALLOWED_HOSTS": "whistle.invalid",
}


def manage(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env=clean | environ, timeout=90
    )


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "FIELD_KEYS", "CODE_KEYS", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"]
)
def test_production_refuses_without_a_required_value(name: str, tmp_path: Path) -> None:
    done = manage("check", environ={**PRODUCTION, name: "", "WHISTLE_DATA": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name} must be set in production mode")
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_production_passes_the_deployment_checks() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", environ=PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_a_data_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = manage("migrate", environ={"WHISTLE_DATA": str(tmp_path / "file")})
    assert done.returncode == 1
    assert "a file is in its way" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("argv", "needed"),
    [
        (["migrate"], True),
        (["check_deadlines", "FILE"], True),
        (["migrate", "--help"], False),
        (["compilemessages"], False),
        (["help"], False),
        ([], False),
    ],
)
def test_servers_are_held_for_commands_that_may_ask_them(argv: list[str], needed: bool) -> None:
    assert needs_servers(["manage.py", *argv]) is needed
