"""The lock files answer to pyproject.toml."""

import json
import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.locks import all_disagreements, disagreements, locked

ROOT = Path(__file__).parents[2]
# Celery and psycopg look for these and do without: a demo from requirements.txt alone was seen to run.
USED_WHEN_THERE = {"anyio", "greenlet", "python-dotenv", "setuptools"}
EVERYTHING_THAT_RUNS = """
import json, sys
import django
django.setup()
import config.celery, config.beat, config.demo, config.urls, config.pulse_check
import celery.apps.worker, celery.bin.celery, celery.concurrency.prefork, granian.cli, kombu.transport.redis
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_the_lock_files_of_this_checkout_agree_with_pyproject() -> None:
    assert all_disagreements() == []


def test_pins_are_read_with_hashes_and_markers_around_them() -> None:
    text = "django==5.2.19 \\\n    --hash=sha256:ab\ncelery-redbeat==2.4.2 ; python_version < '4' \\\n"
    assert locked(text) == {"django": Version("5.2.19"), "celery-redbeat": Version("2.4.2")}


def test_missing_and_unfitting_pins_are_named() -> None:
    found = disagreements(["django~=5.2.19", "Celery_RedBeat~=2.4"], {"django": Version("5.1")}, file="lock")
    assert len(found) == 2
    assert "django 5.1" in found[0]
    assert "lacks Celery_RedBeat" in found[1]


def test_what_the_running_system_imports_is_locked_for_the_run_and_not_for_tests_only() -> None:
    """Packages import what they do not declare; the fuller environment of the tests would hide that."""
    done = subprocess.run(
        [sys.executable, "-c", EVERYTHING_THAT_RUNS],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    run = locked((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    homes = packages_distributions()
    imported = {canonicalize_name(home) for name in json.loads(done.stdout) for home in homes.get(name, [])}
    assert {"celery", "django", "granian"} <= imported
    assert imported - set(run) <= USED_WHEN_THERE
