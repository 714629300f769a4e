"""The blind index: finding an exact phone number that is only stored encrypted (domain.md, "Privacy").

An HMAC under a key that is derived from `CODE_KEYS`, so that whoever holds a copy of the database alone can neither
read a number nor try numbers out. It answers "the same number?" and nothing else.
"""

import hashlib
import hmac
import unicodedata

from django.conf import settings

#: Shorter digits are no phone number: an extension, a typing error. They get no index.
SHORTEST = 7
_COUNTRY = "86"
_MOBILE = 11


def normalised(phone: str) -> str:
    """The digits alone, full-width ones included, without China's country code. Empty for what is no number."""
    digits = "".join(str(unicodedata.digit(c)) for c in phone if unicodedata.digit(c, None) is not None)
    digits = digits.removeprefix("00")
    if len(digits) == len(_COUNTRY) + _MOBILE:
        digits = digits.removeprefix(_COUNTRY)
    return digits if len(digits) >= SHORTEST else ""


def index(phone: str) -> str:
    """What is stored beside a number, under the newest key."""
    return _index(normalised(phone), settings.CODE_KEYS[0])


def indexes(phone: str) -> list[str]:
    """What may be stored beside this number: under any key, so that a rotation under way hides nobody."""
    digits = normalised(phone)
    return [_index(digits, key) for key in settings.CODE_KEYS] if digits else []


def _index(digits: str, key: str) -> str:
    if not digits:
        return ""
    own_key = hmac.new(key.encode(), b"blind index of phone numbers", hashlib.sha256).digest()
    return hmac.new(own_key, digits.encode(), hashlib.sha256).hexdigest()
