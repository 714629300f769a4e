"""The only writer of history: per-case sequence, hash chain, texts beside it (architecture.md, house rule 2).

Callers hold the lock of the case. `record` appends one event and moves the head on the case in memory; the caller
saves the case with its other changes in the same transaction.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from cases import chain
from cases.models import Case, CaseText, JournalEvent


def new_salt() -> str:
    return secrets.token_hex(16)


def record(
    case: Case,
    kind: str,
    *,
    actor_id: int | None,
    at: datetime,
    facts: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
) -> JournalEvent:
    """Append one event. `facts` are ids, codes and times; `texts` are stored beside it, their digests inside it."""
    seq = case.event_seq + 1
    rows = _text_rows(case, seq, texts or {})
    payload = dict(facts)
    if rows:
        payload["texts"] = {row.field: chain.text_digest(row.salt, row.body) for row in rows}
    digest = chain.link(
        prev=bytes(case.event_hash),
        case_id=case.pk,
        seq=seq,
        kind=kind,
        actor_id=actor_id,
        at=at,
        payload=payload,
    )
    event = JournalEvent.objects.create(
        case=case,
        seq=seq,
        kind=kind,
        at=at,
        actor_id=actor_id,
        payload=payload,
        prev_hash=bytes(case.event_hash),
        hash=digest,
    )
    if rows:
        CaseText.objects.bulk_create(rows)
    case.event_seq, case.event_hash, case.updated_at = seq, digest, at
    return event


def _text_rows(case: Case, seq: int, texts: Mapping[str, str]) -> list[CaseText]:
    return [
        CaseText(case=case, event_seq=seq, field=field, salt=new_salt(), body=body)
        for field, body in texts.items()
        if body
    ]


@dataclass(frozen=True, slots=True)
class Break:
    """A link that does not hold, and why: the event is `missing` or was `changed`, or a `text` of it was."""

    number: str
    seq: int
    why: str


_EVENTS = """
SELECT c.id, c.number, c.event_seq, c.event_hash, e.seq, e.kind, e.at, e.actor_id, e.payload::text, e.prev_hash, e.hash
FROM cases_case c LEFT JOIN cases_journalevent e ON e.case_id = c.id
ORDER BY c.id, e.seq
"""


def verify_all() -> Iterator[tuple[int, Break | None]]:
    """Recompute every chain, a case at a time: its number of links and its first broken one, if any.

    A chain is also broken when its head on the case says otherwise: a cut-off tail cannot hide.
    Memory stays flat: one named cursor on the server walks all events in order.
    """
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_EVENTS)
        rows: list[tuple[Any, ...]] = []
        for row in cursor:
            if rows and rows[-1][0] != row[0]:
                yield _links(rows), _first_break(rows)
                rows = []
            rows.append(row)
        if rows:
            yield _links(rows), _first_break(rows)


def _links(rows: list[tuple[Any, ...]]) -> int:
    """How many events a case has: one row of an outer join may stand for none."""
    return sum(1 for row in rows if row[4] is not None)


def _first_break(rows: list[tuple[Any, ...]]) -> Break | None:
    case_id, number, head_seq, head_hash = rows[0][:4]
    prev, expected = chain.GENESIS, 1
    for *_, seq, kind, at, actor_id, payload, prev_hash, digest in rows:
        if seq != expected:
            return Break(number, expected, "missing")
        computed = chain.link(
            prev=prev,
            case_id=case_id,
            seq=seq,
            kind=kind,
            actor_id=actor_id,
            at=at,
            payload=orjson.loads(payload),
        )
        if bytes(prev_hash) != prev or bytes(digest) != computed:
            return Break(number, seq, "changed")
        prev, expected = computed, seq + 1
    if (head_seq, bytes(head_hash)) != (expected - 1, prev):
        return Break(number, expected, "missing")
    return None


_TEXTS = """
SELECT c.number, 1, c.text_salt, c.title || E'\\n' || c.description, e.payload->>'matter'
FROM cases_case c JOIN cases_journalevent e ON e.case_id = c.id AND e.seq = 1
WHERE c.text_salt <> ''
UNION ALL
SELECT c.number, t.event_seq, t.salt, t.body, e.payload->'texts'->>t.field
FROM cases_casetext t JOIN cases_case c ON c.id = t.case_id
LEFT JOIN cases_journalevent e ON e.case_id = t.case_id AND e.seq = t.event_seq
WHERE t.salt <> '' OR t.body <> ''
"""


def verify_texts() -> Iterator[Break]:
    """Every free text that is still there against the digest that its event keeps; erased ones are not missed."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_TEXTS)
        for number, seq, salt, text, digest in cursor:
            if chain.text_digest(salt, text) != digest:
                yield Break(number, seq, "text")


@contextmanager
def maintenance(reason: str) -> Iterator[None]:
    """The one switch under which the journal's tables may be changed: retention, and resets of a test database.

    It opens a transaction, holds for that transaction only, and every statement that it lets through is written
    to `JournalMaintenance` by the trigger itself. See docs/journal.md.
    """
    if not reason.strip():
        msg = "journal maintenance needs a reason"
        raise ValueError(msg)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('whistle.journal_maintenance', %s, true)", [reason])
        yield
        cursor.execute("SELECT set_config('whistle.journal_maintenance', '', true)")
