"""Which words a kind of news has today: an administrator's, or the service's own (docs/notifications.md).

A process keeps the administrator's words for half a minute, so that a sweep of thousands reads them once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext

from notifications.kinds import Kind, Saying, kind_of
from notifications.models import Message, Wording
from notifications.words import fill

KEPT = timedelta(seconds=30)
SUBJECT_LENGTH = 200

#: kind, colour, channel ("" for all), language
Place = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class Book:
    """The words of all places that were edited, as they were `read_at`."""

    read_at: datetime
    edited: Mapping[Place, Saying] = field(default_factory=dict)

    def saying(self, kind: str, colour: int, *, language: str, channel: str = "") -> Saying:
        """For this channel, else for all channels, else the service's own."""
        for place in ((kind, colour, channel, language), (kind, colour, "", language)):
            if found := self.edited.get(place):
                return found
        return own_saying(kind, colour, language)

    def words(
        self, kind: str, colour: int, facts: Mapping[str, str], *, language: str, channel: str = ""
    ) -> tuple[str, str]:
        """Subject and text."""
        saying = self.saying(kind, colour, language=language, channel=channel)
        return fill(saying.subject, facts)[:SUBJECT_LENGTH], fill(saying.body, facts)

    def words_for(self, message: Message, channel: str) -> tuple[str, str]:
        """The message's own frozen words, unless this channel was given others for its kind."""
        place = (message.kind, message.colour, channel, message.language)
        saying = self.edited.get(place)
        if saying is None:
            return message.subject, message.body
        return fill(saying.subject, message.facts)[:SUBJECT_LENGTH], fill(saying.body, message.facts)


_kept: list[Book] = []


def book(now: datetime) -> Book:
    """The words in force, at most half a minute old."""
    if not _kept or not timedelta(0) <= now - _kept[0].read_at < KEPT:
        rows = Wording.objects.values_list("kind", "colour", "channel", "language", "subject", "body")
        edited = {(kind, colour, channel, language): Saying(*words) for kind, colour, channel, language, *words in rows}
        _kept[:] = [Book(now, edited)]
    return _kept[0]


def forget() -> None:
    """Read anew next time: after an edit in this process, and between tests."""
    _kept.clear()


@lru_cache(maxsize=1024)
def own_saying(kind: str, colour: int, language: str) -> Saying:
    """The service's own words in that language. KeyError for a kind or a colour of it that nobody declared."""
    saying = kind_of(kind).sayings[colour]
    with translation.override(language):
        return Saying(gettext(saying.subject), gettext(saying.body) if saying.body else "")


def title_of(kind: Kind) -> str:
    """What an administrator reads for a kind: its words without facts."""
    return fill(gettext(kind.label), {}).strip(" ·")
