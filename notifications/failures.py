"""Why a message was not delivered: kept beside it in one language by the worker, told in the reader's by the pages."""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

_GAP: Final = "%(what)s"


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind; `words` is what is kept, with a gap for a code or for the name of an exception where there is one."""

    words: str

    def of(self, what: Any = "") -> str:
        """As it is kept."""
        return self.words.replace(_GAP, str(what))

    def told(self, kept: str) -> str | None:
        """In the language of the moment; None for another kind."""
        pattern = re.escape(self.words).replace(re.escape(_GAP), "(.*)")
        found = re.fullmatch(pattern, kept)
        return found and gettext(self.words).replace(_GAP, found[1] if found.groups() else "")


NO_ANSWER: Final = Failure(gettext_noop("no answer: %(what)s"))
ANSWERED: Final = Failure(gettext_noop("answered %(what)s"))
GATEWAY_ANSWERED: Final = Failure(gettext_noop("the gateway answered %(what)s"))
NUMBER_REFUSED: Final = Failure(gettext_noop("the gateway refuses the number"))
SERVER_ANSWERED: Final = Failure(gettext_noop("the mail server answered %(what)s"))
SERVER_REFUSED_US: Final = Failure(gettext_noop("the mail server answered us %(what)s"))
SERVER_AWAY: Final = Failure(gettext_noop("the mail server is out of reach: %(what)s"))
CONNECTION_LOST: Final = Failure(gettext_noop("connection lost: %(what)s"))
ADDRESS_UNUSABLE: Final = Failure(gettext_noop("the address cannot be used: %(what)s"))
ADDRESS_CLOSED: Final = Failure(gettext_noop("the name leads to an address that webhooks may not use"))
ADDRESS_OFF: Final = Failure(gettext_noop("the address was switched off"))
KEY_UNUSABLE: Final = Failure(gettext_noop("the key of the robot cannot be used"))
ROBOT_ANSWERED: Final = Failure(gettext_noop("the robot answered %(what)s"))
ROBOT_REFUSED: Final = Failure(gettext_noop("the robot did not take it"))
WORKER_LOST: Final = Failure(gettext_noop("the worker that sent it was lost"))
DEFECT: Final = Failure(gettext_noop("defect: %(what)s"))

#: More of the words before fewer: "the gateway answered 401" is no "answered".
KINDS: Final = (
    NO_ANSWER,
    ANSWERED,
    GATEWAY_ANSWERED,
    NUMBER_REFUSED,
    SERVER_REFUSED_US,
    SERVER_ANSWERED,
    SERVER_AWAY,
    CONNECTION_LOST,
    ADDRESS_UNUSABLE,
    ADDRESS_CLOSED,
    ADDRESS_OFF,
    KEY_UNUSABLE,
    ROBOT_ANSWERED,
    ROBOT_REFUSED,
    WORKER_LOST,
    DEFECT,
)


def told(kept: str) -> str:
    """In the language of the moment; what a service said itself stays as it said it."""
    return next((words for kind in KINDS if (words := kind.told(kept))), kept)
