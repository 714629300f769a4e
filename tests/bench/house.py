"""The servers of a run: an embedded PostgreSQL and Valkey of its own, durable as the demo's, thrown away after it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded import hold, remove

PREFIX = "whistle-bench-"
SETTINGS = "tests.bench.settings"


@contextmanager
def house() -> Iterator[Path]:
    """Start the servers, set Django up and make the tables; the folder of the run."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the account of the servers passes through
    services = hold(folder / "test", durable=True)
    try:
        os.environ |= {
            "WHISTLE_MODE": "test",
            "WHISTLE_DATA": str(folder),
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "LOG_LEVEL": "WARNING",
        }
        _set_up()
        yield folder
    finally:
        _disconnect()
        services.release()
        remove(folder / "test")
        shutil.rmtree(folder, ignore_errors=True)


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _disconnect() -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connections

    try:
        connections.close_all()
    except ImproperlyConfigured:
        return  # the settings themselves could not be read
