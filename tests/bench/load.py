"""Cases by the million, written with COPY by several processes: plausible rows whose chains verify.

    load = Load(make_county(now=now), now)
    load.add(50_000)             # running clocks on some 24,000 open cases
    load.add_closed(950_000)     # cases that went round the loop within the last five years

Every clock is given the moment at which it must next be looked at. A few windows of time hold exactly as many
moments as a measurement needs; all other moments lie far ahead, or turned red long ago. Everything is drawn from one
seed. Nothing that the database checks is left out: keys, uniqueness, foreign keys, the standings of the cases.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context

from django.db import connection

from cases import blind
from cases.colours import Colour
from cases.models.fields import cipher
from cases.terms import ClockKind, Status
from tests.bench.county import County
from tests.bench.story import KEYED, NAMES, TABLES, Course, Rows, Story, empty_rows

WINDOW = timedelta(hours=1)
FAR = timedelta(days=30)
CHUNK = 2_000  # cases written in one transaction
FEW = 20_000  # clocks that are not worth a second process
FIVE_YEARS = 5 * 365.0  # days
SEED = 350924

_STAGES = {Status.COLLECTED: 10, Status.DOCKETED: 10, Status.DISPATCHED: 25, Status.HANDLING: 55}
_UPCOMING = {Colour.BLUE: 50, Colour.YELLOW: 30, Colour.RED: 20}  # the colour that a clock will reach next
_ASSISTANTS = {0: 80, 1: 20}
_RESTING = -1
_RED = -2

Ids = dict[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """What one process writes: clocks by where their next moment lies, under every `step`-th key from `first` on."""

    county: County
    now: datetime
    places: dict[int, int]
    closed: int
    first: Ids
    offset: int
    step: int


@dataclass(slots=True)
class Load:
    """Fills the tables from where the last call ended; `now` is the moment at which nothing is due yet."""

    county: County
    now: datetime
    _last: Ids = field(default_factory=lambda: dict.fromkeys(KEYED, 0))

    def add(self, clocks: int, *, windows: int = 0, per_window: int = 0, red: int = 0) -> None:
        """Add cases with exactly `clocks` running clocks.

        `per_window` of them are due in each of the first windows, and `red` turned red long ago.
        """
        places = dict.fromkeys(range(windows), per_window) | {_RED: red, _RESTING: clocks - windows * per_window - red}
        self._write(places, closed=0, hands=1 if clocks < FEW else os.cpu_count() or 1)

    def add_closed(self, cases: int) -> None:
        """Add cases that have ended, each with its journal, clocks, answer and rating."""
        self._write({}, closed=cases, hands=1 if cases < FEW else os.cpu_count() or 1)

    def _write(self, places: dict[int, int], *, closed: int, hands: int) -> None:
        shares = [
            Share(
                county=self.county,
                now=self.now,
                places={place: _part(n, hand, hands) for place, n in places.items()},
                closed=_part(closed, hand, hands),
                first=dict(self._last),
                offset=hand,
                step=hands,
            )
            for hand in range(hands)
        ]
        for last in _written(shares):
            self._last = {table: max(self._last[table], pk) for table, pk in last.items()}
        _move_sequences(self._last)

    @property
    def last_case(self) -> int:
        return self._last["cases_case"]

    def window_end(self, window: int) -> datetime:
        return window_end(self.now, window)


def window_end(now: datetime, window: int) -> datetime:
    return now + WINDOW * (window + 1)


def _part(count: int, hand: int, hands: int) -> int:
    return count // hands + (hand < count % hands)


def _written(shares: list[Share]) -> list[Ids]:
    if len(shares) == 1:
        return [_write_share(shares[0])]
    connection.close()  # each process opens one of its own
    with ProcessPoolExecutor(len(shares), mp_context=get_context("fork")) as pool:
        return list(pool.map(_write_share, shares))


def _write_share(share: Share) -> Ids:
    """Write it; the last key of each table."""
    return _Writer(share).write()


def _move_sequences(last: Ids) -> None:
    with connection.cursor() as cursor:
        for table, pk in last.items():
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, max(pk, 1)])
        cursor.execute("SELECT setval('cases_number', %s)", [max(last["cases_case"], 1)])


class _Writer:
    """One process's share on its way into the tables."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._dice = random.Random(SEED + share.offset + share.first["cases_case"])
        step = share.step
        self._ids = {table: pk + 1 + share.offset - step for table, pk in share.first.items()}
        self._places = [place for place, count in share.places.items() for _ in range(count)]
        self._dice.shuffle(self._places)
        self._names = [_stored(name) for name in NAMES]

    def write(self) -> Ids:
        rows = empty_rows()
        for story in self._stories():
            for table, own in story.finish(name=self._dice.choice(self._names)).items():
                rows[table] += own
            if len(rows["cases_case"]) == CHUNK:
                _copy(rows)
                rows = empty_rows()
        _copy(rows)
        return self._ids

    def _stories(self) -> Iterator[Story]:
        while self._places:
            yield self._story()
        for _number in range(self._share.closed):
            yield self._closed_story()

    def _closed_story(self) -> Story:
        """Received within the last five years, in hand for days, rated."""
        share = self._share
        received = share.now - timedelta(days=self._dice.uniform(30, FIVE_YEARS))
        story = Story(
            county=share.county,
            dice=self._dice,
            status=Status.CLOSED,
            now=share.now,
            next_id=self._next_id,
            received=received,
        )
        story.close(days=self._dice.uniform(1, 20))
        return story

    def _story(self) -> Story:
        share = self._share
        status = self._dice.choices(list(_STAGES), list(_STAGES.values()))[0]
        story = Story(county=share.county, dice=self._dice, status=status, now=share.now, next_id=self._next_id)
        for kind, departmental in self._clocks_in(status):
            if self._places:
                story.run(kind, self._course(self._places.pop()), departmental=departmental)
        return story

    def _clocks_in(self, status: Status) -> list[tuple[ClockKind, bool]]:
        """The running clocks of a case in this status, and whether a called department owes them."""
        if status is Status.COLLECTED:
            return [(ClockKind.DOCKET, False)]
        if status is Status.DOCKETED:
            return [(ClockKind.RESOLVE, False), (ClockKind.DISPATCH, False)]
        kind = ClockKind.REPORT_IN if status is Status.DISPATCHED else ClockKind.HANDLE
        called = 1 + self._dice.choices(list(_ASSISTANTS), list(_ASSISTANTS.values()))[0]
        return [(ClockKind.RESOLVE, False), *[(kind, True)] * called]

    def _course(self, place: int) -> Course:
        """A clock whose next moment lies in that window, with what came before and what follows days later."""
        now, dice = self._share.now, self._dice
        past = [now - timedelta(days=days) for days in sorted(dice.uniform(0.1, 9) for _ in range(4))]
        if place == _RED:
            return Course(None, past[3], past[2], past[1], past[0])
        colour = dice.choices(list(_UPCOMING), list(_UPCOMING.values()))[0]
        if place == _RESTING:
            moment = now + FAR + timedelta(days=dice.uniform(0, 60))
        else:
            moment = window_end(now, place) - WINDOW * dice.uniform(0.01, 0.99)
        ahead = [moment + timedelta(days=days) for days in (1, 2)]
        times = {
            Colour.BLUE: (past[0], moment, *ahead),
            Colour.YELLOW: (past[1], past[0], moment, ahead[0]),
            Colour.RED: (past[2], past[1], past[0], moment),
        }
        return Course(colour, *times[colour])

    def _next_id(self, table: str) -> int:
        self._ids[table] += self._share.step
        return self._ids[table]


def _stored(name: str) -> dict[str, str]:
    return {"name": cipher().encrypt(name.encode()).decode(), "name_index": blind.NAME.of(name)}


def _copy(rows: Rows) -> None:
    """One transaction: what refers to each other is checked at its end."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for table in TABLES:
            if not rows[table]:
                continue
            columns = ", ".join(f'"{column}"' for column in rows[table][0])
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row(tuple(row.values()))
        cursor.execute("COMMIT")
