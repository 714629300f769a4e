"""Let the embedded servers stand in for what the environment does not name."""

import os
from pathlib import Path

from config.embedded import Services, find, hold
from config.environment import data_folder, read_mode

BASE_DIR = Path(__file__).resolve().parent.parent


def embed_missing() -> Services | None:
    """Hold servers for each of DATABASE_URL and REDIS_URL that is not set, and set it; None when nothing is missing.

    The mode is settled first: naming one of the two oneself must not turn the other into production. In production
    nothing is embedded, and the settings say what is missing. Raises EmbeddedError and ImproperlyConfigured.
    """
    mode = read_mode(os.environ)
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if mode == "production" or not missing:
        return None
    services = hold(data_folder(os.environ, mode=mode, base_dir=BASE_DIR))
    _name(services, missing, mode)
    return services


def name_missing() -> None:
    """The same addresses without starting anything: for whoever must see that it is dead."""
    mode = read_mode(os.environ)
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if mode != "production" and missing:
        _name(find(data_folder(os.environ, mode=mode, base_dir=BASE_DIR)), missing, mode)


def _name(services: Services, missing: list[str], mode: str) -> None:
    urls = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
    os.environ |= {"WHISTLE_MODE": mode} | {name: urls[name] for name in missing}
