"""What a county must look at: the reasons for which an open case comes before a meeting (issue of 周调度, 月推进)."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Count, Q

from cases.colours import Colour
from cases.models.case import CaseQuerySet
from cases.terms import AssignmentState, Concern, Status
from cases.versions import oversight_in_force

#: That many departments said no: the case is stuck between them, also when nobody objects at this moment.
BOUNCES = 2


def concerns(cases: CaseQuerySet, *, now: datetime) -> dict[int, list[Concern]]:
    """Case id → the reasons, worst first. `cases` limits what is looked at: what the reader may see."""
    open_cases = cases.filter(closed_at=None)
    found: dict[int, list[Concern]] = defaultdict(list)
    for concern, query in _queries(open_cases, now).items():
        for pk in query.values_list("pk", flat=True):
            found[pk].append(concern)
    return dict(found)


def _queries(cases: CaseQuerySet, now: datetime) -> dict[Concern, CaseQuerySet]:
    numbers = oversight_in_force(now)
    soon_until = now + timedelta(days=numbers.soon_days)  # or yellow already
    long_since = now - timedelta(days=numbers.suspended_days)  # somebody should ask whether it still must be
    disputed = Q(assignments__state=AssignmentState.DISPUTED)
    soon = Q(colour=Colour.YELLOW) | Q(colour__lt=Colour.RED, due_at__gt=now, due_at__lte=soon_until)
    return {
        Concern.OVERDUE: cases.filter(standing__colour=Colour.RED),
        Concern.SOON_DUE: cases.filter(soon),
        Concern.STUCK: cases.alias(upheld=Count("objections", filter=Q(objections__upheld=True), distinct=True))
        .filter(disputed | Q(upheld__gte=BOUNCES))
        .distinct(),
        Concern.DISSATISFIED: cases.filter(dissatisfied__gte=1),
        Concern.SUSPENDED_LONG: cases.filter(
            status=Status.SUSPENDED, suspensions__ended_at=None, suspensions__started_at__lt=long_since
        ),
    }


def worst_first(found: dict[int, list[Concern]]) -> list[int]:
    """The case ids in the order of a meeting: more and graver reasons first, then the older number."""
    order = list(Concern)
    return sorted(found, key=lambda pk: (min(map(order.index, found[pk])), -len(found[pk]), pk))
