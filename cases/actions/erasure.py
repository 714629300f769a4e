"""Erasing a petitioner: nothing of the person is left, and every chain still holds (docs/privacy.md).

The journal never held a word of it, so nothing there has to change; the texts beside it lose their words and salts.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases import journal
from cases.actions.attaching import erase_attachments
from cases.actions.errands import withdraw_files
from cases.actions.turn import whole_or_conflict
from cases.errors import InvalidInput, NotVisible
from cases.models import Case, Clock, MeetingItem, Petitioner, Request
from cases.plain_text import plain
from cases.terms import ENDED, ErrandKind
from cases.workflow import REASON_LENGTH, Action
from notifications import outbox

ERASE_EVENT = "erase"
#: What stands in place of an erased title: lists show a line for every case.
BLANK = "—"
_OF_THE_PERSON = ("name", "phone", "id_number", "address", "name_index", "phone_index")


@dataclass(frozen=True, slots=True)
class Erased:
    """What one run took away. `matter_kept`: the case is still open, so its matter stays until it has ended."""

    petitioners: int = 0
    texts: int = 0
    messages: int = 0
    files: int = 0
    matter: bool = False
    matter_kept: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.petitioners or self.texts or self.messages or self.files or self.matter)


def erase_petitioner(*, number: str, reason: str, now: datetime, actor_id: int | None = None) -> Erased:
    """Take away everything that says who raised the case `number`; repeating it finds nothing more to take.

    Of an open case only the person: the matter is still being worked on, and is erased by a second run once the case
    has ended. Errors: NotVisible for an unknown number, InvalidInput without a reason.
    """
    said = _checked(reason)
    with whole_or_conflict():
        case = Case.objects.locked().filter(number=number).first()
        if case is None:
            raise NotVisible(_("There is no such case."))
        people = forget_people(case, now=now)
        erased = _erase(case, people, now=now)
        if erased.anything:
            withdraw_files(ErrandKind.EXPORT, ErrandKind.CASES, now=now)
            facts = {"petitioners": [person.pk for person in people], "matter": erased.matter}
            journal.record(case, ERASE_EVENT, actor_id=actor_id, at=now, facts=facts, texts={"reason": said})
            case.save(force_update=True)
    return erased


def forget_people(case: Case, *, now: datetime) -> list[Petitioner]:
    """Empty the rows of everybody who raised the case; those whose rows were not empty yet."""
    people = [person for person in case.petitioners.order_by("pk") if person.erased_at is None]
    for person in people:
        person.erased_at = now
        for column in _OF_THE_PERSON:
            setattr(person, column, "")
    Petitioner.objects.bulk_update(people, [*_OF_THE_PERSON, "erased_at"])
    # A keyed digest of what the petitioner said: sent again, the same creation is told that it is another one.
    case.request_digest = ""
    return people


def _checked(reason: str) -> str:
    said = plain(reason)
    if not said or len(said) > REASON_LENGTH or "\x00" in said:
        message = _("An erasure needs a reason of at most %(limit)d characters.") % {"limit": REASON_LENGTH}
        raise InvalidInput(message, {"reason": [message]})
    return said


def _erase(case: Case, people: list[Petitioner], *, now: datetime) -> Erased:
    if case.status not in ENDED:
        return Erased(petitioners=len(people), matter_kept=True)
    return Erased(
        petitioners=len(people),
        texts=_erase_texts(case),
        messages=outbox.take_back(case.number),
        files=erase_attachments(case, now=now),
        matter=_erase_matter(case),
    )


def _erase_matter(case: Case) -> bool:
    """Title, description and place, with the salt of their digest; the indexes of the search follow the row.

    The number of another system stays, so that the same row does not come in anew: it names a row and no person.
    """
    had = case.title != BLANK
    case.title, case.description, case.text_salt = BLANK, "", ""
    case.address, case.latitude, case.longitude = "", None, None
    return had


def _erase_texts(case: Case) -> int:
    """Every text that anybody wrote into the case, but the reasons of erasures; and what repeats or errors kept."""
    told = case.events.filter(kind=ERASE_EVENT).values("seq")
    Request.objects.filter(case=case).update(digest="")
    MeetingItem.objects.filter(case=case).exclude(decision="").update(decision=BLANK)
    Clock.objects.filter(case=case).exclude(held_error="").update(held_error="")
    own = case.texts.exclude(event_seq__in=told).exclude(body="", salt="").update(body="", salt="")
    return own + _erase_call_backs(case)


#: Events whose texts a petitioner said, or an officer wrote down of what was said.
_VERDICTS = (Action.RATE.value, Action.REVISE_RATING.value)


def _erase_call_backs(case: Case) -> int:
    """What was written in the master's journal when the petitioner of a merged case was called back."""
    people = list(case.petitioners.values_list("pk", flat=True))
    if case.master is None or not people:
        return 0
    asked = case.master.events.filter(kind__in=_VERDICTS, payload__petitioner__in=people).values("seq")
    return case.master.texts.filter(event_seq__in=asked).exclude(body="", salt="").update(body="", salt="")
