"""HOST and PORT of the demo, and whether a page answers there."""

import errno
import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from config.embedded import EmbeddedError

PROBE_SECONDS = 1.0


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{_bracketed(self._reachable)}:{self.port}/"

    @property
    def _reachable(self) -> str:
        """Where a browser on this machine finds it: "all addresses" is none to connect to."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound

    def answers(self, path: str) -> bool:
        """Whether a GET of the path is answered with 200."""
        connection = http.client.HTTPConnection(self._reachable, self.port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def read_address(environ: Mapping[str, str]) -> Address:
    """HOST (127.0.0.1) and PORT (8000; 0 takes a free one), tried out; EmbeddedError when they cannot be used."""
    host, port = environ.get("HOST") or "127.0.0.1", environ.get("PORT") or "8000"
    if not port.isdecimal() or int(port) > 65535:
        sentence = f"PORT is {port!r}; it must be a number from 1 to 65535."
        raise EmbeddedError(sentence)
    return Address(host=host, port=_try_binding(host, int(port)))


def _try_binding(host: str, port: int) -> int:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            return int(trial.getsockname()[1])
    except socket.gaierror:
        sentence = f"HOST is {host!r}, which this machine does not know."
        raise EmbeddedError(sentence) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {port} of {host} is in use; choose another: make demo PORT={port + 1}"
        else:
            sentence = f"Port {port} of {host} cannot be opened: {error.strerror}."
        raise EmbeddedError(sentence) from None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
