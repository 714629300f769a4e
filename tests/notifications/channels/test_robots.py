"""Robots of chat groups: apprise speaks their dialects; here is what we hand it and make of its answer."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from notifications.channels import CARRIERS
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
            return original(self, method, told.url, **options)

        monkeypatch.setattr(requests.Session, "request", request)
        yield told


@pytest.mark.parametrize("channel", ROBOTS)
def test_a_robot_says_the_frozen_words(service: Endpoint, channel: ChannelName) -> None:
    with CARRIERS[channel].open(timeout=2) as sender:
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)
    said = service.requests[0][1].decode("unicode_escape", errors="replace")
    assert "350924-2026-0000001" in said


@pytest.mark.parametrize("channel", ROBOTS)
def test_a_robot_that_does_not_take_it_is_asked_again(service: Endpoint, channel: ChannelName) -> None:
    service.statuses = [500]
    with CARRIERS[channel].open(timeout=2) as sender, pytest.raises(Temporary):
        sender.send(parcel(ROBOTS[channel], channel=channel, secret=""), now=NOW)


def test_a_key_that_is_none_is_switched_off() -> None:
    with CARRIERS[ChannelName.DINGTALK].open(timeout=2) as sender, pytest.raises(Permanent) as raised:
        sender.send(parcel("!", channel=ChannelName.DINGTALK, secret=""), now=NOW)
    assert raised.value.gone
