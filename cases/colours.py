"""The three colours of supervision, ordered: a higher one outranks a lower one (domain.md, Colours)."""

from enum import IntEnum
from typing import Self


class Colour(IntEnum):
    NONE = 0
    BLUE = 1
    YELLOW = 2
    RED = 3

    @property
    def code(self) -> str:
        """The word for documents and APIs: none, blue, yellow, red."""
        return self.name.lower()

    @classmethod
    def of(cls, code: str) -> Self:
        """The colour of a word. Raises ValueError for any other word."""
        for colour in cls:
            if colour.code == code:
                return colour
        message = f"{code!r} is not a colour: none, blue, yellow or red"
        raise ValueError(message)
