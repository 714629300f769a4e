"""No test talks to the outside: connections leave neither this machine nor the servers of the run."""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit


class OutsideConnection(OSError):
    """A test tried to reach a host outside."""


def block(*, allowed_url: str) -> None:
    """From here on `socket.connect` refuses all but Unix sockets, loopback and the host of `allowed_url`."""
    host = urlsplit(allowed_url).hostname
    allowed = {str(found[4][0]) for found in socket.getaddrinfo(host, None)} | {host} if host else set()
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(name, allowed))


def _guarded(name: str, allowed: set[str]) -> Any:
    original = getattr(socket.socket, name)

    def connect(sock: socket.socket, address: Any) -> Any:
        inside = sock.family == socket.AF_UNIX or address[0] in allowed or is_loopback(address[0])
        if not inside:
            sentence = f"tests may not connect to {address[0]}"
            raise OutsideConnection(sentence)
        return original(sock, address)

    return connect


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
