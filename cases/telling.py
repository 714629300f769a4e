"""Messages that actions send: words by kind, frozen in each recipient's language. Facts only, no text of a case."""

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from cases.models import Case
from grids.holders import Holder
from grids.models import User
from notifications.outbox import Draft

__all__ = ["WORDS", "Draft", "drafts", "to_user"]

WORDS = {
    "whistle": gettext_noop("The whistle was blown: please report in"),
    "to_verify": gettext_noop("Answered: please verify"),
    "rework": gettext_noop("Verification failed: please handle again"),
    "dissatisfied": gettext_noop("The petitioner is dissatisfied: please handle again"),
    "to_call_back": gettext_noop("Verified: please ask the petitioner for a rating"),
    "rejected": gettext_noop("Not accepted"),
}


def drafts(case: Case, kind: str, holders: Iterable[Holder], *, key: str) -> list[Draft]:
    """One draft for each person. `key` names the event, so that the same news is told once."""
    return [_draft(case, kind, holder.user_id, holder.language, key) for holder in holders]


def to_user(case: Case, kind: str, user: User, *, key: str) -> list[Draft]:
    """As `drafts`, for one person whatever posts that person holds."""
    return [_draft(case, kind, user.pk, user.language, key)]


def _draft(case: Case, kind: str, user_id: int, language: str, key: str) -> Draft:
    with translation.override(language):
        subject = f"{gettext(WORDS[kind])} · {case.number}"
    return Draft(recipient_id=user_id, key=f"{kind}:{key}", kind=kind, reference=case.number, subject=subject)
