"""What the environment says, read once by settings.py; what is wrong stops the start with one clear sentence.

Names and defaults are listed in docs/operations.md and .env.example.
"""

import base64
import binascii
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, cast, get_args

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from config.embedded import EmbeddedError
from config.embedded.places import private_folder

Mode = Literal["production", "demo", "test"]
Environ = Mapping[str, str]
Network = IPv4Network | IPv6Network

SHORTEST = {"SECRET_KEY": 50, "FIELD_KEYS": 44, "CODE_KEYS": 32}  # characters
SHORTEST_TOKEN = 20  # characters
FEWEST_DIFFERENT = 10  # characters: "aaaa…" and "1212…" are no secrets
PLACEHOLDERS = ("change-me", "changeme", "change_me", "placeholder", "insecure", "example", "whistle-demo")
FERNET_BYTES = 32
CONNECT_TIMEOUT = "5"  # seconds: a host that does not answer must not hang a request or a health check
# Statements are sent with their values apart and prepared when they come again: planning a page of a case took longer
# than running it. A pooler between here and PostgreSQL must keep prepared statements (PgBouncer 1.21 or newer).
PREPARED = {"server_side_binding": True, "prepare_threshold": 3}
#: A server that vanished without a word (power, cable) is given up after half a minute instead of a quarter of an hour.
VANISHED = {"tcp_user_timeout": "30000", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
LOCK_TIMEOUT = "3s"  # a conflict is answered at once instead of queueing behind it (house rule 11)


@dataclass(frozen=True)
class Secrets:
    """Newest keys first: the first one writes, all of them read."""

    secret_key: str
    field_keys: list[str]
    code_keys: list[str]


def read_mode(environ: Environ) -> Mode:
    """`WHISTLE_MODE`; without it `production` when a database is named and `demo` when none is."""
    mode = environ.get("WHISTLE_MODE") or ("production" if environ.get("DATABASE_URL") else "demo")
    if mode not in get_args(Mode):
        sentence = f"WHISTLE_MODE is {mode!r}; it must be one of {', '.join(get_args(Mode))}."
        raise ImproperlyConfigured(sentence)
    return cast("Mode", mode)


def data_folder(environ: Environ, *, mode: Mode, base_dir: Path) -> Path:
    """The folder of this mode's secrets and embedded servers: `.data/<mode>`, or `<mode>` in WHISTLE_DATA."""
    return Path(environ.get("WHISTLE_DATA") or base_dir / ".data").expanduser().absolute() / mode


def media_folder(environ: Environ, *, mode: Mode, base_dir: Path) -> Path:
    """Where the files of attachments lie: `MEDIA_ROOT`, or `media` in the data folder of this mode."""
    given = environ.get("MEDIA_ROOT", "").strip()
    if given:
        return Path(given).expanduser().absolute()
    return data_folder(environ, mode=mode, base_dir=base_dir) / "media"


def read_secrets(environ: Environ, *, mode: Mode, base_dir: Path) -> Secrets:
    """The secrets of the environment; in demo and test those that are not given are made once and kept."""
    given = {name: words(environ, name) for name in ("FIELD_KEYS", "CODE_KEYS")}
    given["SECRET_KEY"] = [environ["SECRET_KEY"]] if environ.get("SECRET_KEY") else []  # one value, commas and all
    if mode == "production":
        for name, values in given.items():
            _refuse_bad_secret(name, values)
        return Secrets(given["SECRET_KEY"][0], given["FIELD_KEYS"], given["CODE_KEYS"])
    kept = None if all(given.values()) else _kept_secrets(data_folder(environ, mode=mode, base_dir=base_dir))
    for name in [name for name, values in given.items() if values]:
        _refuse_bad_secret(name, given[name])
    return Secrets(
        secret_key=given["SECRET_KEY"][0] if kept is None or given["SECRET_KEY"] else kept.secret_key,
        field_keys=given["FIELD_KEYS"] if kept is None or given["FIELD_KEYS"] else kept.field_keys,
        code_keys=given["CODE_KEYS"] if kept is None or given["CODE_KEYS"] else kept.code_keys,
    )


def database_settings(environ: Environ, *, mode: Mode) -> dict[str, Any]:
    """Django's settings of `DATABASE_URL`, which is anything that libpq takes: sockets, options, escapes.

    Without one (tools that read the settings and need no database) the name is empty; Django says so on use.
    """
    url = required_in_production(environ, "DATABASE_URL", mode, otherwise="")
    try:
        given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError as error:
        sentence = f"DATABASE_URL cannot be read: {' '.join(str(error).split())}."
        raise ImproperlyConfigured(sentence) from None
    if url and not given.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database.")
    statement_timeout = number(environ, "STATEMENT_TIMEOUT", 60, least=0)
    options = f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout={statement_timeout}s"
    own = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{setting: given.pop(name, "") for name, setting in own.items()},
        "OPTIONS": {
            "connect_timeout": CONNECT_TIMEOUT,
            "application_name": environ.get("WHISTLE_PART", "whistle"),
            **VANISHED,
            **PREPARED,
            **given,
            "options": f"{options} {given.get('options', '')}".strip(),
        },
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def required_in_production(environ: Environ, name: str, mode: Mode, *, otherwise: str) -> str:
    """The variable; in production it must be given, elsewhere `otherwise` stands in."""
    value = environ.get(name, "").strip()
    if not value and mode == "production":
        sentence = f"{name} must be set in production mode."
        raise ImproperlyConfigured(sentence)
    return value or otherwise


def words(environ: Environ, name: str, otherwise: str = "") -> list[str]:
    """A comma separated list, blanks around its items dropped."""
    return [word.strip() for word in environ.get(name, otherwise).split(",") if word.strip()]


def networks(environ: Environ, name: str) -> list[Network]:
    """A comma separated list of networks like 10.0.0.0/8; a single address is one of its own."""
    found = []
    for word in words(environ, name):
        try:
            found.append(ip_network(word))
        except ValueError:
            sentence = f"{name} holds {word!r}, which is no network like 10.0.0.0/8."
            raise ImproperlyConfigured(sentence) from None
    return found


def token(environ: Environ, name: str) -> str:
    """A secret that machines show; none when it is not set."""
    value = environ.get(name, "").strip()
    if value and (len(value) < SHORTEST_TOKEN or any(placeholder in value.lower() for placeholder in PLACEHOLDERS)):
        sentence = f"{name} is too easy to guess: at least {SHORTEST_TOKEN} characters and no placeholder."
        raise ImproperlyConfigured(sentence)
    return value


def flag(environ: Environ, name: str, *, default: bool) -> bool:
    """A switch: 1, true, yes, on or 0, false, no, off in any case."""
    value = environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    sentence = f"{name} is {value!r}; it must be 1 or 0."
    raise ImproperlyConfigured(sentence)


def number(environ: Environ, name: str, default: int, *, least: int = 1) -> int:
    """A whole number of at least `least`."""
    text = environ.get(name, "").strip()
    try:
        value = int(text) if text else default
    except ValueError:
        value = least - 1
    if value < least:
        sentence = f"{name} is {text!r}; it must be a whole number of at least {least}."
        raise ImproperlyConfigured(sentence)
    return value


def _refuse_bad_secret(name: str, values: list[str]) -> None:
    if not values:
        sentence = f"{name} must be set in production mode; docs/operations.md says how to make one."
        raise ImproperlyConfigured(sentence)
    for value in values:
        problem = _problem_of(name, value)
        if problem:
            sentence = f"{name} {problem}; docs/operations.md says how to make one."
            raise ImproperlyConfigured(sentence)


def _problem_of(name: str, value: str) -> str | None:
    """What is wrong with a secret, without ever quoting it."""
    if any(placeholder in value.lower() for placeholder in PLACEHOLDERS):
        return "still holds a placeholder"
    if len(value) < SHORTEST[name]:
        return f"is too short: at least {SHORTEST[name]} characters are needed"
    if len(set(value)) < FEWEST_DIFFERENT:
        return "is too easy to guess"
    if name == "FIELD_KEYS" and not _is_fernet_key(value):
        return "holds something that is no Fernet key"
    return None


def _is_fernet_key(value: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(value.encode())) == FERNET_BYTES
    except (binascii.Error, ValueError):
        return False


def _kept_secrets(folder: Path) -> Secrets:
    """The secrets of a demo or test, made on first use; of processes that start together one makes them."""
    try:
        file = private_folder(folder) / "secrets.json"
    except EmbeddedError as error:
        raise ImproperlyConfigured(str(error)) from None
    if not file.exists():
        draft = file.with_name(f"secrets.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(asdict(_new_secrets()), out)
        try:
            os.link(draft, file)  # unlike a rename it never replaces what another process has begun to use
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Secrets(**json.loads(file.read_text(encoding="utf-8")))


def _new_secrets() -> Secrets:
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(FERNET_BYTES)).decode()
    return Secrets(secrets.token_urlsafe(50), [fernet], [secrets.token_urlsafe(40)])
