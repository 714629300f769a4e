"""What browsers are told about every answer, besides what Django's own middleware says (docs/security.md)."""

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponseBase

#: Data: never a page, never in a frame, never kept by anything on the way. A view may say otherwise of its own answer.
_DATA: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
}
#: Pages: everything comes from this service, and no script stands in a page. Two exceptions are unfold's: its menus are
#: written for Alpine, which evaluates attributes, and its colours and select2's widths stand in style attributes.
_PAGE: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; "
    "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'",
}
_EVERYTHING: Final[Mapping[str, str]] = {"Permissions-Policy": "camera=(), microphone=(), geolocation=(self)"}
_DATA_ROOT: Final = "/api/v1/"


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        said = _DATA if request.path.startswith(_DATA_ROOT) else _PAGE
        for name, value in (*said.items(), *_EVERYTHING.items()):
            response.headers.setdefault(name, value)
        return response
