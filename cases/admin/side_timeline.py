"""What the journal says of the side paths, in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from cases import labels, reasons
from cases.admin import wording
from cases.colours import Colour
from cases.models import Case, JournalEvent
from cases.phrases import limit_words
from cases.terms import Card, ReasonList
from cases.workflow import Action

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """The names behind the ids of a case's journal. `units` is by code, everything else by id."""

    parts: Mapping[int, str]
    units: Mapping[str, str]
    alerts: Mapping[int, str]
    orders: Mapping[int, str]
    clocks: Mapping[int, str]
    master: str


def known_of(case: Case) -> Known:
    """Of a case from `selectors.case_for`, without a query."""
    departments = [a.department for a in case.assignments.all()]
    departments += [clock.charged for clock in case.clocks.all() if clock.charged]
    departments += [order.department for order in case.supervision_orders.all()]
    units = {department.code: department.short_name for department in departments}
    for proposal in case.whistle_proposals.all():
        units[proposal.lead.code] = proposal.lead.short_name
        called: Any = proposal  # annotated by `selectors`
        units |= dict(zip(called.assistant_codes, called.assistant_names, strict=True))
    return Known(
        parts={a.pk: a.department.short_name for a in case.assignments.all()},
        units=units,
        alerts={a.pk: f"{labels.COLOUR[Colour(a.colour)]} · {a.clock.get_kind_display()}" for a in case.alerts.all()},
        orders={order.pk: order.department.short_name for order in case.supervision_orders.all()},
        clocks={clock.pk: _clock_name(clock) for clock in case.clocks.all()},
        master=getattr(case, "master_number", None) or "",
    )


def _clock_name(clock: Any) -> str:
    unit = clock.assignment.department.short_name if clock.assignment else ""
    return f"{unit} {clock.get_kind_display()}".strip()


def side_facts(event: JournalEvent, known: Known) -> list[str]:
    """The facts of one event; empty for events of the main path."""
    describe = _SIDE_FACTS.get(event.kind)
    return [str(words) for words in describe(event.payload, known, event.at) if words] if describe else []


def _called(facts: Facts, known: Known) -> list[str]:
    return [
        f"{labels.ASSIGNMENT_ROLE[role]} {known.parts.get(int(pk), '')}"
        for pk, (_code, role) in facts.get("assigned", {}).items()
    ]


def _moved(facts: Facts, known: Known, at: datetime) -> list[str]:
    """New due times, the clocks that stand on the page."""
    return [
        _("%(clock)s now due %(moment)s")
        % {"clock": known.clocks.get(int(pk), ""), "moment": wording.moment(datetime.fromisoformat(due), now=at)}
        for pk, (_generation, due) in facts.get("moved", {}).items()
    ]


def _named(codes: Iterable[str], known: Known) -> str:
    return "、".join(known.units.get(code, code) for code in codes)


def _proposed(facts: Facts, known: Known, at: datetime) -> list[Any]:
    at_once = _("emergency: effective at once") if facts.get("at_once") else ""
    return [_named(facts.get("departments", []), known), at_once]


def _whistle_decided(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return _called(facts, known)


def _objected(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [known.parts.get(facts["assignment"], ""), reasons.words(ReasonList.OBJECT, facts["reason"])]


def _ruled(facts: Facts, known: Known, at: datetime) -> list[Any]:
    verdict = _("upheld, charged nothing") if facts["upheld"] else _("overruled: must report in")
    return [known.parts.get(facts["assignment"], ""), verdict, *_called(facts, known)]


def _part_and_called(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [known.parts.get(facts.get("assignment", 0), ""), *_called(facts, known)]


def _extension_asked(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [limit_words(facts["limit"]), _("extension no. %(ordinal)d") % {"ordinal": facts["ordinal"]}]


def _extension_decided(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [_("granted") if facts["granted"] else _("refused"), *_moved(facts, known, at)]


def _suspended(facts: Facts, known: Known, at: datetime) -> list[Any]:
    until = wording.moment(datetime.fromisoformat(facts["until"]), now=at)
    return [reasons.words(ReasonList.SUSPEND, facts["reason"]), _("until %(moment)s") % {"moment": until}]


def _merged(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [_("follows %(number)s") % {"number": known.master} if known.master else ""]


def _reopened(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [_("round %(round)d begins") % {"round": facts.get("round", 1)}]


def _reminded(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return ["、".join(known.parts.get(pk, "") for pk in facts.get("reminded", []))]


def _about_alert(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [known.alerts.get(facts["alert"], "")]


def _supervised(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [known.orders.get(facts["order"], ""), labels.CARD[Card(facts["card"])]]


def _about_order(facts: Facts, known: Known, at: datetime) -> list[Any]:
    return [known.orders.get(facts["order"], "")]


_SIDE_FACTS: Final[dict[str, Callable[[Facts, Known, datetime], list[Any]]]] = {
    Action.PROPOSE_WHISTLE: _proposed,
    Action.APPROVE_WHISTLE: _whistle_decided,
    Action.OBJECT: _objected,
    Action.DECIDE_OBJECTION: _ruled,
    Action.REASSIGN: _part_and_called,
    Action.ADD_ASSISTANT: _part_and_called,
    Action.RELEASE_ASSISTANT: _part_and_called,
    Action.REQUEST_EXTENSION: _extension_asked,
    Action.DECIDE_EXTENSION: _extension_decided,
    Action.SUSPEND: _suspended,
    Action.RESUME: _moved,
    Action.MERGE: _merged,
    Action.REOPEN: _reopened,
    Action.REMIND: _reminded,
    Action.ACKNOWLEDGE: _about_alert,
    Action.SUBMIT_PLAN: _about_alert,
    Action.ANNUL_ALERT: _about_alert,
    Action.SUPERVISE: _supervised,
    Action.ANSWER_SUPERVISION: _about_order,
    Action.SIGN_OFF: _about_order,
}
