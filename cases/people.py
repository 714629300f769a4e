"""Finding and naming petitioners without showing them: by exact phone number, and who has looked at whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from cases import blind
from cases.access import visible_q, visible_to
from cases.models import Case, CaseText, JournalEvent, Petitioner
from cases.models.case import CaseQuerySet
from cases.terms import Disclosure
from grids.actors import Actor
from grids.roles import Role

#: The journal's word for a look at the plain fields.
UNSEAL_EVENT = "unseal"
#: Who may know a petitioner of the own area, confidential ones included (docs/privacy.md).
READERS = frozenset({Role.TOWNSHIP_DISPATCHER, Role.CENTER_DISPATCHER, Role.PETITION_OFFICER})


def of_phone(actor: Actor, phone: str) -> CaseQuerySet:
    """The visible cases of this exact number; of those whose petitioner is confidential only where the actor may know.

    Otherwise whoever can type a number could find out which pseudonym it hides behind.
    """
    same = Petitioner.objects.filter(known_q(actor), case=OuterRef("pk"), phone_index__in=blind.indexes(phone))
    return visible_to(actor).filter(Exists(same))


def known_q(actor: Actor) -> Q:
    """The petitioners whom this person may recognise, among those of visible cases."""
    known = Q(disclosure=Disclosure.NAMED) | Q(case__sealed=True)
    for post in actor.posts:
        if post.role in READERS and post.area_code:
            known |= Q(case__area_code__startswith=post.area_code)
    return known


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a petitioner. `reason` is empty once it was erased."""

    number: str
    petitioner_id: int
    pseudonym: str
    who: str
    who_id: int | None
    at: datetime
    reason: str


def looks_for(actor: Actor) -> QuerySet[JournalEvent]:
    """The looks that the petition office watches over, newest first: of its areas, sealed ones only as their keeper."""
    inside = Q(pk__in=[])
    for post in actor.posts:
        if post.role is Role.PETITION_OFFICER and post.area_code:
            inside |= Q(area_code__startswith=post.area_code)
    if not inside:
        return JournalEvent.objects.none()
    watched = Case.objects.filter((Q(sealed=False) & inside) | (Q(sealed=True) & visible_q(actor)))
    events = JournalEvent.objects.filter(kind=UNSEAL_EVENT, case__in=watched)
    return events.select_related("case", "actor").order_by(F("id").desc())


def looks_at(petitioner: Petitioner) -> list[Look]:
    """Who looked at this petitioner and when, oldest first: what the petitioner can be told."""
    events = JournalEvent.objects.filter(
        case=petitioner.case_id, kind=UNSEAL_EVENT, payload__petitioner=petitioner.pk
    ).select_related("case", "actor")
    return as_looks(events.order_by("seq"))


def as_looks(events: Iterable[JournalEvent]) -> list[Look]:
    """The events with their reasons and pseudonyms. Two queries."""
    rows = list(events)
    people = Petitioner.objects.in_bulk({row.payload["petitioner"] for row in rows})
    texts = CaseText.objects.filter(case__in={row.case_id for row in rows}, field="reason")
    reasons = {(case_id, seq): body for case_id, seq, body in texts.values_list("case_id", "event_seq", "body")}
    return [
        Look(
            number=row.case.number,
            petitioner_id=row.payload["petitioner"],
            pseudonym=people[row.payload["petitioner"]].pseudonym,
            who=row.actor.full_name if row.actor else "",
            who_id=row.actor_id,
            at=row.at,
            reason=reasons.get((row.case_id, row.seq), ""),
        )
        for row in rows
    ]
