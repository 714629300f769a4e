"""What the page of one case shows: everything in the words of whoever looks at it. Reading only."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.forms import Media
from django.http import HttpRequest
from django.urls import reverse

from cases import labels
from cases.access import accused_ids
from cases.admin import beside, lanes, wording
from cases.admin.action_forms import cards
from cases.admin.choices import Reference
from cases.admin.choosing import officer_choices
from cases.admin.petitioner import people_of
from cases.admin.places import township_code, township_names
from cases.admin.similar_panel import MASTER
from cases.admin.timeline import SHOWN, timeline, with_messages
from cases.admin.uploads import shown
from cases.guards import Offer
from cases.models import Case, CaseText, JournalEvent
from cases.selectors import events_of, offers_for, soon_for
from cases.terms import Phase, Status
from cases.workflow import PHASES, Action
from grids.admin.person import actor_of, now_of
from grids.book import DEPARTMENTS
from notifications.inbox import told_about

_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Story:
    """The newest events with the texts that were written with them."""

    events: Sequence[JournalEvent]
    texts: Mapping[tuple[int, str], str]

    @classmethod
    def of(cls, case: Case) -> "Story":
        """One query."""
        written = CaseText.objects.filter(case=OuterRef("case"), event_seq=OuterRef("seq"))
        texts = ArraySubquery(written.values(said=JSONObject(field="field", body="body")))
        events = list(events_of(case).annotate(written=texts)[:SHOWN])
        return cls(events, {(e.seq, said["field"]): said["body"] for e in events for said in e.written})


def context_of(request: HttpRequest, case: Case, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra` replaces what a plain look shows: a refused form as `refused`, petitioners seen in plain as `look`."""
    given = dict(extra)
    refused, look = given.pop("refused", None), given.pop("look", None)
    actor, now = actor_of(request), now_of(request)
    offered = offers_for(actor, case, now=now)
    master = request.GET.get(MASTER, "")[:_LONGEST_NUMBER]
    buttons = cards(offered, Reference(actor, case, now), refused, master=master)
    return {
        "title": case.number,
        "case": case,
        "now": now,
        "people": people_of(case, actor, look),
        "similar": _similar_address(case, offered),
        "cards": buttons,
        "soon": [(labels.ACTION[one.action], one.reason) for one in soon_for(actor, case, offered)],
        "media": sum((card.form.media for card in buttons), Media()),
        "key": uuid.uuid4().hex,
        **_matter(case),
        **_course(request, case),
        **given,
    }


def _matter(case: Case) -> dict[str, Any]:
    return {
        "township": township_names([case.area_code]).get(township_code(case.area_code), ""),
        "phases": phase_line(case),
        "files": shown(case),
        "accused": _accused(case),
    }


def _course(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Clocks, departments, orders, and what happened."""
    now, story = now_of(request), Story.of(case)
    dueness = partial(wording.due, now=now, calendar=wording.live_calendar())
    about = beside.texts_by_subject(story.events, story.texts)
    entries = timeline(case, story.events, story.texts)
    return {
        "due": dueness(case.due_at) if case.due_at else None,
        "due_receipt": lanes.next_due_receipt(case),
        "lanes": lanes.lanes(case, dueness=dueness),
        "timers": lanes.own_timers(case, dueness=dueness),
        "timeline": with_messages(entries, told_about(case.number)),
        "latest": entries[0] if entries else None,
        "more_events": case.event_seq - len(story.events),
        "waiting": beside.waiting(case, about, now=now),
        "orders": beside.orders(case, about, dueness=dueness),
        "awaited": beside.awaited(case),
        "standstill": beside.standstill(case, now=now),
    }


def _accused(case: Case) -> list[tuple[Any, str]]:
    """Of a sealed case, against whom it is. Two queries at most, and none for any other case."""
    if not case.sealed:
        return []
    _persons, ids = accused_ids(case)
    units = "、".join(unit.name for unit in sorted(map(DEPARTMENTS.of, ids), key=lambda unit: unit.code))
    persons = "、".join(words for _username, words in officer_choices(case.accused_persons.order_by("username")))
    return [(labels.FIELD["accused_units"], units), (labels.FIELD["accused_persons"], persons)]


def _similar_address(case: Case, offered: list[Offer]) -> str:
    """Where the page asks for similar and earlier cases; `?merge` for whoever may merge this one."""
    address = reverse("admin:cases_case_similar", args=[case.number])
    return f"{address}?merge" if any(offer.action is Action.MERGE for offer in offered) else address


def phase_line(case: Case) -> list[tuple[Any, str]]:
    """The five phases with where the case stands: past, here or ahead. A case that left the loop stands nowhere."""
    here = PHASES[Status(case.status)]
    order = list(Phase)
    if here is None:
        return [(labels.PHASE[phase], "ahead") for phase in order]
    place = order.index(here)
    ended = case.status == Status.CLOSED
    return [
        (labels.PHASE[phase], "past" if at < place or ended else "here" if at == place else "ahead")
        for at, phase in enumerate(order)
    ]
