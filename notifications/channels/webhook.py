"""Webhooks signed after the Standard Webhooks specification; docs/notifications.md says how a receiver verifies."""

import ipaddress
import secrets
import socket
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

from notifications.channels.http import judge, pool, post
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
    """This machine itself, and link-local addresses, behind which clouds keep their secrets."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address_of(host)
    if address is None:
        return False
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast


def _address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host spells out, in the old forms too (127.1, 0x7f000001, one number); None for a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


@dataclass(frozen=True, slots=True)
class WebhookSender:
    http: urllib3.PoolManager
    timeout: float

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """Accepted with 2xx, or Temporary, or Permanent."""
        if problem := refusal_of(parcel.target):
            sentence = f"the address cannot be used: {problem}"
            raise Permanent(sentence, gone=True)
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
        http = pool(lanes=1)
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
