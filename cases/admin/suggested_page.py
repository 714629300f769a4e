"""The suggestions beside the forms of docketing and dispatching, and what a form that was sent says of them."""

from collections.abc import Mapping
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from cases.actions.suggestions import Offered
from cases.selectors import offers_for, seen_case
from cases.suggesting import suggest
from cases.terms import SuggestedField
from cases.workflow import Action
from grids.admin.person import actor_of, now_of

SUGGESTED: Final[Mapping[Action, tuple[SuggestedField, ...]]] = {
    Action.DOCKET: (SuggestedField.CATEGORY,),
    Action.DISPATCH: (SuggestedField.LEAD,),
    Action.PROPOSE_WHISTLE: (SuggestedField.LEAD,),
}
#: More than stand beside any form.
_MOST: Final = 4


def suggested(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """A fragment of that action's form, for whoever may do it now."""
    actor, now = actor_of(request), now_of(request)
    case = None if "\x00" in number else seen_case(actor, number)
    offered = [offer.action for offer in offers_for(actor, case, now=now)] if case else []
    action = next((action for action in SUGGESTED if action.value == name and action in offered), None)
    if case is None or action is None:
        raise Http404(_("There is no such case."))
    found = suggest(case, fields=SUGGESTED[action], actor=actor, now=now)
    return TemplateResponse(request, "cases/suggested.html", {"suggested": found})


def offered_in(data: QueryDict) -> list[Offered]:
    """What a sent form says was offered beside it; what is not three words is left out."""
    parts = [text.split(" ") for text in data.getlist("offered")[:_MOST]]
    return [(field, code, why) for field, code, why in (part for part in parts if len(part) == 3)]
