"""A receipt in sentences that a department head accepts: what counted, what did not, and when it is therefore due."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import labels, reasons
from cases.calendar import ZONE, DayKind
from cases.limits import Unit
from cases.phrases import day_of_year, limit_words, moment
from cases.receipt import DayNote, Reckoning
from cases.receipts import Cause, Receipt
from cases.terms import ClockKind, ReasonList

#: How a moment is written for this reader.
_Writer = Callable[[datetime], str]


def sentences(receipt: Receipt, *, now: datetime) -> list[str]:
    """The receipt in words, in the reader's language, in the order in which one would reckon on paper."""
    clock, course, written = receipt.clock, receipt.course, partial(_exactly, now=now)
    if course is None:
        return [_("The case was suspended until %(due)s, a day that was chosen.") % {"due": written(clock.due_at)}]
    causes = (_cause(cause, written) for cause in receipt.causes)
    return [*_begun(receipt, course, written), *_skipped(course), *causes, *_ended(receipt, course, written)]


def _exactly(at: datetime, *, now: datetime) -> str:
    """Seconds only where there are any."""
    second = at.astimezone(ZONE).second
    return f"{moment(at, now=now)}:{second:02d}" if second else moment(at, now=now)


def span_words(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}


def day_words(note: DayNote) -> str:
    """Why a day counts or not."""
    words = {
        DayKind.WEEKEND: _("weekend"),
        DayKind.HOLIDAY: note.name or _("holiday"),
        DayKind.MAKE_UP: _("make-up workday (%(name)s)") % {"name": note.name} if note.name else _("make-up workday"),
        DayKind.WORKDAY: _("workday"),
    }
    return f"{words[note.kind]} ({_('provisional')})" if note.provisional else words[note.kind]


def _begun(receipt: Receipt, course: Reckoning, written: _Writer) -> Iterator[str]:
    clock = receipt.clock
    yield _("%(kind)s: %(limit)s by version %(policy)d of the limits, counted from %(start)s.") % {
        "kind": labels.CLOCK[ClockKind(clock.kind)],
        "limit": limit_words(course.grants[0].limit),
        "policy": clock.policy.number,
        "start": written(clock.started_at),
    }
    if course.unit in (Unit.WD, Unit.CD):
        yield _("The first day is not counted; the last one ends at the close of business.")


def _skipped(course: Reckoning) -> Iterator[str]:
    idle = [note for note in course.days if not note.counted]
    if idle:
        yield _("Not counted: %(days)s.") % {"days": "; ".join(_grouped(idle))}
    made_up = [note for note in course.days if note.kind is DayKind.MAKE_UP]
    if made_up:
        yield _("Counted although a weekend: %(days)s.") % {"days": "; ".join(_grouped(made_up))}
    years = sorted({note.day.year for note in course.days if note.provisional})
    if years:
        yield _("The official days of %(years)s are not announced yet: they may still change.") % {
            "years": ", ".join(map(str, years))
        }


def _grouped(notes: list[DayNote]) -> Iterator[str]:
    """`春节 2月15日–2月23日 (9 天)`: days of one reason that follow each other, in one piece."""
    numbered = enumerate(notes)
    for (why, _run), items in groupby(numbered, lambda pair: (_plain(pair[1]), pair[1].day.toordinal() - pair[0])):
        days = [note.day for _number, note in items]
        yield f"{why} {_days(days)}"


def _plain(note: DayNote) -> str:
    return _("weekend") if note.kind is DayKind.WEEKEND else note.name or _("holiday")


def _days(days: list[date]) -> str:
    if len(days) == 1:
        return day_of_year(days[0])
    count = ngettext("%(count)d day", "%(count)d days", len(days)) % {"count": len(days)}
    return f"{day_of_year(days[0])}–{day_of_year(days[-1])} ({count})"


def _cause(cause: Cause, written: _Writer) -> str:
    if cause.kind == "extension":
        return _("Extended by %(limit)s on %(at)s (asked for by %(by)s, granted by %(decided)s).") % {
            "limit": limit_words(cause.limit),
            "at": written(cause.start),
            "by": cause.by or _("the service"),
            "decided": cause.ended_by or _("the service"),
        }
    reason = reasons.words(ReasonList.SUSPEND, cause.reason)
    facts = {"start": written(cause.start), "reason": reason, "by": cause.by or _("the service")}
    if cause.end is None:
        return _("It stands still since %(start)s (%(reason)s, %(by)s): its due time moves when it goes on.") % facts
    return _("It stood still from %(start)s to %(end)s (%(reason)s, %(by)s).") % {**facts, "end": written(cause.end)}


def _ended(receipt: Receipt, course: Reckoning, written: _Writer) -> Iterator[str]:
    lost = sum((pause.lost for pause in course.pauses), timedelta())
    if lost:
        yield _("While it stood still %(lost)s were not counted.") % {"lost": span_words(lost)}
    if course.rolled_from:
        yield _("%(exact)s falls on a day off, so the next close of business counts.") % {
            "exact": written(course.rolled_from)
        }
    yield _("So it is due %(due)s.") % {"due": written(course.moments.due)}
    clock = receipt.clock
    if clock.stopped_at:
        words = _("It ended %(at)s, in time.") if clock.on_time else _("It ended %(at)s, too late.")
        yield words % {"at": written(clock.stopped_at)}
