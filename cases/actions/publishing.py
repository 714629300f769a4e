"""Publishing the next version of the limits or of the work calendar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from cases.calendar import WorkCalendar
from cases.errors import Conflict, InvalidInput, Text
from cases.limits import PolicyRules
from cases.models import CalendarRecompute, CalendarVersion, PolicyVersion
from cases.official_days import official_calendar
from cases.phrases import fault_words
from cases.policy_check import problems
from cases.terms import CaseType
from cases.versions import number_in_force
from grids.actors import Actor


def publish_policy(
    *, rules: Mapping[str, Any], follows: int | None, valid_from: datetime, reason: str, actor: Actor, now: datetime
) -> PolicyVersion:
    """The next policy version; cases that run keep theirs. InvalidInput names the cell that is wrong.

    `follows`: the number of the version from which the rules were made, None where there was none. Conflict when on
    that day another one holds: what it changed would be taken back unseen.
    """
    check_policy(rules)
    # The number is read first: whoever publishes between the two reads takes it, and the insert fails.
    number = _next(PolicyVersion.objects.aggregate(last=Max("number"))["last"])
    if follows != number_in_force(valid_from):
        raise _lost()
    try:
        with transaction.atomic():
            version = PolicyVersion.objects.create(
                number=number,
                valid_from=valid_from,
                rules=dict(rules),
                reason=reason,
                published_by_id=actor.user_id,
                published_at=now,
            )
            _log(version, actor)
    except IntegrityError as error:
        raise _lost() from error
    return version


def check_policy(rules: Mapping[str, Any]) -> None:
    """InvalidInput with the sentences of every cell that is wrong, by its place ("types.appeal.handle").

    No type may be left out: a case could not move on without its limits.
    """
    faults = problems(rules, official_calendar())
    found: dict[str, list[Text]] = {place: [*map(fault_words, here)] for place, here in faults.items()}
    if not found:
        types = PolicyRules.parse(rules).types
        missing = [name for name in CaseType if name not in types and name is not CaseType.ACCUSATION]
        found = {f"types.{name}": [_("This row is missing.")] for name in missing}
    if found:
        raise InvalidInput(_("The policy cannot be published as it is."), found)


def publish_calendar(*, calendar: WorkCalendar, reason: str, actor: Actor, now: datetime) -> CalendarVersion:
    """The next calendar version. Running clocks keep theirs until its run has recomputed them (`cases.recomputing`)."""
    number = _next(CalendarVersion.objects.aggregate(last=Max("number"))["last"])
    try:
        with transaction.atomic():
            version = CalendarVersion.objects.create(
                number=number,
                days=calendar.to_document(),
                reason=reason,
                published_by_id=actor.user_id,
                published_at=now,
            )
            if number > 1:  # before the first version there was no clock
                CalendarRecompute.objects.create(calendar=version, started_at=now, started_by_id=actor.user_id)
            _log(version, actor)
    except IntegrityError as error:
        raise _lost() from error
    return version


def _log(version: PolicyVersion | CalendarVersion, actor: Actor) -> None:
    """Where the auditor finds all changes of the configuration. What the service does itself has nobody to name."""
    if actor.user_id is not None:
        LogEntry.objects.log_actions(actor.user_id, [version], ADDITION, change_message="publish", single_object=True)


def _next(last: int | None) -> int:
    return (last or 0) + 1


def _lost() -> Conflict:
    return Conflict(_("Somebody else published a version meanwhile. Nothing was changed; please look again."))
