"""Query codes, links to rate, request digests, pseudonyms: derived from secrets, so that nothing kept is guessable."""

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.errors import Conflict
from cases.models import Case

#: 16 characters of base32: 80 bits (domain.md, "Privacy").
CODE_CHARACTERS = 16


#: Bytes of a link to rate: ids up to 2^48, the round, and 80 bits that only the keys can make.
_ID, _ROUND, _SEAL = 6, 2, 10
_LINK_BYTES: Final = 2 * _ID + _ROUND + _SEAL
#: Characters of a link to rate, in base32.
LINK_CHARACTERS: Final = 39


def query_code(client_id: uuid.UUID, user_id: int | None, *, key: str = "") -> str:
    """The code with which a citizen finds the case: an HMAC, so that a retried creation answers the same one."""
    digest = _hmac(key or settings.CODE_KEYS[0], f"code\n{user_id}\n{client_id}")
    return base64.b32encode(digest).decode()[:CODE_CHARACTERS]


def code_hash(code: str) -> str:
    """What is stored of a code. Spaces, dashes and case of what a citizen types do not matter."""
    plain = code.replace(" ", "").replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def matching_code(case: Case) -> str:
    """The code that this case was given, also when the key was rotated since. Conflict when its key is gone."""
    for key in settings.CODE_KEYS:
        code = query_code(case.client_id, case.created_by_id, key=key)
        if hmac.compare_digest(code_hash(code), case.query_code_hash):
            return code
    raise Conflict(_("The query code of this case can no longer be shown."))


@dataclass(frozen=True, slots=True)
class RatingLink:
    """Whose verdict about which round of which case. `petitioner` None: the anonymous petitioner of the case."""

    case_id: int
    petitioner: int | None
    round: int


def rating_token(link: RatingLink) -> str:
    """The link with its seal, for an address: it opens one verdict and nothing else, and says nothing about anybody."""
    plain = _plain(link)
    return base64.b32encode(plain + _seal(plain, settings.CODE_KEYS[0])).decode().rstrip("=")


def read_rating_token(token: str) -> RatingLink | None:
    """None for what no key of ours has sealed. The database is not asked."""
    if len(token) != LINK_CHARACTERS:
        return None
    try:
        sealed = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    plain, seal = sealed[:-_SEAL], sealed[-_SEAL:]
    known = [hmac.compare_digest(seal, _seal(plain, key)) for key in settings.CODE_KEYS]
    if not any(known):
        return None
    case_id, petitioner, nth = (int.from_bytes(part) for part in (plain[:_ID], plain[_ID : 2 * _ID], plain[2 * _ID :]))
    return RatingLink(case_id, petitioner or None, nth)


def _plain(link: RatingLink) -> bytes:
    ids = link.case_id.to_bytes(_ID) + (link.petitioner or 0).to_bytes(_ID)
    return ids + link.round.to_bytes(_ROUND)


def _seal(plain: bytes, key: str) -> bytes:
    return _hmac(key, f"rating\n{plain.hex()}")[:_SEAL]


def request_digest(body: Mapping[str, Any]) -> str:
    """Tells a repeated request from another one without keeping what it said."""
    plain = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return _hmac(settings.CODE_KEYS[-1], f"request\n{plain}").hex()


def pseudonym(number: str) -> str:
    """What handlers see in place of a confidential name: of one case only, so that nobody is followed across cases."""
    return base64.b32encode(_hmac(settings.CODE_KEYS[0], f"pseudonym\n{number}")).decode()[:6]


def _hmac(key: str, text: str) -> bytes:
    # A body that is refused later, for half a surrogate pair, still gets its digest.
    return hmac.new(key.encode(), text.encode(errors="surrogatepass"), hashlib.sha256).digest()
