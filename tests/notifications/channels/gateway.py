"""A gateway for text messages as an office would run it (docs/sms-gateway.md): a process of its own with a memory.

    python -m tests.notifications.channels.gateway TOKEN

It prints its address, then obeys the contract. The end of a number says what it does besides:
…9 hangs, …8 accepts and drops the connection once, …7 can never be reached, …6 is asked for peace once.
`GET /` tells what it has accepted.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG = 30.0  # seconds: longer than any timeout of a test
HANGS, DROPS, NOBODY, BUSY = "9", "8", "7", "6"


class Gateway(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.token = token
        self.accepted: dict[str, dict[str, Any]] = {}
        self.asked: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_GET(self) -> None:
        self._answer(200, list(self.server.accepted.values()))

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            self._answer(401, {})
            return
        ending, first = given["to"][-1], given["id"] not in self.server.asked
        self.server.asked.add(given["id"])
        if ending == HANGS:
            time.sleep(HANG)
        if ending == NOBODY:
            self._answer(422, {})
        elif ending == BUSY and first:
            self._answer(429, {}, {"Retry-After": "7"})
        elif given["id"] in self.server.accepted:
            self._answer(409, {"id": given["id"]})
        else:
            self.server.accepted[given["id"]] = given
            if ending == DROPS:
                self.close_connection = True
                self.connection.close()
            else:
                self._answer(202, {"id": given["id"]})

    def _answer(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


if __name__ == "__main__":
    gateway = Gateway(sys.argv[1])
    sys.stdout.write(f"http://127.0.0.1:{gateway.server_address[1]}/\n")
    sys.stdout.flush()
    gateway.serve_forever()
