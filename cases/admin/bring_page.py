"""The wizard for lists from a spreadsheet: upload, name the columns, look at what would happen, take it in.

Every step is a state of one errand; rows are read by the worker, once as a rehearsal and once in earnest.
"""

import json
import re
import uuid
import zipfile
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases import labels, working_files
from cases.actions import errands
from cases.admin.errand_page import own, pressed
from cases.admin.exports_page import ERRANDS_SHOWN, form_key
from cases.admin.pages import open_to, render, slice_of
from cases.bringing import CASE_IMPORTERS, FORMS, MOST_ROWS, POST_IMPORTERS, heads_of, import_areas
from cases.errors import CaseError, Conflict
from cases.models import Case, Errand
from cases.sheets import Heads, SheetError, read_heads
from cases.terms import CaseType, ErrandKind, ErrandState
from grids.admin.person import actor_of, now_of
from grids.labels import ROLE_LABELS
from grids.models import Area

#: Bytes of an upload, and of what a workbook may be once it is unpacked: a worker reads the texts of one whole.
MOST_BYTES, MOST_UNPACKED = 20_000_000, 150_000_000
_SOURCE_LENGTH: Final = Case.source_system.field.max_length or 0
#: What a copy of a file is called: “cases (1)”, “cases - 副本”, “cases_copy”, “Copy of cases”.
_COPY_MARK: Final = re.compile(
    r"\s*\(\d{1,2}\)$|[\s_\-–—]*(?:副本|复件|拷贝|(?<=[\s_\-–—])copy)\s*\d*$|^(?:copy of |复件 |副本 )", re.IGNORECASE
)
#: Lists of an officer among which one with the same headings is looked for.
_REMEMBERED: Final = 10
_NAME_LENGTH: Final = Errand.source_name.field.max_length or 0


@open_to(CASE_IMPORTERS)
def bring_cases(request: HttpRequest) -> HttpResponse:
    return _upload_page(request, ErrandKind.CASES)


@open_to(POST_IMPORTERS)
def bring_posts(request: HttpRequest) -> HttpResponse:
    return _upload_page(request, ErrandKind.POSTS)


def _upload_page(request: HttpRequest, kind: ErrandKind) -> HttpResponse:
    if request.method == "POST":
        try:
            errand = _uploaded(request, kind)
        except (SheetError, Conflict) as refusal:
            return _start(request, kind, refusal, HTTPStatus.BAD_REQUEST)
        return HttpResponseRedirect(reverse("admin:bring_columns", args=[errand.pk]))
    return _start(request, kind)


def _start(request: HttpRequest, kind: ErrandKind, problem: Any = "", status: int = HTTPStatus.OK) -> HttpResponse:
    mine = Errand.objects.filter(user=actor_of(request).user_id, kind=kind).defer("row_ids", "moments", "shown")
    context = {
        "title": labels.ERRAND[kind],
        "kind": kind.value,
        "problem": problem,
        "key": uuid.uuid4(),
        "most_rows": MOST_ROWS,
        "most_mb": MOST_BYTES // 1_000_000,
        "fields": FORMS[kind].fields.values(),
        "roles": ROLE_LABELS.values(),
        "errands": slice_of(mine, request.GET.get("page", ""), size=ERRANDS_SHOWN),
        "now": now_of(request),
    }
    return render(request, "cases/bring.html", context, status=status)


def _uploaded(request: HttpRequest, kind: ErrandKind) -> Errand:
    """The upload as a draft. SheetError when it is no table, Conflict when there are too many unfinished ones."""
    file, key = request.FILES.get("file"), form_key(request)
    if file is None or key is None:
        raise SheetError(_("Choose a file."))
    if file.size is None or file.size > MOST_BYTES:
        raise SheetError(_("A list may have at most %(limit)d MB: divide it.") % {"limit": MOST_BYTES // 1_000_000})
    name = PurePath(file.name or "").name[-_NAME_LENGTH:]
    with NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        heads = _heads(Path(copy.name), kind, name)
        source = working_files.keep(copy)
    order = _draft(kind, key, heads, source=source, name=name)
    try:
        errand = errands.place(order, actor=actor_of(request), now=now_of(request))
    except Conflict:
        working_files.drop(source)
        raise
    if errand.source != source:  # pressed twice: the first one stands
        working_files.drop(source)
    return errand


def _heads(path: Path, kind: ErrandKind, name: str) -> Heads:
    try:
        _refuse_huge(path, name)
        return read_heads(path, FORMS[kind].headings)
    except zipfile.BadZipFile as error:
        raise SheetError(_("The file %(path)s is not a spreadsheet that can be read.") % {"path": name}) from error
    except SheetError as error:
        raise SheetError(str(error).replace(str(path), name)) from error


def _refuse_huge(path: Path, name: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise SheetError(_("The file %(path)s is too large once unpacked: divide it.") % {"path": name})


def _draft(kind: ErrandKind, key: uuid.UUID, heads: Heads, *, source: str, name: str) -> errands.Order:
    seen = {"headings": [text[:60] for text in heads.headings], "samples": [[t[:60] for t in r] for r in heads.samples]}
    sheets = {"sheet": heads.name, "others": heads.others}
    columns = {field: column for column, field in heads.guess.items()}
    return errands.Order(
        kind,
        key,
        state=ErrandState.DRAFT,
        options={"columns": columns, "table": heads.table, "below": heads.number, "format": "xlsx"},
        source=source,
        source_name=name,
        shown=json.dumps({"heads": seen | sheets}, ensure_ascii=False),
    )


# The columns


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its heading, its first cells, and the field that it is taken for."""

    number: int
    heading: str
    samples: list[str]
    field: str


def columns(request: HttpRequest, errand_id: int) -> HttpResponse:
    """Which column is what, and what is so where the list says nothing."""
    errand = own(request, errand_id)
    if errand.kind not in FORMS:
        raise Http404
    if errand.state != ErrandState.DRAFT:
        return HttpResponseRedirect(reverse("admin:errand", args=[errand.pk]))
    options = {**_defaults(request, errand), **errand.options}
    if request.method != "POST":
        return _columns_page(request, errand, options)
    options |= _typed(request, errand)
    if problem := _problem(errand, options):
        return _columns_page(request, errand, options, problem)
    return pressed(request, errand_id, partial(errands.rehearse, options=options))


def _defaults(request: HttpRequest, errand: Errand) -> dict[str, Any]:
    if errand.kind != ErrandKind.CASES:
        return {}
    try:
        area = import_areas(actor_of(request))[0]
    except CaseError:
        area = ""
    source = _used_before(errand) or _named_by(errand.source_name)
    return {"source": source, "area": area, "type": CaseType.APPEAL.value}


def _used_before(errand: Errand) -> str:
    """The source that this officer gave last to a list with the same headings: mostly it is the same system again."""
    taken = Errand.objects.filter(user=errand.user_id, kind=errand.kind, options__rehearsal=False)
    headings = heads_of(errand)["headings"]
    for earlier in taken.exclude(pk=errand.pk).only("shown", "options").order_by("-id")[:_REMEMBERED]:
        if heads_of(earlier)["headings"] == headings:
            return str(earlier.options["source"])
    return ""


def _named_by(file_name: str) -> str:
    """The name of the file without what browsers and file managers add to a copy: it is the same list."""
    stem = PurePath(file_name).stem.strip()
    while (bare := _COPY_MARK.sub("", stem).strip()) not in {"", stem}:
        stem = bare
    return stem[:_SOURCE_LENGTH] or "list"


def _typed(request: HttpRequest, errand: Errand) -> dict[str, Any]:
    """Two columns for one field: the first one counts, as everywhere."""
    known, taken = FORMS[ErrandKind(errand.kind)].fields, dict[str, int]()
    for number in range(len(heads_of(errand)["headings"])):
        if (name := request.POST.get(f"column-{number}", "")) in known:
            taken.setdefault(name, number)
    typed: dict[str, Any] = {"columns": taken}
    if errand.kind == ErrandKind.CASES:
        typed |= {name: request.POST.get(name, "").strip() for name in ("source", "area", "type")}
    return typed


def _problem(errand: Errand, options: dict[str, Any]) -> Any:
    form = FORMS[ErrandKind(errand.kind)]
    if not form.one_of & set(options["columns"]):
        words = " / ".join(str(form.fields[name]) for name in form.fields if name in form.one_of)
        return _("Say which column is: %(fields)s.") % {"fields": words}
    if errand.kind != ErrandKind.CASES:
        return ""
    if not 0 < len(options["source"]) <= _SOURCE_LENGTH:
        return _("The name of the source system has 1 to %(limit)d characters.") % {"limit": _SOURCE_LENGTH}
    if options["type"] not in {case_type.value for case_type in CaseType}:
        return _("There is no such type of case.")
    if not Area.objects.filter(code=options["area"], is_active=True).exists():
        return _("There is no area with the code %(code)s.") % {"code": options["area"]}
    return ""


def _columns_page(request: HttpRequest, errand: Errand, options: dict[str, Any], problem: Any = "") -> HttpResponse:
    heads, form = heads_of(errand), FORMS[ErrandKind(errand.kind)]
    taken = {column: name for name, column in options["columns"].items()}
    context = {
        "title": errand.get_kind_display(),
        "errand": errand,
        "options": options,
        "heads": heads,
        "problem": problem,
        "columns": _offered(heads, taken),
        "fields": form.fields.items(),
        "types": labels.choices(labels.TYPE),
        "areas": _areas(request) if errand.kind == ErrandKind.CASES else [],
    }
    return render(request, "cases/bring_columns.html", context, status=400 if problem else 200)


def _offered(heads: dict[str, Any], taken: dict[int, str]) -> list[Column]:
    """The columns that have a heading, or are guessed to be something."""
    found = []
    for number, heading in enumerate(heads["headings"]):
        samples = [row[number] for row in heads["samples"] if number < len(row)]
        if heading or any(samples) or number in taken:
            found.append(Column(number, heading, samples, taken.get(number, "")))
    return found


def _areas(request: HttpRequest) -> list[tuple[str, str]]:
    """The own areas and the townships in them: rows that lie deeper say so themselves."""
    try:
        within = import_areas(actor_of(request))
    except CaseError:
        return []
    rows = Area.objects.filter(is_active=True, level__in=["county", "township"]).order_by("code")
    own_ones = Area.objects.filter(code__in=within)
    found = {area.code: area.name for area in (*own_ones, *rows) if area.code.startswith(within)}
    return sorted(found.items())


@require_POST
def carry(request: HttpRequest, errand_id: int) -> HttpResponse:
    """Take in for good what was rehearsed."""
    return pressed(request, errand_id, errands.carry_through)


@require_POST
def columns_anew(request: HttpRequest, errand_id: int) -> HttpResponse:
    pressed(request, errand_id, errands.name_anew)
    return HttpResponseRedirect(reverse("admin:bring_columns", args=[errand_id]))
