"""JSON on the wire: strict when read, quick when written, times in the county's own zone."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from grids.actors import ZONE

#: Bytes of one request. The longest legal one, a description of 4,000 characters, is far below.
LARGEST_BODY = 1_000_000


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = _("The request is too large.")


class JSONParser(BaseParser):
    """UTF-8 JSON by the letter: no NaN, no lone surrogates, no endless nesting. Everything else is a 400."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise BodyTooLarge
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("This is no JSON: %(why)s.") % {"why": error}) from error


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else dumps(data)


def dumps(data: Any) -> bytes:
    return orjson.dumps(data, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _plain(value: Any) -> str | float:
    """What orjson leaves to us: times with the county's offset, positions as numbers, translated texts."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Promise):
        return str(value)
    msg = f"{type(value).__name__} is no JSON"
    raise TypeError(msg)
