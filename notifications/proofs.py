"""Reading an edited text before it is in force: what is wrong with it. Pure: no Django."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from notifications.kinds import Kind, Saying
from notifications.states import ChannelName
from notifications.words import fill, placeholders

LONGEST_SUBJECT, LONGEST_BODY = 120, 600
#: Two parts of a text message; what is longer would be cut (docs/sms-gateway.md).
LONGEST_SMS = 134
#: The fact by which an officer finds the case; a subject that had it keeps it.
NUMBER = "number"
_BRACE = re.compile(r"[{}]")
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


class Flaw(StrEnum):
    EMPTY = "empty"
    LONG = "long"
    UNKNOWN = "unknown"  # a placeholder that the kind does not declare
    BRACES = "braces"  # one that is none
    LINES = "lines"  # a subject of several lines
    NUMBERLESS = "numberless"
    SMS = "sms"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Found:
    """`field`: subject or body. `detail`: what the sentence names, such as the placeholder or the limit."""

    field: str
    flaw: Flaw
    detail: str = ""


def flaws(saying: Saying, kind: Kind, colour: int, *, channel: str) -> Iterator[Found]:
    """Everything that is wrong with these words for that kind, colour and channel ("" for all)."""
    if not saying.subject:
        yield Found("subject", Flaw.EMPTY)
    if "\n" in saying.subject:
        yield Found("subject", Flaw.LINES)
    if NUMBER in placeholders(kind.sayings[colour].subject) - placeholders(saying.subject):
        yield Found("subject", Flaw.NUMBERLESS)
    for field, text, longest in (("subject", saying.subject, LONGEST_SUBJECT), ("body", saying.body, LONGEST_BODY)):
        yield from _flaws_of(field, text, longest, kind)
    example = f"{fill(saying.subject, kind.sample)}\n{fill(saying.body, kind.sample)}".strip()
    if channel == ChannelName.SMS and len(example) > LONGEST_SMS:
        yield Found("body" if saying.body else "subject", Flaw.SMS, str(len(example)))


def _flaws_of(field: str, text: str, longest: int, kind: Kind) -> Iterator[Found]:
    if len(text) > longest:
        yield Found(field, Flaw.LONG, str(longest))
    if not text.replace("\n", "").isprintable():
        yield Found(field, Flaw.CONTROL)
    if unknown := sorted(placeholders(text) - kind.facts):
        yield Found(field, Flaw.UNKNOWN, ", ".join(f"{{{name}}}" for name in unknown))
    if _BRACE.search(_PLACEHOLDER.sub("", text)):
        yield Found(field, Flaw.BRACES)
