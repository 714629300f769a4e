"""Everything that is wrong with a policy document, cell by cell, for whoever edits it. Pure.

`PolicyRules.parse` stops at the first fault; here each cell is read on its own, and colours that would come in the
wrong order are found by reckoning them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cases.calendar import ZONE, WorkCalendar
from cases.faults import Fault
from cases.faults import gettext_noop as _
from cases.limits import Before, Cell, PolicyError, PolicyRules, Share
from cases.oversight import Oversight
from cases.schedule import plan

Problems = dict[str, list[Fault]]

#: Starts at which colours of different kinds are tried: a plain fortnight and one with Spring Festival in it.
_FORTNIGHTS: Final = (datetime(2026, 3, 2, tzinfo=ZONE), datetime(2026, 2, 9, tzinfo=ZONE))
_HOURS: Final = (0, 8, 9, 11, 13, 16, 17, 20)

#: A type that nobody has: it makes the parser read the limits that types share, by speed.
_ANY_TYPE: Final[Mapping[str, dict[str, Any]]] = {"default": {"?": {}}, "hours": {"?": {"handle": "1 h"}}}
_SHARED: Final = ("verify", "supervision")


def problems(document: Mapping[str, Any], calendar: WorkCalendar) -> Problems:
    """Place → faults; empty when the document can be published."""
    found: Problems = {}
    for part in _parts(document):
        _read(part, found)
    _read_oversight(document.get("oversight", {}), found)
    if found:
        return found
    _read(document, found)
    return found or dict(_out_of_order(PolicyRules.parse(document), calendar))


def _read_oversight(written: object, found: Problems) -> None:
    """Each number on its own; what is no object at all is told once."""
    parts = [{name: value} for name, value in written.items()] if isinstance(written, Mapping) else [written]
    for part in parts:
        try:
            Oversight.of({"oversight": part})
        except PolicyError as error:
            found.setdefault(error.place, []).append(error.fault)


def _read(part: Mapping[str, Any], found: Problems) -> bool:
    try:
        PolicyRules.parse(part)
    except PolicyError as error:
        faults = found.setdefault(error.place, [])
        if str(error.fault) not in map(str, faults):
            faults.append(error.fault)
        return False
    return True


def _parts(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Documents that hold one cell each, and one of everything that stands outside the cells."""
    types, categories = document.get("types"), document.get("categories", {})
    if not isinstance(types, Mapping) or not isinstance(categories, Mapping):
        yield document
        return
    frame = {key: value for key, value in document.items() if key not in ("types", "categories")}
    for speed, any_type in _ANY_TYPE.items():
        yield {**frame, **_of_speed(frame, speed), "types": any_type}
    # Wrong thresholds for all are told once: the cells are read without them.
    shared = _thresholds(frame) if _read({**_thresholds(frame), "types": {}}, {}) else {}
    sound: dict[str, dict[str, Any]] = {}
    for name, row in types.items():
        for cells in _one_by_one(row):
            part = {**shared, "types": {name: cells}}
            yield part
            if isinstance(cells, Mapping) and _read(part, {}):
                sound.setdefault(name, {}).update(cells)
    for code, row in categories.items():
        for cells in _one_by_one(row):
            yield {**shared, "types": sound, "categories": {code: cells}}


def _of_speed(frame: Mapping[str, Any], speed: str) -> dict[str, Any]:
    """The shared limits without the other speed's, so that each is told once, under its own name."""
    other = next(name for name in _ANY_TYPE if name != speed)
    return {
        kind: {name: value for name, value in frame[kind].items() if name != other}
        for kind in _SHARED
        if isinstance(frame.get(kind), Mapping)
    }


def _thresholds(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {"thresholds": frame["thresholds"]} if "thresholds" in frame else {}


def _one_by_one(row: object) -> Iterator[Any]:
    if isinstance(row, Mapping) and row:
        yield from ({kind: value} for kind, value in row.items())
    else:
        yield row


def _out_of_order(rules: PolicyRules, calendar: WorkCalendar) -> Iterator[tuple[str, list[Fault]]]:
    rows = [("types", rules.types), ("categories", rules.categories)]
    for part, table in rows:
        for name, cells in table.items():
            for kind, cell in cells.items():
                start = _start_out_of_order(cell, calendar)
                if start is not None:
                    sentence = _("Blue would come after yellow, for one when it begins on %(start)s.")
                    yield f"{part}.{name}.{kind}", [Fault(sentence, start=f"{start:%Y-%m-%d %H:%M}")]


def _start_out_of_order(cell: Cell, calendar: WorkCalendar) -> datetime | None:
    """A start from which blue would come after yellow. Colours of one kind were compared when they were read."""
    match cell.thresholds.blue, cell.thresholds.yellow:
        case (None, _) | (_, None) | (Share(), Share()):
            return None
        case Before(limit=blue), Before(limit=yellow) if blue.unit is yellow.unit:
            return None
    for start in _starts():
        moments = plan(start=start, limit=cell.limit, thresholds=cell.thresholds, calendar=calendar)
        if moments.blue and moments.yellow and moments.blue > moments.yellow:
            return start
    return None


def _starts() -> Iterator[datetime]:
    for first in _FORTNIGHTS:
        for day in range(14):
            for hour in _HOURS:
                yield first + timedelta(days=day, hours=hour)
