"""Limits and colour thresholds, and the policy document that holds them (domain.md, Default policy).

Pure. A limit is written "5 wd": an amount and a unit. The document is the JSON that administrators edit and that each
policy version stores; `PolicyRules.parse` checks it whole, so that reading it later cannot fail.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn, Self

from cases.faults import Fault
from cases.faults import gettext_noop as _


class Unit(StrEnum):
    H = "h"  # natural hours
    WH = "wh"  # working hours
    WD = "wd"  # working days
    CD = "cd"  # calendar days


WHOLE_UNITS: Final = frozenset({Unit.WD, Unit.CD})

_WRITTEN_LIMIT: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(h|wh|wd|cd)\s*", re.ASCII)

#: More than any obligation has; keeps amounts such as 1e999999 out of the arithmetic.
_MOST: Final = 1_000_000

#: The last day of a limit in days ends at the close of business, 17:30.
_HOURS_AFTER_CLOSE: Final = Decimal("6.5")


class Quantity(NamedTuple):
    """What was written where a limit is expected, whether it can be one or not."""

    amount: Decimal
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


@dataclass(frozen=True, slots=True)
class Limit:
    """How much time an obligation has. Days are whole numbers, hours may have decimals; always more than nothing."""

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        written = Quantity(self.amount, self.unit)
        if not self.amount.is_finite() or self.amount <= 0:
            raise Fault(_("A limit is more than nothing, not %(limit)s."), limit=written)
        if self.amount > _MOST:
            most = Quantity(Decimal(_MOST), self.unit)
            raise Fault(_("A limit is at most %(most)s, not %(limit)s."), most=most, limit=written)
        if self.unit in WHOLE_UNITS and self.amount != int(self.amount):
            raise Fault(_("Days are whole numbers, not %(limit)s."), limit=written)

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.unit}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A limit written as "5 wd" or "0.5h". Raises Fault for anything else."""
        written = _WRITTEN_LIMIT.fullmatch(text) if isinstance(text, str) else None
        if written is None:
            raise Fault(_("%(text)s is no limit: write a number and h, wh, wd or cd, such as 5 wd."), text=repr(text))
        return cls(Decimal(written[1]), Unit(written[2]))

    def never_longer_than(self, other: "Limit") -> bool:
        """Whether this limit is due no later than the other from every start, whatever the calendar says."""
        if self.unit is other.unit:
            return self.amount <= other.amount
        if self.unit is Unit.H:
            return self.amount <= other.least_natural_hours()
        # The n-th working day is never before the n-th calendar day rolled over to a working day.
        return (self.unit, other.unit) == (Unit.CD, Unit.WD) and self.amount <= other.amount

    def least_natural_hours(self) -> Decimal:
        """The shortest time on the clock on the wall that this limit can leave."""
        return self.amount * 24 - _HOURS_AFTER_CLOSE if self.unit in WHOLE_UNITS else self.amount


@dataclass(frozen=True, slots=True)
class Share:
    """A colour at this share of the own time between start and due: more than 0, at most 1."""

    fraction: Fraction

    def __init__(self, fraction: Fraction | Decimal | float | str) -> None:
        # Through the shortest decimal: 0.8 means eight tenths, not the nearest binary number.
        exact = fraction if isinstance(fraction, Fraction) else Fraction(str(fraction))
        if not 0 < exact <= 1:
            raise Fault(_("A share lies between 0 and 1, not at %(share)s."), share=fraction)
        object.__setattr__(self, "fraction", exact)


@dataclass(frozen=True, slots=True)
class Before:
    """A colour this long before the due time."""

    limit: Limit


Threshold = Share | Before | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When the colours of a clock rise; None leaves a colour out. Red rises at the due time or not at all."""

    blue: Threshold
    yellow: Threshold
    red: bool = True

    def __post_init__(self) -> None:
        match self.blue, self.yellow:
            case Share(fraction=blue), Share(fraction=yellow) if blue > yellow:
                raise Fault(_("Blue comes before yellow: its share may not be the larger one."))
            case Before(limit=blue), Before(limit=yellow) if blue.unit is yellow.unit and blue.amount < yellow.amount:
                raise Fault(_("Blue comes before yellow: it may not be nearer to the due time."))


DEFAULT_THRESHOLDS: Final = Thresholds(blue=Share(Fraction(1, 2)), yellow=Share(Fraction(4, 5)))
UNCOLOURED: Final = Thresholds(blue=None, yellow=None, red=False)


#: What a type or a category may limit. The objection limit is a right, not a clock; rating has no colours.
KINDS: Final = frozenset(
    {"docket", "dispatch", "report_in", "objection", "handle", "resolve", "verify", "rate", "supervision"}
)
_UNCOLOURED_KINDS: Final = frozenset({"objection", "rate"})
_BY_SPEED: Final = ("verify", "supervision")  # one limit for types in hours, another for all others

#: "oversight" holds the numbers of rules beside the limits (`cases.oversight`).
_PARTS: Final = frozenset({"thresholds", "verify", "supervision", "types", "categories", "oversight"})

#: Longer than any obligation, shorter than what the calendar reckons with.
_LONGEST: Final = Limit(Decimal(3660), Unit.CD)


class PolicyError(ValueError):
    """A policy document cannot be read: `place` says where, `fault` what is wrong there."""

    def __init__(self, place: str, fault: Fault) -> None:
        super().__init__(f"{place}: {fault}")
        self.place, self.fault = place, fault


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the policy table."""

    limit: Limit
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How often the ordinary approver may extend, and by how much each time."""

    times: int
    limit: Limit


#: A sealed accusation has no row in the table of domain.md: until an administrator writes one it goes by a petition's.
_STAND_INS: Final = {"accusation": "petition"}


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """All limits and thresholds of one policy version. A category can narrow a limit, never widen it."""

    types: Mapping[str, Mapping[str, Cell]]
    categories: Mapping[str, Mapping[str, Cell]]
    extensions: Mapping[str, ExtensionRule]

    def limit(self, case_type: str, kind: str, category: str | None = None) -> Limit | None:
        """None where the table has no such limit. ValueError for a type that the policy does not know."""
        cell = self._cell(case_type, kind, category)
        return cell.limit if cell else None

    def thresholds(self, case_type: str, kind: str, category: str | None = None) -> Thresholds:
        cell = self._cell(case_type, kind, category)
        return cell.thresholds if cell else UNCOLOURED

    def extension(self, case_type: str) -> tuple[int, Limit] | None:
        """How often and by how much the ordinary approver may extend; None: always refused."""
        self._of_type(case_type)
        extension = self.extensions.get(case_type)
        return (extension.times, extension.limit) if extension else None

    def objection(self, case_type: str) -> Limit | None:
        """How long after its call a department may object."""
        return self.limit(case_type, "objection")

    def place(self, case_type: str, kind: str, category: str | None = None) -> str:
        """Where in the document the cell stands that counts: "types.appeal.handle"; empty where there is none."""
        if self._narrowed(case_type, kind, category):
            return f"categories.{category}.{kind}"
        return f"types.{case_type}.{kind}" if kind in self._of_type(case_type) else ""

    def cell_at(self, place: str) -> Cell | None:
        """The cell of `place`. ValueError for a type that the policy does not know."""
        part, _, rest = place.partition(".")
        row, _, kind = rest.rpartition(".")
        return (self._of_type(row) if part == "types" else self.categories.get(row, {})).get(kind)

    def _cell(self, case_type: str, kind: str, category: str | None) -> Cell | None:
        return self._narrowed(case_type, kind, category) or self._of_type(case_type).get(kind)

    def _narrowed(self, case_type: str, kind: str, category: str | None) -> Cell | None:
        general = self._of_type(case_type).get(kind)
        special = self.categories.get(category, {}).get(kind) if category else None
        return special if general and special and special.limit.never_longer_than(general.limit) else None

    def knows(self, case_type: str) -> bool:
        return case_type in self.types or case_type in _STAND_INS

    def _of_type(self, case_type: str) -> Mapping[str, Cell]:
        if case_type not in self.types and case_type in _STAND_INS:
            case_type = _STAND_INS[case_type]
        if case_type not in self.types:
            message = f"the policy has no type {case_type!r}"
            raise ValueError(message)
        return self.types[case_type]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """The rules of a document. Raises PolicyError, which names the place that is wrong."""
        _expect_keys(document, "policy", _PARTS, {"types"})
        basis = _thresholds(_mapping(document, "thresholds", "policy"), "thresholds", DEFAULT_THRESHOLDS)
        written = _mapping(document, "types", "policy")
        shared = {kind: _mapping(document, kind, "policy") for kind in _BY_SPEED}
        types = {name: _type_cells(written, name, basis, shared) for name in written}
        narrowed = _mapping(document, "categories", "policy")
        categories = {code: _category_cells(narrowed, code, basis, types) for code in narrowed}
        extensions = {name: extension for name in written if (extension := _extension(written[name], name))}
        return cls(MappingProxyType(types), MappingProxyType(categories), MappingProxyType(extensions))


def _type_cells(
    written: Mapping[str, Any], name: str, basis: Thresholds, shared: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Cell]:
    place = f"types.{name}"
    row = _mapping(written, name, "types")
    _expect_keys(row, place, KINDS | {"extension"})
    cells = _cells(row, place, basis)
    handle = cells.get("handle")
    speed = "hours" if handle and handle.limit.unit is Unit.H else "default"
    for kind, variants in shared.items():
        _expect_keys(variants, kind, {"default", "hours"})
        value = variants.get(speed, variants.get("default"))
        if kind not in row and value is not None:
            cells[kind] = _cell(value, f"{kind}.{speed}", kind, basis)
    return MappingProxyType(cells)


def _category_cells(
    written: Mapping[str, Any], code: str, basis: Thresholds, types: Mapping[str, Mapping[str, Cell]]
) -> Mapping[str, Cell]:
    place = f"categories.{code}"
    row = _mapping(written, code, "categories")
    _expect_keys(row, place, KINDS)
    cells = _cells(row, place, basis)
    for kind, cell in cells.items():
        general = [cells_of_type[kind].limit for cells_of_type in types.values() if kind in cells_of_type]
        if not any(cell.limit.never_longer_than(limit) for limit in general):
            _refuse(f"{place}.{kind}", Fault(_("%(limit)s narrows the limit of no type."), limit=cell.limit))
    return MappingProxyType(cells)


def _cells(row: Mapping[str, Any], place: str, basis: Thresholds) -> dict[str, Cell]:
    limited = {kind: value for kind, value in row.items() if kind in KINDS and value is not None}
    return {kind: _cell(value, f"{place}.{kind}", kind, basis) for kind, value in limited.items()}


def _cell(value: object, place: str, kind: str, basis: Thresholds) -> Cell:
    plain = UNCOLOURED if kind in _UNCOLOURED_KINDS else basis
    if not isinstance(value, Mapping):
        return Cell(_limit(value, place), plain)
    colours = {"blue", "yellow", "red"}
    _expect_keys(value, place, {"limit"} | (colours if plain is basis else set()), {"limit"})
    return Cell(_limit(value["limit"], place), _thresholds(value, place, plain))


def _limit(value: object, place: str) -> Limit:
    try:
        limit = Limit.parse(value)  # type: ignore[arg-type]  # it refuses what is not a string itself
    except Fault as fault:
        _refuse(place, fault)
    if limit.least_natural_hours() > _LONGEST.least_natural_hours():
        sentence = _("%(limit)s is longer than %(longest)s, the longest limit there is.")
        _refuse(place, Fault(sentence, limit=limit, longest=_LONGEST))
    return limit


def _thresholds(written: Mapping[str, Any], place: str, basis: Thresholds) -> Thresholds:
    """The thresholds of `basis` with what is written in their place."""
    red = written.get("red", basis.red)
    if not isinstance(red, bool):
        _refuse(f"{place}.red", Fault(_("This is true or false, not %(value)s."), value=repr(red)))
    blue = _threshold(written["blue"], f"{place}.blue") if "blue" in written else basis.blue
    yellow = _threshold(written["yellow"], f"{place}.yellow") if "yellow" in written else basis.yellow
    try:
        return Thresholds(blue, yellow, red)
    except Fault as fault:
        _refuse(place, fault)


def _threshold(value: object, place: str) -> Threshold:
    if value is None:
        return None
    if isinstance(value, Mapping):
        _expect_keys(value, place, {"before"}, {"before"})
        return Before(_limit(value["before"], place))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        sentence = _('This is a share such as 0.5, {"before": "1 wd"} or null, not %(value)s.')
        _refuse(place, Fault(sentence, value=repr(value)))
    try:
        return Share(value)
    except Fault as fault:
        _refuse(place, fault)


def _extension(row: Mapping[str, Any], name: str) -> ExtensionRule | None:
    if row.get("extension") is None:
        return None
    place = f"types.{name}.extension"
    written = _mapping(row, "extension", f"types.{name}")
    _expect_keys(written, place, {"times", "limit"}, {"times", "limit"})
    times = written["times"]
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        _refuse(f"{place}.times", Fault(_("This is a whole number from 1, not %(value)s."), value=repr(times)))
    return ExtensionRule(times, _limit(written["limit"], f"{place}.limit"))


def _mapping(parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
    value = parent.get(key, {})
    if not isinstance(value, Mapping):
        _refuse(f"{place}.{key}", _no_object(value))
    return value


def _expect_keys(written: object, place: str, known: Set[str], needed: Set[str] = frozenset()) -> None:
    if not isinstance(written, Mapping):
        _refuse(place, _no_object(written))
    if unknown := sorted(set(written) - known):
        _refuse(place, Fault(_("%(key)s is unknown here."), key=repr(unknown[0])))
    if missing := sorted(needed - set(written)):
        _refuse(place, Fault(_("%(key)s is missing."), key=repr(missing[0])))


def _no_object(value: object) -> Fault:
    return Fault(_("This is an object, not %(value)s."), value=repr(value))


def _refuse(place: str, fault: Fault) -> NoReturn:
    raise PolicyError(place, fault) from fault
