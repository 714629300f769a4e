"""The limits as a form: a policy document as fields of a grid, and what was typed back as a document.

The name of a field is its place in the document ("types.appeal.handle.blue"), so that a sentence about a place
finds its cell. Whatever was typed is kept, read or not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from cases import labels
from cases.limits import KINDS, Limit
from cases.oversight import NAMES

#: The columns of domain.md, "Default policy"; the extension has two fields of its own.
COLUMNS: Final = ("docket", "dispatch", "report_in", "objection", "handle", "resolve", "rate")
#: What a type may set for itself beside the columns; otherwise it goes by the limits that all share.
SHARED: Final = ("verify", "supervision")
SPEEDS: Final = ("default", "hours")
UNCOLOURED: Final = frozenset({"objection", "rate"})
COLOURS: Final = ("blue", "yellow", "red")
MOST_CATEGORIES: Final = 60

Errors = dict[str, list[str]]
Fields = dict[str, str]


@dataclass(slots=True)
class Form:
    """What stands in the fields, by place, and the sentences beside them. `codes` are categories with own limits."""

    fields: Fields = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    errors: Errors = field(default_factory=dict)


def form_of(document: Mapping[str, Any]) -> Form:
    """The document of a version as fields."""
    form = Form(codes=sorted(document.get("categories", {})))
    _spread_colours(form.fields, "thresholds", document.get("thresholds", {}))
    for name, value in document.get("oversight", {}).items():
        form.fields[f"oversight.{name}"] = str(value)
    for kind in SHARED:
        for speed, value in document.get(kind, {}).items():
            _spread(form.fields, f"{kind}.{speed}", value)
    for part in ("types", "categories"):
        for row, cells in document.get(part, {}).items():
            for kind, value in cells.items():
                _spread(form.fields, f"{part}.{row}.{kind}", value)
    return form


def typed_form(posted: Mapping[str, Any], codes: list[str]) -> Form:
    """The fields of the grid as they were typed; others that were sent are not looked at."""
    known = [code for code in dict.fromkeys(codes) if code and "." not in code and "\x00" not in code]
    form = Form(codes=known[:MOST_CATEGORIES])
    if len(known) > MOST_CATEGORIES:
        form.errors["categories"] = [_("At most %(count)d categories can be edited here.") % {"count": MOST_CATEGORIES}]
    for place in _places(form.codes):
        value = posted.get(place, "")
        if isinstance(value, str) and value.strip():
            form.fields[place] = value.strip()
    return form


def document_of(form: Form) -> dict[str, Any]:
    """The document as typed. Cells that cannot be read get their sentence in `form.errors` and are left out."""
    return {
        "thresholds": _colours(form, "thresholds"),
        **{kind: _row(form, kind, SPEEDS) for kind in SHARED},
        **_oversight(form),
        "types": {name: row for name in type_codes(form) if (row := _type_row(form, name))},
        "categories": {code: row for code in form.codes if (row := _row(form, f"categories.{code}", _KINDS))},
    }


def carried_over(typed: Form, base: Form, newest: Form, *, number: int) -> Form:
    """What was typed into `base`, carried over to the version of that number: where nothing was typed it is followed.

    Where both changed a cell, what was typed stands and the cell says what the version holds.
    """
    codes = list(dict.fromkeys([*typed.codes, *newest.codes]))[:MOST_CATEGORIES]
    merged = Form(dict(newest.fields), codes)
    for place in _places(codes):
        mine, old, theirs = (form.fields.get(place, "") for form in (typed, base, newest))
        if mine in {old, theirs}:
            continue
        merged.fields[place] = mine
        if theirs != old:
            told = {"number": number, "value": theirs or _("nothing")}
            merged.errors[place] = [_("Version %(number)d says here: %(value)s") % told]
    return merged


def type_codes(form: Form) -> list[str]:
    """The types in the order of domain.md. Accusations have a row only where somebody wrote one."""
    written = {place.split(".")[1] for place in form.fields if place.startswith("types.")}
    return [code.value for code in labels.TYPE if code != "accusation" or code in written]


def coloured(kind: str) -> bool:
    return kind not in UNCOLOURED


_KINDS: Final = tuple(sorted(KINDS))


def _places(codes: list[str]) -> Iterator[str]:
    yield from (f"thresholds.{colour}" for colour in COLOURS)
    yield from (f"oversight.{name}" for name in NAMES)
    cells = [f"{kind}.{speed}" for kind in SHARED for speed in SPEEDS]
    cells += [f"types.{code.value}.{kind}" for code in labels.TYPE for kind in _KINDS]
    cells += [f"categories.{code}.{kind}" for code in codes for kind in _KINDS]
    for place in cells:
        yield place
        yield from (f"{place}.{colour}" for colour in COLOURS)
    for code in labels.TYPE:
        yield from (f"types.{code.value}.extension.{part}" for part in ("times", "limit"))


# Document → fields


def _spread(fields: Fields, place: str, value: Any) -> None:
    if isinstance(value, Mapping):
        _spread_colours(fields, place, value)
        fields |= {f"{place}.{part}": str(value[part]) for part in ("times",) if part in value}
        if "limit" in value:
            fields[f"{place}.limit" if place.endswith(".extension") else place] = str(value["limit"])
    elif value is not None:
        fields[place] = str(value)


def _spread_colours(fields: Fields, place: str, value: Mapping[str, Any]) -> None:
    for colour in COLOURS:
        if colour in value:
            fields[f"{place}.{colour}"] = _threshold_text(value[colour])


def _threshold_text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return str(value.get("before", ""))
        case _:
            return f"{(Decimal(str(value)) * 100).normalize():f}%"


# Fields → document


def _oversight(form: Form) -> dict[str, Any]:
    """What stands in a field; an empty one goes by the default."""
    written: dict[str, Any] = {}
    for name in NAMES:
        place = f"oversight.{name}"
        text = form.fields.get(place, "")
        if name == "standing" and text:
            written[name] = _limit(form, place, text)
        elif text.isascii() and text.isdecimal():
            written[name] = int(text[:9])
        elif text:
            form.errors.setdefault(place, []).append(_("Write a whole number."))
    return {"oversight": written} if written else {}


def _type_row(form: Form, name: str) -> dict[str, Any]:
    row = _row(form, f"types.{name}", _KINDS)
    place = f"types.{name}.extension"
    times, limit = form.fields.get(f"{place}.times", ""), form.fields.get(f"{place}.limit", "")
    if not times and not limit:
        return row
    if not (times.isascii() and times.isdecimal() and len(times) <= 2 and int(times)):
        form.errors.setdefault(f"{place}.times", []).append(_("How often? A whole number from 1."))
        return row
    if written := _limit(form, f"{place}.limit", limit):
        row["extension"] = {"times": int(times), "limit": written}
    return row


def _row(form: Form, place: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    cells = ((kind, _cell(form, f"{place}.{kind}", coloured=coloured(kind))) for kind in kinds)
    return {kind: value for kind, value in cells if value is not None}


def _cell(form: Form, place: str, *, coloured: bool) -> Any:
    text, colours = form.fields.get(place, ""), _colours(form, place) if coloured else {}
    if not text:
        if colours:
            form.errors.setdefault(place, []).append(_("Colours need a limit."))
        return None
    limit = _limit(form, place, text)
    return {"limit": limit, **colours} if limit and colours else limit


def _limit(form: Form, place: str, text: str) -> str | None:
    try:
        return str(Limit.parse(text))
    except ValueError:
        words = _("Write a number and h, wh, wd or cd, such as 5 wd; days are whole.")
        form.errors.setdefault(place, []).append(words)
        return None


def _colours(form: Form, place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for colour in COLOURS:
        text = form.fields.get(f"{place}.{colour}", "")
        if not text:
            continue
        try:
            found[colour] = _red(text) if colour == "red" else _threshold(text)
        except (ValueError, InvalidOperation):
            form.errors.setdefault(f"{place}.{colour}", []).append(
                _("Write yes or no.")
                if colour == "red"
                else _("Write a share such as 80%, a time before such as 1 wd, or -.")
            )
    return found


def _red(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError(text)
    return text == "yes"


def _threshold(text: str) -> Any:
    if text in {"-", "—", "–"}:
        return None
    if text.endswith(("%", "％")):
        return _share(Decimal(text[:-1].strip()) / 100)
    if text.replace(".", "", 1).isdecimal():
        return _share(Decimal(text))
    return {"before": str(Limit.parse(text))}


def _share(share: Decimal) -> float:
    if not 0 < share <= 1:
        raise ValueError(share)
    return float(share)
