"""Text messages through an HTTP gateway (docs/sms-gateway.md is the contract that an operator's gateway fulfils)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import orjson
import urllib3
from django.conf import settings

from notifications.channels.http import judge, pool, post
from notifications.failures import GATEWAY_ANSWERED, NUMBER_REFUSED
from notifications.parcels import Parcel, Permanent, Temporary
from notifications.states import ChannelName

#: Two parts of a long message in UCS-2 (67 characters each): what one may charge an office for.
LONGEST = 134
_DUPLICATE, _REFUSED_NUMBER = 409, 422
_LOGIN = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class SmsSender:
    http: urllib3.PoolManager
    timeout: float

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """202 or 409 (the gateway has it already), or Temporary, or Permanent."""
        body = orjson.dumps({"id": parcel.key, "to": parcel.target, "text": shortened(parcel.subject, parcel.body)})
        headers = {"Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}"}
        status, answered, _ = post(
            self.http, settings.SMS_GATEWAY_URL, body=body, headers=headers, timeout=self.timeout
        )
        if status == _DUPLICATE:
            return
        if status in _LOGIN:
            raise Temporary(GATEWAY_ANSWERED.of(status), everybody=True)
        if status == _REFUSED_NUMBER:
            raise Permanent(NUMBER_REFUSED.of(), gone=True)
        judge(status, answered, now=now)


@dataclass(frozen=True, slots=True)
class SmsChannel:
    name: ChannelName = ChannelName.SMS
    lanes: int = 4

    def is_configured(self) -> bool:
        return bool(settings.SMS_GATEWAY_URL)

    @contextmanager
    def open(self, *, timeout: float) -> Iterator[SmsSender]:
        http = pool(lanes=1)
        try:
            yield SmsSender(http, timeout)
        finally:
            http.clear()


def shortened(subject: str, body: str) -> str:
    """Subject and text within two parts; the subject, which holds the number of the case, is never cut."""
    text = f"{subject}\n{body}".strip()
    if len(text) <= LONGEST:
        return text
    room = LONGEST - len(subject) - 2
    return f"{subject}\n{body[:room]}…" if room > 0 else subject
