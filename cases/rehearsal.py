"""What one act would do to each of many cases, before it is confirmed. Reads only; nothing is written.

What would be refused is refused here by the same checks that the actions make, with the same sentences; a test takes
many cases and holds the two together. What somebody changes in between is refused when it is done, by the version.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.access import visible_to
from cases.actions.calling import refuse_beyond_reach, refuse_holders, refuse_same
from cases.actions.routing import REASSIGNABLE, refuse_state
from cases.actions.turn import check_person, forbidden
from cases.errors import CaseError, Conflict, InvalidInput, Text
from cases.guards import Scene
from cases.models import Assignment, Case, JournalEvent
from cases.previews import Moved, foreseen
from cases.reading import whole_cases
from cases.terms import PENDING_STATES, AssignmentRole
from cases.versions import CalendarInForce, calendar_in_force
from cases.workflow import TABLE, Action, allows
from grids.actors import Actor
from grids.book import DEPARTMENTS
from grids.models import Department

#: At one time; each is a transaction of its own.
MOST_CASES: Final = 100
#: Whoever was reminded within this time is not reminded again together with others.
REMINDED_WITHIN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for all cases alike. `department`: whom to call; None leaves it to the category of each case."""

    action: Action
    department: Department | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The wish of this person at this moment, with what is the same for all cases."""

    wish: Wish
    actor: Actor
    now: datetime
    calendar: CalendarInForce


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One case: either a `refusal`, or what would happen. `part`: the one that is handed on."""

    case: Case
    refusal: Text = ""
    called: Department | None = None
    part: Assignment | None = None
    reminded: tuple[Assignment, ...] = ()
    moved: tuple[Moved, ...] = ()


def inputs_of(action: Action, *, department: str, assignment: str, words: str) -> dict[str, Any]:
    """What `perform` takes for what was rehearsed: the code of the department called, the id of the part handed on."""
    if action is Action.DISPATCH:
        return {"lead": department, "instruction": words}
    if action is Action.REASSIGN:
        return {"assignment": assignment, "department": department, "comment": words}
    return {"comment": words}


def rehearse(wish: Wish, numbers: Sequence[str], *, actor: Actor, now: datetime) -> list[Rehearsed]:
    """In the order of the numbers; what this person does not see is left out. Five queries, however many cases."""
    ids = visible_to(actor).filter(number__in=numbers[:MOST_CASES]).values_list("pk", flat=True)
    found = {case.number: case for case in whole_cases(list(ids))}
    reminded = _reminded_lately(found.values(), now=now) if wish.action is Action.REMIND else set()
    asked = _Asked(wish, actor, now, calendar_in_force())
    cases = [found[number] for number in dict.fromkeys(numbers) if number in found]
    return [_rehearsed(asked, case, lately=case.pk in reminded) for case in cases]


def _rehearsed(asked: _Asked, case: Case, *, lately: bool) -> Rehearsed:
    action = asked.wish.action
    try:
        check_person(TABLE[action], asked.actor, case)
        if not allows(action, Scene.of(case).status(asked.now)):
            raise forbidden(asked.actor, case, asked.now)
        if lately:
            raise Conflict(_("These departments were reminded within the last hour."))
        return _ACTS[action](asked, case)
    except CaseError as error:
        return Rehearsed(case, refusal=error.message)


def _dispatched(asked: _Asked, case: Case) -> Rehearsed:
    lead = asked.wish.department or _usual_lead(case)
    if lead is None:
        message = _("The category of this case names no usual department. Choose one.")
        raise InvalidInput(message, {"lead": [message]})
    refuse_beyond_reach(asked.actor, case, [lead])
    refuse_holders(case.assignments.all(), [lead])
    return Rehearsed(case, called=lead, moved=_moved(asked, case))


def _usual_lead(case: Case) -> Department | None:
    wanted = DEPARTMENTS.maybe(case.category.lead_department_id) if case.category else None
    return wanted if wanted is not None and wanted.is_active else None


def _reassigned(asked: _Asked, case: Case) -> Rehearsed:
    """The lead's part: what assistants do is settled case by case."""
    department = asked.wish.department
    if department is None:
        message = _("Choose the department that takes over.")
        raise InvalidInput(message, {"department": [message]})
    parts = list(case.assignments.all())
    part = _part_of_lead(parts)
    refuse_state(part, REASSIGNABLE)
    refuse_beyond_reach(asked.actor, case, [department])
    refuse_same(part, department)
    refuse_holders(parts, [department])
    return Rehearsed(case, called=department, part=part, moved=_moved(asked, case))


def _part_of_lead(parts: list[Assignment]) -> Assignment:
    leads = [part for part in parts if part.role == AssignmentRole.LEAD]
    held = [part for part in leads if part.state in PENDING_STATES] or leads
    if not held:
        raise Conflict(_("This case has no lead."))
    return held[-1]


def _reminded(_asked: _Asked, case: Case) -> Rehearsed:
    return Rehearsed(case, reminded=tuple(part for part in case.assignments.all() if part.state in PENDING_STATES))


def _moved(asked: _Asked, case: Case) -> tuple[Moved, ...]:
    return tuple(foreseen(asked.wish.action, case, {}, now=asked.now, calendar=asked.calendar))


def _reminded_lately(cases: Collection[Case], *, now: datetime) -> set[int]:
    events = JournalEvent.objects.filter(
        case__in=[case.pk for case in cases], kind=Action.REMIND.value, at__gt=now - REMINDED_WITHIN
    )
    return {pk for pk in events.values_list("case_id", flat=True) if pk is not None}


_ACTS: Final[Mapping[Action, Callable[[_Asked, Case], Rehearsed]]] = {
    Action.DISPATCH: _dispatched,
    Action.REASSIGN: _reassigned,
    Action.REMIND: _reminded,
}
#: What can be done to many cases at once.
REHEARSED: Final = tuple(_ACTS)
