"""What whoever raised a matter may know of it with its number and query code, or with a link to rate.

Status, times and answers; nothing about officers, departments or other petitioners. A merged matter is told by what
became of its master, without naming it. Of a sealed matter there are the status and the times alone, in the same
shape, so that an answer seen over somebody's shoulder tells nobody that it is an accusation (docs/privacy.md).
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cases import codes, reasons
from cases.codes import RatingLink
from cases.models import Case, CaseText, Clock, JournalEvent, Petitioner, Rating
from cases.terms import ClockKind, Disclosure, RatingChannel, ReasonList, Status
from cases.workflow import Action

#: Answers of one round at most: each department of a case gives one.
MOST_ANSWERS: Final = 50
_ANSWERED: Final = frozenset({Status.RATING, Status.CLOSED})
#: Where the time of the answer is that of this round.
_SAID_AT: Final = _ANSWERED | {Status.ANSWERED}
#: Which texts answer the petitioner, by the kind of event.
_REPLIES: Final = {Action.FINISH: "reply", Action.RESOLVE_ON_SPOT: "reply", Action.REJECT: "advice"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason`: why the matter was not taken in, in words."""

    text: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rater:
    """A petitioner as somebody who may be asked: `own` is the case that was raised, `asked` the one that is rated."""

    own: Case
    asked: Case
    petitioner: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What this petitioner was asked and has said. `token` is None where nothing can be said any more."""

    number: str
    round: int
    until: datetime
    token: str | None
    grade: int | None
    solved: bool | None


@dataclass(frozen=True, slots=True)
class Progress:
    number: str
    status: Status
    received_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    answers: tuple[Answer, ...]
    verdict: Verdict | None


def find(*, number: str, code: str) -> Case | None:
    """One statement, which asks for the code alone: without it, nothing tells a number that was given from another."""
    case = Case.objects.select_related("master").filter(query_code_hash=codes.code_hash(code)).first()
    if case is None or not hmac.compare_digest(case.number.encode(), number.strip().encode()):
        return None
    return case


def progress(case: Case, *, now: datetime) -> Progress:
    """`case` comes from `find`. At most five queries."""
    told = case.master or case
    hidden = case.sealed or told.sealed
    rater = None if hidden else _rater(case, told)
    return Progress(
        number=case.number,
        status=Status(told.status),
        received_at=case.received_at,
        answered_at=told.answered_at if told.status in _SAID_AT and not hidden else None,
        closed_at=told.closed_at,
        answers=() if hidden else _answers(told),
        verdict=verdict(rater, now=now) if rater else None,
    )


def rater_by(link: RatingLink) -> Rater | None:
    """Whom the link was made for; None when that person was erased or the matter was sealed meanwhile."""
    if link.petitioner is None:
        own = Case.objects.filter(pk=link.case_id, disclosure=Disclosure.ANONYMOUS).first()
        return Rater(own, own, None) if own and not own.sealed else None
    people = Petitioner.objects.select_related("case__master").filter(pk=link.petitioner, erased_at=None)
    person = people.first()
    if person is None:
        return None
    asked = person.case.master or person.case
    if asked.pk != link.case_id or asked.sealed or person.case.sealed:
        return None
    return Rater(person.case, asked, person.pk)


def verdict(rater: Rater, *, now: datetime, nth: int | None = None) -> Verdict | None:
    """About that round, or about the latest in which anybody was asked. None where nobody was."""
    asked, asking = rater.asked, Clock.objects.filter(case=rater.asked, kind=ClockKind.RATE)
    clock = (asking if nth is None else asking.filter(round=nth)).order_by("-pk").first()
    if clock is None:
        return None
    link = RatingLink(asked.pk, rater.petitioner, clock.round)
    said = said_by(link)
    awaited = asked.status == Status.RATING and asked.round == clock.round
    may = awaited if said is None else said.channel == RatingChannel.CALLBACK
    return Verdict(
        number=rater.own.number,
        round=clock.round,
        until=clock.due_at,
        token=codes.rating_token(link) if may and now <= clock.due_at else None,
        grade=said.grade if said else None,
        solved=said.solved if said else None,
    )


def said_by(link: RatingLink) -> Rating | None:
    """The verdict that stands, whoever wrote it down."""
    said = Rating.objects.filter(case=link.case_id, round=link.round)
    mine = said.filter(petitioner=None) if link.petitioner is None else said.filter(petitioner=link.petitioner)
    return mine.first()


def _rater(own: Case, asked: Case) -> Rater | None:
    """None for an anonymous petitioner of a merged matter, who is not invited (ADR 0015)."""
    if own.disclosure == Disclosure.ANONYMOUS:
        return Rater(own, asked, None) if own.pk == asked.pk else None
    person = own.petitioners.filter(erased_at=None).order_by("pk").first()
    return Rater(own, asked, person.pk) if person else None


def _answers(case: Case) -> tuple[Answer, ...]:
    """What departments answered in this round, once it was verified; or where to go with what was not taken in."""
    events = {event.seq: event for event in _answering(case)}
    if not events:
        return ()
    fields = set(_REPLIES.values())
    texts = CaseText.objects.filter(case=case, event_seq__in=events, field__in=fields).exclude(body="")
    return tuple(_answer(events[row.event_seq], row.body) for row in texts.order_by("event_seq"))


def _answering(case: Case) -> list[JournalEvent]:
    kinds = {Action.REJECT} if case.status == Status.REJECTED else {Action.FINISH, Action.RESOLVE_ON_SPOT}
    if case.status not in _ANSWERED | {Status.REJECTED}:
        return []
    events = case.events.filter(kind__in=sorted(kinds), payload__round=case.round)
    return list(events.order_by("seq")[:MOST_ANSWERS])


def _answer(event: JournalEvent, text: str) -> Answer:
    facts: Mapping[str, str] = event.payload
    rejected = event.kind == Action.REJECT
    return Answer(text, event.at, reasons.words(ReasonList.REJECT, facts["reason"]) if rejected else "")
