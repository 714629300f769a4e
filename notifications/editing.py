"""Putting other words in the place of the service's own, and taking them out again. What is written keeps its words."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from notifications.errors import Refused, Text
from notifications.kinds import Kind, Saying, kind_of
from notifications.models import Wording
from notifications.proofs import Flaw, Found, flaws
from notifications.wordings import Place, forget

_SENTENCES: dict[Flaw, Text] = {
    Flaw.EMPTY: _("The subject says something."),
    Flaw.LINES: _("The subject is one line."),
    Flaw.LONG: _("At most %(detail)s characters."),
    Flaw.CONTROL: _("There are characters in it that cannot be read."),
    Flaw.UNKNOWN: _("This news does not have %(detail)s."),
    Flaw.BRACES: _("Braces stand around the name of a fact and nowhere else."),
    Flaw.NUMBERLESS: _("The subject keeps {number}: by it the case is found."),
    Flaw.SMS: _("With the example it has %(detail)s characters; a text message takes 134."),
}


def proofread(place: Place, saying: Saying) -> None:
    """Refused, with a sentence for each field, for words that cannot be used in that place."""
    kind_code, colour, channel, _language = place
    found = list(flaws(saying, kind_of(kind_code), colour, channel=channel))
    if found:
        raise Refused({one.field: _sentence(one) for one in reversed(found)})


@transaction.atomic
def reword(*, place: Place, saying: Saying, seen: datetime | None, by_id: int | None, now: datetime) -> None:
    """These words from now on. Refused for words that cannot be used, or when they were changed since `seen`.

    `seen`: when the words that the editor looked at were changed; None for the service's own.
    """
    proofread(place, saying)
    kind, colour, channel, language = place
    row = _unchanged(place, seen)
    changed = {"subject": saying.subject, "body": saying.body, "changed_at": now, "changed_by_id": by_id}
    if row is None:
        try:
            with transaction.atomic():
                row = Wording.objects.create(kind=kind, colour=colour, channel=channel, language=language, **changed)
        except IntegrityError:  # somebody else was the first to put words there
            raise Refused({"subject": _CHANGED}) from None
    else:
        Wording.objects.filter(pk=row.pk).update(**changed)
    _log(row, CHANGE, by_id)
    transaction.on_commit(forget)


@transaction.atomic
def restore(*, place: Place, seen: datetime | None, by_id: int | None) -> None:
    """Back to the words of all channels, or to the service's own. Refused when they were changed since `seen`."""
    if row := _unchanged(place, seen):
        _log(row, DELETION, by_id)
        row.delete()
        transaction.on_commit(forget)


def places_of(kind: Kind, colour: int) -> list[Wording]:
    """What was edited of one kind and colour, by channel and language."""
    found = Wording.objects.filter(kind=kind.code, colour=colour).select_related("changed_by")
    return list(found.order_by("channel", "language"))


_CHANGED = _("Somebody changed these words meanwhile. Yours are kept here; load the page again to see the others.")


def _unchanged(place: Place, seen: datetime | None) -> Wording | None:
    kind, colour, channel, language = place
    found = Wording.objects.select_for_update(no_key=True).filter(kind=kind, colour=colour)
    row = found.filter(channel=channel, language=language).first()
    if (row.changed_at if row else None) != seen:
        raise Refused({"subject": _CHANGED})
    return row


def _log(row: Wording, what: int, by_id: int | None) -> None:
    """Where the auditor finds all changes of the configuration."""
    if by_id is not None:
        LogEntry.objects.log_actions(by_id, [row], what, change_message="wording", single_object=True)


def _sentence(found: Found) -> Text:
    text = str(_SENTENCES[found.flaw])
    return text % {"detail": found.detail} if found.detail else text
