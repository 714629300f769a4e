"""What a verb of this room answers when it does not happen."""

from collections.abc import Mapping

from django.utils.functional import Promise

Text = str | Promise


class Refused(Exception):
    """Nothing was changed: fields that cannot be taken, each with a sentence for the person who sent them."""

    def __init__(self, errors: Mapping[str, Text]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)
