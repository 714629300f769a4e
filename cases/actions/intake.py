"""采集: a matter comes in, from a person or from an older system. Number and query code are given here."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _

from cases import blind, chain, codes, journal
from cases.actions.attaching import facts_of, use
from cases.actions.sealing import arrived
from cases.actions.timing import new_clock
from cases.actions.turn import whole_or_conflict
from cases.errors import Conflict, NotPermitted
from cases.keeping import keeper_for
from cases.models import Attachment, Case, Category, Clock, Petitioner
from cases.terms import CITIZEN_ACTED, CaseType, ClockKind, Disclosure, Outcome, Source, Status, Urgency
from cases.versions import calendar_in_force, policy_in_force
from cases.workflow import TABLE, Action
from grids.actors import SERVICE, ZONE, Actor
from grids.models import Area, Department, User
from grids.units import dispatching_unit
from notifications.outbox import Draft, enqueue

ARCHIVE_EVENT = "archive"


@dataclass(frozen=True, slots=True)
class PetitionerInput:
    """What was said about the person who raised the matter. Nothing of an anonymous one is stored."""

    disclosure: Disclosure
    name: str = ""
    phone: str = ""
    id_number: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as it was told, before it is a case. `evidence`: what a phone says of its clock, for the journal."""

    type: CaseType
    title: str
    area: Area
    description: str = ""
    category: Category | None = None
    source: Source = Source.GRID
    urgency: Urgency = Urgency.NORMAL
    address: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    captured_at: datetime | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    petitioner: PetitionerInput | None = None
    accused_units: tuple[Department, ...] = ()
    accused_persons: tuple[User, ...] = ()
    parties: tuple[User, ...] = ()
    attachments: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """A case with its query code, which is shown now and stored only as a hash."""

    case: Case
    query_code: str
    created: bool
    clocks: tuple[Clock, ...] = ()
    petitioner: Petitioner | None = None
    attachments: tuple[Attachment, ...] = ()
    concerned: frozenset[int] = frozenset()


def collect(
    *, matter: Matter, client_id: uuid.UUID, actor: Actor, now: datetime, request: Mapping[str, Any]
) -> Collected:
    """Take a matter in. The same `client_id` and `request` of the same person again give the same case and code.

    An accusation is sealed at once: whoever took it in keeps its number and code and sees it no more.
    Errors: NotPermitted outside one's own area, Conflict when the `client_id` was used for another request.
    """
    _check_collector(actor, matter)
    digest = codes.request_digest(request)
    try:
        with whole_or_conflict():
            return _create(matter, client_id=client_id, digest=digest, actor=actor, now=now)
    except IntegrityError:
        return _repeated(client_id=client_id, digest=digest, actor=actor)


def _check_collector(actor: Actor, matter: Matter) -> None:
    if actor.user_id is None:  # the service, or a citizen
        return
    if not actor.roles_in_area(matter.area.code) & TABLE[Action.COLLECT].roles:
        raise NotPermitted(_("You may only collect matters inside your own area."))


def _create(matter: Matter, *, client_id: uuid.UUID, digest: str, actor: Actor, now: datetime) -> Collected:
    code = codes.query_code(client_id, actor.user_id)
    case = _new_case(matter, client_id=client_id, digest=digest, code=code, actor=actor, now=now)
    case.status = Status.COLLECTED
    petitioner, news = _store(case, matter, now=now)
    unit = None if case.sealed else dispatching_unit(matter.area.code)
    clock = new_clock(
        case=case,
        kind=ClockKind.DOCKET,
        charged_id=unit.pk if unit else None,
        assignment=None,
        calendar=calendar_in_force(),
        now=now,
    )
    files = use(case, matter.attachments, action=Action.COLLECT, field="attachments", actor=actor)
    facts = _facts(case, matter) | facts_of(files) | ({"by": CITIZEN_ACTED} if actor.is_citizen else {})
    if clock is not None:
        clock.save(force_insert=True)
        case.due_at = clock.due_at
        facts["started"] = {str(clock.pk): ClockKind.DOCKET.value}
    journal.record(case, Action.COLLECT.value, actor_id=actor.user_id, at=now, facts=facts)
    case.save(update_fields=["event_seq", "event_hash", "updated_at", "due_at"])
    enqueue(news, now=now)
    clocks = () if clock is None else (clock,)
    return Collected(
        case=case,
        query_code=code,
        created=True,
        clocks=clocks,
        petitioner=petitioner,
        attachments=tuple(files),
        concerned=frozenset(person.pk for person in matter.accused_persons + matter.parties),
    )


def _new_case(matter: Matter, *, client_id: uuid.UUID, digest: str, code: str, actor: Actor, now: datetime) -> Case:
    anonymous = matter.petitioner is not None and matter.petitioner.disclosure is Disclosure.ANONYMOUS
    return Case(
        number=_next_number(now),
        query_code_hash=codes.code_hash(code),
        client_id=client_id,
        request_digest=digest,
        created_by_id=actor.user_id,
        type=matter.type,
        category=matter.category,
        urgency=matter.urgency,
        source=matter.source,
        title=matter.title,
        description=matter.description,
        text_salt=journal.new_salt(),
        disclosure=matter.petitioner.disclosure if matter.petitioner else "",
        area=matter.area,
        area_code=matter.area.code,
        address="" if anonymous else matter.address,
        latitude=matter.latitude,
        longitude=matter.longitude,
        policy=policy_in_force(now),
        captured_at=matter.captured_at,
        received_at=now,
        updated_at=now,
    )


def _next_number(now: datetime) -> str:
    """`350924-2026-0000001`: county, year of receipt, and a sequence that never gives a number twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number')")
        (serial,) = cursor.fetchone()
    return f"{settings.COUNTY_CODE}-{now.astimezone(ZONE).year}-{serial:07d}"


def _store(case: Case, matter: Matter, *, now: datetime) -> tuple[Petitioner | None, list[Draft]]:
    """The row with its people; an accusation is sealed before anybody could see it. Also the keepers' news."""
    if case.type == CaseType.ACCUSATION:  # the database knows no sealed case without its keeper
        case.sealed, case.keeper = True, keeper_for(matter.accused_units, matter.accused_persons, now=now)
    case.save(force_insert=True)
    petitioner = _store_petitioner(case, matter.petitioner)
    for named, rows in (
        (case.accused_units, matter.accused_units),
        (case.accused_persons, matter.accused_persons),
        (case.parties, matter.parties),
    ):
        if rows:
            named.add(*rows)
    return petitioner, arrived(case, now=now) if case.sealed else []


def _store_petitioner(case: Case, petitioner: PetitionerInput | None) -> Petitioner | None:
    if petitioner is None or petitioner.disclosure is Disclosure.ANONYMOUS:
        return None
    return Petitioner.objects.create(
        case=case,
        disclosure=petitioner.disclosure,
        pseudonym=codes.pseudonym(case.number),
        name=petitioner.name,
        phone=petitioner.phone,
        id_number=petitioner.id_number,
        address=petitioner.address,
        **blind.indexes_of(name=petitioner.name, phone=petitioner.phone),
    )


def _facts(case: Case, matter: Matter) -> dict[str, Any]:
    return _sealed_facts(case, matter) | {
        **matter.evidence,
        "to": case.status,
        "number": case.number,
        "type": case.type,
        "area": case.area_code,
        "source": case.source,
        "policy": case.policy_id,
        "received": chain.stamp(case.received_at),
        "matter": chain.text_digest(case.text_salt, f"{case.title}\n{case.description}"),
    }


def _sealed_facts(case: Case, matter: Matter) -> dict[str, Any]:
    if not case.sealed:
        return {}
    return {
        "keeper": case.keeper,
        "accused_units": sorted(unit.code for unit in matter.accused_units),
        "accused_persons": sorted(person.pk for person in matter.accused_persons),
    }


def _repeated(*, client_id: uuid.UUID, digest: str, actor: Actor) -> Collected:
    case = Case.objects.filter(created_by_id=actor.user_id, client_id=client_id).first()
    if case is None:
        raise Conflict(_("The case could not be saved beside another one. Nothing was stored; please try again."))
    if case.request_digest != digest:
        raise Conflict(_("This client_id was already used for another matter. Nothing was changed."))
    return Collected(case, codes.matching_code(case), created=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer that an older system gave, with its time."""

    reply: str
    at: datetime


def import_matter(
    *,
    matter: Matter,
    received_at: datetime | None,
    answer: Answered | None,
    source_system: str,
    source_number: str,
    now: datetime,
) -> Case | None:
    """Take in one row of another system; None when its source number is here already.

    With an answer it becomes a closed, historic case with its original times and without clocks or alerts; without
    one it is collected and its clocks start at import.
    """
    same = Case.objects.filter(source_system=source_system, source_number=source_number)
    if same.exists():
        return None
    client_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{source_system}\n{source_number}")
    try:
        with whole_or_conflict():
            case = _create_imported(matter, client_id=client_id, answer=answer, received_at=received_at, now=now)
            case.source_system, case.source_number = source_system, source_number
            case.save(update_fields=["source_system", "source_number"])
    except IntegrityError:
        if same.exists():  # another import was faster; `exists` asks anew
            return None
        raise
    return case


def _create_imported(
    matter: Matter,
    *,
    client_id: uuid.UUID,
    answer: Answered | None,
    received_at: datetime | None,
    now: datetime,
) -> Case:
    if answer is None:
        return _create(matter, client_id=client_id, digest="", actor=SERVICE, now=now).case
    code = codes.query_code(client_id, None)
    case = _new_case(matter, client_id=client_id, digest="", code=code, actor=SERVICE, now=now)
    case.status, case.outcome = Status.CLOSED, Outcome.HISTORIC
    case.received_at = received_at or answer.at
    case.answered_at = case.closed_at = answer.at
    _store(case, matter, now=now)
    facts = {**_facts(case, matter), "answered": chain.stamp(answer.at)}
    journal.record(case, ARCHIVE_EVENT, actor_id=None, at=now, facts=facts, texts={"reply": answer.reply})
    case.save(update_fields=["event_seq", "event_hash", "updated_at"])
    return case
