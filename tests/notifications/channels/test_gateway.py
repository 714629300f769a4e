"""Text messages against a gateway process: whatever happens between the two, a person gets each text once."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import urllib3

from notifications.channels.sms import SmsChannel
from notifications.parcels import Parcel, Permanent, Temporary
from notifications.states import ChannelName
from tests.notifications.channels.test_webhook import NOW, parcel

TOKEN = "token-of-the-gateway"


@dataclass
class Running:
    process: subprocess.Popen[str]
    url: str

    def accepted(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = urllib3.request("GET", self.url, timeout=5).json()
        return found


@pytest.fixture
def gateway(settings: Any) -> Iterator[Running]:
    command = [sys.executable, "-m", "tests.notifications.channels.gateway", TOKEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN = process.stdout.readline().strip(), TOKEN
        try:
            yield Running(process, settings.SMS_GATEWAY_URL)
        finally:
            process.kill()


def text_to(ending: str, **changes: Any) -> Parcel:
    return parcel(f"+861380000123{ending}", channel=ChannelName.SMS, **changes)


def send(one: Parcel, *, timeout: float = 5) -> None:
    with SmsChannel().open(timeout=timeout) as sender:
        sender.send(one, now=NOW)


def test_a_text_is_accepted_once_however_often_it_is_sent(gateway: Running) -> None:
    for _ in range(3):
        send(text_to("1"))
    send(text_to("1", key="18-4"))
    assert [text["id"] for text in gateway.accepted()] == ["17-4", "18-4"]


def test_an_answer_that_was_lost_doubles_nothing(gateway: Running) -> None:
    with pytest.raises(Temporary):
        send(text_to("8"))
    send(text_to("8"))
    assert len(gateway.accepted()) == 1


def test_peace_is_kept_as_long_as_it_is_asked_for(gateway: Running) -> None:
    with pytest.raises(Temporary) as raised:
        send(text_to("6"))
    assert raised.value.retry_after == timedelta(seconds=7)
    send(text_to("6"))
    assert len(gateway.accepted()) == 1


def test_a_number_that_nobody_has_is_given_up(gateway: Running) -> None:
    with pytest.raises(Permanent) as raised:
        send(text_to("7"))
    assert raised.value.gone


def test_a_gateway_that_hangs_is_left_in_time(gateway: Running) -> None:
    with pytest.raises(Temporary):
        send(text_to("9"), timeout=0.3)
    assert gateway.accepted() == []


def test_a_wrong_token_concerns_everybody(gateway: Running, settings: Any) -> None:
    settings.SMS_GATEWAY_TOKEN = "another"
    with pytest.raises(Temporary) as raised:
        send(text_to("1"))
    assert raised.value.everybody


def test_a_gateway_that_was_killed_is_asked_again(gateway: Running) -> None:
    gateway.process.kill()
    gateway.process.wait()
    with pytest.raises(Temporary):
        send(text_to("1"))
