"""Papers of a case for whoever sees it: as a page for the printer, and as a PDF."""

from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from cases.admin.papers import Paper, case_paper, order_paper
from cases.admin.pdf import as_pdf
from cases.models import Case
from cases.selectors import case_for
from grids.admin.person import actor_of


def paper(request: HttpRequest, number: str) -> HttpResponse:
    """`?order`: the 督办单 of that order instead of the 事项表. `?format=pdf` as a file."""
    case = None if "\x00" in number else case_for(actor_of(request), number)
    if case is None:
        raise Http404(_("There is no such case."))
    asked = request.GET.get("order", "")
    drawn = _order_paper(request, case, asked) if asked else case_paper(request, case)
    if request.GET.get("format") == "pdf":
        return _file(drawn)
    query = request.GET.copy()
    query["format"] = "pdf"
    return TemplateResponse(request, "cases/paper.html", {"paper": drawn, "pdf": f"?{query.urlencode()}"})


def _order_paper(request: HttpRequest, case: Case, asked: str) -> Paper:
    order = next((row for row in case.supervision_orders.all() if str(row.pk) == asked), None)
    if order is None:
        raise Http404(_("There is no such order."))
    return order_paper(request, case, order)


def _file(drawn: Paper) -> HttpResponse:
    named = f"attachment; filename*=UTF-8''{quote(drawn.name)}.pdf"
    return HttpResponse(as_pdf(drawn), content_type="application/pdf", headers={"Content-Disposition": named})
