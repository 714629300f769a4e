"""For who watches over an area: where it is late, how the month goes beside the last one, who is red."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cases import glance, labels, statistics
from cases.admin.desk import picture
from cases.admin.desk.formulas import SHARES
from cases.admin.desk.lanes import loads_parts
from cases.admin.desk.rows import Counter, behind, by_colour, work_list
from cases.admin.filters import OPEN_SCOPE
from cases.calendar import ZONE
from cases.colours import Colour
from cases.glance import OPEN_STATUSES, Open
from cases.minutes import AsOf, Minute
from cases.scores import Period, Share
from cases.statistics import Recent, Scope
from cases.terms import Phase
from grids.actors import Actor
from grids.area_codes import LEVEL_DIGITS
from grids.book import AREAS
from grids.roles import Role

#: They watch over all of an area, and their figures are those of `cases.statistics`.
AREA_WATCHERS: Final = frozenset({Role.CENTER_DISPATCHER, Role.INSPECTOR, Role.TOWNSHIP_LEADER})
DAYS: Final = 14
PLACES_SHOWN: Final = 8
_COUNTY, _TOWNSHIP, _VILLAGE = (LEVEL_DIGITS[level] for level in ("county", "township", "village"))

#: The month of an area costs a walk over its clocks and days: reckoned once a minute for all who read the same one.
MONTHS: Final[Minute[frozenset[str], Recent]] = Minute()


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase with its cases by colour, red first."""

    label: Any
    total: Counter
    colours: list[Counter]


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a share with the rows behind it."""

    count: int
    link: str


@dataclass(frozen=True, slots=True)
class Month:
    """One share of one month."""

    words: str
    small: bool
    hits: Part
    misses: Part
    counted: Part


@dataclass(frozen=True, slots=True)
class Tile:
    """One share of this month beside the last; `change` in points."""

    title: Any
    above: Any
    below: Any
    now: Month
    before: Month
    change: str


@dataclass(frozen=True, slots=True)
class Place:
    """One township of a county, or one village of a township."""

    code: str
    name: str
    open: Counter
    reds: Counter


def digits_of(actor: Actor) -> int:
    """Of the places that this person's area falls into: townships, or the villages of one township."""
    shortest = min((len(prefix) for prefix in actor.area_prefixes), default=_COUNTY)
    return _TOWNSHIP if shortest < _TOWNSHIP else _VILLAGE


def watch_parts(
    actor: Actor, tally: Open, loads: Mapping[int, glance.Load], *, now: datetime, mode: str
) -> dict[str, Any]:
    recent = month_of(actor, now=now)
    places = _places(actor, tally)
    return {
        "watched": by_colour(lambda colour: tally.total(colour=colour), scope=OPEN_SCOPE),
        "watched_total": Counter("", tally.total(), work_list(scope=OPEN_SCOPE)),
        "phases": [_phase(phase, tally) for phase in Phase],
        "tiles": _tiles(recent.value, now),
        "tiles_at": recent.at,
        "trend": picture.trend(recent.value.days),
        "trend_days": DAYS,
        "places": sorted(places, key=lambda place: (-place.reds.count, -place.open.count, place.code))[:PLACES_SHOWN],
        "places_are_townships": digits_of(actor) == _TOWNSHIP,
        "map": picture.map_of(places, mode=mode),
        "map_mode": mode,
        **loads_parts(loads, shown=PLACES_SHOWN),
    }


def month_of(actor: Actor, *, now: datetime) -> AsOf[Recent]:
    scope = Scope(areas=Scope.of(actor).areas)
    return MONTHS.of(scope.areas, now=now, read=lambda: _reckon(scope, now))


def _reckon(scope: Scope, now: datetime) -> Recent:
    this, today = Period.month_of(now), now.astimezone(ZONE).date()
    days = [today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    return statistics.recent(scope, this.last_month, this, list(SHARES), days, now=now)


def _phase(phase: Phase, tally: Open) -> PhaseRow:
    statuses = OPEN_STATUSES[phase]
    colours = [
        Counter(
            labels.COLOUR[colour],
            tally.total(statuses=statuses, colour=colour),
            behind("open", phase=phase.value, colour=colour.code),
            int(colour),
        )
        for colour in sorted(Colour, reverse=True)
    ]
    total = Counter("", tally.total(statuses=statuses), behind("open", phase=phase.value))
    return PhaseRow(labels.PHASE[phase], total, colours)


def _tiles(recent: Recent, now: datetime) -> list[Tile]:
    this = Period.month_of(now)
    return [
        Tile(
            title=formula.title,
            above=formula.above,
            below=formula.below,
            now=_month(name, this, recent.now[name]),
            before=_month(name, this.last_month, recent.before[name]),
            change=_change(recent.now[name], recent.before[name]),
        )
        for name, formula in SHARES.items()
    ]


def _month(name: str, period: Period, share: Share) -> Month:
    def part(count: int, which: str) -> Part:
        return Part(count, behind("share", name=name, period=period.name, part=which))

    misses = share.denominator - share.numerator
    return Month(
        words=percent(share),
        small=share.small,
        hits=part(share.numerator, "hit"),
        misses=part(misses, "missed"),
        counted=part(share.denominator, ""),
    )


def percent(share: Share) -> str:
    """92.8 %, and "—" where nothing was counted."""
    return "—" if share.value is None else f"{share.value * 100:.1f}%"


def _change(now: Share, before: Share) -> str:
    if now.value is None or before.value is None:
        return ""
    points = round((now.value - before.value) * 100, 1)
    return f"{points:+.1f}" if points else "±0"


def _places(actor: Actor, tally: Open) -> list[Place]:
    """Every place in use of the area, those without any open case included; what lies directly in an outer area too."""
    digits = digits_of(actor)
    inside = tuple(actor.area_prefixes)
    known = {
        area.code: area.name
        for area in AREAS.all()
        if len(area.code) == digits and area.is_active and area.code.startswith(inside)
    }
    return [_place(code, known.get(code, ""), tally) for code in sorted({*known, *tally.places})]


def _place(code: str, known: str, tally: Open) -> Place:
    """A place that the list's filter knows opens there; what lies directly in an outer area, by itself."""
    mine = {key: count for key, count in tally.counts.items() if key[0] == code}
    reds = sum(count for (_of, _status, colour), count in mine.items() if colour == Colour.RED)
    red, area = Colour.RED.code, AREAS.known(code)
    name = known or (area.name if area else code)
    if known:
        links = work_list(scope=OPEN_SCOPE, area=code), work_list(scope=OPEN_SCOPE, area=code, colour=red)
    else:
        links = behind("open", place=code), behind("open", place=code, colour=red)
    return Place(
        code, name, Counter(name, sum(mine.values()), links[0]), Counter(name, reds, links[1], int(Colour.RED))
    )
