"""The page of one errand: how far it is, what it made, and what can be done about it. Its officer's alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cases import working_files
from cases.actions import errands
from cases.admin.downloads import named
from cases.admin.export_words import words_of
from cases.admin.exports_page import file_name
from cases.admin.listings import listing_of
from cases.admin.pages import render
from cases.bringing import FAILED, FORMS
from cases.errands import posts_of
from cases.errors import Conflict, NotVisible
from cases.importing import Outcome
from cases.models import Errand, ExportNote
from cases.models.errand import WITH_RESULT
from cases.table_files import CONTENT_TYPES, XLSX
from cases.terms import ErrandKind, ErrandState
from grids.admin.person import actor_of, now_of

REFRESH_SECONDS: Final = 2
_MOVING: Final = frozenset({ErrandState.WAITING.value, ErrandState.WORKING.value})
_PARTS: Final = "part"
_WITH_ROWS: Final = frozenset(state.value for state in WITH_RESULT)
_GONE: Final = gettext_lazy("This file is not there any more: files are kept for a day. Please ask for it again.")


@dataclass(frozen=True, slots=True)
class Shown:
    """An errand as its page says it. `share` of 100 is done; None before there is anything to count.

    `words` name the list of an export, `files` leads to where it was asked for.
    """

    errand: Errand
    moving: bool
    share: int | None
    trouble: Any
    file: str
    others_before: int
    brought: "Brought | None" = None
    words: Any = ""
    files: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a list's rows, or would: sums by outcome, the first rows with their fields, what was not taken.

    `differing`: rows whose number stands for other words here; `elsewhere`: how many came in before under which source.
    """

    sums: list[tuple[Any, int]]
    fields: list[Any]
    rows: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    differing: list[dict[str, Any]]
    elsewhere: dict[str, int]
    failed: int
    taken: int


def errand(request: HttpRequest, errand_id: int) -> HttpResponse:
    found = own(request, errand_id)
    context = {
        "title": found.get_kind_display(),
        "shown": _shown(found),
        "now": now_of(request),
        "every": REFRESH_SECONDS,
    }
    if _PARTS in request.GET:
        return TemplateResponse(request, "cases/errand_parts.html", context)
    return render(request, "cases/errand.html", context)


def fetch(request: HttpRequest, errand_id: int) -> HttpResponseBase:
    """The file, for whoever asked and still holds the posts it was made with."""
    found, actor = own(request, errand_id), actor_of(request)
    if found.state not in _WITH_ROWS or not found.result:
        raise Http404(_GONE)
    if found.kind == ErrandKind.EXPORT and not (found.posts == posts_of(actor) and _is_open(request, found)):
        errands.take_back(errand_id=found.pk, actor=actor, now=now_of(request))
        messages.error(
            request, _("Your posts have changed since this file was made. It was deleted: please export anew.")
        )
        return HttpResponseRedirect(reverse("admin:errand", args=[found.pk]))
    errands.fetched(found, now=now_of(request))
    return _sent(found)


def _is_open(request: HttpRequest, found: Errand) -> bool:
    listing = listing_of(found.note.what) if found.note else None
    return listing is not None and listing.opens(request)


@require_POST
def again(request: HttpRequest, errand_id: int) -> HttpResponse:
    return pressed(request, errand_id, errands.begin_anew)


@require_POST
def take_back(request: HttpRequest, errand_id: int) -> HttpResponse:
    return pressed(request, errand_id, errands.take_back)


def pressed(request: HttpRequest, errand_id: int, verb: Callable[..., Errand]) -> HttpResponse:
    """Back to the page of the errand, with a sentence where the verb was refused."""
    try:
        verb(errand_id=errand_id, actor=actor_of(request), now=now_of(request))
    except NotVisible as error:
        raise Http404(str(error)) from error
    except Conflict as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("admin:errand", args=[errand_id]))


def own(request: HttpRequest, errand_id: int) -> Errand:
    try:
        return errands.own_errand(actor_of(request), errand_id)
    except NotVisible as error:
        raise Http404(str(error)) from error


def _shown(found: Errand) -> Shown:
    moving = found.state in _MOVING
    before = Errand.objects.filter(state__in=sorted(_MOVING)).exclude(pk=found.pk)
    waiting = found.state == ErrandState.WAITING
    return Shown(
        errand=found,
        moving=moving,
        share=min(found.done * 100 // found.total, 100) if found.total and found.state == ErrandState.WORKING else None,
        trouble=found.trouble or _interrupted(found),
        file=reverse("admin:errand_file", args=[found.pk]) if found.result else "",
        others_before=before.filter(asked_at__lt=found.asked_at).count() if waiting else 0,
        brought=_brought(found) if found.state in _WITH_ROWS and found.kind in FORMS else None,
        words=words_of(found.note) if found.note else "",
        files=_asked_at(found.note) if found.note else "",
    )


def _asked_at(note: ExportNote) -> str:
    listing = listing_of(note.what)
    return listing.address(note.criteria) if listing else ""


def _brought(found: Errand) -> Brought:
    form, told = FORMS[ErrandKind(found.kind)], json.loads(found.shown or "{}")
    names = [name for name in form.fields if name in found.options["columns"]]
    rows = [
        row | {"words": form.outcomes[row["outcome"]], "cells": [row["values"].get(name, "") for name in names]}
        for row in told.get("rows", [])
    ]
    failed = found.counts.get(FAILED, 0)
    return Brought(
        sums=[(words, found.counts[code]) for code, words in form.outcomes.items() if found.counts.get(code)],
        fields=[form.fields[name] for name in names],
        rows=rows,
        problems=told.get("problems", []),
        differing=told.get("differing", []),
        elsewhere=told.get("elsewhere", {}) if found.state == ErrandState.CHECKED else {},
        failed=failed,
        taken=found.total - failed - found.counts.get(Outcome.KNOWN.value, 0),
    )


def _interrupted(found: Errand) -> Any:
    if found.state != ErrandState.FAILED:
        return ""
    return _("The worker was interrupted. Nothing is lost: begin again.")


def _sent(found: Errand) -> HttpResponseBase:
    if not working_files.store().exists(found.result):
        raise Http404(_GONE)
    format = found.options.get("format", XLSX)
    response = StreamingHttpResponse(working_files.pieces(found.result), content_type=CONTENT_TYPES[format])
    response["Content-Length"] = str(found.size)
    stem = PurePath(found.source_name).stem
    taken = str(words_of(found.note)) if found.note else ""
    name = file_name(taken, found.asked_at) if taken else _("%(file)s result") % {"file": stem}
    return named(response, f"{name}.{format}")
