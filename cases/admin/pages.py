"""What the free-standing pages share: who may open them, a page of a list without a count, and refusals as statuses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime

from cases.errors import CaseError, Conflict, InvalidInput, NotPermitted, NotReady, NotVisible
from grids.admin.person import roles_of
from grids.roles import Role

View = Callable[..., HttpResponseBase]
Row = TypeVar("Row", bound=Model)

#: An offset beyond this page is refused: reading and throwing away costs as much as showing.
LAST_PAGE = 400

_STATUSES = {
    NotVisible: HTTPStatus.NOT_FOUND,
    NotPermitted: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """One page of a list. `next` and `before` are page numbers, 0 where there is none."""

    rows: list[Row]
    number: int
    next: int
    before: int


def open_to(roles: frozenset[Role]) -> Callable[[View], View]:
    """The page answers 403 with the way to whoever gives posts, for a person without one of these roles."""

    def wrap(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not roles_of(request) & roles:
                return closed(request)
            return view(request, *args, **kwargs)

        return opened

    return wrap


def closed(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "403.html", status=HTTPStatus.FORBIDDEN)


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def render_part(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """What a script puts into its place on a page that is there: without the frame, which reads the inbox."""
    return TemplateResponse(request, template, dict(context), status=status)


def page_number(written: str) -> int:
    """The number of a page; anything else that was written in an address means the first one."""
    number = int(written) if written.isascii() and written.isdecimal() and len(written) < 4 else 1
    return min(max(number, 1), LAST_PAGE)


def moment_in(written: str) -> datetime | None:
    """A moment with its zone; None for anything else that was written in an address or a form."""
    try:
        found = parse_datetime(written)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None and is_reckonable(found) else None


def is_reckonable(day: date) -> bool:
    """Whether days can be added to it, and other zones read it: at both ends of the calendar they cannot."""
    return date.min.year < day.year < date.max.year


def slice_of(rows: QuerySet[Row], written: str, *, size: int) -> Slice[Row]:
    """The page of that number; the first where the list has become shorter than that."""
    number = page_number(written)
    found = list(rows[(number - 1) * size : number * size + 1])
    if not found and number > 1:
        return slice_of(rows, "1", size=size)
    more = len(found) > size and number < LAST_PAGE
    return Slice(found[:size], number, number + 1 if more else 0, number - 1)


def status_of(error: CaseError) -> int:
    return next((code for kind, code in _STATUSES.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def sentence_of(error: CaseError, field: str) -> str:
    """The sentence to show beside one field: its own where the refusal has one."""
    own = error.errors.get(field) if isinstance(error, InvalidInput) else None
    return " ".join(str(sentence) for sentence in own) if own else str(error)
