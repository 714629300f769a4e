"""Logging in and out. Five failures lock a person at an address for 30 minutes (axes), whatever door is tried."""

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from knox.models import AuthToken
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.api.people import person
from grids.api.shapes import Credentials, Login
from grids.api.throttles import AddressThrottle
from grids.api.tokens import give_token

_TOKEN = "9d1c6f…"  # noqa: S105 — an example


class WrongCredentials(APIException):
    status_code = 401
    default_detail = _("The user name or the password is wrong.")
    auth_header = "Token"


class LoginView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle,)
    throttle_scope = "login"

    @extend_schema(
        operation_id="login",
        summary="Log in",
        description="Gives a token that is stored as a hash only and expires. Five failures lock for 30 minutes (429).",
        tags=["auth"],
        request=Credentials,
        responses={200: Login},
        examples=[
            OpenApiExample("Login", {"username": "gridworker", "password": "…"}, request_only=True),
            OpenApiExample(
                "Token",
                {
                    "token": _TOKEN,
                    "expires_at": "2026-11-29T09:00:00+08:00",
                    "user": {"id": 1, "username": "gridworker", "full_name": "叶远川", "language": "zh-hans"},
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        plain = request._request  # noqa: SLF001 — axes marks Django's own request
        told = dict(given.validated_data)
        device = told.pop("device") or _program(request)
        user = authenticate(request=plain, **told)
        if user is None:
            raise WrongCredentials
        held, token = give_token(user, device=device, now=timezone.now())
        user_logged_in.send(sender=type(user), request=plain, user=user)
        body = {"token": token, "expires_at": held.expiry, "user": person(user)}
        return Response(body, headers={"Cache-Control": "no-store"})


def _program(request: Request) -> str:
    """How the client calls itself, as far as it can be read and stored."""
    return "".join(character for character in request.headers.get("User-Agent", "") if character.isprintable())


class LogoutView(APIView):
    @extend_schema(
        operation_id="logout",
        summary="Log out",
        description="This token ends; others of the same person stay.",
        tags=["auth"],
        request=None,
        responses={204: OpenApiResponse(description="The token is revoked")},
    )
    def post(self, request: Request) -> Response:
        request.auth.delete()
        return Response(status=204)


class LogoutAllView(APIView):
    @extend_schema(
        operation_id="logout_all",
        summary="Log out everywhere",
        description="All tokens of this person end.",
        tags=["auth"],
        request=None,
        responses={204: OpenApiResponse(description="All tokens are revoked")},
    )
    def post(self, request: Request) -> Response:
        AuthToken.objects.filter(user=request.user).delete()
        return Response(status=204)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """What the OpenAPI document says of our tokens."""

    target_class = "grids.api.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …` as given by `POST /api/v1/auth/login/`",
        }
