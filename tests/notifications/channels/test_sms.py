"""Text messages through a gateway that keeps the documented contract (docs/sms-gateway.md)."""

from collections.abc import Iterator
from typing import Any

import pytest

from notifications.channels.sms import LONGEST, SmsChannel, shortened
from notifications.parcels import Parcel, Permanent, Temporary, Undelivered
from notifications.states import ChannelName
from tests.notifications.channels.servers import Endpoint, endpoint
from tests.notifications.channels.test_webhook import NOW, parcel


@pytest.fixture
def gateway(settings: Any) -> Iterator[Endpoint]:
    with endpoint(statuses=[202]) as told:
        settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN = told.url, "token-of-the-gateway"
        yield told


def message(**changes: Any) -> Parcel:
    return parcel("+8613800001234", channel=ChannelName.SMS, **changes)


def send(one: Parcel, *, timeout: float = 2) -> None:
    with SmsChannel().open(timeout=timeout) as sender:
        sender.send(one, now=NOW)


def test_the_gateway_gets_what_the_contract_says(gateway: Endpoint) -> None:
    send(message())
    assert gateway.bodies() == [
        {
            "id": "17-4",
            "to": "+8613800001234",
            "text": "红色警示 · 350924-2026-0000001 · 办理\n水利局：应于 2026-11-22 17:30 办结，已超期。",
        }
    ]
    assert gateway.requests[0][0]["Authorization"] == "Bearer token-of-the-gateway"


def test_what_the_gateway_has_already_is_sent(gateway: Endpoint) -> None:
    gateway.statuses = [409]
    send(message())


@pytest.mark.parametrize(
    ("status", "kind", "gone", "everybody"),
    [
        (422, Permanent, True, False),
        (400, Permanent, False, False),
        (401, Temporary, False, True),
        (429, Temporary, False, False),
        (500, Temporary, False, False),
    ],
)
def test_what_an_answer_means(
    gateway: Endpoint, status: int, kind: type[Undelivered], gone: bool, everybody: bool
) -> None:
    gateway.statuses = [status]
    with pytest.raises(kind) as raised:
        send(message())
    assert (getattr(raised.value, "gone", False), getattr(raised.value, "everybody", False)) == (gone, everybody)
    assert "138" not in str(raised.value)


def test_a_gateway_that_hangs_is_left_in_time(gateway: Endpoint) -> None:
    gateway.hang = 1.0
    with pytest.raises(Temporary):
        send(message(), timeout=0.2)


def test_a_text_keeps_its_number_and_two_parts() -> None:
    subject = "红色警示 · 350924-2026-0000001 · 办理"
    text = shortened(subject, "水" * 300)
    assert text.startswith(subject)
    assert text.endswith("…")
    assert len(text) == LONGEST
    assert shortened(subject, "短") == f"{subject}\n短"
    assert shortened("长" * 200, "x") == "长" * 200


def test_without_a_gateway_the_channel_is_not_configured(settings: Any) -> None:
    settings.SMS_GATEWAY_URL = ""
    assert not SmsChannel().is_configured()
