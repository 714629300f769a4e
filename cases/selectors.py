"""The reads that doors share. Every list is a queryset for the door to page; what a person sees is `access`."""

from collections import Counter
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cases.access import visible_q, visible_to
from cases.calendar import WorkCalendar
from cases.colours import Colour
from cases.errors import NotReady
from cases.guards import Offer, Scene, offers
from cases.models import Alert, Assignment, Case, CaseText, Clock, JournalEvent
from cases.models.case import CaseQuerySet
from cases.terms import AssignmentState, Status
from cases.versions import calendar_in_force as _calendar_in_force
from grids.actors import Actor
from grids.roles import Role

_WAITING_FOR_UNIT = [AssignmentState.WAITING, AssignmentState.WORKING]


def case_for(actor: Actor, number: str) -> Case | None:
    """One case with everything that its page shows, or None where this person sees none. At most 7 queries."""
    return (
        visible_to(actor)
        .select_related("area", "area__parent", "category", "lead", "dispatch_unit", "policy", "created_by")
        .prefetch_related(
            Prefetch("assignments", Assignment.objects.select_related("department", "reported_in_by")),
            Prefetch("clocks", Clock.objects.select_related("charged", "assignment__department", "policy")),
            Prefetch(
                "alerts",
                Alert.objects.select_related("clock", "charged", "acknowledged_by").order_by("moment", "id"),
            ),
            "petitioners",
            "supervision_orders__department",
            "objections",
            "whistle_proposals",
            "extension_requests",
            "ratings",
        )
        .filter(number=number)
        .first()
    )


def offers_for(actor: Actor, case: Case, *, now: datetime) -> list[Offer]:
    """What this person may do on a case from `case_for`, without another query."""
    return offers(actor, Scene.of(case), now=now)


def events_of(case: Case) -> QuerySet[JournalEvent]:
    """The journal of a case that the caller has already been shown, newest first."""
    return JournalEvent.objects.filter(case=case).select_related("actor").order_by("-seq")


def texts_of(case: Case, seqs: list[int]) -> dict[tuple[int, str], str]:
    """The free texts of these events: (sequence, field) → text. One query."""
    rows = CaseText.objects.filter(case=case, event_seq__in=seqs).values_list("event_seq", "field", "body")
    return {(seq, field): body for seq, field, body in rows}


def todo(actor: Actor) -> CaseQuerySet:
    """What waits for this person: open cases in a status where one of the posts must act, worst first."""
    duty = Q(pk__in=[])
    for post in actor.posts:
        if statuses := _DUTIES.get(post.role):
            duty |= Q(area_code__startswith=post.area_code, status__in=statuses)
    if Role.DEPARTMENT_HANDLER in actor.roles:
        departments = [p.department_id for p in actor.posts if p.role is Role.DEPARTMENT_HANDLER]
        waiting = Assignment.objects.filter(
            case=OuterRef("pk"), department__in=departments, state__in=_WAITING_FOR_UNIT
        )
        duty |= Q(Exists(waiting), status__in=[Status.DISPATCHED, Status.HANDLING])
    return Case.objects.open().filter(duty & visible_q(actor)).order_by("-colour", "due_at", "id")


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


def search(cases: CaseQuerySet, text: str) -> CaseQuerySet:
    """Cases whose number, title or description contains the text."""
    return cases.filter(Q(number__icontains=text) | Q(title__icontains=text) | Q(description__icontains=text))


def calendar_in_force() -> WorkCalendar | None:
    """The live work calendar; None when none was published yet or the tables are not there."""
    try:
        with transaction.atomic():
            return _calendar_in_force().calendar
    except (DatabaseError, NotReady):
        return None
