"""Who holds which post, once it has been looked up. Pure: no Django."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from grids.area_codes import containing
from grids.roles import DEPARTMENT_ROLES, Role


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who holds a post, with the language in which the person reads."""

    user_id: int
    role: Role
    place: str | int
    language: str


class Roster:
    """Holders by role and place: an area code for area roles, a department id for department roles."""

    def __init__(self, holders: Iterable[Holder]) -> None:
        self._by_place: dict[tuple[Role, str | int], list[Holder]] = defaultdict(list)
        self._in_area: dict[tuple[Role, str], tuple[Holder, ...]] = {}  # found before: a sweep asks often
        for holder in holders:
            self._by_place[holder.role, holder.place].append(holder)

    def holders(self, role: Role, *, department_id: int | None = None, area_code: str = "") -> tuple[Holder, ...]:
        """Holders of `role` in that department, or, for an area role, in any area that contains `area_code`."""
        if role in DEPARTMENT_ROLES:
            return tuple(self._by_place.get((role, department_id), ())) if department_id else ()
        asked = (role, area_code)
        if asked not in self._in_area:
            self._in_area[asked] = tuple(
                holder for code in containing(area_code) for holder in self._by_place.get((role, code), ())
            )
        return self._in_area[asked]
