"""The outbox: the only way in which other rooms tell people something."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from notifications.models import Message

_COPY = "COPY notifications_message (recipient_id, key, kind, colour, reference, subject, body, created_at) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is written. `key` makes it unique for its recipient: the same news is told once."""

    recipient_id: int
    key: str
    kind: str
    subject: str
    body: str = ""
    colour: int = 0
    reference: str = ""


def enqueue(drafts: Iterable[Draft], *, now: datetime) -> None:
    """Write the drafts in the caller's transaction; one that was written before is left as it is."""
    Message.objects.bulk_create(
        [
            Message(
                recipient_id=draft.recipient_id,
                key=draft.key,
                kind=draft.kind,
                colour=draft.colour,
                reference=draft.reference,
                subject=draft.subject,
                body=draft.body,
                created_at=now,
            )
            for draft in drafts
        ],
        ignore_conflicts=True,
    )


def take_back(reference: str) -> int:
    """Remove every message about this reference from every inbox: it was sealed or erased. Returns how many."""
    removed, _ = Message.objects.filter(reference=reference).delete()
    return removed


def enqueue_many(drafts: Iterable[Draft], *, now: datetime) -> None:
    """As `enqueue`, through COPY, for the sweep: fast, but a key written before fails the caller's transaction."""
    # Django hands COPY through to psycopg and does not translate its errors by itself.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        for draft in drafts:
            copy.write_row(
                (
                    draft.recipient_id,
                    draft.key,
                    draft.kind,
                    draft.colour,
                    draft.reference,
                    draft.subject,
                    draft.body,
                    now,
                )
            )
