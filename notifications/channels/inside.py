"""Where a webhook may lead: into the public net and the office's own networks, nowhere else (docs/notifications.md).

Who answers there is not trusted either: it has so many seconds for the head of its answer, however it fills them. A
name is looked up once, what it leads to is checked, and the connection goes to what was checked: a name that leads
elsewhere a moment later gains nothing.
"""

import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError

from notifications.failures import ADDRESS_CLOSED
from notifications.parcels import Temporary

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Behind these, clouds keep the secrets of their machines outside of the link-local range: Alibaba, Amazon, Oracle.
_METADATA = frozenset(ipaddress.ip_address(text) for text in ("100.100.100.200", "fd00:ec2::254", "192.0.0.192"))
#: IPv6 addresses that carry one of IPv4 in their last four bytes (RFC 6052).
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

#: Seconds between two looks at answers that are under way.
_LOOK = 0.25


def is_open(address: Address) -> bool:
    """Whether a webhook may lead to this address: a public one, or one of the operator's networks."""
    carried = _carried(address)
    if carried in _METADATA:
        return False
    if any(carried in network for network in settings.WEBHOOK_NETWORKS):
        return True
    if carried.is_loopback:
        return bool(settings.WEBHOOK_PLAIN_HTTP)  # trials
    return carried.is_global and not carried.is_multicast


def _carried(address: Address) -> Address:
    """The IPv4 address that one of IPv6 stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def spelt_out(host: str) -> Address | None:
    """The address that a host spells out, in the old forms too (127.1, 0x7f000001, one number); None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None


def open_addresses(host: str, port: int) -> list[str]:
    """What the name leads to, as far as a webhook may go there. OSError when it leads nowhere.

    Temporary when all of it is closed: names change, and a resolver that lies for an hour switches no address off.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    usable = [address for address in addresses if is_open(ipaddress.ip_address(address))]
    if not usable:
        raise Temporary(ADDRESS_CLOSED.of())
    return usable


class _Checked:
    """What both kinds of connection share: where they lead, and that they end."""

    def _new_conn(self: Any) -> socket.socket:
        """The name is replaced by what it leads to for as long as the connection is made."""
        name, failure, end = self._dns_host, None, monotonic() + self.timeout
        try:
            for address in open_addresses(name, self.port):
                self._dns_host = address
                try:
                    return super()._new_conn()  # type: ignore[misc, no-any-return]  # of urllib3's class beside this one
                except HTTPError as error:
                    failure = error
                if monotonic() > end:
                    break
            raise failure or HTTPError(name)
        except socket.gaierror as error:
            raise NameResolutionError(name, self, error) from None
        finally:
            self._dns_host = name

    def getresponse(self: Any) -> Any:
        """A timeout is for each piece of an answer; one whose head comes a byte at a time is hung up on."""
        with _WATCH.over(self.sock, self.timeout):
            return super().getresponse()  # type: ignore[misc]  # of urllib3's class beside this one


class _Watch:
    """Hangs up on answers that take too long: one thread for all connections of a process, begun when it is needed."""

    def __init__(self) -> None:
        self._until: dict[socket.socket, float] = {}
        self._process = 0
        self._beginning = Lock()

    @contextmanager
    def over(self, sock: socket.socket, seconds: float) -> Iterator[None]:
        self._begin()
        self._until[sock] = monotonic() + seconds
        try:
            yield
        finally:
            del self._until[sock]

    def _begin(self) -> None:
        """Threads do not come along into the children of a worker."""
        with self._beginning:
            if self._process != os.getpid():
                self._process, self._until = os.getpid(), {}
                Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            sleep(_LOOK)
            now = monotonic()
            for sock in [sock for sock, end in list(self._until.items()) if end < now]:
                _hang_up(sock)


_WATCH = _Watch()


def _hang_up(sock: socket.socket) -> None:
    """In the watch's thread: only the descriptor is touched, the socket belongs to the thread that waits."""
    with suppress(OSError, ValueError), socket.socket(fileno=os.dup(sock.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


class _Plain(_Checked, HTTPConnection):
    """http, for trials."""


class _Secure(_Checked, HTTPSConnection):
    """The certificate is asked for the name, not for the address."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


def checked_pool(*, lanes: int) -> urllib3.PoolManager:
    """As `http.pool`, for addresses that people wrote."""
    manager = urllib3.PoolManager(maxsize=lanes, retries=False)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager
