"""Blind indexes: finding an exact phone number or whole name that is only stored encrypted (domain.md, "Privacy").

An HMAC under a key that is derived from `CODE_KEYS`, so that whoever holds a copy of the database alone can neither
read a person nor try people out. It answers "the same one?" and nothing else.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings

#: Shorter digits are no phone number: an extension, a typing error. They get no index.
SHORTEST = 7
_COUNTRY = "86"
_MOBILE = 11

#: Fewer letters are no name, and every search for one character would look for people.
SHORTEST_NAME = 2
_SIGNS = " ·-'()"
#: One sign for each of those that people type for the same thing: the middle dot of minority names, hyphen, apostrophe.
_ONE_SIGN: Final = str.maketrans(
    dict.fromkeys(".•‧∙⋅・･", "·") | dict.fromkeys("‐‒–—−", "-") | dict.fromkeys("‘’ʼ`´", "'")
)
_AROUND_SIGNS: Final = re.compile(r"\s*([·-])[·\s]*")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def phone_digits(phone: str) -> str:
    """The digits alone, full-width ones included, without China's country code. Empty for what is no number."""
    digits = "".join(str(unicodedata.digit(c)) for c in phone if unicodedata.digit(c, None) is not None)
    digits = digits.removeprefix("00")
    if len(digits) == len(_COUNTRY) + _MOBILE:
        digits = digits.removeprefix(_COUNTRY)
    return digits if len(digits) >= SHORTEST else ""


def plain_name(name: str) -> str:
    """The name as everybody would have typed it: small letters, one kind of dot, no space in a Chinese one.

    Empty for what is no name of a person or a firm: digits, punctuation, a single letter.
    """
    folded = _folded(_folded("".join(c for c in name if unicodedata.category(c) != "Cf")))
    spaced = _AROUND_SIGNS.sub(r"\1", folded.translate(_ONE_SIGN))
    plain = ("" if _HAN.search(spaced) else " ").join(spaced.split()).strip(" ·-'")
    letters = sum(map(str.isalpha, plain))
    known = all(c.isalpha() or c in _SIGNS or unicodedata.category(c).startswith("M") for c in plain)
    return unicodedata.normalize("NFKC", plain) if known and letters >= SHORTEST_NAME else ""


def _folded(text: str) -> str:
    # Folding may undo what was composed, and composing may show what can be folded: callers do it twice.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """`purpose` sets its key apart from every other, so that indexes of two kinds never meet."""

    purpose: bytes
    normalised: Callable[[str], str]

    def of(self, written: str) -> str:
        """What is stored beside a value, under the newest key. Empty for what is no such value."""
        return next(iter(self.under_any_key(written)), "")

    def under_any_key(self, written: str) -> list[str]:
        """What may be stored beside this value, newest key first: a rotation under way hides nobody."""
        plain = self.normalised(written)
        return [self._digest(plain, key) for key in settings.CODE_KEYS] if plain else []

    def _digest(self, plain: str, key: str) -> str:
        own_key = hmac.new(key.encode(), self.purpose, hashlib.sha256).digest()
        return hmac.new(own_key, plain.encode(), hashlib.sha256).hexdigest()


PHONE: Final = BlindIndex(b"blind index of phone numbers", phone_digits)
NAME: Final = BlindIndex(b"blind index of names", plain_name)


def indexes_of(*, name: str, phone: str) -> dict[str, str]:
    """All that is stored beside a petitioner, by column: whoever writes one writes the others with it."""
    return {"name_index": NAME.of(name), "phone_index": PHONE.of(phone)}
