"""Looking at what a petitioner's fields say in plain (domain.md, "Privacy"): with a reason, and journaled.

Nothing of the loop changes by it, so the case keeps its version, as with an alert.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases import journal
from cases.access import is_concerned, roles_on, sees
from cases.actions.turn import whole_or_conflict
from cases.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from cases.models import Assignment, Case, Petitioner
from cases.people import READERS, UNSEAL_EVENT
from cases.plain_text import plain
from cases.terms import PENDING_STATES, Disclosure
from cases.workflow import REASON_LENGTH
from grids.actors import Actor
from grids.roles import Role


@dataclass(frozen=True, slots=True)
class Plain:
    """A petitioner as the petitioner is. Never kept, never logged."""

    name: str
    phone: str
    id_number: str
    address: str

    def __repr__(self) -> str:
        return "Plain(…)"


def unseal(*, case_id: int, petitioner_id: int, actor: Actor, reason: str, now: datetime) -> Plain:
    """The plain fields of one petitioner of a case that the actor sees.

    Area dispatchers, the centre, the petition office and the keeper of a sealed case may look; the handlers of a
    department that is at work only at a named petitioner, never at a confidential one.
    Errors: NotVisible, NotPermitted, InvalidInput without a reason, Conflict for an erased petitioner.
    """
    said = _checked(reason)
    with whole_or_conflict():
        case = Case.objects.locked().filter(pk=case_id).first()
        assignments = list(case.assignments.all()) if case else []
        orders = list(case.supervision_orders.filter(signed_off_at=None)) if case else []
        if case is None or not sees(actor, case, assignments, orders):
            raise NotVisible(_("There is no such case."))
        person = case.petitioners.filter(pk=petitioner_id).first()
        if person is None:
            raise NotVisible(_("This case has no such petitioner."))
        if is_concerned(actor, case) or not _may_look(actor, case, assignments, person):
            raise NotPermitted(_("Your posts do not open the data of this petitioner."))
        if person.erased_at is not None:
            raise Conflict(_("The data of this petitioner were erased."))
        facts = {"petitioner": person.pk}
        journal.record(case, UNSEAL_EVENT, actor_id=actor.user_id, at=now, facts=facts, texts={"reason": said})
        case.save(update_fields=["event_seq", "event_hash", "updated_at"])
    return Plain(person.name, person.phone, person.id_number, person.address)


def _checked(reason: str) -> str:
    said = plain(reason)
    if not said or len(said) > REASON_LENGTH or "\x00" in said:
        message = _("Say why you must know, in at most %(limit)d characters.") % {"limit": REASON_LENGTH}
        raise InvalidInput(message, {"reason": [message]})
    return said


def may_unseal(actor: Actor, case: Case, assignments: Iterable[Assignment], person: Petitioner) -> bool:
    """Whether this person may look at that petitioner of a case that the person sees (ADR 0012)."""
    return person.erased_at is None and not is_concerned(actor, case) and _may_look(actor, case, assignments, person)


def _may_look(actor: Actor, case: Case, assignments: Iterable[Assignment], person: Petitioner) -> bool:
    if case.sealed:
        return bool(roles_on(actor, case, []))
    if actor.roles_in_area(case.area_code) & READERS:
        return True
    working = {a.department_id for a in assignments if a.state in PENDING_STATES}
    handles = any(p.role is Role.DEPARTMENT_HANDLER and p.department_id in working for p in actor.posts)
    return handles and person.disclosure == Disclosure.NAMED
