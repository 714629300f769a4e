"""Query codes, request digests and pseudonyms, derived from secrets so that nothing guessable is stored."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.errors import Conflict
from cases.models import Case

#: 16 characters of base32: 80 bits (domain.md, "Privacy").
CODE_CHARACTERS = 16


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
