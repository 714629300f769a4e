"""How long something has waited, in words."""

from datetime import datetime, timedelta

from django.utils.translation import ngettext

from cases.admin import wording
from cases.calendar import WorkCalendar


def age_words(start: datetime, now: datetime, calendar: WorkCalendar | None) -> str:
    """Minutes, hours, then working days, as due times are told."""
    span = max(now - start, timedelta())
    if span < timedelta(hours=1):
        count = max(span // timedelta(minutes=1), 1)
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    if span < timedelta(days=1):
        count = span // timedelta(hours=1)
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    days = wording.workdays_between(start, now, calendar) if calendar else 0
    if days:
        return ngettext("%(count)d working day", "%(count)d working days", days) % {"count": days}
    return ngettext("%(count)d natural day", "%(count)d natural days", span.days) % {"count": span.days}
