"""What a page says of those who raised a matter: masked always, a pseudonym for a confidential one; in plain for a
reason, on the one answer to whoever gave it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from cases.actions.unsealing import Plain, may_unseal
from cases.masking import mask_address, mask_id, mask_name, mask_phone
from cases.models import Case, Petitioner
from cases.terms import Disclosure
from grids.actors import Actor

Lines = list[tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class Look:
    """One attempt to see a petitioner in plain: what came of it, or what was typed and why it was refused."""

    petitioner_id: int
    plain: Plain | None = None
    typed: str = ""
    refusal: Any = ""


@dataclass(frozen=True, slots=True)
class Person:
    """(what it is, the words) for each line; empty values are left out. `id` is set where one may look."""

    lines: Lines
    id: int | None = None
    look: Look | None = None
    plain: Lines = field(default_factory=list)


def people_of(case: Case, actor: Actor, look: Look | None = None) -> list[Person]:
    """Of a case from `selectors.case_for`, without a query."""
    if not case.disclosure:
        return [Person([(_("petitioner"), _("nobody: found on patrol"))])]
    if case.disclosure == Disclosure.ANONYMOUS:
        return [Person([(_("petitioner"), _("anonymous: nothing is stored"))])]
    parts = list(case.assignments.all())
    return [
        Person(
            lines=_masked(person),
            id=person.pk if may_unseal(actor, case, parts, person) else None,
            look=look if look and look.petitioner_id == person.pk else None,
            plain=_plain(look.plain) if look and look.plain and look.petitioner_id == person.pk else [],
        )
        for person in case.petitioners.all()
    ]


def _masked(person: Petitioner) -> Lines:
    if person.erased_at is not None:
        return [(_("petitioner"), _("%(pseudonym)s (erased)") % {"pseudonym": person.pseudonym})]
    if person.disclosure == Disclosure.CONFIDENTIAL:
        return [(_("petitioner"), _("%(pseudonym)s (confidential)") % {"pseudonym": person.pseudonym})]
    return _given(
        mask_name(person.name), mask_phone(person.phone), mask_id(person.id_number), mask_address(person.address)
    )


def _plain(plain: Plain) -> Lines:
    return _given(plain.name, plain.phone, plain.id_number, plain.address)


def _given(name: str, phone: str, id_number: str, address: str) -> Lines:
    lines = [
        (_("petitioner"), name),
        (_("phone"), phone),
        (_("identity number"), id_number),
        (_("address"), address),
    ]
    return [(label, words) for label, words in lines if words]
