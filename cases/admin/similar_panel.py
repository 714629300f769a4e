"""相似事项: cases that may be about the same matter, beside a case and beside a matter that is being taken in.

A proposal only. Who may merge is led to the form of that action with the other case filled in; nothing is ever merged
by itself.
"""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cases.access import visible_to
from cases.admin.pages import open_to
from cases.models import Case
from cases.similar import COUNTED, Draft, Proposal, Reason, Similar, earlier_here, similar_cases
from cases.workflow import TABLE, Action
from grids.admin.person import actor_of, now_of

#: What the page adds to the address so that its merge form opens with this master.
MASTER = "master"
_LONGEST_TITLE, _LONGEST_TEXT, _LONGEST_PHONE = 120, 4000, 30
_PROPOSALS = {
    Proposal.DUPLICATE: gettext_lazy("perhaps told twice"),
    Proposal.REPEAT: gettext_lazy("perhaps told again"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal. `merge` is the address of the merge form with this case as master, where one may merge into it."""

    case: Case
    proposal: Any
    running: bool
    reasons: list[str]
    merge: str


def beside_case(request: HttpRequest, number: str) -> HttpResponse:
    """A fragment of the case page, asked for once the page is there. `?merge` when that person may merge the case."""
    actor, now = actor_of(request), now_of(request)
    case = None if "\x00" in number else visible_to(actor).filter(number=number).first()
    if case is None:
        raise Http404(_("There is no such case."))
    into = case if "merge" in request.GET else None
    found = [_line(one, into) for one in similar_cases(case, actor=actor, now=now)]
    told = {line.case.pk for line in found}
    earlier = earlier_here(case, actor=actor, now=now)
    here = [one for one in earlier.cases if one.pk not in told]
    context = {"similar": found, "here": here, "count": earlier.count, "most": COUNTED, "now": now}
    return TemplateResponse(request, "cases/similar.html", context)


@open_to(TABLE[Action.COLLECT].roles)
@require_POST
def beside_draft(request: HttpRequest) -> HttpResponse:
    """What is like the matter that somebody types. Posted, so that a phone number stands in no address and no log."""
    sent = {name: request.POST.get(name, "").replace("\x00", "") for name in ("title", "description", "phone")}
    draft = Draft(sent["title"][:_LONGEST_TITLE], sent["description"][:_LONGEST_TEXT], sent["phone"][:_LONGEST_PHONE])
    now = now_of(request)
    found = similar_cases(draft, actor=actor_of(request), now=now) if draft.title.strip() or draft.phone.strip() else []
    return TemplateResponse(request, "cases/similar.html", {"similar": [_line(one) for one in found], "now": now})


def lines_for(request: HttpRequest, case: Case) -> list[Line]:
    """For the page that answers a matter just taken in."""
    return [_line(one) for one in similar_cases(case, actor=actor_of(request), now=now_of(request))]


def _line(found: Similar, case: Case | None = None) -> Line:
    running = found.proposal is Proposal.DUPLICATE
    address = f"{reverse('admin:cases_case_change', args=[case.number])}?" if case and running else ""
    return Line(
        case=found.case,
        proposal=_PROPOSALS[found.proposal],
        running=running,
        reasons=[_reason(reason, found.score) for reason in found.reasons],
        merge=f"{address}{urlencode({MASTER: found.case.number})}#{Action.MERGE.value}" if address else "",
    )


def _reason(reason: Reason, score: float) -> str:
    if reason is Reason.SAME_PETITIONER:
        return _("the same petitioner")
    return _("%(share)d %% alike") % {"share": round(score * 100)}
