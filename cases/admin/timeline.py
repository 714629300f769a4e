"""The journal of a case as people read it: who did what when, with the texts that stand beside the events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import labels, reasons
from cases.actions.calendar_change import CALENDAR_EVENT
from cases.actions.erasure import ERASE_EVENT
from cases.actions.expiry import EXPIRE_EVENT
from cases.actions.intake import ARCHIVE_EVENT
from cases.actions.meetings import DECISION_EVENT
from cases.actions.mending import RECONCILE_EVENT
from cases.admin import wording
from cases.admin.side_timeline import Known, known_of, side_facts
from cases.alerting import ALERT_EVENT
from cases.colours import Colour
from cases.models import Case, JournalEvent
from cases.people import UNSEAL_EVENT
from cases.terms import CITIZEN_ACTED, CaseType, ClockKind, Grade, ReasonList, Status, Urgency
from cases.workflow import Action
from grids.labels import ROLE_LABELS
from grids.roles import Role
from notifications.inbox import Told

#: Events that no action of the table writes.
_BESIDE: Mapping[str, Promise] = {
    ALERT_EVENT: gettext_lazy("Colour raised"),
    ARCHIVE_EVENT: gettext_lazy("Taken over from another system"),
    CALENDAR_EVENT: gettext_lazy("The work calendar changed"),
    DECISION_EVENT: gettext_lazy("Decided in a dispatch meeting"),
    ERASE_EVENT: gettext_lazy("The petitioner was erased"),
    EXPIRE_EVENT: gettext_lazy("The petitioner was anonymised: the case ended long ago"),
    RECONCILE_EVENT: gettext_lazy("Set right by the reconciliation"),
    UNSEAL_EVENT: gettext_lazy("The petitioner's data were looked at"),
}
SHOWN = 100  # events of one page; the rest stands in the journal

Facts = Mapping[str, Any]
Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `colour` is set for alerts; `texts` are (what it is, the words).

    A `message` is news that was sent.
    """

    at: datetime
    title: str
    who: str
    colour: int = 0
    facts: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    message: bool = False


def event_words(kind: str) -> str | Promise:
    """What people call an event."""
    words: Mapping[Any, str | Promise] = {**labels.ACTION, **_BESIDE}
    return words.get(kind, kind)


def timeline(case: Case, events: Iterable[JournalEvent], texts: Mapping[tuple[int, str], str]) -> list[Entry]:
    """The events as entries, in their order. `case` comes from `selectors.case_for`; no further query is made."""
    units = _units(case)
    parts = {a.pk: a.department.short_name for a in case.assignments.all()}
    known = known_of(case)
    return [_entry(event, texts, parts, units, known) for event in events]


def with_messages(entries: list[Entry], told: Iterable[Told]) -> list[Entry]:
    """The same with who was told of what, in the order of time, newest first; nothing older than the oldest event.

    An alert says itself how many people it was told to.
    """
    begins = entries[-1].at if entries else None
    alerts = {entry.at for entry in entries if entry.colour}
    messages = [_told(one) for one in told if one.at not in alerts and (begins is None or one.at >= begins)]
    return sorted([*messages, *entries], key=lambda entry: entry.at, reverse=True)


def _told(one: Told) -> Entry:
    people = ngettext("%(count)d person told", "%(count)d people told", one.people) % {"count": one.people}
    read = ngettext("%(count)d has read it", "%(count)d have read it", one.read) % {"count": one.read}
    return Entry(at=one.at, title=str(one.label), who="", facts=[people, read], message=True)


def _entry(
    event: JournalEvent, texts: Mapping[tuple[int, str], str], parts: Names, units: Names, known: Known
) -> Entry:
    facts = event.payload
    if event.kind == ALERT_EVENT:
        return Entry(
            event.at, _alert_title(facts), "", Colour.of(facts["colour"]), _alert_facts(facts, units, event.at)
        )
    said = [(labels.FIELD.get(name, name), body) for (seq, name), body in texts.items() if seq == event.seq]
    describe = _FACTS.get(event.kind)
    return Entry(
        at=event.at,
        title=str(event_words(event.kind)),
        who=str(event.actor or (_("A citizen") if facts.get("by") == CITIZEN_ACTED else "")),
        facts=[str(words) for words in describe(facts, parts) if words] if describe else side_facts(event, known),
        texts=[(str(name), body) for name, body in said],
    )


def _units(case: Case) -> dict[int, str]:
    """Names of the units that clocks of this case are charged to."""
    units = {a.department_id: a.department.short_name for a in case.assignments.all()}
    units |= {c.charged.pk: c.charged.short_name for c in case.clocks.all() if c.charged}
    return units


def _alert_title(facts: Facts) -> str:
    return f"{labels.COLOUR[Colour.of(facts['colour'])]} · {labels.CLOCK[ClockKind(facts['kind'])]}"


def _alert_facts(facts: Facts, units: Names, at: datetime) -> list[str]:
    lines = [units.get(facts.get("charged") or 0, "")]
    if facts.get("late"):
        due = wording.moment(datetime.fromisoformat(facts["moment"]), now=at)
        lines.append(_("late, raised by the system afterwards: it should have come at %(moment)s") % {"moment": due})
    told = len(facts.get("told", []))
    lines.append(ngettext("%(count)d person told", "%(count)d people told", told) % {"count": told})
    vacant = [str(ROLE_LABELS[Role(code)]) for code in facts.get("vacancies", [])]
    lines.append(_("Vacant: %(posts)s") % {"posts": "、".join(vacant)} if vacant else "")
    return [line for line in lines if line]


def _collected(facts: Facts, parts: Names) -> list[Any]:
    return [labels.TYPE.get(CaseType(facts["type"]), "")]


def _on_spot(facts: Facts, parts: Names) -> list[Any]:
    return [_("%(count)d photos") % {"count": len(facts["attachments"])}]


def _docketed(facts: Facts, parts: Names) -> list[Any]:
    return [labels.TYPE[CaseType(facts["type"])], labels.URGENCY[Urgency(facts["urgency"])]]


def _rejected(facts: Facts, parts: Names) -> list[Any]:
    return [reasons.words(ReasonList.REJECT, facts["reason"])]


def _dispatched(facts: Facts, parts: Names) -> list[Any]:
    called = facts.get("assigned", {})
    return [f"{labels.ASSIGNMENT_ROLE[role]} {parts.get(int(pk), '')}" for pk, (_code, role) in called.items()]


def _reported_in(facts: Facts, parts: Names) -> list[Any]:
    lines = [parts.get(facts.get("assignment", 0), "")]
    if facts.get("on_spot"):
        lines.append(_("signed in on the spot"))
    if facts.get("distance_m") is not None:
        lines.append(_("%(metres)d m from the matter") % {"metres": facts["distance_m"]})
    return lines


def _finished(facts: Facts, parts: Names) -> list[Any]:
    return [parts.get(facts.get("assignment", 0), "")]


def _verified(facts: Facts, parts: Names) -> list[Any]:
    return [_("passed") if facts.get("passed") else _("not passed: handled again")]


def _rated(facts: Facts, parts: Names) -> list[Any]:
    solved = _("solved") if facts.get("solved") else _("not solved")
    return [labels.GRADE[Grade(facts["grade"])], solved, *_round_after(facts)]


def _round_after(facts: Facts) -> list[str]:
    if facts.get("to") != Status.HANDLING:
        return []
    return [_("round %(round)d begins") % {"round": facts.get("round", 1)}]


_FACTS: dict[str, Callable[[Facts, Names], list[Any]]] = {
    Action.COLLECT: _collected,
    Action.RESOLVE_ON_SPOT: _on_spot,
    Action.DOCKET: _docketed,
    Action.REJECT: _rejected,
    Action.DISPATCH: _dispatched,
    Action.REPORT_IN: _reported_in,
    Action.FINISH: _finished,
    Action.VERIFY: _verified,
    Action.RATE: _rated,
    Action.REVISE_RATING: _rated,
}
