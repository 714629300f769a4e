"""The reads that doors share. Every list is a queryset for the door to page; what a person sees is `access`."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.access import sees, visible_q, visible_to
from cases.calendar import WorkCalendar
from cases.colours import Colour
from cases.errors import NotReady
from cases.extensions import AREA_DECIDERS
from cases.guards import BOUNCES_BEFORE_ARBITER, Offer, Scene, offers
from cases.models import (
    Assignment,
    Attachment,
    Case,
    CaseText,
    ExtensionRequest,
    JournalEvent,
    Objection,
    SupervisionOrder,
    WhistleProposal,
)
from cases.models.case import ANY_WORST_FIRST, CaseQuerySet
from cases.reading import whole_case
from cases.soon import Soon, soon
from cases.terms import KEEPERS, PETITION_TYPES, AssignmentState, ExtensionLevel, Status
from cases.versions import calendar_in_force as _calendar_in_force
from cases.workflow.rule import DISPATCHERS, WITH_DEPARTMENTS
from grids.actors import Actor
from grids.roles import Role

_WAITING_FOR_UNIT = [AssignmentState.WAITING, AssignmentState.WORKING]


def case_for(actor: Actor, number: str) -> Case | None:
    """One case with everything that its page shows, or None where this person sees none. At most three queries.

    `master_number` and `merged_numbers` name the cases of the same matter that this person sees too.
    """
    case = seen_case(actor, number)
    if case is not None:
        name_related(actor, [case])
    return case


def seen_case(actor: Actor, number: str, *, named: bool = True) -> Case | None:
    """The same without the other cases of its matter, and on demand without the officers `named` in it."""
    case = whole_case(number, named=named)
    if case is None or not sees(actor, case, case.assignments.all(), case.supervision_orders.all()):
        return None
    return case


def name_related(actor: Actor, cases: Iterable[Any]) -> None:
    """Let cases from `cases.reading` name the cases of the same matter that this person sees. One query, or none."""
    wanted = {case.pk: case for case in cases}
    for case in wanted.values():
        case.master_number, case.merged_numbers = None, []
    masters = [case.master_id for case in wanted.values() if case.master_id is not None]
    followed = [pk for pk, case in wanted.items() if case.has_followers]
    if not masters and not followed:
        return
    related = visible_to(actor).filter(Q(pk__in=masters) | Q(master__in=followed)).order_by("pk")
    for pk, master_id, number in related.values_list("pk", "master_id", "number"):
        for case in wanted.values():
            if case.master_id == pk:
                case.master_number = number
        if master_id in wanted:
            wanted[master_id].merged_numbers.append(number)


def attachment_for(actor: Actor, pk: UUID) -> Attachment | None:
    """A file that this person may open: of a case that is visible, or sent by this person and not used yet."""
    readable = Q(case__in=visible_to(actor)) | Q(case=None, uploaded_by=actor.user_id)
    return Attachment.objects.filter(readable, pk=pk, erased_at=None).first()


def offers_for(actor: Actor, case: Case, *, now: datetime) -> list[Offer]:
    """What this person may do on a case from `case_for`, without another query."""
    return offers(actor, Scene.of(case), now=now)


def soon_for(actor: Actor, case: Case, offered: Iterable[Offer]) -> list[Soon]:
    """What this person will be able to do on a case from `case_for` once something else has happened. No query."""
    return soon(actor, Scene.of(case), frozenset(offer.action for offer in offered))


def events_of(case: Case) -> QuerySet[JournalEvent]:
    """The journal of a case that the caller has already been shown, newest first."""
    return JournalEvent.objects.filter(case=case).select_related("actor").order_by("-seq")


def texts_of(case: Case, seqs: list[int]) -> dict[tuple[int, str], str]:
    """The free texts of these events: (sequence, field) → text. One query."""
    rows = CaseText.objects.filter(case=case, event_seq__in=seqs).values_list("event_seq", "field", "body")
    return {(seq, field): body for seq, field, body in rows}


def todo(actor: Actor) -> CaseQuerySet:
    """What waits for this person: cases in which one of the posts has the next move, worst first. One query.

    Supervision orders are answered and signed off also where the case has ended meanwhile.
    """
    duty = Q(pk__in=[])
    orders = Q(pk__in=[])
    for post in actor.posts:
        if post.area_code is not None:
            inside = Q(area_code__startswith=post.area_code)
            duty |= inside & _duty_in_area(post.role)
            if post.role is Role.INSPECTOR:
                orders |= inside & Q(Exists(_orders_open.filter(answered_at__isnull=False)))
        elif post.role is Role.DEPARTMENT_HANDLER:
            duty |= _duty_of_handler(post.department_id)
        elif post.role is Role.DEPARTMENT_HEAD:
            duty |= Q(Exists(_extensions_open.filter(_OF_HEAD, assignment__department=post.department_id)))
            orders |= Q(Exists(_orders_open.filter(answered_at=None, department=post.department_id)))
    mine = Q(closed_at=None) & duty
    if not todo_is_open(actor):
        mine |= orders & ~Q(status=Status.MERGED)
    cases = Case.objects.filter(mine & visible_q(actor))
    if actor.roles <= _FEW_TO_LOOK_AT:
        cases = cases.filter(pk__in=_candidates(actor))
    return cases.worst_first() if todo_is_open(actor) else cases.order_by(*ANY_WORST_FIRST)


def disputed_for(actor: Actor) -> CaseQuerySet:
    """Open cases with an objection that this dispatcher decides (退单待裁定)."""
    duty = Q(pk__in=[])
    for post in actor.posts:
        if post.area_code is not None and post.role in DISPATCHERS:
            duty |= Q(area_code__startswith=post.area_code) & _duty_to_arbitrate(post.role)
    return visible_to(actor).open().filter(duty)


def asked_of(actor: Actor) -> CaseQuerySet:
    """Open cases in which this dispatcher decides on an extension."""
    duty = Q(pk__in=[])
    for post in actor.posts:
        if post.area_code is not None and post.role in DISPATCHERS:
            levels = [level for level, roles in AREA_DECIDERS.items() if post.role in roles]
            asked = _extensions_open.filter(level__in=levels).exclude(_OF_HEAD)
            duty |= Q(Exists(asked), area_code__startswith=post.area_code, status=Status.HANDLING)
    return visible_to(actor).open().filter(duty)


def todo_is_open(actor: Actor) -> bool:
    """Whether only open cases can wait for this person; an order is answered for also when its case has ended."""
    return not actor.roles & _ANSWERING_FOR_ORDERS


def _candidates(actor: Actor) -> QuerySet[Any, Any]:
    """The few cases that can wait for keepers and heads: begun with these, nothing walks over all cases of a county."""
    departments = sorted(actor.department_ids)
    orders = Q(signed_off_at=None) & (Q(answered_at__isnull=False) | Q(department__in=departments))
    return (
        SupervisionOrder.objects.filter(orders)
        .order_by()
        .values("case")
        .union(
            Case.objects.filter(sealed=True).order_by().values("pk"),
            ExtensionRequest.objects.filter(decided_at=None, assignment__department__in=departments)
            .order_by()
            .values("case"),
        )
    )


_FEW_TO_LOOK_AT = KEEPERS | {Role.DEPARTMENT_HEAD}
_ANSWERING_FOR_ORDERS = frozenset({Role.INSPECTOR, Role.DEPARTMENT_HEAD})
_OF_CASE = Q(case=OuterRef("pk"))
_OF_HEAD = Q(level=ExtensionLevel.ORDINARY, case__type__in=sorted(PETITION_TYPES))
_orders_open = SupervisionOrder.objects.filter(_OF_CASE, signed_off_at=None)
_extensions_open = ExtensionRequest.objects.filter(_OF_CASE, decided_at=None)
_proposals_open = WhistleProposal.objects.filter(_OF_CASE, decided_at=None)
_disputed_parts = Assignment.objects.filter(_OF_CASE, state=AssignmentState.DISPUTED)
#: The bounce that only the centre decides: so many objections were upheld before.
_bounced_often = Objection.objects.filter(_OF_CASE, upheld=True)[BOUNCES_BEFORE_ARBITER - 1 :]


def _duty_of_handler(department_id: int | None) -> Q:
    waiting = Assignment.objects.filter(_OF_CASE, department=department_id, state__in=_WAITING_FOR_UNIT)
    return Q(Exists(waiting), status__in=[Status.DISPATCHED, Status.HANDLING])


def _duty_in_area(role: Role) -> Q:
    """Where a holder of that role has the next move among the cases of the area."""
    duty = Q(status__in=_DUTIES.get(role, []))
    levels = [level for level, roles in AREA_DECIDERS.items() if role in roles]
    if levels:
        asked = _extensions_open.filter(level__in=levels).exclude(_OF_HEAD)
        duty |= Q(Exists(asked), status=Status.HANDLING)
    if role is Role.TOWNSHIP_LEADER:
        duty |= Q(Exists(_proposals_open), status=Status.DOCKETED)
    if role in DISPATCHERS:
        duty |= _duty_to_arbitrate(role)
    if role in KEEPERS:
        duty |= Q(keeper=role.value, status__in=[Status.COLLECTED, Status.DOCKETED])
    return duty


def _duty_to_arbitrate(role: Role) -> Q:
    disputed = Q(Exists(_disputed_parts), status__in=sorted(WITH_DEPARTMENTS))
    return disputed if role is Role.CENTER_DISPATCHER else disputed & ~Q(Exists(_bounced_often))


#: Statuses in which somebody of that role has the next move; departments' moves are in their assignments.
_DUTIES = {
    Role.GRID_WORKER: [Status.ANSWERED],
    Role.TOWNSHIP_DISPATCHER: [Status.COLLECTED, Status.DOCKETED, Status.ANSWERED],
    Role.CENTER_DISPATCHER: [Status.COLLECTED, Status.DOCKETED, Status.ANSWERED, Status.RATING],
}


def todo_counts(actor: Actor) -> dict[str, int]:
    """How many cases wait for this person, by colour, with their sum as `total`."""
    counts = Counter(todo(actor).order_by().values_list("colour", flat=True))
    return {colour.code: counts[colour] for colour in Colour} | {"total": sum(counts.values())}


def calendar_in_force() -> WorkCalendar | None:
    """The live work calendar; None when none was published yet or the tables are not there."""
    try:
        with transaction.atomic():
            return _calendar_in_force().calendar
    except (DatabaseError, NotReady):
        return None
