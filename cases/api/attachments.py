"""Photos and papers: sent on their own, so that a phone can send them when it has a network, and used by an action."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.actions.attaching import store
from cases.api import examples, shapes
from cases.api.answers import actor_of
from cases.api.render import attachment
from cases.contents import IMAGES, MOST_BYTES, MP4, PDF, too_large
from cases.downloading import as_download
from cases.errors import NotVisible
from cases.selectors import attachment_for
from grids.actors import actor_for
from grids.api.people import signed_in

#: Bytes around the file: the boundary, the names of the fields, the client_id.
_AROUND = 10_000


class UploadParser(MultiPartParser):
    """Refuses what is too large before it is read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        length = parser_context["request"].META.get("CONTENT_LENGTH") if parser_context else ""
        if str(length).isdecimal() and int(length) > MOST_BYTES + _AROUND:
            raise too_large()
        return super().parse(stream, media_type, parser_context)


class NewAttachment(serializers.Serializer[None]):
    client_id = serializers.UUIDField(help_text="Made by the client; the same again gives the same file again")
    file = serializers.FileField(allow_empty_file=True, help_text="JPEG, PNG, WebP, PDF or MP4 of at most 10 MB")


class AttachmentsView(APIView):
    parser_classes = [UploadParser]

    @extend_schema(
        operation_id="attachment_send",
        summary="Send a file",
        description=(
            "What it is is found out from its content. Photos are written anew without what the camera put into them; "
            "position and time are answered here. Name the id in `attachments` of a new case or in an action within "
            "a day: what nothing uses is cleaned away. The same client_id and file again: 200 with the same id; "
            "another file: 409. Too large: 413. Another kind, or damaged: 415."
        ),
        tags=["attachments"],
        request={"multipart/form-data": NewAttachment},
        responses={201: shapes.AttachmentShape, 200: shapes.AttachmentShape},
        examples=[examples.UPLOADED],
    )
    def post(self, request: Request) -> Response:
        told = NewAttachment(data=request.data)
        told.is_valid(raise_exception=True)
        now = timezone.now()
        stored = store(
            data=told.validated_data["file"].read(MOST_BYTES + 1),
            client_id=told.validated_data["client_id"],
            actor=actor_for(signed_in(request), now=now),
            now=now,
        )
        headers = {"Location": f"{request.path}{stored.attachment.pk}/", "Cache-Control": "private, no-store"}
        return Response(attachment(stored.attachment), status=201 if stored.created else 200, headers=headers)


class AttachmentView(APIView):
    @extend_schema(
        operation_id="attachment",
        summary="A file",
        description="Of a case that you see, or sent by you and not used yet.",
        tags=["attachments"],
        parameters=[
            OpenApiParameter("small", bool, description="1: a photo's preview, a JPEG of at most 320 pixels a side")
        ],
        responses={(200, kind): OpenApiTypes.BINARY for kind in (*sorted(IMAGES), PDF, MP4)},
    )
    def get(self, request: Request, attachment_id: UUID) -> HttpResponseBase:
        file = attachment_for(actor_of(request), attachment_id)
        if file is None:
            raise NotVisible(_("There is no such file."))
        return as_download(file, preview=request.query_params.get("small") in {"1", "true"})
