"""Knox's tokens: hashed in its table, expiring, revocable; found by their hash in one statement."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from grids.actors import HeldPost, day_of
from grids.models import Device, User
from grids.roles import Role

LONGEST_TOKEN = 128
#: The last use of a token is noted when the note is older than this: a write in ten minutes, not one in each request.
NOTED_EVERY: Final = timedelta(minutes=10)
LONGEST_NAME: Final = 120
_OF_TOKEN = ("digest", "token_key", "created", "expiry")

#: Token, person and posts of the day in one statement: every request begins with it (docs/benchmarks.md).
_HOLDER = f"""
SELECT u.*, {", ".join(f"t.{name} AS token_{name}" for name in _OF_TOKEN)},
    coalesce((
        SELECT json_agg(json_build_array(p.role, a.code, p.department_id) ORDER BY p.role, p.id)
        FROM grids_post p LEFT JOIN grids_area a ON a.id = p.area_id
        WHERE p.user_id = u.id AND p.valid_from <= %s AND coalesce(p.valid_to >= %s, true)
    ), '[]')::text AS held, d.last_used_at, d.password_mark
FROM knox_authtoken t JOIN grids_user u ON u.id = t.user_id LEFT JOIN grids_device d ON d.token_id = t.digest
WHERE t.digest = %s
"""  # noqa: S608 — names of columns alone


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …`. Unlike knox's own it tidies nothing up: login does."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, Any]:
        refused = AuthenticationFailed(_("This token is unknown or has expired; please log in again."))
        if len(token) > LONGEST_TOKEN or not token.isalnum():
            raise refused
        now = timezone.now()
        user = _holder(hash_token(token.decode("ascii")), now=now)
        if user is None or not user.is_active or (user.token_expiry and user.token_expiry <= now):
            raise refused
        if user.password_mark and user.password_mark != _mark(user):
            raise refused
        if user.last_used_at is not None:  # a token that a command made is no device
            _note_use(user.token_digest, before=user.last_used_at, now=now)
        return user, AuthToken(user=user, **{name: getattr(user, f"token_{name}") for name in _OF_TOKEN})


def give_token(user: User, *, device: str, now: datetime) -> tuple[Any, str]:
    """A new token with the device it is given to; what had expired of this person goes."""
    with transaction.atomic():
        AuthToken.objects.filter(user=user, expiry__lte=now).delete()
        held, token = AuthToken.objects.create(user)
        Device.objects.create(token=held, name=device[:LONGEST_NAME], last_used_at=now, password_mark=_mark(user))
    return held, token


def _mark(user: User) -> str:
    """Of the stored, salted hash: it says that the password was changed and nothing about it."""
    return hashlib.sha256(user.password.encode()).hexdigest()[:16]


def _note_use(digest: str, *, before: datetime, now: datetime) -> None:
    if now - before > NOTED_EVERY:
        Device.objects.filter(token_id=digest, last_used_at__lt=now - NOTED_EVERY).update(last_used_at=now)


def _holder(digest: str, *, now: datetime) -> Any:
    """The person behind the token, with the posts of the day at hand for `actor_for`."""
    day = day_of(now)
    user: Any = next(iter(User.objects.raw(_HOLDER, [day, day, digest])), None)
    if user is not None:
        user.posts_of_day = (day, tuple(HeldPost(Role(role), *place) for role, *place in orjson.loads(user.held)))
    return user
