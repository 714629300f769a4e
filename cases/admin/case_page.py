"""The page of one case: the whole story on one screen, and the buttons for exactly what this person may do now."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import labels
from cases.access import visible_to
from cases.actions.perform import perform
from cases.actions.suggestions import remember_choices
from cases.actions.unsealing import unseal
from cases.admin.action_forms import ActionForm, read_inputs, typed_texts
from cases.admin.case_view import context_of
from cases.admin.choices import Reference
from cases.admin.pages import render
from cases.admin.petitioner import Look
from cases.admin.preview_page import preview
from cases.admin.suggested_page import offered_in
from cases.admin.timeline import timeline
from cases.admin.uploads import sent_for
from cases.alerting import ALERT_EVENT
from cases.errors import CaseError, Conflict, InvalidInput, NotPermitted, NotReady, NotVisible, StaleVersion
from cases.models import Case
from cases.previews import FORESEEN
from cases.selectors import case_for, events_of, offers_for, seen_case
from cases.workflow import ALL_CASE_ACTIONS, Action
from grids.admin.person import actor_of, now_of

_STATUS_CODES = {
    NotPermitted: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    StaleVersion: HTTPStatus.PRECONDITION_FAILED,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
}
_KEY_LENGTH = 100


def show(request: HttpRequest, model_admin: Any, number: str) -> HttpResponse:
    return _render(request, model_admin, _case(request, number))


def act(request: HttpRequest, model_admin: Any, number: str, name: str) -> HttpResponse:
    """One press of a button. What does not happen is told in a sentence, beside what was typed."""
    action = next((action for action in ALL_CASE_ACTIONS if action.value == name), None)
    if action is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(_address(_seen(request, number).number))
    case = _found(request, number)
    return _take(request, model_admin, case, action) if case else _gone(request, action, request.POST)


def _take(request: HttpRequest, model_admin: Any, case: Case, action: Action) -> HttpResponse:
    sent = sent_for(request, action)
    try:
        if sent.error:
            raise sent.error
        perform(
            action,
            number=case.number,
            actor=actor_of(request),
            now=now_of(request),
            inputs=read_inputs(action, sent.data),
            expected_version=_version(request.POST.get("version", "")),
            key=request.POST.get("key", "")[:_KEY_LENGTH],
        )
    except NotVisible:
        return _gone(request, action, sent.data)
    except CaseError as error:
        return _refused(request, model_admin, action, error, sent.data)
    _remember(request, case, sent.data)
    messages.success(request, _("%(number)s: “%(action)s” is done.") % _words(case, action))
    return HttpResponseRedirect(f"{_where_next(request, case.number)}{_arrived(request)}")


def _arrived(request: HttpRequest) -> str:
    """Told to the page that comes next: this form was taken, so that the browser forgets its draft, and only then."""
    key = request.POST.get("key", "")[:_KEY_LENGTH]
    return f"#{urlencode({'done': key})}" if key else ""


def _remember(request: HttpRequest, case: Case, chosen: QueryDict) -> None:
    """What stood beside the form as a suggestion, and what was chosen."""
    if offered := offered_in(request.POST):
        remember_choices(case=case, offered=offered, chosen=chosen, user_id=request.user.pk or 0, now=now_of(request))


def foresee(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """What the form of that action would move if it were sent now, for whoever may send it. Nothing is changed."""
    case, now = _seen(request, number), now_of(request)
    offered = (offer.action for offer in offers_for(actor_of(request), case, now=now))
    action = next((action for action in offered if action.value == name and action in FORESEEN), None)
    if action is None:
        raise Http404
    return preview(request, case, action, now=now)


def news(request: HttpRequest, number: str) -> HttpResponse:
    """A fragment: what somebody did since the version that a page shows; empty as long as nobody did anything."""
    case, entry = _seen(request, number), None
    seen = _version(request.GET.get("version", ""))
    if seen is not None and case.version != seen:
        event = events_of(case).exclude(kind=ALERT_EVENT).first()
        entry = next(iter(timeline(case, [event], {})), None) if event else None
    context = {"event": entry, "number": number, "now": now_of(request)}
    return TemplateResponse(request, "cases/case_news.html", context)


def look(request: HttpRequest, model_admin: Any, number: str, petitioner_id: int) -> HttpResponse:
    """The case with one petitioner in plain, this once, for the reason that was given and is journaled."""
    case = _seen(request, number)
    if request.method != "POST":
        return HttpResponseRedirect(_address(number))
    typed = request.POST.get("reason", "")
    try:
        plain = unseal(
            case_id=case.pk, petitioner_id=petitioner_id, actor=actor_of(request), reason=typed, now=now_of(request)
        )
    except NotVisible as error:
        raise Http404 from error
    except CaseError as error:
        seen = Look(petitioner_id, typed=typed, refusal=error.message)
        return _render(request, model_admin, _case(request, number), {"look": seen}, status=_code(error))
    return _render(request, model_admin, _case(request, number), {"look": Look(petitioner_id, plain)})


def _refused(request: HttpRequest, model_admin: Any, action: Action, error: CaseError, data: QueryDict) -> HttpResponse:
    """The case as it is now, with the error and everything that was typed."""
    case = _case(request, request.resolver_match.kwargs["number"])  # type: ignore[union-attr]
    offer = next(
        (offer for offer in offers_for(actor_of(request), case, now=now_of(request)) if offer.action is action), None
    )
    sentences = error.errors if isinstance(error, InvalidInput) else {}
    extra: dict[str, Any] = {"error": error.message}
    if offer is None:
        extra["kept"] = typed_texts(action, data)
    else:
        reference = Reference(actor_of(request), case, now_of(request))
        extra["refused"] = ActionForm(offer, reference, data, sentences)
    return _render(request, model_admin, case, extra, status=_code(error))


def _gone(request: HttpRequest, action: Action, data: QueryDict) -> HttpResponse:
    """The typed texts of who may not see the case any more, or never might: both are told the same."""
    context = {"title": labels.ACTION[action], "kept": typed_texts(action, data)}
    return render(request, "cases/case_gone.html", context, status=HTTPStatus.NOT_FOUND)


def _code(error: CaseError) -> int:
    return next(code for kind, code in _STATUS_CODES.items() if isinstance(error, kind))


def _render(
    request: HttpRequest,
    model_admin: Any,
    case: Case,
    extra: Mapping[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {**model_admin.admin_site.each_context(request), **context_of(request, case, extra or {})}
    context["media"] = model_admin.media + context["media"]
    return TemplateResponse(request, "cases/case_page.html", context, status=status)


def _case(request: HttpRequest, number: str) -> Case:
    """With everything that its page shows."""
    return _or_404(None if "\x00" in number else case_for(actor_of(request), number))


def _seen(request: HttpRequest, number: str) -> Case:
    return _or_404(_found(request, number))


def _found(request: HttpRequest, number: str) -> Case | None:
    """For what shows no page of it: without the names of officers and other cases. One query."""
    return None if "\x00" in number else seen_case(actor_of(request), number, named=False)


def _or_404(case: Case | None) -> Case:
    if case is None:
        raise Http404(_("There is no such case."))
    return case


def _version(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _words(case: Case, action: Action) -> dict[str, Any]:
    return {"number": case.number, "action": labels.ACTION[action]}


def _address(number: str) -> str:
    return reverse("admin:cases_case_change", args=[number])


def _where_next(request: HttpRequest, number: str) -> str:
    """Back to the case, unless the act took it out of this person's sight."""
    seen = visible_to(actor_of(request)).filter(number=number).exists()
    return _address(number) if seen else reverse("admin:cases_case_changelist")
