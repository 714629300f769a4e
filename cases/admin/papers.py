"""What is printed of a case: the 事项表 of the whole matter and the 督办单 of one order.

A paper shows what the page shows to the same person, petitioners masked as there. The same parts are drawn as a page
for the printer (`cases/paper.html`) and as a PDF (`cases.admin.pdf`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cases.admin import beside, wording
from cases.admin.case_view import Story
from cases.admin.petitioner import people_of
from cases.admin.places import township_code, township_names
from cases.admin.timeline import Entry, timeline
from cases.colours import Colour
from cases.models import Case, SupervisionOrder
from cases.terms import AssignmentRole
from grids.admin.person import actor_of, now_of

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet: short facts in two columns, long ones across, steps in the order of time, places to sign."""

    title: str
    number: str
    printed: str
    facts: list[Pair]
    texts: list[Pair]
    signatures: list[str]
    steps: list[tuple[str, str]] = field(default_factory=list)
    more: str = ""

    @property
    def name(self) -> str:
        """Of the file: what it is and of which case; no word of the matter."""
        return f"{self.title}-{self.number}"


def case_paper(request: HttpRequest, case: Case) -> Paper:
    """事项表."""
    now, story = now_of(request), Story.of(case)
    entries = timeline(case, story.events, story.texts)
    left_out = case.event_seq - len(entries)
    return Paper(
        title=_("Case sheet"),
        number=case.number,
        printed=_printed(request),
        facts=_filled([*_about(case), *_course(request, case), *_people(request, case)]),
        texts=[(_("Title"), case.title), (_("Matter"), case.description or _("No description was given."))],
        steps=[(wording.moment(entry.at, now=now), _step(entry)) for entry in reversed(entries)],
        more=_("%(count)d earlier events are in the journal.") % {"count": left_out} if left_out > 0 else "",
        signatures=[_("Handled by"), _("Approved by"), _("Date")],
    )


def order_paper(request: HttpRequest, case: Case, order: SupervisionOrder) -> Paper:
    """督办单. `order` is one of the case's own."""
    now, story = now_of(request), Story.of(case)
    dueness = partial(wording.due, now=now, calendar=wording.live_calendar())
    about = beside.texts_by_subject(story.events, story.texts)
    at = [row.pk for row in case.supervision_orders.all()].index(order.pk)
    told = beside.orders(case, about, dueness=dueness)[at]
    due = f"{told.due.at} {told.due.words}" if told.due else ""
    facts = [
        (_("Unit"), told.department),
        (_("Person in charge"), told.person),
        (_("Card"), str(told.card)),
        (_("State"), told.state),
        (_("Opened at"), wording.moment(order.opened_at, now=now)),
        (_("Opened by"), str(order.opened_by or _("the system, for a red alert"))),
        (_("Answer due"), due),
        (_("Case"), case.number),
    ]
    return Paper(
        title=_("Supervision order"),
        number=case.number,
        printed=_printed(request),
        facts=_filled(facts),
        texts=[
            (_("Title"), case.title),
            (_("Demand"), told.demand or _("A time limit of this case was missed: see the red alert.")),
            (_("Reply"), _with_time(told.reply, order.answered_at, now=now)),
            (_("Sign-off"), _with_time(str(order.signed_off_by or ""), order.signed_off_at, now=now)),
        ],
        signatures=[_("Issued by (seal)"), _("Received by"), _("Date")],
    )


def _about(case: Case) -> list[Pair]:
    township = township_names([case.area_code]).get(township_code(case.area_code), "")
    area = case.area.name if township == case.area.name else f"{township} {case.area.name}".strip()
    return [
        (_("Number"), case.number),
        (_("Type"), case.get_type_display()),
        (_("Status"), case.get_status_display()),
        (_("Urgency"), case.get_urgency_display()),
        (_("Area"), area),
        (_("Address"), case.address),
        (_("Category"), str(case.category or "")),
        (_("Source"), f"{case.get_source_display()} {case.source_number or ''}".strip()),
    ]


def _course(request: HttpRequest, case: Case) -> list[Pair]:
    now = now_of(request)
    due = wording.due(case.due_at, now=now, calendar=wording.live_calendar()) if case.due_at else None
    colour = Colour(case.colour)
    chip = f"{wording.SHAPES[colour]} {wording.WORDS[colour]}" if colour else ""
    helpers = [a.department.short_name for a in case.assignments.all() if a.role == AssignmentRole.ASSIST]
    return [
        (_("Received"), wording.moment(case.received_at, now=now)),
        (_("Due"), " ".join(part for part in (due.at, due.words, chip) if part) if due else ""),
        (_("Lead"), case.lead.short_name if case.lead else ""),
        (_("Assistants"), "、".join(helpers)),
    ]


def _people(request: HttpRequest, case: Case) -> list[Pair]:
    """Masked, whoever prints: a paper is handed on."""
    lines = [line for person in people_of(case, actor_of(request)) for line in person.lines]
    return [(str(label).capitalize(), str(words)) for label, words in lines]


def _step(entry: Entry) -> str:
    head = " · ".join(part for part in (_titled(entry), entry.who, *entry.facts) if part)
    return "\n".join([head, *(f"{label}：{text}" for label, text in entry.texts)])


def _titled(entry: Entry) -> str:
    return f"{wording.SHAPES[Colour(entry.colour)]} {entry.title}" if entry.colour else entry.title


def _with_time(words: str, at: datetime | None, *, now: datetime) -> str:
    return f"{words}\n{wording.moment(at, now=now)}".strip() if at else ""


def _filled(pairs: list[Pair]) -> list[Pair]:
    return [(label, words) for label, words in pairs if words]


def _printed(request: HttpRequest) -> str:
    moment = wording.moment(now_of(request), now=now_of(request))
    return _("printed %(at)s by %(who)s") % {"at": moment, "who": request.user}
