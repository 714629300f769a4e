"""The list of a dispatch meeting as lines of a file: what a secretary sorts, prints and hands on."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import labels
from cases.admin.places import place_words, township_code
from cases.exporting import moment
from cases.models import MeetingItem
from cases.terms import Concern
from grids.labels import AreaLevel
from grids.models import Area

#: Of the columns in characters: number and times in one line, title and decision in wrapped ones.
WIDTHS: Final = (21, 34, 20, 14, 10, 17, 10, 18, 44, 10, 17)


def reason_words(item: MeetingItem) -> list[Any]:
    return [labels.CONCERN[Concern(code)] for code in item.reasons]


def lines(items: QuerySet[MeetingItem], total: int, *, most: int) -> Iterator[list[str]]:
    """Headings, then the rows in batches as they are sent, then how many were left out."""
    yield [
        *(str(words) for words in (_("Number"), _("Title"), _("Area"), _("Lead"), _("Status"), _("Due"), _("Colour"))),
        *(str(words) for words in (_("Reasons"), _("Decision"), _("Decided by"), _("Decided at"))),
    ]
    townships = dict(Area.objects.filter(level=AreaLevel.TOWNSHIP).values_list("code", "name"))
    for item in items[:most].iterator(chunk_size=500):
        yield _line(item, townships)
    if total > most:
        yield [_("%(count)d more rows were left out.") % {"count": total - most}]


def _line(item: MeetingItem, townships: dict[str, str]) -> list[str]:
    case = item.case
    return [
        case.number,
        case.title,
        place_words(case, townships.get(township_code(case.area_code), "")),
        case.lead.short_name if case.lead else "",
        str(case.get_status_display()),
        moment(case.due_at),
        str(case.get_colour_display()) if case.colour else "",
        "；".join(str(words) for words in reason_words(item)),
        item.decision,
        str(item.decided_by or ""),
        moment(item.decided_at),
    ]
