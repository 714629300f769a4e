"""`python -m tests.faults.sink FOLDER`: a receiver of webhooks in a process of its own.

The first line it prints is its port. It answers with the status that the file `answer` holds, and appends the status
and the id of each request to the file `received`.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_FOLDER = Path(sys.argv[1])


class _Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = (_FOLDER / "answer").read_text(encoding="ascii")
        with (_FOLDER / "received").open("a", encoding="ascii") as received:
            received.write(f"{status} {self.headers['webhook-id']}\n")  # one write: lines of threads do not mix
        self.send_response(int(status))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    print(server.server_address[1], flush=True)  # noqa: T201 — how the test learns the port
    server.serve_forever()


if __name__ == "__main__":
    main()
