"""The web server of the demo, with its own options, on a port of the run."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.demo import granian_options
from config.demo_address import Address
from tests.bench.client import Call, UnexpectedAnswer, answer

READY_SECONDS = 30.0


@contextmanager
def served() -> Iterator[int]:
    """Serve the settings of the run (two processes of one thread each); the port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", *granian_options(Address("127.0.0.1", port)), "config.wsgi:application"]
    server = subprocess.Popen(command)
    try:
        _wait_until_ready(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=READY_SECONDS)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def _wait_until_ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            answer(port, Call("GET", "/healthz", 200))
        except (OSError, asyncio.IncompleteReadError, UnexpectedAnswer):
            if time.monotonic() > deadline or server.poll() is not None:
                raise
            time.sleep(0.1)
        else:
            return
