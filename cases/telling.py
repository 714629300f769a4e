"""Messages that actions send: facts by kind, frozen in each recipient's language. No text of a case (ADR 0010)."""

from collections.abc import Iterable

from cases.models import Case
from cases.terms import is_emergency
from grids.holders import Holder
from grids.models import User
from notifications.outbox import Draft

__all__ = ["Draft", "drafts", "to_user"]


def drafts(case: Case, kind: str, holders: Iterable[Holder], *, key: str) -> list[Draft]:
    """One draft for each person. `key` names the event, so that the same news is told once."""
    return [_draft(case, kind, holder.user_id, holder.language, key) for holder in holders]


def to_user(case: Case, kind: str, user: User, *, key: str) -> list[Draft]:
    """As `drafts`, for one person whatever posts that person holds."""
    return [_draft(case, kind, user.pk, user.language, key)]


def _draft(case: Case, kind: str, user_id: int, language: str, key: str) -> Draft:
    return Draft(
        recipient_id=user_id,
        key=f"{kind}:{key}",
        kind=kind,
        facts={"number": case.number},
        language=language,
        reference=case.number,
        urgent=is_emergency(case.type, case.urgency),
        confined=case.sealed,
    )
