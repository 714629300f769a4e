"""What people read for moments and limits, and for what the pure rules refuse."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from cases.calendar import ZONE
from cases.faults import Fault
from cases.limits import Limit, Quantity, Unit


def moment(at: datetime, *, now: datetime) -> str:
    """11月22日 17:30, as officers write it (desk.md, "Looks"); the year only when it is not this one."""
    local = at.astimezone(ZONE)
    pattern = gettext("j M H:i") if local.year == now.astimezone(ZONE).year else gettext("j M Y H:i")
    return date_format(local, pattern)


def day_of_year(day: date) -> str:
    """11月22日."""
    return date_format(day, gettext("j M"))


def dated(day: date, *, now: datetime) -> str:
    """11月22日; the year only when it is not this one."""
    this_year = day.year == now.astimezone(ZONE).year
    return date_format(day, gettext("j M") if this_year else gettext("j M Y"))


def limit_words(limit: Limit | str) -> str:
    """`4 wh` in words: 4 个工作小时."""
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    return quantity_words(f"{limit.amount.normalize():f}", limit.unit)


def quantity_words(amount: str, unit: Unit) -> str:
    count = int(amount) if amount.isdecimal() and len(amount) < 9 else 2
    words = {
        Unit.H: ngettext("%(amount)s hour", "%(amount)s hours", count),
        Unit.WH: ngettext("%(amount)s working hour", "%(amount)s working hours", count),
        Unit.WD: ngettext("%(amount)s working day", "%(amount)s working days", count),
        Unit.CD: ngettext("%(amount)s calendar day", "%(amount)s calendar days", count),
    }
    return words[unit] % {"amount": amount}


def fault_words(fault: Fault) -> str:
    """The sentence of a pure rule in the reader's language, limits among its facts in words."""
    return gettext(fault.sentence) % {name: _fact_words(fact) for name, fact in fault.facts.items()}


def _fact_words(fact: object) -> object:
    if isinstance(fact, Quantity):
        return quantity_words(str(fact.amount), fact.unit)
    return limit_words(fact) if isinstance(fact, Limit) else fact
