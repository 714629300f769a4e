"""Where webhooks may lead, whatever names and spellings say."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.conf import LazySettings

from notifications.channels.inside import is_open
from notifications.channels.webhook import refusal_of
from notifications.parcels import Temporary
from tests.notifications.channels.servers import endpoint
from tests.notifications.channels.test_webhook import failure, parcel, send

Names = Callable[..., list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A resolver that knows county.example: one of the lists for each question, the last one for ever."""
    asked: list[str] = []
    original = socket.getaddrinfo

    def answer(*answers: list[str]) -> list[str]:
        left = list(answers)

        def resolve(host: str, port: int, *args: Any, **options: Any) -> Any:
            if host != "county.example":
                return original(host, port, *args, **options)
            asked.append(host)
            found = left.pop(0) if len(left) > 1 else left[0]
            return [entry for address in found for entry in original(address, port, *args, **options)]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return answer


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("59.61.1.1", True),
        ("10.35.9.24", True),
        ("192.168.1.5", True),
        ("172.31.0.1", True),
        ("fd12::5", True),
        ("2408:8000::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("0.0.0.0", False),
        ("169.254.169.254", False),
        ("169.254.0.23", False),
        ("fe80::1", False),
        ("100.100.100.200", False),
        ("100.64.0.1", False),
        ("192.0.0.192", False),
        ("fd00:ec2::254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_open(address: str, may: bool) -> None:
    assert is_open(ip_address(address)) is may


def test_an_operator_opens_and_closes_networks(settings: LazySettings) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("100.64.0.0/10"), ip_network("127.0.0.0/8")]
    assert is_open(ip_address("100.64.0.1"))
    assert is_open(ip_address("127.0.0.1"))
    assert not is_open(ip_address("10.35.9.24")), "what is not named is closed"
    assert not is_open(ip_address("100.100.100.200")), "what clouds keep there is closed in any network"


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_leads_inside_is_refused_when_something_is_sent(
    names: Names, settings: LazySettings, address: str
) -> None:
    """It looks harmless when it is written down; no connection is made."""
    settings.WEBHOOK_PLAIN_HTTP = False
    names([address])
    assert refusal_of("https://county.example/hook") == ""
    found = failure(parcel("https://county.example/hook"))
    assert type(found) is Temporary, "a resolver that lies for an hour switches no address off"
    assert str(found) == "the name leads to an address that webhooks may not use"


def test_a_name_that_changes_between_the_question_and_the_connection_gains_nothing(
    names: Names, settings: LazySettings
) -> None:
    with endpoint() as closed, endpoint() as told:
        settings.WEBHOOK_PLAIN_HTTP, settings.WEBHOOK_NETWORKS = True, [ip_network("127.0.0.1")]
        asked = names(["127.0.0.1"], ["127.0.0.2"])
        send(parcel(told.url.replace("127.0.0.1", "county.example")))
        assert (len(told.requests), len(closed.requests), asked) == (1, 0, ["county.example"])
        assert told.requests[0][0]["Host"] == f"county.example:{told.port}", "the other side is asked for its name"


def test_of_several_addresses_only_open_ones_are_tried(names: Names, settings: LazySettings) -> None:
    settings.WEBHOOK_PLAIN_HTTP, settings.WEBHOOK_NETWORKS = True, []
    with endpoint() as told:
        names(["169.254.169.254", "127.0.0.1"])
        send(parcel(told.url.replace("127.0.0.1", "county.example")))
        assert len(told.requests) == 1


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_drips_is_hung_up_on(settings: LazySettings, part: str) -> None:
    """Each byte comes in time. A head that is never finished is no answer; of a body nobody needs more than that."""
    settings.WEBHOOK_PLAIN_HTTP = True
    with dripping(part) as url:
        if part == "head":
            assert str(failure(parcel(url), timeout=0.3)) == "no answer: ProtocolError"
        else:
            send(parcel(url), timeout=0.3)


@contextmanager
def dripping(part: str) -> Iterator[str]:
    """A server that takes a hundred times the timeout, and says what is accepted in the end."""
    head, body = b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", b"x" * 300
    left = threading.Event()

    def serve() -> None:
        line, _ = server.accept()
        with line, suppress(OSError):
            line.recv(65536)
            line.sendall(b"" if part == "head" else head)
            for byte in head + body if part == "head" else body:
                line.sendall(bytes([byte]))
                if left.wait(0.1):
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/hook"
        finally:
            left.set()
            thread.join()


def test_a_name_that_nobody_knows_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_options: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert str(failure(parcel("https://county.example/hook"))) == "no answer: NameResolutionError"
