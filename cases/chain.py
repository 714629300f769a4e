"""The hash chain of a case's journal. Pure: the one hasher for actions, sweep and verification.

The canonical form is defined here and not by the database: jsonb orders keys its own way.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = b""


def stamp(moment: datetime) -> str:
    """A time as the journal writes it: UTC with microseconds, always of one length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


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
    """SHA-256 over the hash before and this event's facts, keys sorted, without spaces, UTF-8."""
    body = json.dumps(
        [case_id, seq, kind, actor_id, stamp(at), payload],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(prev + body.encode()).digest()


def text_digest(salt: str, text: str) -> str:
    """What the journal keeps of a free text. Without its salt an erased text cannot be guessed back."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()
