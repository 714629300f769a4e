"""Sixteen persistent connections, each sending its next request when the last one is answered."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Call:
    """One request and the status that it must be answered with."""

    method: str
    path: str
    expected: int
    token: str = ""
    body: dict[str, Any] | None = None

    def as_bytes(self) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        if body:
            head.append("Content-Type: application/json")
        if self.token:
            head.append(f"Authorization: Token {self.token}")
        return "\r\n".join([*head, "", ""]).encode() + body


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class UnexpectedAnswer(Exception):
    """A figure of wrong answers would be worth nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Requests per second, and how long each of them took, in seconds."""

    rate: float
    taken: list[float]


def pace(port: int, calls: Iterator[Call], *, seconds: float) -> Pace:
    """Over the given time, on fresh connections that stay open throughout."""
    return asyncio.run(_pace(port, calls, seconds))


def latencies(port: int, calls: Iterator[Call], *, every: float, ended: Callable[[], bool]) -> list[float]:
    """Seconds from the moment at which a request was to be sent until its answer, one request `every` so many seconds.

    A request that finds all connections busy waits, and its wait counts: people do not come slower because others wait.
    """
    return asyncio.run(_latencies(port, calls, every, ended))


def sequence(port: int, call: Call, times: int) -> list[float]:
    """Seconds that each of so many requests took, one after the other on one connection."""
    return asyncio.run(_sequence(port, call, times))


def sequence_of(port: int, calls: Iterator[Call]) -> list[Any]:
    """What each of these requests was answered, one after the other on one connection."""
    return asyncio.run(_sequence_of(port, calls))


def answer(port: int, call: Call) -> bytes:
    """The body of the answer to one request."""
    return asyncio.run(_one(port, call))


async def _pace(port: int, calls: Iterator[Call], seconds: float) -> Pace:
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    taken: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*[_keep_asking(*line, calls, taken, began + seconds) for line in lines])
    elapsed = time.perf_counter() - began
    for _, writer in lines:
        writer.close()
        await writer.wait_closed()
    return Pace(len(taken) / elapsed, taken)


async def _latencies(port: int, calls: Iterator[Call], every: float, ended: Callable[[], bool]) -> list[float]:
    lines: list[Line] = []
    taken: list[float] = []
    busy = asyncio.Semaphore(CONNECTIONS)
    async with asyncio.TaskGroup() as group:
        next_at = time.perf_counter()
        while not ended():
            group.create_task(_ask_at(next_at, port, next(calls), lines, busy, taken))
            next_at += every
            await asyncio.sleep(max(next_at - time.perf_counter(), 0))
    for _, writer in lines:
        writer.close()
    return taken


async def _ask_at(
    began: float, port: int, call: Call, lines: list[Line], busy: asyncio.Semaphore, taken: list[float]
) -> None:
    """Over a connection that is open already, or a new one: also when the server has closed an idle one meanwhile."""
    async with busy:
        line = lines.pop() if lines else await asyncio.open_connection("127.0.0.1", port)
        try:
            await _ask(*line, call)
        except (ConnectionError, asyncio.IncompleteReadError):
            line = await asyncio.open_connection("127.0.0.1", port)
            await _ask(*line, call)
        lines.append(line)
    taken.append(time.perf_counter() - began)


async def _keep_asking(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    calls: Iterator[Call],
    taken: list[float],
    end: float,
) -> None:
    while (began := time.perf_counter()) < end:
        await _ask(reader, writer, next(calls))
        taken.append(time.perf_counter() - began)


async def _sequence(port: int, call: Call, times: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    for _time in range(times):
        began = time.perf_counter()
        await _ask(reader, writer, call)
        taken.append(time.perf_counter() - began)
    writer.close()
    return taken


async def _sequence_of(port: int, calls: Iterator[Call]) -> list[Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = [json.loads(await _ask(reader, writer, call)) for call in calls]
    writer.close()
    await writer.wait_closed()
    return answers


async def _one(port: int, call: Call) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = await _ask(reader, writer, call)
    writer.close()
    await writer.wait_closed()
    return body


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: Call) -> bytes:
    writer.write(call.as_bytes())
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    body = await reader.readexactly(_length(head))
    if status != call.expected:
        msg = f"{call.method} {call.path} answered {status}: {body[:600].decode(errors='replace')}"
        raise UnexpectedAnswer(msg)
    return body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    msg = f"an answer without its length: {head.decode(errors='replace')}"
    raise UnexpectedAnswer(msg)
