"""HOST and PORT: what cannot be used is said in one sentence before anything is started."""

import socket

import pytest

from config.demo_address import Address, read_address
from config.embedded import EmbeddedError


def test_a_free_port_is_taken() -> None:
    address = read_address({"PORT": "0"})
    assert address.host == "127.0.0.1"
    assert address.port > 0
    assert address.answers("/readyz") is False


def test_a_port_in_use_is_refused_with_another_proposed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"Port {port} of 127.0.0.1 is in use.*PORT={port + 1}"):
            read_address({"PORT": str(port)})


@pytest.mark.parametrize("port", ["65536", "-1", "http", "80 "])
def test_a_port_that_is_no_number_is_refused(port: str) -> None:
    with pytest.raises(EmbeddedError, match="PORT is"):
        read_address({"PORT": port})


@pytest.mark.parametrize(
    ("host", "sentence"), [("no.such.host.invalid", "does not know"), ("192.0.2.1", "cannot be opened")]
)
def test_a_host_that_is_not_this_machine_is_refused(host: str, sentence: str) -> None:
    with pytest.raises(EmbeddedError, match=sentence):
        read_address({"HOST": host, "PORT": "0"})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
    ],
)
def test_the_printed_address_is_one_that_a_browser_reaches(host: str, url: str) -> None:
    assert Address(host, 8000).url == url
