"""批量派单, 转派, 催办: first what would happen to each case, then each in its own transaction with its own answer.

Every case goes through the one entry of all doors with the version that was previewed, so that whatever changed
meanwhile is refused alone; and under a key of this run and this case, so that pressing twice does nothing twice.
"""

import re
import time
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import labels
from cases.access import visible_to
from cases.actions.perform import perform
from cases.admin import wording
from cases.admin.filters import kept_query
from cases.admin.list_columns import Seen
from cases.admin.pages import render
from cases.admin.preview_page import Move, moves
from cases.errors import Busy, CaseError, StaleVersion, Text
from cases.models import Assignment, Case
from cases.plain_text import plain
from cases.rehearsal import MOST_CASES, REHEARSED, Rehearsed, Wish, inputs_of, rehearse
from cases.workflow import REASON_LENGTH, TABLE, Action
from grids.actors import Actor
from grids.admin.person import actor_of, now_of
from grids.book import DEPARTMENTS
from grids.labels import DepartmentKind
from grids.models import Department
from grids.roles import Role

#: Seconds after which the cases that are left wait for another press, before a browser or a proxy loses patience.
PATIENCE: Final = 20.0
_RUN: Final = re.compile(r"[0-9a-f]{32}")
_NUMBER: Final = re.compile(r"[0-9-]{1,24}")
_VERSION: Final = re.compile(r"[0-9]{1,9}")
_OWN_KINDS: Final = frozenset({DepartmentKind.TOWNSHIP, DepartmentKind.STATION})
_BUTTONS: Final = {
    Action.DISPATCH: gettext_lazy("Dispatch"),
    Action.REASSIGN: gettext_lazy("Reassign"),
    Action.REMIND: gettext_lazy("Remind"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One case of the preview. `go` is what the form sends for it (`Asked`), empty where it is refused."""

    case: Case
    refusal: Text
    called: str
    relieved: str
    reminded: list[str]
    moves: list[Move]
    go: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case. `again`: it waits for another press."""

    number: str
    title: str
    done: bool
    words: Text
    again: str = ""


def offered(actor: Actor) -> list[tuple[str, Text]]:
    """The acts that this person may take on many cases, with their words."""
    return [(action.value, _BUTTONS[action]) for action in REHEARSED if actor.roles & TABLE[action].roles]


def bulk(request: HttpRequest) -> HttpResponse:
    """The preview, again after each change of the form; and with `confirm` the acts themselves.

    Whoever comes by an address, after a login for instance or in another language, has selected nothing: to the list.
    """
    if request.method != "POST":
        messages.error(
            request, _("The preview of many cases is gone; nothing was done. Please select the cases again.")
        )
        return HttpResponseRedirect(reverse("admin:cases_case_changelist"))
    action = _action(request)
    wish = _wish(action, request.POST)
    if "confirm" not in request.POST:
        return _preview(request, wish)
    if problem := _unready(wish, request.POST):
        return _preview(request, wish, problem=problem)
    return _results(request, wish)


def _action(request: HttpRequest) -> Action:
    wanted = request.POST.get("action", "")
    if wanted not in [value for value, _words in offered(actor_of(request))]:
        raise Http404
    return Action(wanted)


def _wish(action: Action, sent: QueryDict) -> Wish:
    code = sent.get("department", "").replace("\x00", "")
    department = DEPARTMENTS.coded(code) if code else None
    return Wish(action, department if department is not None and department.is_active else None)


def _words(sent: QueryDict) -> str:
    return plain(sent.get("words", "").replace("\x00", ""))


def _kept(request: HttpRequest) -> str:
    """The filters of the list that one came from."""
    return kept_query(QueryDict(request.POST.get("query", "")))


def _unready(wish: Wish, sent: QueryDict) -> Text:
    """What must be mended before anything is done."""
    if sent.get("shown", "") != _code(wish.department):
        return _("The department was changed after this preview. Please look again and confirm.")
    if not sent.getlist("go"):
        return _("No case is left that this can be done to.")
    if wish.action is not Action.DISPATCH and not _words(sent):
        return _("Please say why: the departments read it.")
    if len(_words(sent)) > REASON_LENGTH:
        return _("At most %(limit)d characters.") % {"limit": REASON_LENGTH}
    return ""


def _code(department: Department | None) -> str:
    return department.code if department else ""


def _preview(request: HttpRequest, wish: Wish, *, problem: Text = "") -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    numbers = list(dict.fromkeys(one for one in request.POST.getlist("number") if _NUMBER.fullmatch(one)))
    if len(numbers) > MOST_CASES:
        problem = _("At most %(limit)d cases at once: these are the first of them.") % {"limit": MOST_CASES}
    seen = Seen(now, wording.live_calendar())
    lines = [_line(one, seen) for one in rehearse(wish, numbers, actor=actor, now=now)]
    ready = sum(1 for line in lines if line.go)
    context = {
        "title": _title(wish.action),
        "action": wish.action.value,
        "words": _words(request.POST),
        "shown": _code(wish.department),
        "asks_department": wish.action is not Action.REMIND,
        "departments": _departments(actor) if wish.action is not Action.REMIND else [],
        "words_label": labels.FIELD["instruction" if wish.action is Action.DISPATCH else "comment"],
        "longest": REASON_LENGTH,
        "lines": lines,
        "ready": ready,
        "refused": len(lines) - ready,
        "problem": problem,
        "run": uuid.uuid4().hex,
        "kept": _kept(request),
        "confirm": _BUTTONS[wish.action],
    }
    return render(request, "cases/bulk.html", context, status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK)


def _title(action: Action) -> str:
    return _("%(action)s: many cases") % {"action": _BUTTONS[action]}


def _line(one: Rehearsed, seen: Seen) -> Line:
    return Line(
        case=one.case,
        refusal=one.refusal,
        called=one.called.short_name if one.called else "",
        relieved=one.part.department.short_name if one.part else "",
        reminded=[_awaited(one.case, part, seen) for part in one.reminded],
        moves=moves(one.moved, now=seen.now),
        go="" if one.refusal else _go(one),
    )


def _go(one: Rehearsed) -> str:
    part, code = one.part.pk if one.part else "", _code(one.called)
    return f"{one.case.number}:{one.case.version}:{part}:{code}"


def _awaited(case: Case, part: Assignment, seen: Seen) -> str:
    """水利局（办理 超期 2 个工作日）: whom the reminder reaches, and how its time stands."""
    running = (c for c in case.clocks.all() if c.assignment_id == part.pk and c.stopped_at is None)
    clock = min(running, key=lambda clock: clock.due_at, default=None)
    if clock is None:
        return part.department.short_name
    due = wording.due(clock.due_at, now=seen.now, calendar=seen.calendar)
    words = {"department": part.department.short_name, "clock": clock.get_kind_display(), "due": due.words}
    return _("%(department)s (%(clock)s: %(due)s)") % words


def _departments(actor: Actor) -> list[tuple[Any, list[Department]]]:
    """By kind; a township calls its own."""
    anywhere = Role.CENTER_DISPATCHER in actor.roles
    groups: dict[str, list[Department]] = {}
    for unit in sorted(DEPARTMENTS.all(), key=lambda unit: (unit.kind, unit.code)):
        own = unit.kind in _OWN_KINDS and any(unit.area.code.startswith(code) for code in actor.area_prefixes)
        if unit.is_active and (anywhere or own):
            groups.setdefault(unit.kind, []).append(unit)
    return [(DepartmentKind(kind).label, units) for kind, units in groups.items()]


@dataclass(frozen=True, slots=True)
class Asked:
    """One case as the preview showed it, and as it came back: the department by code, the part that is handed on."""

    number: str
    version: int
    assignment: str
    department: str
    sent: str

    @classmethod
    def read(cls, sent: str) -> "Asked | None":
        number, version, assignment, department = [*sent.split(":", 3), "", "", ""][:4]
        if not _NUMBER.fullmatch(number) or not _VERSION.fullmatch(version):
            return None
        return cls(number, int(version), assignment, department, sent)


def _results(request: HttpRequest, wish: Wish) -> HttpResponse:
    run = request.POST.get("run", "")
    if not _RUN.fullmatch(run):
        raise Http404
    asked = [one for sent in request.POST.getlist("go")[:MOST_CASES] if (one := Asked.read(sent))]
    numbers = [one.number for one in asked]
    titles = dict(visible_to(actor_of(request)).filter(number__in=numbers).values_list("number", "title"))
    until = time.monotonic() + PATIENCE
    outcomes = [_outcome(request, wish, run, one, titles.get(one.number, ""), until) for one in asked]
    context = {
        "title": _title(wish.action),
        "action": wish.action.value,
        "shown": _code(wish.department),
        "words": _words(request.POST),
        "run": run,
        "outcomes": outcomes,
        "done": sum(1 for one in outcomes if one.done),
        "again": [one.again for one in outcomes if one.again],
        "kept": _kept(request),
    }
    return render(request, "cases/bulk_results.html", context)


def _outcome(request: HttpRequest, wish: Wish, run: str, asked: Asked, title: str, until: float) -> Outcome:
    if time.monotonic() > until:
        return Outcome(asked.number, title, done=False, words=_("Not begun yet."), again=asked.sent)
    try:
        performed = perform(
            wish.action,
            number=asked.number,
            actor=actor_of(request),
            now=now_of(request),
            inputs=inputs_of(
                wish.action,
                department=asked.department,
                assignment=asked.assignment,
                words=_words(request.POST),
            ),
            expected_version=asked.version,
            key=f"bulk:{run}:{asked.number}",
        )
    except Busy as error:
        return Outcome(asked.number, title, done=False, words=error.message, again=asked.sent)
    except StaleVersion:
        return Outcome(asked.number, title, done=False, words=_("Somebody changed this case after the preview."))
    except CaseError as error:
        return Outcome(asked.number, title, done=False, words=error.message)
    words = _("Done before; nothing was done twice.") if performed.replayed else _("Done.")
    return Outcome(asked.number, title, done=True, words=words)
