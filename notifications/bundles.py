"""One text for many messages: a digest of blue news, or what a storm would have been (docs/notifications.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from notifications.kinds import Kind, Saying, declare
from notifications.states import Bundle
from notifications.wordings import Book

#: More lines help nobody: the rest is counted, and the inbox has all of them.
MOST_LINES = 40

_SAMPLE = {
    "count": "12",
    "lines": "红色警示 · 350924-2026-0001234 · 办理",
    "more": "2",
}
_BODY = gettext_noop("{lines}\n{more}")

declare(
    Kind(
        Bundle.DIGEST.value,
        gettext_noop("Digest: {count} reminders"),
        {0: Saying(gettext_noop("Digest: {count} reminders"), _BODY)},
        sample=_SAMPLE,
    )
)
declare(
    Kind(
        Bundle.STORM.value,
        gettext_noop("{count} messages at once"),
        {0: Saying(gettext_noop("{count} messages at once"), _BODY)},
        sample=_SAMPLE,
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a bundle says of one message."""

    colour: int
    subject: str
    reference: str


def bundle_words(book: Book, bundle: Bundle, lines: Sequence[Line], *, language: str, channel: str) -> tuple[str, str]:
    """Subject and text: the worst colour first, what has no room counted."""
    ordered = in_order(lines)
    rest = len(ordered) - MOST_LINES
    facts = {
        "count": str(len(ordered)),
        "lines": "\n".join(line.subject for line in ordered[:MOST_LINES]),
        "more": f"… +{rest}" if rest > 0 else "",
    }
    subject, body = book.words(bundle.value, 0, facts, language=language, channel=channel)
    return subject, body.rstrip()


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The worst colour first; within one the order in which it happened."""
    return sorted(lines, key=lambda line: -line.colour)
