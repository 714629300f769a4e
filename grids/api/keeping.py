"""Answers that a phone may keep: an ETag of the content, and 304 when it is still the same."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.http import parse_etags, quote_etag
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that the phone keeps; 304 when nothing changed"
)
NOT_MODIFIED = OpenApiResponse(description="What you keep is still true")


def kept_answer(request: Request, data: Any) -> Response:
    plain = json.dumps(data, cls=DjangoJSONEncoder, sort_keys=True)
    etag = quote_etag(hashlib.sha256(plain.encode()).hexdigest()[:32])
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    if etag in known or "*" in known:
        return Response(status=304, headers=headers)
    return Response(data, headers=headers)
