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
    "whistle_proposed": gettext_noop("A whistle waits for your approval"),
    "whistle_reported": gettext_noop("An emergency whistle was blown"),
    "whistle_refused": gettext_noop("The whistle was refused"),
    "objection_overruled": gettext_noop("The objection was overruled: please report in"),
    "released": gettext_noop("Your part of the case was released"),
    "reminded": gettext_noop("Reminder: please handle"),
    "extension_requested": gettext_noop("An extension waits for your decision"),
    "extension_decided": gettext_noop("The extension was decided"),
    "suspended": gettext_noop("The case is suspended"),
    "resumed": gettext_noop("The case goes on"),
    "reopened": gettext_noop("Reopened: please handle again"),
    "supervised": gettext_noop("A supervision order was opened"),
    "supervision_answered": gettext_noop("A supervision order was answered"),
    "signed_off": gettext_noop("The supervision order was signed off"),
    "merged": gettext_noop("The case was merged"),
    "rejected": gettext_noop("Not accepted"),
    "sealed": gettext_noop("An accusation came in and was sealed"),
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
