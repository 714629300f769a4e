"""Webhooks signed after the Standard Webhooks specification; docs/notifications.md says how a receiver verifies."""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import orjson
import urllib3
from django.conf import settings
from standardwebhooks import Webhook

from notifications.channels.http import judge, post
from notifications.channels.inside import checked_pool, is_open, spelt_out
from notifications.failures import ADDRESS_UNUSABLE
from notifications.parcels import Parcel, Permanent
from notifications.states import ChannelName

COLOURS = ("none", "blue", "yellow", "red")
_SECRET_BYTES = 32


def new_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"


def refusal_of(url: str) -> str:
    """Why this address cannot be used: an empty text when it can."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "unreadable"
    if parts.scheme not in ({"http", "https"} if settings.WEBHOOK_PLAIN_HTTP else {"https"}):
        return "scheme"
    if not host or parts.username or parts.password:
        return "host"
    return "inside" if _is_inside(host) and not settings.WEBHOOK_PLAIN_HTTP else ""


def _is_inside(host: str) -> bool:
    """This machine and other closed addresses, as far as the spelling shows: names are looked up when sending."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = spelt_out(host)
    return address is not None and not is_open(address)


@dataclass(frozen=True, slots=True)
class WebhookSender:
    http: urllib3.PoolManager
    timeout: float

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """Accepted with 2xx, or Temporary, or Permanent."""
        if problem := refusal_of(parcel.target):
            raise Permanent(ADDRESS_UNUSABLE.of(problem), gone=True)
        body = orjson.dumps(_content(parcel))
        status, headers, _ = post(
            self.http, parcel.target, body=body, headers=_signature(parcel, body, now), timeout=self.timeout
        )
        judge(status, headers, now=now)


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    name: ChannelName = ChannelName.WEBHOOK
    lanes: int = 8

    def is_configured(self) -> bool:
        return True

    @contextmanager
    def open(self, *, timeout: float) -> Iterator[WebhookSender]:
        http = checked_pool(lanes=1)
        try:
            yield WebhookSender(http, timeout)
        finally:
            http.clear()


def _content(parcel: Parcel) -> dict[str, object]:
    return {
        "type": f"whistle.{parcel.bundle}",
        "timestamp": parcel.created_at.astimezone(UTC).isoformat(),
        "data": {
            "numbers": parcel.items,
            "colour": COLOURS[parcel.colour],
            "urgent": parcel.urgent,
            "language": parcel.language,
            "subject": parcel.subject,
            "body": parcel.body,
        },
    }


def _signature(parcel: Parcel, body: bytes, now: datetime) -> dict[str, str]:
    moment = now.astimezone(UTC)  # the library takes every time for UTC
    return {
        "webhook-id": parcel.key,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(parcel.secret).sign(parcel.key, moment, body.decode()),
    }
