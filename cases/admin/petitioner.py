"""What a page says of the person who raised a matter: masked always, a pseudonym for a confidential one."""

from typing import Any

from django.utils.translation import gettext as _

from cases.masking import mask_address, mask_id, mask_name, mask_phone
from cases.models import Case, Petitioner
from cases.terms import Disclosure


def petitioner_lines(case: Case) -> list[tuple[Any, str]]:
    """(what it is, the masked words) for each line; empty values are left out."""
    if not case.disclosure:
        return [(_("petitioner"), _("nobody: found on patrol"))]
    if case.disclosure == Disclosure.ANONYMOUS:
        return [(_("petitioner"), _("anonymous: nothing is stored"))]
    return [line for person in case.petitioners.all() for line in _lines(person)]


def _lines(person: Petitioner) -> list[tuple[Any, str]]:
    if person.disclosure == Disclosure.CONFIDENTIAL:
        return [(_("petitioner"), _("%(pseudonym)s (confidential)") % {"pseudonym": person.pseudonym})]
    lines = [
        (_("petitioner"), mask_name(person.name)),
        (_("phone"), mask_phone(person.phone)),
        (_("identity number"), mask_id(person.id_number)),
        (_("address"), mask_address(person.address)),
    ]
    return [(label, words) for label, words in lines if words]
