"""Deadlines worked out by somebody else, as JSON lines, checked against the schedule (docs/time.md).

Pure. One object a line: start, limit, unit, pauses (pairs of moments), extension (more units of the same kind, granted
after the pauses, or null), and what they lead to: due, and blue and yellow at the default shares.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from cases.calendar import ZONE, WorkCalendar
from cases.limits import DEFAULT_THRESHOLDS, Limit, Unit
from cases.schedule import Adjustment, Extension, Moments, Pause, plan

MOMENTS: Final = ("due", "blue", "yellow")


@dataclass(frozen=True, slots=True)
class Difference:
    """One moment that the file gives otherwise than the schedule; None: not raised."""

    moment: str
    written: datetime | None
    computed: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one line: nothing, differences, or why it cannot be read."""

    line: int
    differences: tuple[Difference, ...] = ()
    malformed: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.differences or self.malformed)


def check_lines(lines: Iterable[bytes], calendar: WorkCalendar) -> Iterator[Checked]:
    """Each line that is not blank, checked. A line that cannot be read is said to be so and stops nothing."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Checked(number, tuple(_differences(_parse(line), calendar)))
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            yield Checked(number, malformed=f"{type(error).__name__}: {error}")


def _parse(line: bytes) -> Mapping[str, Any]:
    written = json.loads(line.decode("utf-8-sig"), parse_float=Decimal)
    if not isinstance(written, Mapping):
        message = "not a JSON object"
        raise TypeError(message)
    return written


def _differences(written: Mapping[str, Any], calendar: WorkCalendar) -> Iterator[Difference]:
    expected = {name: None if written[name] is None else _moment(written[name]) for name in MOMENTS}
    computed = _plan(written, calendar)
    for name in MOMENTS:
        if getattr(computed, name) != expected[name]:
            yield Difference(name, expected[name], getattr(computed, name))


def _plan(written: Mapping[str, Any], calendar: WorkCalendar) -> Moments:
    unit = Unit(written["unit"])
    adjustments: list[Adjustment] = [Pause(_moment(start), _moment(end)) for start, end in written.get("pauses") or ()]
    if written.get("extension"):
        adjustments.append(Extension(Limit(_amount(written["extension"]), unit)))
    return plan(
        start=_moment(written["start"]),
        limit=Limit(_amount(written["limit"]), unit),
        thresholds=DEFAULT_THRESHOLDS,
        calendar=calendar,
        adjustments=adjustments,
    )


def _amount(written: object) -> Decimal:
    if isinstance(written, bool) or not isinstance(written, int | Decimal):
        message = f"{written!r} is not a number"
        raise TypeError(message)
    return Decimal(written)


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
