"""Retention: who raised a case that ended long ago is no longer known (domain.md, "Privacy"; docs/privacy.md)."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from cases import journal
from cases.actions.erasure import forget_people
from cases.actions.errands import withdraw_files
from cases.actions.turn import whole_or_conflict
from cases.errors import Conflict
from cases.models import Case, Petitioner
from cases.models.case import CaseQuerySet
from cases.terms import ErrandKind

EXPIRE_EVENT = "expire"
#: Cases looked up at once; each is anonymised in a transaction of its own.
BATCH = 100


def anonymise_expired(*, ended_before: datetime, ticks: Iterator[datetime]) -> int:
    """Anonymise the petitioners of cases that ended before that moment, while `ticks` gives times; how many cases.

    The matter, its answers and its journal stay. What somebody holds at this moment is the next night's.
    """
    done, busy = 0, set[int]()
    for now in ticks:
        found = list(_expired(ended_before).exclude(pk__in=busy).values_list("pk", flat=True)[:BATCH])
        for case_id in found:
            if _anonymise(case_id, ended_before=ended_before, now=now):
                done += 1
            else:
                busy.add(case_id)
        if done:
            with transaction.atomic():
                withdraw_files(ErrandKind.EXPORT, ErrandKind.CASES, now=now)
        if len(found) < BATCH:
            break
    return done


def _expired(ended_before: datetime) -> CaseQuerySet:
    """Ended, and still naming somebody. Whoever was merged is asked for a rating until the master has ended as well."""
    known = Petitioner.objects.filter(case=OuterRef("pk"), erased_at=None)
    over = Q(master=None) | Q(master__closed_at__lt=ended_before)
    return Case.objects.filter(Exists(known), over, closed_at__lt=ended_before).order_by("pk")


def _anonymise(case_id: int, *, ended_before: datetime, now: datetime) -> bool:
    """False for a case that somebody holds, or that goes on again meanwhile."""
    try:
        with whole_or_conflict():
            case = Case.objects.locked().filter(pk=case_id, closed_at__lt=ended_before).first()
            if case is None:
                return False
            people = forget_people(case, now=now)
            facts = {"petitioners": [person.pk for person in people]}
            journal.record(case, EXPIRE_EVENT, actor_id=None, at=now, facts=facts)
            case.save(force_update=True)
            return True
    except Conflict:
        return False
