"""How I am told: my choices by colour and channel, and my addresses. Those of others do not exist."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.api.shapes import (
    COLOURS,
    AddedAddress,
    AddressBody,
    AddressList,
    Preferences,
    PreferencesBody,
)
from notifications.api.views import me
from notifications.errors import Refused
from notifications.failures import told
from notifications.models import Address
from notifications.preferences import add_address, addresses_of, cells_of, choose, remove_address
from notifications.states import ChannelName
from notifications.targets import shown


class PreferencesView(APIView):
    @extend_schema(
        operation_id="notification_preferences",
        summary="Which news comes to me by which channel",
        description="For the channels in use. The inbox is none of them: everything is in it.",
        tags=["inbox"],
        responses={200: Preferences},
    )
    def get(self, request: Request) -> Response:
        return Response(_preferences(me(request)))

    @extend_schema(
        operation_id="notification_preferences_set",
        summary="Choose the channels of news",
        description="Replaces every choice. What the policy fixes cannot be chosen otherwise: 400.",
        tags=["inbox"],
        request=PreferencesBody,
        responses={200: Preferences},
    )
    def put(self, request: Request) -> Response:
        body = PreferencesBody(data=request.data)
        body.is_valid(raise_exception=True)
        wishes = {
            (COLOURS.index(wish["colour"]), ChannelName(wish["channel"])): wish["wanted"]
            for wish in body.validated_data["choices"]
        }
        try:
            choose(user_id=me(request), wishes=wishes)
        except Refused as refusal:
            raise _invalid(refusal) from None
        return Response(_preferences(me(request)))


class AddressesView(APIView):
    @extend_schema(
        operation_id="notification_addresses",
        summary="My addresses",
        description="In the order in which they were added; ten at most.",
        tags=["inbox"],
        responses={200: AddressList},
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [_address(row) for row in addresses_of(me(request))]})

    @extend_schema(
        operation_id="notification_address_add",
        summary="Add an address",
        description="For a channel in use. The secret of a webhook is in this answer and nowhere else.",
        tags=["inbox"],
        request=AddressBody,
        responses={201: AddedAddress},
    )
    def post(self, request: Request) -> Response:
        body = AddressBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        try:
            added = add_address(
                user_id=me(request),
                channel=ChannelName(given["channel"]),
                written=given["target"],
                label=given["name"],
                secret=given["secret"],
            )
        except Refused as refusal:
            raise _invalid(refusal) from None
        secret = added.secret if added.channel == ChannelName.WEBHOOK else ""
        return Response({**_address(added), "secret": secret}, status=201)


class AddressView(APIView):
    @extend_schema(
        operation_id="notification_address_remove",
        summary="Remove an address",
        description="What was on its way there is taken back.",
        tags=["inbox"],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, address_id: int) -> Response:
        if not remove_address(user_id=me(request), address_id=address_id):
            raise Http404
        return Response(status=204)


def _preferences(user_id: int) -> dict[str, Any]:
    return {
        "choices": [
            {
                "colour": COLOURS[cell.colour],
                "channel": cell.channel,
                "wanted": cell.wanted,
                "demand": cell.demand,
                "fixed": cell.is_fixed,
            }
            for cell in cells_of(user_id)
        ]
    }


def _address(row: Address) -> dict[str, Any]:
    return {
        "id": row.pk,
        "channel": row.channel,
        "target": shown(row.channel, row.target),
        "name": row.label,
        "active": row.is_active,
        "failed_at": row.failed_at,
        "failure": told(row.failure),
    }


def _invalid(refusal: Refused) -> ValidationError:
    """`label` is called `name` outside, where a serializer keeps the other word for itself."""
    named = {"name" if field == "label" else field: [str(words)] for field, words in refusal.errors.items()}
    return ValidationError(named)
