"""The moments that a suspension or an extension would move, for the form that is being filled in."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cases.admin.beside import moves
from cases.errors import CaseError
from cases.models import Case
from cases.previews import Moved, extension_preview, suspension_preview
from cases.workflow import Action

#: The field whose value moves something, by action.
MOVING = {Action.SUSPEND: "until", Action.REQUEST_EXTENSION: "amount"}


def preview(request: HttpRequest, case: Case, action: Action, *, now: datetime) -> HttpResponse:
    """A fragment of the page. Half-typed values show nothing; what the action would refuse shows its sentence."""
    try:
        context = {"moves": moves(_moved(case, action, request.GET.get(MOVING[action], ""), now), now=now)}
    except (ValueError, InvalidOperation):
        context = {}
    except CaseError as error:
        context = {"refusal": error.message}  # type: ignore[dict-item]
    return TemplateResponse(request, "cases/moves.html", context)


def _moved(case: Case, action: Action, typed: str, now: datetime) -> list[Moved]:
    if action is Action.SUSPEND:
        return suspension_preview(case, date.fromisoformat(typed), now=now)
    return extension_preview(case, amount=Decimal(typed), now=now)
