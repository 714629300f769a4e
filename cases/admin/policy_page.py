"""The limits: the table of domain.md edited in place, tried against today's rule, and published as the next version.

The draft lives in the form: an error keeps every field, and trying it writes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import labels
from cases.actions.publishing import check_policy, publish_policy
from cases.admin.pages import open_to, render, status_of
from cases.admin.policy_form import (
    COLOURS,
    COLUMNS,
    SHARED,
    SPEEDS,
    Form,
    carried_over,
    coloured,
    document_of,
    form_of,
    type_codes,
    typed_form,
)
from cases.admin.what_if_tables import tried
from cases.admin.wording import moment
from cases.calendar import ZONE
from cases.errors import CaseError, Conflict, InvalidInput
from cases.limits import PolicyRules
from cases.models import Category, PolicyVersion
from cases.oversight import NAMES, Oversight
from cases.versions import policy_in_force
from grids.admin.person import actor_of, now_of
from grids.roles import Role

EDITORS = frozenset({Role.SYSTEM_ADMIN})
VERSIONS_SHOWN, LONGEST_REASON = 8, 200

HEADINGS: Mapping[str, Any] = {
    **{kind.value: words for kind, words in labels.CLOCK.items()},
    "objection": gettext_lazy("Objection limit"),
    "extension": gettext_lazy("Extension"),
}
OVERSIGHT_WORDS = {
    "window_days": gettext_lazy("Interviews look back (days)"),
    "reds": gettext_lazy("Reds of a unit for an interview"),
    "standing": gettext_lazy("A red stands too long after"),
    "ratings": gettext_lazy("Fewest ratings for satisfaction"),
    "satisfied": gettext_lazy("Least satisfaction (%)"),
    "soon_days": gettext_lazy("Meetings: due within (days)"),
    "suspended_days": gettext_lazy("Meetings: suspended for more than (days)"),
}
SPEED_WORDS = {
    "default": gettext_lazy("types in days"),
    "hours": gettext_lazy("types in hours"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the grid: its place in the document, what was typed, and what is wrong with it."""

    place: str
    value: str
    errors: list[str]


@dataclass(frozen=True, slots=True)
class Cell:
    """A limit with its own colours, for the detail row."""

    title: Any
    limit: Field
    colours: list[Field]


@dataclass(frozen=True, slots=True)
class Line:
    """A type or a category with its cells; `opened`: the details hold something or are wrong."""

    code: str
    title: Any
    limits: list[Field]
    extension: list[Field]
    details: list[Cell]
    opened: bool


@dataclass(slots=True)
class Typed:
    """The fields beside the grid. `base`: the number of the version that the grid was opened with."""

    valid_from: str = ""
    reason: str = ""
    base: int | None = None
    problems: tuple[Any, ...] = ()


@open_to(EDITORS)
def policy(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _posted(request)
    tomorrow = now_of(request).astimezone(ZONE).date() + timedelta(days=1)
    begun_with = _in_force(_midnight(tomorrow))
    typed = Typed(valid_from=tomorrow.isoformat(), base=begun_with.number if begun_with else None)
    return _page(request, _form(begun_with), typed)


def _posted(request: HttpRequest) -> HttpResponse:
    posted, press = request.POST, request.POST.get("press", "")
    form = typed_form(posted, posted.getlist("category"))
    typed = Typed(posted.get("valid_from", ""), posted.get("reason", "").strip(), _number_in(posted.get("base", "")))
    if press == "add":
        return _with_category(request, form, typed, posted.get("new_category", ""))
    document = document_of(form)
    if not form.errors:
        _check(document, form, typed)
    if form.errors or typed.problems:
        typed.problems = typed.problems or (_("Nothing was published: please look at the cells that are marked."),)
        return _page(request, form, typed, status=HTTPStatus.BAD_REQUEST)
    if press == "publish":
        return _publish(request, form, typed, document)
    return _page(request, form, typed, result=tried(PolicyRules.parse(document), now=now_of(request)))


def _check(document: Mapping[str, Any], form: Form, typed: Typed) -> None:
    """Sentences of the rules go to the cell that they name, what names no cell above the grid."""
    try:
        check_policy(document)
    except InvalidInput as error:
        general = [f"{place_words(place)}: {text}" for place, texts in error.errors.items() for text in texts]
        form.errors |= {place: [str(text) for text in texts] for place, texts in error.errors.items()}
        typed.problems = (error.message, *general)


def place_words(place: str) -> str:
    """`types.appeal.handle` as people read it."""
    names: Mapping[Any, Any] = {**HEADINGS, **labels.TYPE, **SPEED_WORDS, **OVERSIGHT_WORDS}
    parts = [part for part in place.split(".") if part not in {"types", "categories", "oversight"}]
    return " · ".join(str(names.get(part, part)) for part in parts)


def _publish(request: HttpRequest, form: Form, typed: Typed, document: Mapping[str, Any]) -> HttpResponse:
    now = now_of(request)
    valid_from = _moment(typed.valid_from, now)
    typed.problems = tuple(_missing(typed, valid_from))
    if valid_from is None or typed.problems:
        return _page(request, form, typed, status=HTTPStatus.BAD_REQUEST)
    try:
        version = publish_policy(
            rules=document,
            follows=typed.base,
            valid_from=valid_from,
            reason=typed.reason,
            actor=actor_of(request),
            now=now,
        )
    except Conflict as error:
        return _overtaken(request, form, typed, at=valid_from, error=error)
    except CaseError as error:
        typed.problems = (error.message,)
        return _page(request, form, typed, status=status_of(error))
    messages.success(request, _("The limits are published as version %(number)d.") % {"number": version.number})
    return HttpResponseRedirect(f"{reverse('admin:policy')}#done=limits")  # the browser forgets its draft


def _overtaken(request: HttpRequest, form: Form, typed: Typed, *, at: datetime, error: Conflict) -> HttpResponse:
    """On that day another version holds than the one that was edited: what was typed is carried over to it."""
    holds, base = _in_force(at), PolicyVersion.objects.filter(number=typed.base or 0).first()
    typed.problems = (error.message,)
    if holds is not None and holds.number != typed.base:
        form = carried_over(form, _form(base), _form(holds), number=holds.number)
        typed.problems = (_overtaken_by(holds, typed.base, now_of(request)),)
        typed.base = holds.number
    return _page(request, form, typed, status=status_of(error))


def _overtaken_by(holds: PolicyVersion, base: int | None, now: datetime) -> str:
    who = str(holds.published_by or _("the system"))
    told = {"number": holds.number, "who": who, "at": moment(holds.published_at, now=now), "reason": holds.reason}
    return _(
        "Nothing was published. What holds on that day is version %(number)d (%(who)s, %(at)s: %(reason)s), not "
        "version %(base)s, which you changed. What you typed is kept; all other cells follow version %(number)d now, "
        "and a cell that both changed is marked. Look at it, then publish."
    ) % {**told, "base": base or "-"}


def _first_after(at: datetime) -> PolicyVersion | None:
    """The version that ends what holds at that moment."""
    return PolicyVersion.objects.defer("rules").filter(valid_from__gt=at).order_by("valid_from", "-number").first()


def _told_of(later: PolicyVersion, now: datetime) -> str:
    told = {"number": later.number, "at": moment(later.valid_from, now=now), "reason": later.reason}
    return (
        _(
            "From %(at)s version %(number)d holds (%(reason)s), which knows nothing of what begins earlier: publish "
            "that from this day as well."
        )
        % told
    )


def _missing(typed: Typed, valid_from: datetime | None) -> Iterator[str]:
    if valid_from is None:
        yield _("From which day? Today or later.")
    if not typed.reason or "\x00" in typed.reason:
        yield _("Say why the limits change.")
    if len(typed.reason) > LONGEST_REASON:
        yield _("A reason has at most %(count)d characters.") % {"count": LONGEST_REASON}


def _moment(text: str, now: datetime) -> datetime | None:
    """The beginning of that day; of today, this moment: what began earlier keeps its version."""
    today = now.astimezone(ZONE).date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if day < today or day.year > today.year + 10:
        return None
    return now if day == today else _midnight(day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)


def _with_category(request: HttpRequest, form: Form, typed: Typed, code: str) -> HttpResponse:
    """An empty row for a category whose limits are narrower."""
    if "\x00" in code or not Category.objects.filter(code=code, is_active=True).exists():
        typed.problems = (_("Choose a category first."),)
        return _page(request, form, typed, status=HTTPStatus.BAD_REQUEST)
    if code not in form.codes:
        form.codes.append(code)
    return _page(request, form, typed)


def _number_in(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 9 else None


def _form(version: PolicyVersion | None) -> Form:
    return form_of(version.rules if version else {})


# The page


def _page(
    request: HttpRequest, form: Form, typed: Typed, *, result: Any = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    now = now_of(request)
    categories = dict(Category.objects.filter(is_active=True).order_by("code").values_list("code", "name"))
    versions = PolicyVersion.objects.select_related("published_by").defer("rules")
    context = {
        "title": _("Limits"),
        "columns": [HEADINGS[column] for column in COLUMNS],
        "lines": [_line(form, "types", code, _type_words(code)) for code in type_codes(form)],
        "category_lines": [_line(form, "categories", code, categories.get(code, code)) for code in form.codes],
        "shared": [_cell(form, f"{kind}.{speed}", _shared_words(kind, speed)) for kind in SHARED for speed in SPEEDS],
        "colours": [_field(form, f"thresholds.{colour}") for colour in COLOURS],
        "oversight": [_number(form, name) for name in NAMES],
        "categories": [(code, name) for code, name in categories.items() if code not in form.codes],
        "typed": typed,
        "result": result,
        "versions": versions[:VERSIONS_SHOWN],
        "in_force": _in_force(now),
        "later": _told_of(later, now) if (later := _first_after(now)) else "",
        "now": now,
    }
    return render(request, "cases/policy.html", context, status=status)


def _line(form: Form, part: str, code: str, title: Any) -> Line:
    place = f"{part}.{code}"
    kinds = [kind for kind in (*COLUMNS, *SHARED) if coloured(kind)]
    details = [_cell(form, f"{place}.{kind}", HEADINGS[kind]) for kind in kinds]
    fields = [field for cell in details for field in cell.colours]
    own = [cell.limit for cell in details if cell.limit.place.rpartition(".")[2] in SHARED]
    return Line(
        code=code,
        title=title,
        limits=[_field(form, f"{place}.{kind}") for kind in COLUMNS],
        extension=[_field(form, f"{place}.extension.{name}") for name in ("times", "limit")] if part == "types" else [],
        details=details,
        opened=any(field.value or field.errors for field in (*fields, *own)),
    )


def _cell(form: Form, place: str, title: Any) -> Cell:
    return Cell(title, _field(form, place), [_field(form, f"{place}.{colour}") for colour in COLOURS])


def _number(form: Form, name: str) -> tuple[Any, Field, str]:
    """Title, field, and the default that an empty field stands for."""
    return OVERSIGHT_WORDS[name], _field(form, f"oversight.{name}"), str(getattr(Oversight(), name))


def _field(form: Form, place: str) -> Field:
    return Field(place, form.fields.get(place, ""), form.errors.get(place, []))


def _type_words(code: str) -> Any:
    words: Mapping[Any, Any] = labels.TYPE
    return words.get(code, code)


def _shared_words(kind: str, speed: str) -> str:
    return f"{HEADINGS[kind]} · {SPEED_WORDS[speed]}"


def _in_force(now: datetime) -> PolicyVersion | None:
    try:
        return policy_in_force(now)
    except CaseError:
        return None
