"""Knox's tokens: hashed in its table, expiring, revocable; found by their hash in one statement."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from grids.models import User

LONGEST_TOKEN = 128


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …`. Unlike knox's own it writes nothing: login tidies up what has expired."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, Any]:
        refused = AuthenticationFailed(_("This token is unknown or has expired; please log in again."))
        if len(token) > LONGEST_TOKEN or not token.isalnum():
            raise refused
        held = AuthToken.objects.select_related("user").filter(digest=hash_token(token.decode("ascii"))).first()
        if held is None or not held.user.is_active or (held.expiry and held.expiry <= timezone.now()):
            raise refused
        return held.user, held
