"""Open cases by the hundred thousand, written with COPY: plausible rows whose chains verify.

Every clock is given the moment at which it must next be looked at. A few windows of time hold exactly as many
moments as a measurement needs; all other moments lie far ahead. Everything is drawn from one seed.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from cases.colours import Colour
from cases.models.fields import cipher
from cases.terms import ClockKind, Status
from tests.bench.county import County
from tests.bench.story import TABLES, Course, Rows, Story, empty_rows

WINDOW = timedelta(hours=1)
FAR = timedelta(days=30)
CHUNK = 4_000  # cases written at once

_STAGES = {Status.COLLECTED: 10, Status.DOCKETED: 10, Status.DISPATCHED: 25, Status.HANDLING: 55}
_UPCOMING = {Colour.BLUE: 50, Colour.YELLOW: 30, Colour.RED: 20}  # the colour that a clock will reach next
_ASSISTANTS = {0: 80, 1: 20}
_RESTING = -1


@dataclass(slots=True)
class Load:
    """Fills the tables from where the last call ended; `now` is the moment at which nothing is due yet."""

    county: County
    now: datetime
    dice: random.Random = field(default_factory=lambda: random.Random(350924))
    _ids: dict[str, int] = field(default_factory=dict)

    def add(self, clocks: int, *, windows: int = 0, per_window: int = 0) -> None:
        """Add cases with exactly `clocks` running clocks, `per_window` of them due in each of the first windows."""
        places = [window for window in range(windows) for _ in range(per_window)]
        places += [_RESTING] * (clocks - len(places))
        self.dice.shuffle(places)
        names = [cipher().encrypt(name.encode()).decode() for name in ("张三", "李四", "王五", "陈六")]
        while places:
            rows = empty_rows()
            while places and len(rows["cases_case"]) < CHUNK:
                story = self._story(places)
                for table, own in story.finish(encrypted_name=self.dice.choice(names)).items():
                    rows[table] += own
            self._write(rows)

    def window_end(self, window: int) -> datetime:
        return self.now + WINDOW * (window + 1)

    def _story(self, places: list[int]) -> Story:
        status = self.dice.choices(list(_STAGES), list(_STAGES.values()))[0]
        story = Story(county=self.county, dice=self.dice, status=status, now=self.now, next_id=self._next_id)
        for kind, departmental in self._clocks_in(status):
            if places:
                story.run(kind, self._course(places.pop()), departmental=departmental)
        return story

    def _clocks_in(self, status: Status) -> list[tuple[ClockKind, bool]]:
        """The running clocks of a case in this status, and whether a called department owes them."""
        if status is Status.COLLECTED:
            return [(ClockKind.DOCKET, False)]
        if status is Status.DOCKETED:
            return [(ClockKind.RESOLVE, False), (ClockKind.DISPATCH, False)]
        kind = ClockKind.REPORT_IN if status is Status.DISPATCHED else ClockKind.HANDLE
        called = 1 + self.dice.choices(list(_ASSISTANTS), list(_ASSISTANTS.values()))[0]
        return [(ClockKind.RESOLVE, False), *[(kind, True)] * called]

    def _course(self, window: int) -> Course:
        """A clock whose next moment lies in that window, with what came before and what follows days later."""
        colour = self.dice.choices(list(_UPCOMING), list(_UPCOMING.values()))[0]
        if window == _RESTING:
            moment = self.now + FAR + timedelta(days=self.dice.uniform(0, 60))
        else:
            moment = self.window_end(window) - WINDOW * self.dice.uniform(0.01, 0.99)
        past = [self.now - timedelta(days=days) for days in sorted(self.dice.uniform(0.1, 9) for _ in range(3))]
        ahead = [moment + timedelta(days=days) for days in (1, 2)]
        times = {
            Colour.BLUE: (past[0], moment, *ahead),
            Colour.YELLOW: (past[1], past[0], moment, ahead[0]),
            Colour.RED: (past[2], past[1], past[0], moment),
        }
        return Course(colour, *times[colour])

    def _next_id(self, table: str) -> int:
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    def _write(self, rows: Rows) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                columns = ", ".join(f'"{column}"' for column in next(iter(rows[table]), {}))
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows[table]:
                        copy.write_row(tuple(row.values()))
            for table, last in self._ids.items():
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])
            cursor.execute("SELECT setval('cases_number', %s)", [self._ids["cases_case"]])
