"""The numbers of the rules beside the limits: when an interview is proposed, what comes before a meeting. Pure.

They stand in the policy document under "oversight" and are an administrator's to change (domain.md, "Colours"; what is
left out goes by the defaults of that page). Rules about a department go by the version in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final, NoReturn, Self

from cases.faults import Fault
from cases.faults import gettext_noop as _
from cases.limits import Limit, PolicyError, Unit

_MOST: Final = 366


@dataclass(frozen=True, slots=True)
class Oversight:
    """An interview: `reds` of a unit in `window_days`, a red that stands for longer than `standing`, fewer than
    `satisfied` per cent satisfied of at least `ratings` in `window_days`. A meeting: due within `soon_days`, suspended
    for more than `suspended_days`.
    """

    window_days: int = 30
    reds: int = 3
    standing: Limit = Limit(Decimal(5), Unit.WD)  # noqa: RUF009 — immutable
    ratings: int = 5
    satisfied: int = 80
    soon_days: int = 3
    suspended_days: int = 30

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The numbers of a policy document. PolicyError names the one that is wrong."""
        written = document.get("oversight", {})
        if not isinstance(written, Mapping):
            _refuse("oversight", Fault(_("This is an object, not %(value)s."), value=repr(written)))
        if unknown := sorted(set(written) - set(NAMES)):
            _refuse("oversight", Fault(_("%(key)s is unknown here."), key=repr(unknown[0])))
        numbers: dict[str, Any] = {
            name: _standing(value) if name == "standing" else _whole(name, value) for name, value in written.items()
        }
        return cls(**numbers)


NAMES: Final = tuple(field.name for field in fields(Oversight))


def _whole(name: str, value: object) -> int:
    most = 100 if name == "satisfied" else _MOST
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        sentence = _("This is a whole number from 1 to %(most)s, not %(value)s.")
        _refuse(f"oversight.{name}", Fault(sentence, most=most, value=repr(value)))
    return value


def _standing(value: object) -> Limit:
    try:
        return Limit.parse(value)  # type: ignore[arg-type]  # it refuses what is not a string itself
    except Fault as fault:
        _refuse("oversight.standing", fault)


def _refuse(place: str, fault: Fault) -> NoReturn:
    raise PolicyError(place, fault) from fault
