"""The inbox: one's own messages, newest first. Those of others do not exist."""

from typing import Any, cast

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from notifications import inbox
from notifications.api.shapes import COLOURS, InboxFilters, Marked, MessagePage, MessageShape
from notifications.models import Message


class InboxView(APIView):
    @extend_schema(
        operation_id="notifications",
        summary="My messages",
        description="Newest first. `next` is the address of the following page.",
        tags=["inbox"],
        parameters=[InboxFilters],
        responses={200: MessagePage},
    )
    def get(self, request: Request) -> Response:
        asked = InboxFilters(data=request.query_params)
        asked.is_valid(raise_exception=True)
        size = asked.validated_data["page_size"]
        messages = inbox.messages_of(me(request))
        if asked.validated_data["unread"]:
            messages = messages.filter(read_at=None)
        if cursor := asked.validated_data.get("cursor"):
            messages = messages.filter(pk__lt=cursor)
        found = list(messages[: size + 1])
        following = None
        if len(found) > size:
            following = replace_query_param(request.build_absolute_uri(), "cursor", found[size - 1].pk)
        return Response({"next": following, "results": [_message(message) for message in found[:size]]})


class ReadView(APIView):
    @extend_schema(
        operation_id="notification_read",
        summary="Mark a message as read",
        description="Reading again keeps the first time.",
        tags=["inbox"],
        request=None,
        responses={200: MessageShape},
    )
    def post(self, request: Request, message_id: int) -> Response:
        if not inbox.mark_read(user_id=me(request), message_id=message_id, now=timezone.now()):
            raise Http404
        return Response(_message(inbox.messages_of(me(request)).get(pk=message_id)))


class ReadAllView(APIView):
    @extend_schema(
        operation_id="notifications_read_all",
        summary="Mark all messages as read",
        description="Everything that is unread now.",
        tags=["inbox"],
        request=None,
        responses={200: Marked},
    )
    def post(self, request: Request) -> Response:
        return Response({"marked": inbox.mark_all_read(user_id=me(request), now=timezone.now())})


def me(request: Request) -> int:
    return cast("int", request.user.pk)  # nobody else gets here: see DEFAULT_PERMISSION_CLASSES


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "kind": message.kind,
        "colour": COLOURS[message.colour],
        "reference": message.reference,
        "subject": message.subject,
        "body": message.body,
        "created_at": message.created_at,
        "read_at": message.read_at,
    }
