"""What an action answers when it does not happen. Every message is a sentence for the person who acted."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise

Text = str | Promise


class CaseError(Exception):
    """An action that changed nothing, with a sentence for the person who tried it."""

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotVisible(CaseError):
    """There is no such case for this person."""


class NotPermitted(CaseError):
    """The person sees the case, but holds no post for this action."""


class Conflict(CaseError):
    """Forbidden in this state, or somebody else was faster. `allowed` is what the person may do instead."""

    def __init__(self, message: Text, *, allowed: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class Busy(Conflict):
    """Somebody else holds the case at this moment: the same again will do."""


class StaleVersion(CaseError):
    """The case is not in the version that the person looked at."""


class InvalidInput(CaseError):
    """Fields that cannot be taken, each with its sentences."""

    def __init__(self, message: Text, errors: Mapping[str, list[Text]]) -> None:
        super().__init__(message)
        self.errors = dict(errors)


class NotReady(CaseError):
    """The service lacks something that an administrator must provide: a policy, a calendar."""


class TooLarge(CaseError):
    """A file that is larger than what is kept."""


class UnsupportedContent(CaseError):
    """A file of a kind that is not kept, or that cannot be read."""
