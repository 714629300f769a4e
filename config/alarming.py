"""The direct ways to administrators: mail and the services of apprise, each with a limit, none through the worker."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import TypeVar

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from notifications.channels.robots import LONGEST, PLUGINS, refusal_of, robot_at, shortened

log = structlog.get_logger(__name__)

T = TypeVar("T")

TIMEOUT = 10  # seconds for each step of saying it
#: Seconds for one way as a whole: a server that answers one byte at a time keeps every single limit.
WAY_SECONDS = 40.0

_ROBOTS = {scheme: channel for channel, (scheme, _class) in PLUGINS.items()}


def say(subject: str, body: str) -> bool:
    """Over every way that is configured, side by side; whether one of them took it. Never raises."""
    underway = [(name, begun(way)) for name, way in _ways(subject, body)]
    taken = [_was_taken(name, way) for name, way in underway]  # all are waited for: a process that ends cuts them off
    return any(taken)


def _ways(subject: str, body: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Named by their kind: an address of a service holds its key."""
    if settings.WATCHDOG_EMAILS and settings.EMAIL_HOST:
        yield "mail", partial(_mail, subject, body, settings.WATCHDOG_EMAILS)
    for url in settings.WATCHDOG_URLS:
        yield _scheme(url) or "unknown", partial(_notify, subject, body, url)


def begun(work: Callable[[], T]) -> "Future[T]":
    """Begin the work in a thread that keeps no process from ending: what nobody waits for any longer is left behind."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _was_taken(name: str, way: "Future[None]") -> bool:
    """The log names the way and the kind of its failure; addresses and keys stay out of it."""
    try:
        way.result(WAY_SECONDS)
    except Exception as error:
        log.warning("the watchdog could not say it", way=name, error=type(error).__name__)
        return False
    return True


def _mail(subject: str, body: str, people: Sequence[str]) -> None:
    message = EmailMessage(subject, body, to=list(people), connection=EmailBackend(timeout=TIMEOUT))
    if not message.send():
        raise ConnectionError


def _notify(subject: str, body: str, url: str) -> None:
    """`url` in apprise's spelling. Robots refuse with status 200, which apprise itself takes for success."""
    timed = f"{url}{'&' if '?' in url else '?'}cto={TIMEOUT}&rto={TIMEOUT}"
    channel = _ROBOTS.get(_scheme(url))
    if channel is not None:
        robot = robot_at(channel, timed)
        refused = robot is None or bool(
            refusal_of(robot, shortened(subject, body, LONGEST[channel]), now=datetime.now(UTC))
        )
    else:
        service = import_module("apprise").Apprise.instantiate(timed)
        refused = not (service and service.notify(title=subject, body=body))
    if refused:
        raise ConnectionRefusedError


def _scheme(url: str) -> str:
    """Empty for what is no address: it may be nothing but a key."""
    scheme, separator, _rest = url.partition("://")
    return scheme if separator else ""
