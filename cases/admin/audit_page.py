"""What an auditor asks: who logged in, who could not, who looked at whom, who took what out, who changed what.

One page with a tab for each kind, narrowed by person and by days. Codes, names and times; no text of a case.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from axes.models import AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.admin.export_words import AUDITED, words_of
from cases.admin.pages import is_reckonable, open_to, render, slice_of
from cases.models import ExportNote, JournalEvent
from cases.people import UNSEAL_EVENT
from grids.actors import ZONE
from grids.admin.person import now_of
from grids.models import User
from grids.roles import Role

READERS: Final = frozenset({Role.AUDITOR})
SHOWN: Final = 50
#: People of one name that are looked for.
_MOST_PEOPLE: Final = 50
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for. `people`: who is meant by the name that was typed; None for everybody."""

    kind: str
    name: str
    people: list[User] | None
    since: date | None
    until: date | None

    def within(self, field: str) -> Q:
        """Of these days, both included, as the county counts them."""
        found = Q()
        if self.since is not None:
            found &= Q(**{f"{field}__gte": _midnight(self.since)})
        if self.until is not None:
            found &= Q(**{f"{field}__lt": _midnight(self.until + timedelta(days=1))})
        return found

    def by(self, field: str) -> Q:
        return Q() if self.people is None else Q(**{f"{field}__in": [person.pk for person in self.people]})

    def by_name(self) -> Q:
        return Q() if self.people is None else Q(username__in=[person.username for person in self.people])


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    who: str
    what: Any
    more: Any = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of record: its words, the columns behind time and person, the rows that were asked for, and how a page
    of them is said."""

    words: Any
    what: Any
    more: Any
    rows: Callable[[Asked], QuerySet[Any]]
    lines: Callable[[list[Any]], Iterable[Line]]


def everything(kind: str) -> Asked:
    """All of one kind, by whomever and whenever."""
    return Asked(kind, "", None, None, None)


@open_to(READERS)
def audit(request: HttpRequest) -> HttpResponse:
    asked = asked_by(request, request.GET.get("kind", ""))
    source = SOURCES[asked.kind]
    shown = slice_of(source.rows(asked).order_by("-id"), request.GET.get("page", ""), size=SHOWN)
    query = narrowed(asked)
    context = {
        "title": _("Audit"),
        "kinds": [(kind, one.words) for kind, one in SOURCES.items()],
        "source": source,
        "asked": asked,
        "lines": list(source.lines(shown.rows)),
        "shown": shown,
        "filters": urlencode(query),
        "query": f"{urlencode({'kind': asked.kind, **query})}&",
        "now": now_of(request),
    }
    return render(request, "cases/audit.html", context)


def narrowed(asked: Asked) -> dict[str, str]:
    """As it stands in an address."""
    return {"person": asked.name, "since": str(asked.since or ""), "until": str(asked.until or "")}


def asked_by(request: HttpRequest, kind: str) -> Asked:
    """What cannot be read of an address asks for nothing."""
    name = request.GET.get("person", "").replace("\x00", "").strip()[:_LONGEST_NAME]
    return Asked(
        kind=kind if kind in SOURCES else next(iter(SOURCES)),
        name=name,
        people=_people(name) if name else None,
        since=_day(request.GET.get("since", "")),
        until=_day(request.GET.get("until", "")),
    )


def _people(name: str) -> list[User]:
    same = Q(username__icontains=name) | Q(full_name__icontains=name)
    return list(User.objects.filter(same).order_by("username")[:_MOST_PEOPLE])


def _day(written: str) -> date | None:
    """None also for the last year of the calendar, by which people mean that there is no end."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if is_reckonable(day) else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZONE)


def _known(rows: Iterable[Any]) -> Mapping[str, User]:
    """The users whose names these logins carry. One query."""
    names = {row.username for row in rows if row.username}
    return {user.username: user for user in User.objects.filter(username__in=names)}


def _login_lines(rows: list[Any]) -> Iterable[Line]:
    known = _known(rows)
    for row in rows:
        yield Line(row.attempt_time, _named(known.get(row.username)), row.ip_address or "", row.logout_time)


def _failure_lines(rows: list[Any]) -> Iterable[Line]:
    """A name that nobody has is not shown: often it is a password in the wrong field."""
    known = _known(rows)
    for row in rows:
        locked = _("locked out") if row.locked_out else ""
        who = known.get(row.username)
        yield Line(row.attempt_time, _named(who) if who else _("unknown user name"), row.ip_address or "", locked)


def _named(user: User | None) -> str:
    return f"{user.full_name} ({user.username})" if user else "—"


def _look_lines(rows: list[JournalEvent]) -> Iterable[Line]:
    for row in rows:
        yield Line(row.at, _named(row.actor), row.case.number, _("look at a petitioner"))


def _export_lines(rows: list[ExportNote]) -> Iterable[Line]:
    for note in rows:
        ended = _("complete") if note.finished_at else _("not complete")
        rows_of = _("%(count)d rows") % {"count": note.rows}
        yield Line(note.at, _named(note.user), words_of(note), f"{note.format} · {rows_of} · {ended}")


def _change_lines(rows: list[LogEntry]) -> Iterable[Line]:
    for entry in rows:
        table = entry.content_type.name if entry.content_type else ""
        yield Line(
            entry.action_time, _named(entry.user), f"{table} {entry.object_repr}", entry.get_action_flag_display()
        )


SOURCES: Final[Mapping[str, Source]] = {
    "logins": Source(
        AUDITED["logins"],
        gettext_lazy("Address"),
        gettext_lazy("Logged out"),
        lambda asked: AccessLog.objects.filter(asked.within("attempt_time"), asked.by_name()),
        _login_lines,
    ),
    "failures": Source(
        AUDITED["failures"],
        gettext_lazy("Address"),
        gettext_lazy("Outcome"),
        lambda asked: AccessFailureLog.objects.filter(asked.within("attempt_time"), asked.by_name()),
        _failure_lines,
    ),
    "looks": Source(
        AUDITED["looks"],
        gettext_lazy("Case"),
        gettext_lazy("What"),
        lambda asked: JournalEvent.objects.filter(
            asked.within("at"), asked.by("actor"), kind=UNSEAL_EVENT, case__sealed=False
        ).select_related("case", "actor"),
        _look_lines,
    ),
    "exports": Source(
        AUDITED["exports"],
        gettext_lazy("List"),
        gettext_lazy("Outcome"),
        lambda asked: ExportNote.objects.filter(asked.within("at"), asked.by("user")).select_related("user"),
        _export_lines,
    ),
    "changes": Source(
        AUDITED["changes"],
        gettext_lazy("What"),
        pgettext_lazy("head of a column", "Change"),  # without it Django's own word of a log entry would be this one
        lambda asked: LogEntry.objects.filter(asked.within("action_time"), asked.by("user")).select_related(
            "user", "content_type"
        ),
        _change_lines,
    ),
}
