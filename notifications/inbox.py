"""Reading one's own messages."""

from datetime import datetime

from django.db.models import QuerySet

from notifications.models import Message


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
