"""Repeats: cases that may be about the same matter, proposed to whoever takes one in or dockets it.

A proposal only: nothing is ever merged by itself. The same petitioner is recognised by the blind index of the phone,
never by that of the name: two 王伟 are two people. Similar words are found by trigrams of title and description
(PostgreSQL's pg_trgm, index `case_matter_text`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction
from django.db.models import Case as Case_
from django.db.models import Q, When

from cases import blind
from cases.access import visible_to
from cases.models import Case, Petitioner
from cases.models.case import matter_text
from cases.people import known_q
from cases.terms import ENDED
from grids.actors import Actor

#: Only what came in within this time can be a repeat.
WITHIN = timedelta(days=365)
#: From this share of common trigrams on two texts are called similar. Less than the usual 0.3: what two people say in
#: Chinese about one matter shares fewer trigrams.
LEAST = 0.2
#: Cases of one place that are looked at; more say no more.
COUNTED = 100
_LONGEST_TEXT = 2000  # characters that are compared: a long tail says nothing more


class Reason(StrEnum):
    SAME_PETITIONER = "same_petitioner"
    SIMILAR_TEXT = "similar_text"


class Proposal(StrEnum):
    """A case that still runs would be told twice; one that has ended is told again."""

    DUPLICATE = "duplicate"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Draft:
    """A matter that is being taken in and is no case yet."""

    title: str
    description: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Similar:
    """`score`: share of common trigrams of the two texts, 0 to 1."""

    case: Case
    proposal: Proposal
    reasons: tuple[Reason, ...]
    score: float


def similar_cases(told: Case | Draft, *, actor: Actor, now: datetime, limit: int = 5) -> list[Similar]:
    """The visible cases most like this one: the same petitioner first, then the most similar text."""
    text = f"{told.title} {told.description}"[:_LONGEST_TEXT]
    same = _cases_of_the_petitioner(told, actor)
    cases = visible_to(actor).filter(received_at__gte=now - WITHIN)
    if isinstance(told, Case):
        cases = cases.exclude(pk=told.pk)
    rows = (
        cases.alias(matter=matter_text())
        .filter(Q(pk__in=same) | Q(matter__trigram_similar=text))
        .annotate(same=Case_(When(pk__in=same, then=1), default=0), score=TrigramSimilarity(matter_text(), text))
        .select_related("area", "lead")
        .order_by("-same", "-score", "-received_at")
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(LEAST)])
        return [_similar(case) for case in rows[:limit]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Cases of the same place within a year, newest first; those of the very same address before the others.

    `count` says how many there are, up to `COUNTED`.
    """

    cases: list[Case]
    count: int


def earlier_here(case: Case, *, actor: Actor, now: datetime, limit: int = 3) -> Earlier:
    """What the actor sees of the same grid, village or township as the case itself names. One query."""
    near = visible_to(actor).filter(area_code=case.area_code, received_at__gte=now - WITHIN).exclude(pk=case.pk)
    rows = list(near.select_related("area", "lead").defer("description").order_by("-received_at", "-id")[:COUNTED])
    rows.sort(key=lambda row: not _same_address(row, case))
    return Earlier(rows[:limit], len(rows))


def _same_address(one: Case, other: Case) -> bool:
    return bool(other.address) and one.address.strip() == other.address.strip()


def _cases_of_the_petitioner(told: Case | Draft, actor: Actor) -> list[int]:
    """Recognised only among petitioners whom the actor may know, on both sides."""
    if isinstance(told, Draft):
        indexes = blind.PHONE.under_any_key(told.phone)
    else:
        own = Petitioner.objects.filter(known_q(actor), case=told).exclude(phone_index="")
        indexes = list(own.values_list("phone_index", flat=True))
    found = Petitioner.objects.filter(known_q(actor), phone_index__in=indexes) if indexes else Petitioner.objects.none()
    return list(found.values_list("case_id", flat=True))


def _similar(case: Case) -> Similar:
    same, score = case.same, round(case.score, 3)  # type: ignore[attr-defined]  # annotated
    reasons = [Reason.SAME_PETITIONER] if same else []
    if score >= LEAST:
        reasons.append(Reason.SIMILAR_TEXT)
    proposal = Proposal.REPEAT if case.status in ENDED else Proposal.DUPLICATE
    return Similar(case, proposal, tuple(reasons), score)
