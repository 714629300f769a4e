"""What a pure rule refuses: a sentence with its facts apart, so that a door can say it in the reader's language.

The words stand where the rule stands; `cases.phrases` says them. Pure: no Django.
"""

from collections.abc import Mapping


class Fault(ValueError):
    """A value that a rule cannot take. `str` of it is English, for logs and tests."""

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence % facts)
        self.sentence = sentence
        self.facts: Mapping[str, object] = facts


def gettext_noop(sentence: str) -> str:
    """Marks a sentence for the catalogue; it stays as it is until a door says it."""
    return sentence
