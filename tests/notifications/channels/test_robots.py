"""Robots of chat groups: apprise speaks their dialects; here is what we hand it and make of its answer."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from notifications.channels import CARRIERS
from notifications.channels.robots import shortened
from notifications.parcels import Permanent, Temporary
from notifications.states import ChannelName
from tests.notifications.channels.servers import Endpoint, endpoint
from tests.notifications.channels.test_webhook import NOW, parcel

ROBOTS = {
    ChannelName.WECOM: "botkey0123456789",
    ChannelName.DINGTALK: "a" * 64,
    ChannelName.FEISHU: "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0",
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """The services' own hosts are not reachable from here: what is meant for them arrives at a local endpoint."""
    with endpoint(statuses=[200]) as told:
        original = requests.Session.request

        def request(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
            assert url.startswith("https://")
            return original(self, method, f"{told.url}?{urlsplit(url).query}", **options)

        monkeypatch.setattr(requests.Session, "request", request)
        yield told


@pytest.mark.parametrize("channel", ROBOTS)
def test_a_robot_says_the_frozen_words(service: Endpoint, channel: ChannelName) -> None:
    with CARRIERS[channel].open(timeout=2) as sender:
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)
    said = service.bodies()[0]
    text = said["content"]["text"] if channel is ChannelName.FEISHU else said["text"]["content"]
    assert text == "红色警示 · 350924-2026-0000001 · 办理\n水利局：应于 2026-11-22 17:30 办结，已超期。"


def test_dingtalk_finds_its_signature_in_the_query(service: Endpoint) -> None:
    """As a service checks it: what the query says, decoded once."""
    secret = f"SEC{'0f' * 32}"
    with CARRIERS[ChannelName.DINGTALK].open(timeout=2) as sender:
        sender.send(parcel(ROBOTS[ChannelName.DINGTALK], channel=ChannelName.DINGTALK, secret=secret), now=NOW)
    said = dict(parse_qsl(urlsplit(service.paths[0]).query, strict_parsing=True))
    assert said["timestamp"] == str(round(NOW.timestamp() * 1000))
    expected = hmac.new(secret.encode(), f"{said['timestamp']}\n{secret}".encode(), hashlib.sha256).digest()
    assert base64.b64decode(said["sign"], validate=True) == expected
    assert service.bodies()[0]["msgtype"] == "text"


def test_feishu_finds_its_signature_in_the_body(service: Endpoint) -> None:
    secret = "Kx0hTbWfZ4pQm7cRs2yLuA"
    with CARRIERS[ChannelName.FEISHU].open(timeout=2) as sender:
        sender.send(parcel(ROBOTS[ChannelName.FEISHU], channel=ChannelName.FEISHU, secret=secret), now=NOW)
    said = service.bodies()[0]
    assert said["timestamp"] == str(int(NOW.timestamp()))
    expected = hmac.new(f"{said['timestamp']}\n{secret}".encode(), b"", hashlib.sha256).digest()
    assert base64.b64decode(said["sign"], validate=True) == expected
    assert said["content"]["text"].startswith("红色警示 · ")


@pytest.mark.parametrize("channel", ROBOTS)
def test_without_a_secret_nothing_is_signed(service: Endpoint, channel: ChannelName) -> None:
    """Nor with the secret of the robot that spoke before."""
    with CARRIERS[channel].open(timeout=2) as sender:
        sender.send(parcel(ROBOTS[channel], channel=channel, secret="a secret of another robot"), now=NOW)
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)
    assert "sign" not in service.bodies()[1]
    assert "sign" not in service.paths[1]


@pytest.mark.parametrize("channel", ROBOTS)
def test_a_robot_that_does_not_take_it_is_asked_again(service: Endpoint, channel: ChannelName) -> None:
    service.statuses = [500]
    with CARRIERS[channel].open(timeout=2) as sender, pytest.raises(Temporary):
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)


@pytest.mark.parametrize(
    ("channel", "body", "reason"),
    [
        (
            ChannelName.WECOM,
            b'{"errcode":45009,"errmsg":"freq"}',
            "the robot answered 200, code 45009",
        ),
        (ChannelName.WECOM, b'{"errcode":93000}', "the robot answered 200, code 93000"),
        (ChannelName.DINGTALK, b'{"errcode":310000,"errmsg":"sign not match"}', "the robot answered 200, code 310000"),
        (ChannelName.FEISHU, b'{"code":19001,"msg":"param invalid"}', "the robot answered 200, code 19001"),
    ],
)
def test_a_refusal_with_status_200_is_none_the_less_a_refusal(
    service: Endpoint, channel: ChannelName, body: bytes, reason: str
) -> None:
    service.body = body
    with CARRIERS[channel].open(timeout=2) as sender, pytest.raises(Temporary) as raised:
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)
    assert str(raised.value) == reason


@pytest.mark.parametrize("channel", ROBOTS)
def test_code_0_is_taken(service: Endpoint, channel: ChannelName) -> None:
    service.body = b'{"errcode":0,"code":0,"errmsg":"ok"}'
    with CARRIERS[channel].open(timeout=2) as sender:
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)
    assert len(service.requests) == 1


def test_a_long_text_ends_with_a_whole_line_within_the_limit(service: Endpoint) -> None:
    lines = "\n".join(f"红色警示 · 350924-2026-{number:07d} · 办理" for number in range(60))
    with CARRIERS[ChannelName.WECOM].open(timeout=2) as sender:
        sender.send(
            parcel(ROBOTS[ChannelName.WECOM], channel=ChannelName.WECOM, subject="60 条消息", body=lines), now=NOW
        )
    said = service.bodies()[0]["text"]["content"]
    assert len(said.encode()) <= 2048
    assert said.startswith("60 条消息\n红色警示 · 350924-2026-0000000 · 办理\n")
    assert said.endswith(" · 办理\n…")
    assert shortened("长" * 100, "", 32) == "长" * 9 + "\n…"


def test_a_robot_that_hangs_is_left_in_time(service: Endpoint) -> None:
    service.hang = 1.0
    with CARRIERS[ChannelName.FEISHU].open(timeout=0.2) as sender, pytest.raises(Temporary):
        sender.send(parcel(ROBOTS[ChannelName.FEISHU], channel=ChannelName.FEISHU, secret=""), now=NOW)


def test_a_key_that_is_none_is_switched_off() -> None:
    with CARRIERS[ChannelName.DINGTALK].open(timeout=2) as sender, pytest.raises(Permanent) as raised:
        sender.send(parcel("!", channel=ChannelName.DINGTALK, secret=""), now=NOW)
    assert raised.value.gone
