"""Lists as lines of a file: the rows that an officer saw when asking, as far as that officer sees them; of cases here.

Sealed cases are in no export, not even in that of their keeper (domain.md, "An accusation is sealed on arrival").
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final, Self

from django.db.models import Model, QuerySet
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _

from cases import labels
from cases.access import visible_to
from cases.categories import CATEGORIES
from cases.colours import Colour
from cases.masking import mask_name
from cases.models import Case, Petitioner
from cases.terms import Disclosure
from grids.actors import ZONE, Actor
from grids.area_codes import LEVEL_DIGITS
from grids.book import AREAS, DEPARTMENTS

#: Of a moment in characters.
MOMENT_WIDTH: Final = 17
#: Of the columns, in characters: number and times in one line, the title in wrapped ones.
WIDTHS: Final = (12, 23, 44, 16, 16, 14, 24, 14, 18, 12, *[MOMENT_WIDTH] * 5, 8, 12)
#: Rows of one file. More would be a copy of the database and no list that an office works on.
MOST_ROWS: Final = 100_000
#: Rows that are sent while one waits; longer lists are an errand.
AT_ONCE: Final = 2_000
_CHUNK: Final = 500
_SHOWN: Final = (
    *("id", "number", "title", "type", "category_id", "area_id", "area_code", "lead_id", "status", "colour", "round"),
    *("disclosure", "due_at", "received_at", "docketed_at", "answered_at", "closed_at", "source"),
)
Line = list[str]
#: What a chunk of keys becomes, in their order.
Read = Callable[[Sequence[Any]], list[Line]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as a file: what it is called, how wide its columns are, and its lines, headings first."""

    name: str
    widths: Sequence[int]
    lines: Iterator[Line]


def in_chunks(keys: Sequence[Any], *, head: Callable[[], Line], read: Read) -> Iterator[Line]:
    """Headings, then what `read` makes of 500 keys at a time, in the language of this moment."""
    language = get_language()
    with override(language):
        first = head()
    yield first
    for start in range(0, len(keys), _CHUNK):
        with override(language):  # whoever sends lines while they are read has another language by then
            chunk = read(keys[start : start + _CHUNK])
        yield from chunk


def in_order(rows: QuerySet[Any], keys: Sequence[Any]) -> list[Any]:
    """Those of the rows that are still there, in the order of their keys. One query."""
    found: dict[Any, Model] = rows.order_by().in_bulk(keys)
    return [found[key] for key in keys if key in found]


def sheet(name: str, case_ids: Sequence[int], *, actor: Actor, moments: Sequence[datetime | None] = ()) -> Sheet:
    widths = (*WIDTHS, MOMENT_WIDTH) if moments else WIDTHS
    return Sheet(name, widths, lines(case_ids, actor=actor, moments=moments))


def lines(case_ids: Sequence[int], *, actor: Actor, moments: Sequence[datetime | None] = ()) -> Iterator[Line]:
    """Headings, then a line for each of the cases that this person still sees. Two queries for 500 rows.

    `moments`: what each of the rows is counted for, where they stand behind a figure; a last column then.
    """
    rows = list(zip_longest(case_ids, moments)) if moments else [(pk, None) for pk in case_ids]
    return in_chunks(
        rows,
        head=lambda: _headings() + [_("Counted for")] * bool(moments),
        read=lambda chunk: _chunk(chunk, actor, told=bool(moments)),
    )


def _headings() -> Line:
    return [
        *(_("Colour"), _("Number"), _("Title"), _("Type"), _("Category"), _("Township"), _("Area")),
        *(_("Petitioner"), _("Lead"), _("Status"), _("Due"), _("Received"), _("Docketed"), _("Answered"), _("Ended")),
        *(_("Round"), _("Source")),
    ]


def _chunk(rows: Sequence[tuple[int, datetime | None]], actor: Actor, *, told: bool) -> list[Line]:
    seen = visible_to(actor).unsealed().filter(pk__in={pk for pk, _at in rows}).only(*_SHOWN).in_bulk()
    people, words = _people(list(seen)), Words.now()
    return [_line(seen[pk], people.get(pk, []), words) + [moment(at)] * told for pk, at in rows if pk in seen]


@dataclass(frozen=True, slots=True)
class Words:
    """What people read for the codes, in the language of this moment: asked for once and not by every row."""

    type: Mapping[str, str]
    status: Mapping[str, str]
    source: Mapping[str, str]
    colour: Mapping[int, str]

    @classmethod
    def now(cls) -> Self:
        tables = (labels.TYPE, labels.STATUS, labels.SOURCE)
        types, statuses, sources = ({code.value: str(words) for code, words in table.items()} for table in tables)
        colours = {code.value: str(words) for code, words in labels.COLOUR.items() if code is not Colour.NONE}
        return cls(types, statuses, sources, colours)


def _people(case_ids: Sequence[int]) -> dict[int, list[Petitioner]]:
    shown = Petitioner.objects.filter(case__in=case_ids).only("case_id", "pseudonym", "disclosure", "name", "erased_at")
    people: dict[int, list[Petitioner]] = {}
    for person in shown.order_by("pk"):
        people.setdefault(person.case_id, []).append(person)
    return people


def _line(case: Case, people: list[Petitioner], words: Words) -> Line:
    category, lead = CATEGORIES.maybe(case.category_id), DEPARTMENTS.maybe(case.lead_id)
    return [
        words.colour.get(case.colour, ""),
        case.number,
        case.title,
        words.type[case.type],
        category.name if category else "",
        _township(case.area_code),
        AREAS.of(case.area_id).name,
        "、".join(map(masked, people)) or _nobody(case),
        lead.short_name if lead else "",
        words.status[case.status],
        *map(moment, (case.due_at, case.received_at, case.docketed_at, case.answered_at, case.closed_at)),
        str(case.round),
        words.source[case.source],
    ]


def masked(person: Petitioner) -> str:
    """As the page of the case says it: `王**`; a confidential or erased one by the pseudonym alone."""
    if person.erased_at is not None or person.disclosure == Disclosure.CONFIDENTIAL:
        return person.pseudonym
    return mask_name(person.name)


def _nobody(case: Case) -> str:
    return pgettext("petitioner", "anonymous") if case.disclosure == Disclosure.ANONYMOUS else ""


def _township(area_code: str) -> str:
    township = AREAS.known(area_code[: LEVEL_DIGITS["township"]])
    return township.name if township and len(area_code) >= LEVEL_DIGITS["township"] else ""


def moment(at: datetime | None) -> str:
    """With its year and in an order that sorts: a file is read in other years too."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}" if at else ""
