#!/usr/bin/env python
"""Django's commands, on the database of the environment or on the embedded one of this checkout."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.embedded import EmbeddedError, hold
from config.environment import data_folder, read_mode

# These look at files alone; starting servers for them would only be slow.
WITHOUT_SERVERS = {
    "--help",
    "--version",
    "-h",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        if needs_servers(sys.argv):
            embed_what_is_missing()
        read_settings()
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def needs_servers(argv: list[str]) -> bool:
    """Whether the command may ask the database; asking for its help does not."""
    return len(argv) > 1 and argv[1] not in WITHOUT_SERVERS and not {"--help", "-h"} & set(argv[2:])


def embed_what_is_missing() -> None:
    """Hold the embedded servers for each URL that is not set; they stay up until this process ends.

    The mode is settled first: naming one of the two servers oneself must not turn the other into production.
    """
    mode = read_mode(os.environ)
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if mode == "production" or not missing:
        return
    services = hold(data_folder(os.environ, mode=mode, base_dir=Path(__file__).resolve().parent))
    urls = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
    os.environ.update({"WHISTLE_MODE": mode}, **{name: urls[name] for name in missing})


def read_settings() -> None:
    """Load the settings now, where a missing or weak secret can be told in one sentence."""
    from django.conf import settings

    _ = settings.INSTALLED_APPS


if __name__ == "__main__":
    main()
