"""延期: asked by the lead before its due time; the further it goes, the higher it is decided."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from cases.actions.alarm import raise_alert
from cases.actions.notices import tell_collector, tell_departments, tell_posts
from cases.actions.standstill import extend
from cases.actions.turn import NO_TERMS, Terms, Turn, take_turn
from cases.colours import Colour
from cases.errors import Conflict, InvalidInput, NotPermitted
from cases.extensions import deciders, is_extensible, level_of, longest_at_once
from cases.faults import Fault
from cases.guards import may_decide_extension
from cases.limits import Limit
from cases.models import Assignment, Case, Clock, ExtensionRequest
from cases.phrases import fault_words, limit_words
from cases.terms import AlertCause, AssignmentRole, AssignmentState, ClockKind, ExtensionLevel
from cases.workflow import Action
from grids.actors import Actor


def request_extension(
    *, case_id: int, actor: Actor, now: datetime, amount: Decimal, reason: str, terms: Terms = NO_TERMS
) -> Case:
    """申请延期: by the lead, before its due time, at most what the policy allows at once."""
    with take_turn(Action.REQUEST_EXTENSION, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        part = _own_lead(turn)
        clock = _handle_clock(turn, part)
        if now > clock.due_at:
            raise Conflict(_("The due time has passed: an extension must be asked for before it."))
        if turn.asked is not None:
            raise Conflict(_("An extension was asked for already and waits for its decision."))
        ordinal = turn.case.extension_requests.filter(granted=True).count() + 1
        limit = allowed_extension(turn.case, amount, ordinal)
        request = ExtensionRequest.objects.create(
            case=turn.case,
            assignment=part,
            round=turn.case.round,
            ordinal=ordinal,
            level=level_of(turn.case, ordinal),
            limit=str(limit),
            requested_at=now,
            requested_by_id=actor.user_id,
        )
        turn.facts |= {"extension": request.pk, "ordinal": ordinal, "limit": str(limit)}
        turn.texts["reason"] = reason
        _tell_deciders(turn, part, request)
    return turn.case


def decide_extension(
    *, case_id: int, actor: Actor, now: datetime, granted: bool, comment: str = "", terms: Terms = NO_TERMS
) -> Case:
    """审批延期. Granted: the lead's handle and the resolve clock move alike, from the due time in force, also when
    that has passed; the red stays in history. Refused changes nothing."""
    with take_turn(Action.DECIDE_EXTENSION, case_id=case_id, actor=actor, now=now, terms=terms) as turn:
        request = turn.asked
        if request is None:
            raise Conflict(_("No extension waits for a decision."))
        part = next(part for part in turn.assignments if part.pk == request.assignment_id)
        if not may_decide_extension(actor, turn.case, request, part.department_id):
            raise NotPermitted(_("This extension is decided by a higher post."))
        request.decided_at, request.decided_by_id, request.granted = now, actor.user_id, granted
        request.save(update_fields=["decided_at", "decided_by", "granted"])
        turn.facts |= {"extension": request.pk, "granted": granted, "ordinal": request.ordinal}
        turn.texts["comment"] = comment
        if granted:
            _grant(turn, request)
            tell_collector(turn, "tell_extended", key=str(request.pk))
        tell_departments(turn, [part], "extension_decided", again=f":{request.pk}")
    return turn.case


def _grant(turn: Turn, request: ExtensionRequest) -> None:
    clocks = [
        clock
        for clock in turn.running()
        if clock.kind == ClockKind.RESOLVE
        or (clock.kind == ClockKind.HANDLE and clock.assignment_id == request.assignment_id)
    ]
    extend(turn, clocks, request)
    handle = next((clock for clock in clocks if clock.kind == ClockKind.HANDLE), None)
    if request.level == ExtensionLevel.HIGHEST and handle is not None and handle.raised < Colour.RED:
        raise_alert(turn, handle, Colour.RED, AlertCause.EXTENSION)


def _own_lead(turn: Turn) -> Assignment:
    part = next(
        (a for a in turn.assignments if a.role == AssignmentRole.LEAD and a.state == AssignmentState.WORKING),
        None,
    )
    if part is None or not turn.actor.roles_in_department(part.department_id) & turn.rule.roles:
        raise NotPermitted(_("Only the lead department that has reported in may ask for an extension."))
    return part


def _handle_clock(turn: Turn, part: Assignment) -> Clock:
    for clock in turn.running():
        if clock.kind == ClockKind.HANDLE and clock.assignment_id == part.pk:
            return clock
    raise Conflict(_("The lead has no running limit that could be extended."))


def allowed_extension(case: Case, amount: Decimal, ordinal: int) -> Limit:
    """What may be asked for. Conflict where the policy grants none (any more), InvalidInput for too much at once."""
    most = longest_at_once(case)
    if most is None:
        raise Conflict(_("Matters of this type are never extended."))
    if not is_extensible(case, ordinal):
        raise Conflict(_("This case was extended as often as the policy allows."))
    try:
        limit = Limit(amount, most.unit)
    except Fault as fault:
        words = fault_words(fault)
        raise InvalidInput(words, {"amount": [words]}) from fault
    if limit.amount > most.amount:
        too_much = _("At most %(most)s at once.") % {"most": limit_words(most)}
        raise InvalidInput(too_much, {"amount": [too_much]})
    return limit


def _tell_deciders(turn: Turn, part: Assignment, request: ExtensionRequest) -> None:
    roles = sorted(deciders(turn.case.type, request.level))
    tell_posts(turn, roles, "extension_requested", key=str(request.pk), department_id=part.department_id)
