"""Starting a clock: limit and thresholds from the case's policy, moments from the calendar in force."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.errors import NotReady
from cases.limits import Limit, PolicyRules
from cases.models import Assignment, Case, Clock
from cases.reached import Timer
from cases.schedule import plan
from cases.terms import UNCOLOURED_CLOCKS, ClockKind
from cases.versions import CalendarInForce, rules_of


def limit_for(case: Case, kind: ClockKind) -> Limit | None:
    """The limit of the case's own policy; None where it sets none. NotReady when it lacks the case's type."""
    category = case.category.code if case.category else None
    return _rules(case).limit(case.type, kind.value, category)


def _rules(case: Case) -> PolicyRules:
    rules = rules_of(case.policy_id)
    if case.type not in rules.types:
        raise NotReady(_("The limits of this case know no such type: an administrator must publish them."))
    return rules


def new_clock(
    *,
    case: Case,
    kind: ClockKind,
    charged_id: int | None,
    assignment: Assignment | None,
    calendar: CalendarInForce,
    now: datetime,
) -> Clock | None:
    """An unsaved clock that starts `now`; None where the policy sets no limit of this kind."""
    limit = limit_for(case, kind)
    if limit is None:
        return None
    category = case.category.code if case.category else None
    thresholds = _rules(case).thresholds(case.type, kind.value, category)
    moments = plan(start=now, limit=limit, thresholds=thresholds, calendar=calendar.calendar)
    coloured = kind not in UNCOLOURED_CLOCKS
    clock = Clock(
        case=case,
        assignment=assignment,
        kind=kind,
        charged_id=charged_id,
        round=case.round,
        started_at=now,
        limit=str(limit),
        policy_id=case.policy_id,
        calendar_id=calendar.version_id,
        due_at=moments.due,
        blue_at=moments.blue if coloured else None,
        yellow_at=moments.yellow if coloured else None,
        red_at=moments.red if coloured else None,
    )
    clock.next_moment = timer_of(clock).first()
    return clock


def timer_of(clock: Clock) -> Timer:
    return Timer(ClockKind(clock.kind), clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at, clock.colour_code)
