"""Finding and naming petitioners without showing them: by exact number or name, and who has looked at whom."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import F, Q, QuerySet

from cases import blind
from cases.access import visible_q
from cases.models import Case, CaseText, JournalEvent, Petitioner
from cases.models.case import CaseQuerySet
from cases.terms import Disclosure
from grids.actors import Actor
from grids.roles import Role

#: The journal's word for a look at the plain fields.
UNSEAL_EVENT = "unseal"
#: Who may know a petitioner of the own area, confidential ones included (docs/privacy.md).
READERS = frozenset({Role.TOWNSHIP_DISPATCHER, Role.CENTER_DISPATCHER, Role.PETITION_OFFICER})
#: Cases of one person that are looked for. Many people may bear a name: the newest of them are found.
MOST: Final = 1000
_PHONE: Final = re.compile(r"[\d+() \-]+")


def cases_of(text: str, cases: CaseQuerySet, *, actor: Actor) -> list[int]:
    """Those of `cases`, which the actor sees, whose petitioner has exactly this phone number or this whole name: newest
    first, `MOST` of them. One query, none for what is neither.

    Of confidential petitioners only where the actor may know: otherwise whoever can type a number or a name could find
    out which pseudonym it hides behind.
    """
    same = _same(text)
    if same is None:
        return []
    found = Petitioner.objects.filter(same, known_q(actor), case__in=cases.order_by().values("pk"))
    return list(found.order_by("-case_id").values_list("case_id", flat=True)[:MOST])


def _same(text: str) -> Q | None:
    """What holds digits is no name, so never both."""
    if _PHONE.fullmatch(text) and (numbers := blind.PHONE.under_any_key(text)):
        return Q(phone_index__in=numbers)
    names = blind.NAME.under_any_key(text)
    return Q(name_index__in=names) if names else None


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
