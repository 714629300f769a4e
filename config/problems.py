"""Everything that goes wrong in the API is answered as RFC 9457 `application/problem+json` (api.md, "Errors")."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as NotAllowed

from cases.actions.turn import BUSY, busy
from cases.errors import (
    CaseError,
    Conflict,
    InvalidInput,
    NotPermitted,
    NotReady,
    NotVisible,
    StaleVersion,
    TooLarge,
    UnsupportedContent,
)
from config.wire import dumps

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
API_ROOT = "/api/"

#: Seconds after which it is worth asking again when the service itself was not ready.
RETRY_AFTER = 5

#: The last part of `type`, and the title, by status.
KINDS = {
    400: ("invalid", _("The request cannot be taken as it is")),
    401: ("unauthenticated", _("Please log in")),
    403: ("not-permitted", _("Your posts do not allow this")),
    404: ("not-found", _("There is nothing here")),
    405: ("method-not-allowed", _("This address does not take this method")),
    406: ("not-acceptable", _("This form of answer does not exist")),
    409: ("conflict", _("The state of the case does not allow this")),
    412: ("stale-version", _("The case was changed meanwhile")),
    413: ("too-large", _("The request is too large")),
    415: ("unsupported-media-type", _("This form of request cannot be read")),
    429: ("too-many-requests", _("Too many requests")),
    500: ("error", _("The service made an error")),
    503: ("not-ready", _("The service is not ready")),
}
_STATUSES = {
    NotVisible: 404,
    NotPermitted: 403,
    Conflict: 409,
    StaleVersion: 412,
    InvalidInput: 400,
    TooLarge: 413,
    UnsupportedContent: 415,
    NotReady: 503,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer. `errors`: field → messages; `extra`: members of their own; `headers`: of the response."""

    status: int
    detail: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        code, title = KINDS.get(self.status, KINDS[400])
        body: dict[str, Any] = {"type": f"urn:whistle:problem:{code}", "title": title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        return HttpResponse(
            dumps({**body, **self.extra}), status=self.status, content_type=CONTENT_TYPE, headers=dict(self.headers)
        )


def handle(error: Exception, _context: Mapping[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. None: an error of ours, which Django logs and `server_error` answers."""
    problem = problem_of(error)
    return problem.response() if problem else None


def problem_of(error: Exception) -> Problem | None:
    if isinstance(error, CaseError):
        return _of_case(error)
    if isinstance(error, OperationalError | InterfaceError):
        return _of_database(error)
    if isinstance(error, DataError):
        return Problem(400, gettext("A value cannot be stored: it is too large or holds forbidden characters."))
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = NotAllowed()
    return _of_drf(error) if isinstance(error, APIException) else None


def _of_case(error: CaseError) -> Problem:
    status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
    errors = {name: [str(text) for text in texts] for name, texts in getattr(error, "errors", {}).items()}
    extra = {"allowed_actions": list(error.allowed)} if isinstance(error, Conflict) else {}
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
    return Problem(status, str(error), errors, extra, headers)


def _of_database(error: OperationalError | InterfaceError) -> Problem:
    """Somebody else holds the row: a conflict. Anything else is the server's trouble and passes."""
    if getattr(error.__cause__, "sqlstate", None) in BUSY:
        return _of_case(busy())
    log.error("the database did not answer", exc_info=error)
    detail = gettext("The database does not answer at this moment. Nothing was changed; please try again.")
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER)})


def _of_drf(error: APIException) -> Problem:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if not isinstance(error, ValidationError):
        return Problem(error.status_code, str(error.detail), headers=headers)
    errors: dict[str, list[str]] = {}
    for name, message in _messages(error.detail):
        errors.setdefault(name, []).append(message)
    about_all = errors.pop("", None)
    detail = " ".join(about_all) if about_all else gettext("Some fields cannot be taken as they are.")
    return Problem(error.status_code, detail, errors, headers=headers)


def _messages(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested errors of serializers as (dotted field, message); the empty name stands for the whole body."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            own = str(key) if key != "non_field_errors" else ""
            yield from _messages(inner, ".".join(part for part in (name, own) if part))
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _messages(inner, name)
    else:
        yield name, str(detail)


# Answers outside any view: unknown addresses, refused hosts, errors of ours. Other pages keep Django's own.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return Problem(400).response()
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return Problem(403).response()
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return Problem(404, gettext("There is no such address.")).response()
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return Problem(500, gettext("Nothing was changed. The error was recorded.")).response()
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_ROOT)
