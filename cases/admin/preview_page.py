"""The moments that an action would start or move, for the form that is being filled in: shown before it is sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cases import labels
from cases.actions.timing import limit_for
from cases.admin import wording
from cases.colours import Colour
from cases.errors import CaseError
from cases.models import Case, Category
from cases.phrases import limit_words
from cases.previews import FORESEEN, Moved, foreseen, objection_limit
from cases.terms import CaseType, ClockKind, Grade
from cases.workflow import TABLE, Action
from grids.book import DEPARTMENTS

_YES_NO: Final = {"true": True, "false": False}


def _category(code: str) -> Category:
    found = Category.objects.filter(code=code).first()
    if found is None:
        raise ValueError(code)
    return found


#: The fields on which moments depend, and how they are read; ValueError for what is only half typed.
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "type": lambda text: CaseType(text).value,
    "category": _category,
    "until": date.fromisoformat,
    "amount": Decimal,
    "assignment": int,
    "passed": _YES_NO.__getitem__,
    "upheld": _YES_NO.__getitem__,
    "granted": _YES_NO.__getitem__,
    "grade": lambda text: Grade(int(text)),
}

#: The fields that name who is called, by action; of an approved whistle that stands in the proposal.
_CALLED: Final[Mapping[Action, tuple[str, ...]]] = {
    Action.DISPATCH: ("lead", "assistants"),
    Action.PROPOSE_WHISTLE: ("lead", "assistants"),
    Action.APPROVE_WHISTLE: (),
    Action.REASSIGN: ("department",),
    Action.ADD_ASSISTANT: ("department",),
}


@dataclass(frozen=True, slots=True)
class Move:
    """A clock with its due time as it is and as it would be; `before` is empty for one that would start."""

    label: str
    before: str
    after: str
    colours: list[tuple[Any, str, int, str]]  # word, shape, colour, moment


def watched(action: Action) -> str | None:
    """The names of the fields that move something, with blanks between them; None where nothing is foreseen."""
    if action not in FORESEEN:
        return None
    asked = {*_READERS, *_CALLED.get(action, ())}
    return " ".join(field.name for field in TABLE[action].fields if field.name in asked)


def preview(request: HttpRequest, case: Case, action: Action, *, now: datetime) -> HttpResponse:
    """A fragment of the page. Half-typed values show nothing; what the action would refuse shows its sentence."""
    context: dict[str, Any] = {}
    try:
        context["moves"] = moves(foreseen(action, case, _said(request, action), now=now), now=now)
        context |= _calls(request, case, action)
    except (ValueError, InvalidOperation, KeyError):
        pass
    except CaseError as error:
        context["refusal"] = error.message
    return TemplateResponse(request, "cases/moves.html", context)


def _said(request: HttpRequest, action: Action) -> dict[str, Any]:
    names = [field.name for field in TABLE[action].fields if field.name in _READERS]
    return {name: _READERS[name](text) for name in names if (text := request.GET.get(name, ""))}


def _calls(request: HttpRequest, case: Case, action: Action) -> dict[str, Any]:
    """Who would be called as what, and the limits that begin only once they have reported in."""
    if action not in _CALLED:
        return {}
    named = ((name, [DEPARTMENTS.known(code) for code in request.GET.getlist(name)]) for name in _CALLED[action])
    handle, objection = limit_for(case, ClockKind.HANDLE), objection_limit(case)
    return {
        "called": [
            (labels.FIELD[name], "、".join(unit.short_name for unit in units if unit))
            for name, units in named
            if any(units)
        ],
        "handle": limit_words(handle) if handle else "",
        "objection": limit_words(objection) if objection else "",
    }


def moves(moved: Iterable[Moved], *, now: datetime) -> list[Move]:
    return [
        Move(
            label=_label(one),
            before=wording.moment(one.clock.due_at, now=now) if one.clock.pk else "",
            after=wording.moment(one.moments.due, now=now),
            colours=_colours(one, now),
        )
        for one in moved
    ]


def _colours(one: Moved, now: datetime) -> list[tuple[Any, str, int, str]]:
    """Blue and yellow; red comes with the due time itself."""
    found = ((Colour.BLUE, one.moments.blue), (Colour.YELLOW, one.moments.yellow))
    return [
        (wording.WORDS[colour], wording.SHAPES[colour], int(colour), wording.moment(at, now=now))
        for colour, at in found
        if at is not None
    ]


def _label(one: Moved) -> str:
    unit = one.clock.assignment.department.short_name if one.clock.assignment else ""
    return f"{unit} {one.clock.get_kind_display()}".strip()
