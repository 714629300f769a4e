"""The kinds of news of this room: their words and the facts they are made of (docs/notifications.md).

Facts only, no text of a case (ADR 0010). An administrator may put other words in their place.
"""

from django.utils.translation import gettext_noop

from cases.colours import Colour
from notifications.kinds import Kind, Saying, declare

ALERT = "alert"

#: What an alert says of itself when the service was held up: a fact of its message, empty otherwise.
LATE = gettext_noop(" Sent late by the system: it should have come at {moment}.")

_NUMBER = "350924-2026-0001234"

#: What actions tell, by kind.
_TOLD = {
    "whistle": gettext_noop("The whistle was blown: please report in · {number}"),
    "to_verify": gettext_noop("Answered: please verify · {number}"),
    "rework": gettext_noop("Verification failed: please handle again · {number}"),
    "dissatisfied": gettext_noop("The petitioner is dissatisfied: please handle again · {number}"),
    "to_call_back": gettext_noop("Verified: please ask the petitioner for a rating · {number}"),
    "whistle_proposed": gettext_noop("A whistle waits for your approval · {number}"),
    "whistle_reported": gettext_noop("An emergency whistle was blown · {number}"),
    "whistle_refused": gettext_noop("The whistle was refused · {number}"),
    "objected": gettext_noop("A department objects to the whistle: please decide · {number}"),
    "objection_upheld": gettext_noop("Your objection was upheld; another unit was called · {number}"),
    "objection_overruled": gettext_noop("The objection was overruled: please report in · {number}"),
    "released": gettext_noop("Your part of the case was released · {number}"),
    "taken_over": gettext_noop("Your part of the case was handed to another unit · {number}"),
    "withdrawn": gettext_noop("The petitioner withdrew the matter: nothing more to do · {number}"),
    "merged_away": gettext_noop("The case was merged into another one: your part of it ends · {number}"),
    "tell_extended": gettext_noop("The time was extended: please tell the petitioner · {number}"),
    "tell_suspended": gettext_noop("The case stands still for now: please tell the petitioner · {number}"),
    "tell_reopened": gettext_noop("The case was reopened: please tell the petitioner · {number}"),
    "reminded": gettext_noop("Reminder: please handle · {number}"),
    "extension_requested": gettext_noop("An extension waits for your decision · {number}"),
    "extension_decided": gettext_noop("The extension was decided · {number}"),
    "suspended": gettext_noop("The case is suspended · {number}"),
    "resumed": gettext_noop("The case goes on · {number}"),
    "reopened": gettext_noop("Reopened: please handle again · {number}"),
    "supervised": gettext_noop("A supervision order was opened · {number}"),
    "supervision_answered": gettext_noop("A supervision order was answered · {number}"),
    "signed_off": gettext_noop("The supervision order was signed off · {number}"),
    "merged": gettext_noop("The case was merged · {number}"),
    "rejected": gettext_noop("Not accepted · {number}"),
    "sealed": gettext_noop("An accusation came in and was sealed · {number}"),
}

_ALERT_SUBJECT = gettext_noop("{colour} · {number} · {clock}")

for _code, _subject in _TOLD.items():
    declare(Kind(_code, _subject, {0: Saying(_subject)}, sample={"number": _NUMBER}))

declare(
    Kind(
        ALERT,
        gettext_noop("Three-colour alert"),
        {
            int(Colour.BLUE): Saying(_ALERT_SUBJECT, gettext_noop("{unit}: due {due}. Please acknowledge.{late}")),
            int(Colour.YELLOW): Saying(_ALERT_SUBJECT, gettext_noop("{unit}: due {due}. Please hand in a plan.{late}")),
            int(Colour.RED): Saying(_ALERT_SUBJECT, gettext_noop("{unit}: was due {due} and is overdue.{late}")),
        },
        sample={
            "number": _NUMBER,
            "unit": "水利局",
            "clock": gettext_noop("Handling"),
            "colour": gettext_noop("Red alert"),
            "due": gettext_noop("22 Nov 17:30"),
            "late": "系统补发：本应于 11月22日 17:30 提示。",
        },
    )
)
