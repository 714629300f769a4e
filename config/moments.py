"""How times come out of PostgreSQL: by the parser of Python itself, which is fifteen times as fast as Django's loader.

A page of fifty cases holds 150 times, and reading them took a third of its own time (docs/benchmarks.md).
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.types.datetime import TimestamptzLoader


class MomentLoader(TimestamptzLoader):
    """Times in UTC. What Python does not write that way (infinity, before our era) is psycopg's to refuse."""

    timezone = UTC  # where Django looks whether the loader is the one that it wants

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode("ascii")).astimezone(UTC)
        except ValueError:
            return super().load(data)


def load_quickly() -> None:
    """For every connection that is opened from now on."""
    get_adapters_template(settings.USE_TZ, UTC).register_loader("timestamptz", MomentLoader)
