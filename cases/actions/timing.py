"""Starting a clock: limit and thresholds from the case's policy, moments from the calendar in force."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from cases.categories import CATEGORIES
from cases.colours import Colour
from cases.errors import NotReady
from cases.limits import Limit, PolicyRules
from cases.models import Alert, Assignment, Case, Clock, ClockAdjustment
from cases.reached import Timer
from cases.receipts import credited
from cases.schedule import Adjustment, Moments, plan
from cases.terms import UNCOLOURED_CLOCKS, AlertCause, ClockKind
from cases.versions import CalendarInForce, calendar_of, rules_of


def limit_for(case: Case, kind: ClockKind) -> Limit | None:
    """The limit of the case's own policy; None where it sets none. NotReady when it lacks the case's type."""
    category = _topic(case)
    return _rules(case).limit(case.type, kind.value, category)


def _topic(case: Case) -> str | None:
    category = CATEGORIES.maybe(case.category_id)
    return category.code if category else None


def _rules(case: Case) -> PolicyRules:
    rules = rules_of(case.policy_id)
    if not rules.knows(case.type):
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
    category = _topic(case)
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
        rule=_rules(case).place(case.type, kind.value, category),
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
    return Timer(ClockKind(clock.kind), clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at, clock.raised_colour)


def reschedule(clock: Clock, *, case: Case, adjustments: Sequence[Adjustment], now: datetime) -> None:
    """Compute the moments anew after a pause or an extension; the next generation (domain.md, "Colours").

    Colours already raised whose new moments are past are inherited silently; all others will be raised anew. The
    calendar is the one the clock was computed with.
    """
    moments = moments_of(clock, case=case, adjustments=adjustments)
    clock.generation += 1
    clock.due_at = moments.due
    if clock.kind not in UNCOLOURED_CLOCKS:
        clock.blue_at, clock.yellow_at, clock.red_at = moments.blue, moments.yellow, moments.red
    inherit(clock, now=now, floor=raised_by_people(clock))


def end_pauses(clocks: Collection[Clock], *, case: Case, at: datetime, now: datetime) -> None:
    """Clocks that stand still go on from `at`: their pauses are credited to the microsecond, and saved."""
    still = ClockAdjustment.objects.filter(clock__in=clocks, extension=None, ends_at=None)
    still.update(ends_at=at)
    adjustments = adjustments_of(clocks)
    for clock in clocks:
        clock.paused_at = None
        reschedule(clock, case=case, adjustments=adjustments[clock.pk], now=now)
    save_moments(clocks)


def save_moments(clocks: Collection[Clock]) -> None:
    moments = ["due_at", "blue_at", "yellow_at", "red_at", "next_moment"]
    Clock.objects.bulk_update(clocks, [*moments, "generation", "colour", "raised", "paused_at"])


def adjustments_of(clocks: Collection[Clock]) -> dict[int, list[Adjustment]]:
    """The pauses and extensions of each clock for `cases.schedule`; a pause that still runs is left out."""
    found: dict[int, list[ClockAdjustment]] = {clock.pk: [] for clock in clocks}
    rows = ClockAdjustment.objects.filter(clock__in=clocks).select_related("extension").order_by("starts_at", "pk")
    for row in rows:
        found[row.clock_id].append(row)
    return {pk: credited(own) for pk, own in found.items()}


def moments_of(clock: Clock, *, case: Case, adjustments: Sequence[Adjustment]) -> Moments:
    """Where the due time and the colours of a clock lie with these pauses and extensions."""
    category = _topic(case)
    return plan(
        start=clock.started_at,
        limit=Limit.parse(clock.limit),
        thresholds=rules_of(clock.policy_id).thresholds(case.type, clock.kind, category),
        calendar=calendar_of(clock.calendar_id),
        adjustments=adjustments,
    )


def raised_by_people(clock: Clock) -> Colour:
    """The worst colour that a verdict or a third extension raised on this clock: its moment is past for good."""
    if not clock.raised:
        return Colour.NONE
    alerts = Alert.objects.filter(clock=clock, annulled_at=None).exclude(cause=AlertCause.TIME)
    return Colour(alerts.aggregate(worst=Max("colour"))["worst"] or Colour.NONE)


def inherit(clock: Clock, *, now: datetime, floor: Colour = Colour.NONE) -> None:
    """Keep the raised colours whose moments are past, drop the others, and set the next moment."""
    passed = Timer(ClockKind(clock.kind), clock.due_at, clock.blue_at, clock.yellow_at, clock.red_at).passed(now)
    kept = max((colour for colour, _ in passed if colour <= clock.raised), default=Colour.NONE)
    kept = max(kept, floor)
    clock.colour = min(clock.colour, int(kept))
    clock.raised = int(kept)
    clock.next_moment = timer_of(clock).first()
