"""Texts with `{placeholders}`: which ones they use, and what they say with facts in place. Pure: no Django.

Only plain names count: no attribute, no index, no format, so that an edited text can reach nothing but its facts.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def placeholders(text: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(text))


def fill(text: str, facts: Mapping[str, str]) -> str:
    """The text with its facts; a placeholder without a fact disappears, for nobody wants to read it."""
    pieces = list(_pieces(text))
    pieces[1::2] = [facts.get(name, "") for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[str, ...]:
    """Words and names of placeholders in turn, words first."""
    return tuple(_PLACEHOLDER.split(text))
