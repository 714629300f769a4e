"""`python -m tests.bench.sink`: an HTTP endpoint that takes everything; the first line it prints is its port."""

import asyncio


class Taker(asyncio.Protocol):
    """Reads whole requests off one connection and answers each."""

    _ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._end_of_request()) is not None:
            self._read = self._read[end:]
            self._out.write(self._ANSWER)  # type: ignore[attr-defined]  # a stream's transport

    def _end_of_request(self) -> int | None:
        head, found, _ = self._read.partition(b"\r\n\r\n")
        if not found:
            return None
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        end = len(head) + 4 + (int(lengths[0]) if lengths else 0)
        return end if len(self._read) >= end else None


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Taker, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 — how the bench learns the port
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
