"""The hash chain of a case's journal. Pure: the one hasher for actions, sweep and verification.

The canonical form is defined here and not by the database: jsonb orders keys its own way.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

GENESIS = b""
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def stamp(moment: datetime) -> str:
    """A time as the journal writes it: UTC with microseconds, always of one length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The facts as they are hashed: JSON with keys sorted by code point, without spaces, UTF-8.

    TypeError for what JSON does not know: a time is written with `stamp` first.
    """
    try:
        return orjson.dumps(payload, option=_CANONICAL)
    except TypeError:  # numbers of more than 64 bits, keys that are no strings: the slow writer knows them too
        return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(
    *,
    prev: bytes,
    case_id: int,
    seq: int,
    kind: str,
    actor_id: int | None,
    at: datetime,
    payload: Mapping[str, Any],
) -> bytes:
    """SHA-256 over the hash before and this event's facts in their canonical form."""
    return seal(prev=prev, head=[case_id, seq, kind, actor_id, stamp(at)], facts=canonical(payload))


def seal(*, prev: bytes, head: Sequence[int | str | None], facts: bytes) -> bytes:
    """As `link`, of a payload that is canonical already; `head` is what stands before it: case, number, kind, actor,
    time. Together they are one JSON list."""
    return hashlib.sha256(prev + orjson.dumps(head)[:-1] + b"," + facts + b"]").digest()


def text_digest(salt: str, text: str) -> str:
    """What the journal keeps of a free text. Without its salt an erased text cannot be guessed back."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()
