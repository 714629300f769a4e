"""One readable line for each event, and no personal data in it.

    12:30:01 info    cases.escalation  swept alerts=12 seconds=0.031

Code logs ids, codes and counts. This module is the second net: named fields that hold texts about people are
struck out, and of a database error only the first line stays, because PostgreSQL quotes the row under it.
"""

from collections.abc import MutableMapping
from typing import Any

import structlog

PERSONAL = frozenset(
    {
        "name",
        "full_name",
        "phone",
        "address",
        "text",
        "title",
        "content",
        "id_number",
        "petitioner",
        "password",
        "code",
    }
)
STRUCK = "***"

Event = MutableMapping[str, Any]


def strike_personal(_logger: object, _method: str, event: Event) -> Event:
    """Replace the values of fields that hold texts about people."""
    for field in PERSONAL & event.keys():
        event[field] = STRUCK
    return event


def strike_quoted_rows(_logger: object, _method: str, event: Event) -> Event:
    """Drop the DETAIL and CONTEXT lines of PostgreSQL from messages and tracebacks: they quote rows."""
    for field in ("event", "exception"):
        text = event.get(field)
        if isinstance(text, str) and "\nDETAIL:" in text:
            kept = [line for line in text.split("\n") if not line.startswith(("DETAIL:", "CONTEXT:", "HINT:"))]
            event[field] = "\n".join(kept)
    return event


def logging_settings(*, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error through one formatter."""
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
    ]
    after: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        strike_personal,
        strike_quoted_rows,
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=True),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": before,
                "processors": after,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django would print its own lines; everything goes through the root alone.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},  # a path may carry a query code
            "apprise": {"level": "CRITICAL"},  # it quotes addresses, which hold keys; its callers say what failed
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "axes": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }


def configure_structlog() -> None:
    """Send structlog's own loggers through the same formatter."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
