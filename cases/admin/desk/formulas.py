"""What each figure counts, in a sentence each for what stands above and below the line (domain.md, "Scores")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Formula:
    """`below` is empty for a plain count."""

    title: Any
    above: Any
    below: Any = ""


SHARES: Final[Mapping[str, Formula]] = {
    "on_time": Formula(
        _("Resolved on time"),
        _("Resolution limits of the first round that were kept: done at the due time at the latest."),
        _("Resolution limits of the first round that fell due in the month and are decided: done, or past due."),
    ),
    "satisfaction": Formula(
        _("Satisfaction"),
        _("Ratings of the month that say very satisfied, satisfied or fairly satisfied."),
        _("Ratings of the month. Who gave none is in neither number."),
    ),
}
_LEFT_OUT = _("Sealed, rejected, withdrawn and merged cases are left out.")
LEFT_OUT: Final = _LEFT_OUT
COUNTS: Final[Mapping[str, Formula]] = {
    "open": Formula(_("Open cases"), _("Cases that have not ended: neither closed nor rejected, withdrawn or merged.")),
    "red": Formula(_("Red clocks"), _("Running clocks of open cases that are red and charged to the department.")),
    "load": Formula(
        _("Parts in hand"),
        _("Parts of open cases for which the department was called: waiting, in hand or disputed."),
    ),
    "received": Formula(
        _("Taken in"), _("Matters received in the time, whatever became of them; sealed ones left out.")
    ),
    "closed": Formula(
        _("Closed"), _("Cases closed in the time; rejected, withdrawn, merged and sealed ones left out.")
    ),
    "reds": Formula(
        _("Newly red"), _("Red alerts whose moment lies in the time, not annulled, on cases that are still open.")
    ),
    "others": Formula(
        _("Waiting for others"),
        _("Open cases in which the own part is finished or disputed, or which one took in oneself."),
    ),
    "changed": Formula(
        _("New since I last looked"), _("Cases near me on which others, or the clock, did something since then.")
    ),
    "disputed": Formula(_("Returned, to be decided"), _("Open cases with an objection that I decide.")),
    "asked": Formula(_("Extensions to decide"), _("Open cases with a request for an extension that I decide.")),
    "todo": Formula(
        _("Waiting for me"), _("Open cases whose next step one of my posts takes, by their worst colour and by status.")
    ),
    "collected": Formula(
        _("To be docketed"), _("Matters of my own area that were taken in and not docketed; overdue: the red ones.")
    ),
    "docketed": Formula(
        _("To be dispatched"),
        _("Docketed cases of my own area for which no department was called; overdue: the red ones."),
    ),
    "unanswered": Formula(
        _("Orders without an answer"), _("Supervision orders that I see and that their department has not answered.")
    ),
    "answered": Formula(_("Orders to sign off"), _("Supervision orders that were answered and not signed off.")),
    "warned": Formula(
        _("Clocks at this colour"),
        _("Running clocks of open cases that stand at this colour, charged to the department."),
    ),
    "reddened": Formula(
        _("Reds in 30 days"), _("Red alerts of the last 30 days, charged to the department and not annulled.")
    ),
}
#: Of parts of the desk with several figures: what each of them counts.
TOGETHER: Final[Mapping[str, tuple[Formula, ...]]] = {
    "loads": (COUNTS["red"], COUNTS["load"]),
    "trend": (COUNTS["received"], COUNTS["closed"]),
    "beside": (COUNTS["todo"], COUNTS["asked"]),
    "board": (COUNTS["warned"], COUNTS["reddened"]),
    "orders": (COUNTS["unanswered"], COUNTS["answered"]),
}
