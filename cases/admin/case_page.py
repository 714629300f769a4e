"""The page of one case: the whole story on one screen, and the buttons for exactly what this person may do now."""

import uuid
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import labels
from cases.access import visible_to
from cases.actions.perform import perform
from cases.actions.unsealing import unseal
from cases.admin import beside, lanes, wording
from cases.admin.action_forms import ActionForm, cards, read_inputs, typed_texts
from cases.admin.choices import Reference
from cases.admin.choosing import officer_choices
from cases.admin.petitioner import Look, people_of
from cases.admin.places import township_code, township_names
from cases.admin.preview_page import preview
from cases.admin.similar_panel import MASTER
from cases.admin.timeline import SHOWN, timeline
from cases.admin.uploads import sent_for, shown
from cases.errors import CaseError, Conflict, InvalidInput, NotPermitted, NotReady, NotVisible, StaleVersion
from cases.guards import Offer
from cases.models import Case
from cases.previews import FORESEEN
from cases.selectors import case_for, events_of, offers_for, texts_of
from cases.terms import BEFORE_ANSWERED, Phase, Status
from cases.workflow import ALL_CASE_ACTIONS, PHASES, Action
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
    case = _case(request, number)
    action = next((action for action in ALL_CASE_ACTIONS if action.value == name), None)
    if action is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(_address(number))
    sent = sent_for(request, action)
    try:
        if sent.error:
            raise sent.error
        perform(
            action,
            number=number,
            actor=actor_of(request),
            now=now_of(request),
            inputs=read_inputs(action, sent.data),
            expected_version=_version(request.POST.get("version", "")),
            key=request.POST.get("key", "")[:_KEY_LENGTH],
        )
    except NotVisible as error:
        raise Http404 from error
    except CaseError as error:
        return _refused(request, model_admin, action, error, sent.data)
    messages.success(request, _("%(number)s: “%(action)s” is done.") % _words(case, action))
    return HttpResponseRedirect(_where_next(request, number))


def foresee(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """What the form of that action would move if it were sent now, for whoever may send it. Nothing is changed."""
    case, now = _case(request, number), now_of(request)
    offered = (offer.action for offer in offers_for(actor_of(request), case, now=now))
    action = next((action for action in offered if action.value == name and action in FORESEEN), None)
    if action is None:
        raise Http404
    return preview(request, case, action, now=now)


def look(request: HttpRequest, model_admin: Any, number: str, petitioner_id: int) -> HttpResponse:
    """The case with one petitioner in plain, this once, for the reason that was given and is journaled."""
    case = _case(request, number)
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
        return _render(request, model_admin, case, {"look": seen}, status=_code(error))
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
        reference = Reference(actor_of(request), case)
        extra["refused"] = ActionForm(offer, reference, data, sentences)
    return _render(request, model_admin, case, extra, status=_code(error))


def _code(error: CaseError) -> int:
    return next(code for kind, code in _STATUS_CODES.items() if isinstance(error, kind))


def _render(
    request: HttpRequest,
    model_admin: Any,
    case: Case,
    extra: Mapping[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    now, actor = now_of(request), actor_of(request)
    extra = dict(extra or {})
    events = list(events_of(case)[:SHOWN])
    dueness = partial(wording.due, now=now, calendar=wording.live_calendar())
    said = texts_of(case, [event.seq for event in events])
    about = beside.texts_by_subject(events, said)
    offered = offers_for(actor, case, now=now)
    buttons = cards(
        offered, Reference(actor, case), extra.pop("refused", None), master=request.GET.get(MASTER, "")[:_KEY_LENGTH]
    )
    context = {
        **model_admin.admin_site.each_context(request),
        "title": case.number,
        "case": case,
        "now": now,
        "due": dueness(case.due_at) if case.due_at else None,
        "due_receipt": lanes.next_due_receipt(case),
        "township": township_names([case.area_code]).get(township_code(case.area_code), ""),
        "phases": phase_line(case),
        "lanes": lanes.lanes(case, dueness=dueness),
        "timers": lanes.own_timers(case, dueness=dueness),
        "people": people_of(case, actor, extra.pop("look", None)),
        "files": shown(case),
        "timeline": timeline(case, events, said),
        "waiting": beside.waiting(case, about, now=now),
        "orders": beside.orders(case, about, dueness=dueness),
        "awaited": beside.awaited(case),
        "accused": _accused(case),
        "similar": _similar_address(case, offered),
        "standstill": beside.standstill(case, now=now),
        "more_events": case.event_seq - len(events),
        "cards": buttons,
        "media": sum((card.form.media for card in buttons), model_admin.media),
        "key": uuid.uuid4().hex,
        **extra,
    }
    return TemplateResponse(request, "cases/case_page.html", context, status=status)


def _accused(case: Case) -> list[tuple[Any, str]]:
    """Of a sealed case, against whom it is. Two queries, and none for any other case."""
    if not case.sealed:
        return []
    units = "、".join(case.accused_units.order_by("code").values_list("name", flat=True))
    persons = "、".join(words for _username, words in officer_choices(case.accused_persons.order_by("username")))
    return [(labels.FIELD["accused_units"], units), (labels.FIELD["accused_persons"], persons)]


def _similar_address(case: Case, offered: list[Offer]) -> str:
    """Where the page asks for similar cases, as long as something can still come of it."""
    if case.status not in BEFORE_ANSWERED:
        return ""
    address = reverse("admin:cases_case_similar", args=[case.number])
    return f"{address}?merge" if any(offer.action is Action.MERGE for offer in offered) else address


def phase_line(case: Case) -> list[tuple[Any, str]]:
    """The five phases with where the case stands: past, here or ahead. A case that left the loop stands nowhere."""
    here = PHASES[Status(case.status)]
    order = list(Phase)
    if here is None:
        return [(labels.PHASE[phase], "ahead") for phase in order]
    place = order.index(here)
    ended = case.status == Status.CLOSED
    return [
        (labels.PHASE[phase], "past" if at < place or ended else "here" if at == place else "ahead")
        for at, phase in enumerate(order)
    ]


def _case(request: HttpRequest, number: str) -> Case:
    case = None if "\x00" in number else case_for(actor_of(request), number)
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
