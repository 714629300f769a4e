"""What a list says a second time: within itself, and of what was taken in before, by whatever name.

A row is known by its source and number. That is told together with what its words say: the same words are the same
matter, others are probably another one that stands under the same number, and nobody would look for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.codes import request_digest
from cases.imported_rows import Entry
from cases.models import Case

#: Sources that are asked for: a county has a handful, and each is looked up in the index of numbers.
_MOST_SOURCES: Final = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """A case that came in under a number. `said`: a digest of its words, empty where they are nobody's business."""

    source: str
    number: str
    said: str


@dataclass(slots=True)
class Shelf:
    """What came in under the numbers of a list, asked for many numbers at once.

    `within`: the beginnings of the codes of the areas in which whoever imports takes in matters.
    """

    source: str
    within: Sequence[str]
    _sources: list[str] = field(default_factory=list)

    def under(self, numbers: Iterable[str]) -> Mapping[str, list[Stored]]:
        """By number, in one statement. That of the list's own source comes first."""
        if not self._sources:
            others = Case.objects.filter(source_number__isnull=False).exclude(source_system=self.source)
            names = others.order_by("source_system").values_list("source_system", flat=True).distinct()
            self._sources = [self.source, *names[:_MOST_SOURCES]]
        own = Q(source_system=self.source) | Q(sealed=False) & self._reachable()
        same = Case.objects.filter(own, source_system__in=self._sources, source_number__in=list(numbers))
        found = defaultdict[str, list[Stored]](list)
        columns = "source_number", "source_system", "number", "sealed", "title", "description"
        for under, source, number, sealed, title, description in same.order_by("id").values_list(*columns):
            found[under].append(Stored(source, number, "" if sealed else _said(title, description)))
        return {under: sorted(rows, key=lambda row: row.source != self.source) for under, rows in found.items()}

    def _reachable(self) -> Q:
        places = Q()
        for beginning in self.within:
            places |= Q(area__code__startswith=beginning)
        return places


@dataclass(frozen=True, slots=True)
class Repeat:
    """Why a row is known. `differs`: its words are others than those that stand under its number."""

    reason: str
    differs: bool


class Firsts:
    """The rows of one list that came first under their numbers."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, str]] = {}

    def note(self, row: int, entry: Entry) -> None:
        self._rows.setdefault(entry.source_number, (row, said(entry)))

    def before(self, entry: Entry) -> Repeat | None:
        """None where this number stands for the first time."""
        if entry.source_number not in self._rows:
            return None
        row, words = self._rows[entry.source_number]
        if words == said(entry):
            return Repeat(_("Row %(row)d of this list has the same number and the same words.") % {"row": row}, False)
        sentence = _(
            "Row %(row)d of this list has the same number with other words. If this is another matter, it needs a "
            "number of its own."
        )
        return Repeat(sentence % {"row": row}, True)


def of_stored(entry: Entry, stored: Stored) -> Repeat:
    """What is told of a row whose number came in before from the same source."""
    if stored.said in {"", said(entry)}:
        return Repeat("", False)
    sentence = _(
        "This number was taken in before with other words. If this is another matter, it needs a number of its own."
    )
    return Repeat(sentence, True)


def elsewhere(entry: Entry, stored: Iterable[Stored]) -> str:
    """The other source under which the same number came in with the same words; empty where there is none."""
    return next((one.source for one in stored if one.said == said(entry)), "")


def said(entry: Entry) -> str:
    return _said(entry.matter.title, entry.matter.description)


def _said(title: str, description: str) -> str:
    return request_digest({"title": title, "description": description})
