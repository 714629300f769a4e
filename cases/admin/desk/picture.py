"""Map and trend as SVG that the server draws: links in it, no script, no style, nothing fetched (ADR 0024)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final, Protocol

from cases.admin.desk.formulas import COUNTS
from cases.admin.desk.rows import Counter, behind
from cases.calendar import ZONE
from cases.statistics import Day
from grids import atlas

LATE, OPEN = "late", "open"
MODES: Final = (LATE, OPEN)
#: Steps of a map's shade; 0 is the bare ground.
STEPS: Final = 4

_WIDTH, _HEIGHT, _FOOT, _HEAD = 560, 150, 22, 14


class Placed(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def open(self) -> Counter: ...
    @property
    def reds(self) -> Counter: ...


@dataclass(frozen=True, slots=True)
class Ground:
    """One area of the map. `shade` 0 to STEPS says how much of the figure it has beside the largest one."""

    name: str
    path: str
    x: int
    y: int
    shade: int
    figure: int
    open: int
    reds: int
    link: str


@dataclass(frozen=True, slots=True)
class Map:
    width: int
    height: int
    grounds: list[Ground]
    schematic: bool
    most: int


def map_of(places: Sequence[Placed], *, mode: str) -> Map | None:
    """None where no outline is known."""
    drawn, schematic = atlas.picture(place.code for place in places)
    if drawn is None:
        return None
    shown = [place for place in places if place.code in drawn.areas]
    most = max((_figure(place, mode).count for place in shown), default=0)
    grounds = [
        Ground(
            name=place.name,
            path=drawn.areas[place.code].path,
            x=drawn.areas[place.code].x,
            y=drawn.areas[place.code].y,
            shade=shade(_figure(place, mode).count, most),
            figure=_figure(place, mode).count,
            open=place.open.count,
            reds=place.reds.count,
            link=_figure(place, mode).link,
        )
        for place in shown
    ]
    return Map(drawn.width, drawn.height, grounds, schematic, most)


def _figure(place: Placed, mode: str) -> Counter:
    return place.open if mode == OPEN else place.reds


def shade(count: int, most: int) -> int:
    """0 for none, else in equal steps up to the largest count."""
    return 0 if count == 0 else max(1, -(-count * STEPS // most))


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's count as a bar with its foot on the base line; `height` 0 is none."""

    x: int
    y: int
    width: int
    height: int
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class Column:
    day: Any
    x: int
    shown: bool
    received: Bar
    closed: Bar


@dataclass(frozen=True, slots=True)
class Trend:
    width: int
    height: int
    base: int
    most: int
    columns: list[Column]
    received: Counter
    closed: Counter


def trend(days: Iterable[Day]) -> Trend:
    """Two bars a day: taken in, and closed. Every second day is named."""
    rows = list(days)
    most = max((max(day.received, day.closed) for day in rows), default=0)
    step = _WIDTH // max(len(rows), 1)
    columns = [_column(number, day, most=most, step=step, last=len(rows) - 1) for number, day in enumerate(rows)]
    return Trend(
        width=_WIDTH,
        height=_HEIGHT,
        base=_HEIGHT - _FOOT,
        most=most,
        columns=columns,
        received=_total("received", rows, sum(day.received for day in rows)),
        closed=_total("closed", rows, sum(day.closed for day in rows)),
    )


def _total(kind: str, days: Sequence[Day], count: int) -> Counter:
    """All of the days together."""
    if not days:
        return Counter(COUNTS[kind].title, count, behind(kind))
    since, until = (datetime.combine(day, time(), tzinfo=ZONE) for day in (days[0].day, days[-1].day + timedelta(1)))
    return Counter(COUNTS[kind].title, count, behind(kind, since=since.isoformat(), until=until.isoformat()))


def _column(number: int, day: Day, *, most: int, step: int, last: int) -> Column:
    x, width = number * step, (step - 10) // 2
    return Column(
        day=day.day,
        x=x + step // 2,
        shown=(last - number) % 2 == 0,
        received=_bar(x + 4, width, day.received, most, behind("received", day=day.day.isoformat())),
        closed=_bar(x + 6 + width, width, day.closed, most, behind("closed", day=day.day.isoformat())),
    )


def _bar(x: int, width: int, count: int, most: int, link: str) -> Bar:
    room = _HEIGHT - _FOOT - _HEAD
    height = max(round(count * room / most), 2) if count else 0
    return Bar(x, _HEIGHT - _FOOT - height, width, height, count, link)
