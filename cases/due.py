"""Clocks that owe something, with what the plan of their colours needs of them and of their cases."""

from datetime import datetime
from typing import NamedTuple

from cases.bulk import read_rows
from cases.colours import Colour
from cases.duties import Charge
from cases.reached import Timer
from cases.terms import ClockKind, is_emergency

#: In the order of `DueClock`. The claim of the sweep and the owing of an action share it.
DUE_COLUMNS = """
    clock.id, clock.case_id, clock.kind, clock.generation, clock.raised, clock.due_at, clock.blue_at,
    clock.yellow_at, clock.red_at, clock.next_moment, clock.charged_id, unit.kind, unit.short_name,
    matter.number, matter.area_code, matter.event_seq, matter.event_hash, matter.policy_id, matter.type, matter.round,
    matter.urgency, matter.keeper, topic.code,
    CASE WHEN matter.sealed THEN ARRAY(
        SELECT named.user_id FROM cases_case_accused_persons named WHERE named.case_id = matter.id) END,
    CASE WHEN matter.sealed THEN ARRAY(
        SELECT named.department_id FROM cases_case_accused_units named WHERE named.case_id = matter.id) END
"""

DUE_TABLES = """
FROM cases_clock clock
JOIN cases_case matter ON matter.id = clock.case_id
LEFT JOIN grids_department unit ON unit.id = clock.charged_id
LEFT JOIN cases_category topic ON topic.id = matter.category_id
"""


class DueClock(NamedTuple):
    """One clock as it was read under its lock. Nothing is checked here: a row that makes no sense fails its plan."""

    clock_id: int
    case_id: int
    kind: str
    generation: int
    raised: int
    due_at: datetime
    blue_at: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    next_moment: datetime
    unit_id: int | None
    unit_kind: str | None
    unit_name: str | None
    number: str
    area_code: str
    event_seq: int
    event_hash: bytes
    policy_id: int
    case_type: str
    round: int
    urgency: str
    keeper: str
    category: str | None
    accused_persons: list[int] | None
    accused_units: list[int] | None

    @property
    def timer(self) -> Timer:
        return Timer(ClockKind(self.kind), self.due_at, self.blue_at, self.yellow_at, self.red_at, Colour(self.raised))

    @property
    def charge(self) -> Charge:
        return Charge(
            ClockKind(self.kind),
            self.unit_id,
            self.unit_kind or "",
            self.area_code,
            self.keeper,
            frozenset(self.accused_persons or ()),
            frozenset(self.accused_units or ()),
        )

    @property
    def urgent(self) -> bool:
        return is_emergency(self.case_type, self.urgency)


_OWED = f"""
SELECT {DUE_COLUMNS} {DUE_TABLES}
WHERE clock.id = ANY(%s)
ORDER BY clock.next_moment, clock.id
"""


def owed(clock_ids: list[int]) -> list[DueClock]:
    """These clocks as the planner wants them. The caller has locked their case."""
    return [DueClock._make(row) for row in read_rows(_OWED, [clock_ids])]
