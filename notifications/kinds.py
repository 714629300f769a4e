"""The kinds of news that the other rooms tell, declared by them: what a message says and of what it is made.

A kind names its facts; templates may use these and nothing else. Facts are codes, names of units and times, never a
text of a case or a name of a petitioner (ADR 0010), because channels leave the place where visibility is checked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from notifications.words import placeholders


@dataclass(frozen=True, slots=True)
class Saying:
    """Subject and text of a kind in one colour, as msgids with `{placeholders}`."""

    subject: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """`sayings` by colour (0: without); `label` a msgid, its facts left out.

    `sample`: the facts of a preview, as msgids where a language has a word of its own for them.
    """

    code: str
    label: str
    sayings: Mapping[int, Saying]
    sample: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(self.sample)


_DECLARED: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    """Make a kind known. ValueError for a second one of that code, or words that use a fact it does not name."""
    if kind.code in _DECLARED and _DECLARED[kind.code] != kind:
        msg = f"the kind {kind.code} was declared before"
        raise ValueError(msg)
    for saying in kind.sayings.values():
        unknown = (placeholders(saying.subject) | placeholders(saying.body)) - kind.facts
        if unknown:
            msg = f"{kind.code} uses facts that it does not name: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
    _DECLARED[kind.code] = kind
    return kind


def kind_of(code: str) -> Kind:
    """The declared kind. KeyError when nobody declared it."""
    return _DECLARED[code]


def all_kinds() -> Iterator[Kind]:
    yield from _DECLARED.values()
