"""What people read for limits, and for what the pure rules refuse."""

from django.utils.translation import gettext, ngettext

from cases.faults import Fault
from cases.limits import Limit, Unit


def limit_words(limit: Limit | str) -> str:
    """`4 wh` in words: 4 个工作小时."""
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    count = int(limit.amount) if limit.amount == int(limit.amount) else 2
    words = {
        Unit.H: ngettext("%(amount)s hour", "%(amount)s hours", count),
        Unit.WH: ngettext("%(amount)s working hour", "%(amount)s working hours", count),
        Unit.WD: ngettext("%(amount)s working day", "%(amount)s working days", count),
        Unit.CD: ngettext("%(amount)s calendar day", "%(amount)s calendar days", count),
    }
    return words[limit.unit] % {"amount": f"{limit.amount.normalize():f}"}


def fault_words(fault: Fault) -> str:
    """The sentence of a pure rule in the reader's language, limits among its facts in words."""
    facts = {name: limit_words(fact) if isinstance(fact, Limit) else fact for name, fact in fault.facts.items()}
    return gettext(fault.sentence) % facts
