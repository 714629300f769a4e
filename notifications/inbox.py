"""Reading one's own messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet

from notifications.kinds import kind_of
from notifications.models import Message
from notifications.wordings import title_of

#: News about one matter that a page shows; a case that was told of more often shows the newest.
MOST_TOLD: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One piece of news with how many people got it and how many of them have read it."""

    at: datetime
    label: str
    people: int
    read: int


def told_about(reference: str) -> list[Told]:
    """The news about one case, newest first, without its recipients. One query.

    What still waits for the router is left out: the index by reference holds what it has seen.
    """
    rows = (
        Message.objects.filter(reference=reference, routed_at__isnull=False)
        .values("kind", "created_at")
        .annotate(people=Count("pk"), read=Count("read_at"))
        .order_by("-created_at")[:MOST_TOLD]
    )
    return [Told(row["created_at"], title_of(kind_of(row["kind"])), row["people"], row["read"]) for row in rows]


def messages_of(user_id: int) -> QuerySet[Message]:
    """Newest first; the caller pages it."""
    return Message.objects.filter(recipient_id=user_id).order_by("-id")


def unread_count(user_id: int) -> int:
    return Message.objects.filter(recipient_id=user_id, read_at=None).count()


def mark_read(*, user_id: int, message_id: int, now: datetime) -> bool:
    """Mark one message of this person; False when there is none. Reading again keeps the first time."""
    Message.objects.filter(recipient_id=user_id, pk=message_id, read_at=None).update(read_at=now)
    return Message.objects.filter(recipient_id=user_id, pk=message_id).exists()


def mark_all_read(*, user_id: int, now: datetime) -> int:
    return Message.objects.filter(recipient_id=user_id, read_at=None).update(read_at=now)
