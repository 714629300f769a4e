"""The phones on which I am logged in, and ending one that was lost."""

import re
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from knox.models import AuthToken
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.api.people import signed_in
from grids.api.shapes import TokenList

#: Shown at most, newest first. Log-ins tidy up what has expired.
_MOST: Final = 100
_ID: Final = re.compile(r"[0-9a-f]{16}")


class TokensView(APIView):
    @extend_schema(
        operation_id="my_tokens",
        summary="Where I am logged in",
        description="Devices with their last use, newest first; `current` is the one that asks. No token is shown.",
        tags=["auth"],
        responses={200: TokenList},
        examples=[
            OpenApiExample(
                "Two phones",
                {
                    "results": [
                        {
                            "id": "5b2f0c9a71d04e38",
                            "device": "网格员手机",
                            "created_at": "2026-11-23T08:50:00+08:00",
                            "last_used_at": "2026-11-23T09:00:00+08:00",
                            "expires_at": "2026-11-30T08:50:00+08:00",
                            "current": True,
                        }
                    ]
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        tokens = _mine(request).select_related("device").order_by("-created", "digest")[:_MOST]
        asking: Any = request.auth
        shown = [_shown(token, current=token.digest == asking.digest) for token in tokens]
        return Response({"results": shown}, headers={"Cache-Control": "private, no-store"})


class TokenView(APIView):
    @extend_schema(
        operation_id="my_token_revoke",
        summary="Log a device out",
        description="At once, the one that asks included. The id comes from the list.",
        tags=["auth"],
        responses={204: OpenApiResponse(description="It is logged out")},
    )
    def delete(self, request: Request, token_id: str) -> Response:
        if not _ID.fullmatch(token_id) or not _mine(request).filter(digest__startswith=token_id).delete()[0]:
            raise NotFound(_("You are not logged in on such a device."))
        return Response(status=204)


def _mine(request: Request) -> QuerySet[Any]:
    tokens: QuerySet[Any] = AuthToken.objects.filter(user=signed_in(request))
    return tokens


def _shown(token: Any, *, current: bool) -> dict[str, Any]:
    """The id is the beginning of the digest: from it nobody finds the token."""
    device = getattr(token, "device", None)  # a token that a command made has none
    return {
        "id": token.digest[:16],
        "device": device.name if device else "",
        "created_at": token.created,
        "last_used_at": device.last_used_at if device else None,
        "expires_at": token.expiry,
        "current": current,
    }
