"""The outbox: the only way in which other rooms tell people something.

A draft names facts; here they become words, frozen in the recipient's language. Channels are decided later
(`notifications.routing`), so that telling costs a transaction nothing but its row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from django.db.models import Q

from notifications.models import Delivery, Message
from notifications.states import Bundle
from notifications.wordings import book

_COLUMNS = (
    "recipient_id",
    "key",
    "kind",
    "colour",
    "urgent",
    "reference",
    "language",
    "facts",
    "subject",
    "body",
    "created_at",
    "routed_at",
)
_COPY = f"COPY notifications_message ({', '.join(_COLUMNS)}) FROM STDIN"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is written.

    `key` makes it unique for its recipient: the same news is told once. `kind` was declared with its facts
    (`notifications.kinds`); `facts` are in the recipient's language. `urgent` waits for no morning. `confined` news
    stays in the inbox: no channel carries it out of the house.
    """

    recipient_id: int
    key: str
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    language: str = "zh-hans"
    colour: int = 0
    reference: str = ""
    urgent: bool = False
    confined: bool = False

    def says_the_same_as(self, other: "Draft") -> bool:
        """Whether both are told the very same facts in the same language."""
        return self.facts is other.facts and (self.kind, self.colour, self.language) == (
            other.kind,
            other.colour,
            other.language,
        )


def enqueue(drafts: Iterable[Draft], *, now: datetime) -> None:
    """Write the drafts in the caller's transaction; one that was written before is left as it is."""
    Message.objects.bulk_create(
        [Message(**dict(zip(_COLUMNS, row, strict=True))) for row in _rows(drafts, now)], ignore_conflicts=True
    )


def enqueue_many(drafts: Iterable[Draft], *, now: datetime) -> None:
    """As `enqueue`, through COPY, for the sweep: fast, but a key written before fails the caller's transaction."""
    rows = _rows(drafts, now)  # before the COPY, which has its connection to itself
    facts = _COLUMNS.index("facts")
    # Django hands COPY through to psycopg and does not translate its errors by itself.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        for row in rows:
            row[facts] = orjson.dumps(row[facts]).decode()
            copy.write_row(row)


def take_back(reference: str) -> int:
    """Remove every message about this reference: it was sealed or erased. Returns how many.

    Inboxes lose it; deliveries lose it too, sent ones included: a single one goes, a bundle forgets its words and,
    if it was not sent yet, finds new ones without it. What a channel has handed over already cannot be called back.
    """
    messages = Message.objects.filter(pk__in=_about(reference))
    touched = list(Delivery.objects.filter(messages__in=messages).values_list("pk", flat=True).distinct())
    removed = messages.count()
    messages.delete()
    deliveries = Delivery.objects.filter(pk__in=touched)
    deliveries.filter(Q(bundle=Bundle.SINGLE) | Q(items=None)).delete()
    deliveries.update(subject="", body="")
    return removed


def _about(reference: str) -> list[int]:
    """The messages about it, locked. The undecided first: one that is decided meanwhile is found among the others."""
    about = Message.objects.filter(reference=reference).order_by("pk").select_for_update()
    undecided = list(about.filter(routed_at=None).values_list("pk", flat=True))
    return undecided + list(about.filter(routed_at__isnull=False).values_list("pk", flat=True))


def _rows(drafts: Iterable[Draft], now: datetime) -> list[list[Any]]:
    """The rows, words and all. Drafts that share their facts, one behind the other, share their words."""
    rows: list[list[Any]] = []
    last, words = None, ("", "")
    for draft in drafts:
        if last is None or not draft.says_the_same_as(last):
            last, words = draft, book(now).words(draft.kind, draft.colour, draft.facts, language=draft.language)
        rows.append(_row(draft, words, now))
    return rows


def _row(draft: Draft, words: tuple[str, str], now: datetime) -> list[Any]:
    return [
        draft.recipient_id,
        draft.key,
        draft.kind,
        draft.colour,
        draft.urgent,
        draft.reference,
        draft.language,
        dict(draft.facts),
        *words,
        now,
        now if draft.confined else None,
    ]
