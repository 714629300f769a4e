"""A colour that people raise, not the time: a verdict or a third extension (domain.md, "Colours")."""

from cases import alerting
from cases.actions.orders import open_order
from cases.actions.timing import timer_of
from cases.actions.turn import Turn
from cases.colours import Colour
from cases.duties import Charge, told
from cases.models import Alert, Clock
from cases.terms import AlertCause, ClockKind, is_emergency
from grids.roles import Role
from grids.roster import roster_for


def raise_alert(turn: Turn, clock: Clock, colour: Colour, cause: AlertCause) -> Alert:
    """Raise `colour` on the lead's handle clock at once and tell those whom that colour must reach."""
    charge = Charge(ClockKind(clock.kind), clock.charged_id, "", turn.case.area_code)
    roster = roster_for(
        department_ids=[clock.charged_id] if clock.charged_id else [],
        area_roles=[Role.TOWNSHIP_DISPATCHER, Role.TOWNSHIP_LEADER, Role.CENTER_DISPATCHER, Role.INSPECTOR],
        now=turn.now,
    )
    people = told(charge, colour, roster)
    clock.colour = clock.raised = int(colour)
    clock.next_moment = timer_of(clock).first()
    clock.save(update_fields=["colour", "raised", "next_moment"])
    order = open_order(turn, clock.charged_id) if colour is Colour.RED and clock.charged_id else None
    alert = Alert.objects.create(
        clock=clock,
        case=turn.case,
        generation=clock.generation,
        colour=int(colour),
        cause=cause,
        order=order,
        charged_id=clock.charged_id,
        moment=turn.now,
        raised_at=turn.now,
        vacancies=[role.value for role in people.vacancies],
    )
    turn.facts["alert"] = {
        "id": alert.pk,
        "clock": clock.pk,
        "colour": colour.code,
        "cause": cause.value,
        "told": [holder.user_id for holder in people.holders],
    }
    turn.drafts += alerting.alert_drafts(_news(turn, clock, colour), people.holders)
    return alert


def _news(turn: Turn, clock: Clock, colour: Colour) -> alerting.News:
    """Raised by people, an alert is never late."""
    return alerting.News(
        clock_id=clock.pk,
        generation=clock.generation,
        kind=clock.kind,
        colour=colour,
        moment=turn.now,
        late=False,
        due_at=clock.due_at,
        unit_name=turn.case.lead.short_name if turn.case.lead else "",
        number=turn.case.number,
        urgent=is_emergency(turn.case.type, turn.case.urgency),
        confined=turn.case.sealed,
    )
