"""Real servers for the channels: a mail server and an HTTP endpoint that do what a test tells them."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Endpoint:
    """Remembers what it was sent and answers with `statuses` in turn, the last one for ever."""

    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    drop: bool = False
    body: bytes = b""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.requests]

    def status(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def endpoint(**options: Any) -> Iterator[Endpoint]:
    told = Endpoint(**options)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    server.daemon_threads = True
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(told: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            told.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.paths.append(self.path)
            told.requests.append((dict(self.headers), body))
            if told.drop:
                self.close_connection = True
                self.connection.close()
                return
            time.sleep(told.hang)
            self.send_response(told.status())
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            with suppress(OSError):  # the other side may have left meanwhile
                self.wfile.write(told.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler


@dataclass
class Post:
    """What the mail server took. `answer` is asked for each MAIL, RCPT and DATA ("mail", "rcpt", "data")."""

    answer: Callable[[str], str] = lambda _step: "250 OK"
    taken: list[Envelope] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)
    host: str = "127.0.0.1"
    port: int = 0

    async def handle_MAIL(  # noqa: N802 — the server's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answer("mail")

    async def handle_RCPT(  # noqa: N802 — the server's own name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        said = self.answer("rcpt")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        self.sessions.add(id(session))
        return said

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = self.answer("data")
        if said == "drop":
            server.transport.abort()  # type: ignore[union-attr]  # it is open: it just spoke
            return "421 gone"
        if said.startswith("250"):
            self.taken.append(envelope)
        return said


@contextmanager
def mail_server(**options: Any) -> Iterator[Post]:
    post = Post(port=_free_port(), **options)
    controller = Controller(post, hostname=post.host, port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def _free_port() -> int:
    """The library connects to the port that it was given, so that it cannot choose one itself."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port
