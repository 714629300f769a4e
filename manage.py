#!/usr/bin/env python
"""Django's commands, on the database of the environment or on the embedded one of this checkout."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from config.embedded import EmbeddedError
from config.embedding import embed_missing, name_missing

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
# It must find dead what is dead.
WITHOUT_STARTING = {"watchdog"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        if needs_servers(sys.argv):
            name_missing() if sys.argv[1] in WITHOUT_STARTING else embed_missing()
        read_settings()
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(str(error))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def needs_servers(argv: list[str]) -> bool:
    """Whether the command may ask the database; asking for its help does not."""
    return len(argv) > 1 and argv[1] not in WITHOUT_SERVERS and not {"--help", "-h"} & set(argv[2:])


def read_settings() -> None:
    """Load the settings now, where a missing or weak secret can be told in one sentence."""
    from django.conf import settings

    _ = settings.INSTALLED_APPS


if __name__ == "__main__":
    main()
