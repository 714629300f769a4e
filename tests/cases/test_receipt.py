"""Receipts: a second reckoning that adds up its own pieces, held against `schedule.plan` (domain.md, Time)."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import ZONE, DayKind
from cases.limits import DEFAULT_THRESHOLDS, Before, Limit, Share, Threshold, Thresholds, Unit
from cases.official_days import official_calendar
from cases.receipt import Reckoning, reckon
from cases.schedule import Adjustment, Extension, Pause, plan

CALENDAR = official_calendar()
VECTORS = Path(__file__).parent.parent / "data" / "deadline_vectors.jsonl"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def reckoned(start: str, limit: str, *adjustments: Adjustment) -> Reckoning:
    return reckon(
        start=at(start),
        limit=Limit.parse(limit),
        thresholds=DEFAULT_THRESHOLDS,
        calendar=CALENDAR,
        adjustments=adjustments,
    )


# The same moments as the schedule


@pytest.mark.parametrize("line", VECTORS.read_bytes().splitlines(), ids=lambda line: json.loads(line)["start"])
def test_every_worked_example_adds_up(line: bytes) -> None:
    row = json.loads(line)
    unit, pauses = row["unit"], [Pause(at_zone(a), at_zone(b)) for a, b in row["pauses"]]
    extended = [Extension(Limit(Decimal(str(row["extension"])), Unit(unit)))] if row["extension"] else []
    found = reckon(
        start=at_zone(row["start"]),
        limit=Limit(Decimal(str(row["limit"])), Unit(unit)),
        thresholds=DEFAULT_THRESHOLDS,
        calendar=CALENDAR,
        adjustments=[*pauses, *extended],
    ).moments
    assert (found.due, found.blue, found.yellow) == tuple(at_zone(row[name]) for name in ("due", "blue", "yellow"))


def at_zone(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


starts = st.datetimes(datetime(2023, 12, 20), datetime(2027, 2, 1), timezones=st.just(ZONE))
spans = st.timedeltas(timedelta(0), timedelta(days=20))


@st.composite
def limits(draw: st.DrawFn, most: int = 15) -> Limit:
    unit = draw(st.sampled_from(Unit))
    if unit in (Unit.WD, Unit.CD):
        return Limit(Decimal(draw(st.integers(1, most))), unit)
    return Limit(draw(st.decimals("0.0001", most * 6, places=4)), unit)


@st.composite
def adjustments(draw: st.DrawFn, start: datetime) -> list[Adjustment]:
    """Pauses and extensions in any order, some before the start, overlapping, long after the due time."""
    pauses = st.builds(lambda begin, length: Pause(start + begin, start + begin + length), spans, spans)
    early = st.builds(lambda before, length: Pause(start - before, start - before + length), spans, spans)
    extensions = st.builds(lambda limit, after: Extension(limit, start + after), limits(6), spans)
    undated = st.builds(Extension, limits(6))
    return draw(st.lists(st.one_of(pauses, early, extensions, undated), max_size=5))


shares = st.fractions(Fraction(1, 50), 1, max_denominator=50).map(Share)
thresholds: st.SearchStrategy[Threshold] = st.one_of(st.none(), shares, st.builds(Before, limits(4)))


@given(st.data())
def test_a_receipt_comes_to_the_moments_of_the_schedule(data: st.DataObject) -> None:
    start, limit = data.draw(starts), data.draw(limits())
    happened = data.draw(adjustments(start))
    blue, yellow = data.draw(thresholds), data.draw(thresholds)
    if isinstance(blue, Share) and isinstance(yellow, Share) and blue.fraction > yellow.fraction:
        blue, yellow = yellow, blue
    wanted = (
        Thresholds(None, yellow)
        if isinstance(blue, Before) and isinstance(yellow, Before)
        else Thresholds(blue, yellow)
    )
    asked = {"start": start, "limit": limit, "thresholds": wanted, "calendar": CALENDAR, "adjustments": happened}
    found = reckon(**asked)  # type: ignore[arg-type]  # the same arguments for both reckonings
    assert found.moments == plan(**asked)  # type: ignore[arg-type]
    assert sum((segment.counted for segment in found.segments), timedelta()) == found.counted
    assert all(before.end < after.start for before, after in zip(found.segments, found.segments[1:], strict=False))


# What it explains


def test_a_limit_over_spring_festival_names_every_day() -> None:
    found = reckoned("2026-02-12T10:00", "3 wd")
    assert found.grants[0].days == (date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24))
    notes = {note.day.day: (note.kind, note.name, note.counted) for note in found.days}
    assert notes[14] == (DayKind.MAKE_UP, "春节调休", True)
    assert notes[17] == (DayKind.HOLIDAY, "春节", False)
    assert sorted(notes) == [14, *range(15, 24)]
    assert found.moments.due == at("2026-02-24T17:30")
    assert [(s.start.hour, s.end.hour) for s in found.segments[:2]] == [(10, 12), (14, 17)]


def test_a_pause_says_how_much_of_the_own_time_it_took() -> None:
    found = reckoned("2026-03-06T09:00", "3 wd", Pause(at("2026-03-09T10:00"), at("2026-03-10T10:00")))
    assert [(pause.lost, pause.start) for pause in found.pauses] == [(timedelta(hours=7), at("2026-03-09T10:00"))]
    assert found.moments.due == at("2026-03-12T17:30")


def test_an_extension_is_a_further_grant_from_the_due_time_in_force() -> None:
    found = reckoned("2026-03-02T09:00", "2 wd", Extension(Limit.parse("3 wd"), at("2026-03-03T09:00")))
    first, second = found.grants
    assert (first.until, second.since, second.until) == (
        at("2026-03-04T17:30"),
        at("2026-03-04T17:30"),
        at("2026-03-09T17:30"),
    )
    assert second.extension
    assert second.days == (date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9))


def test_calendar_days_name_the_days_over_which_they_roll() -> None:
    found = reckoned("2026-02-10T09:00", "7 cd")
    assert found.moments.due == at("2026-02-24T17:30")
    assert [note.day.day for note in found.days] == list(range(17, 24))
    assert found.rolled_from is None, "the limit itself ends at a close of business"


def test_a_due_time_that_a_pause_pushes_onto_a_day_off_rolls_and_says_so() -> None:
    found = reckoned("2026-03-02T09:00", "4 cd", Pause(at("2026-03-03T09:00"), at("2026-03-04T08:00")))
    assert (found.rolled_from, found.moments.due) == (at("2026-03-07T16:30"), at("2026-03-09T17:30"))
    assert [note.day.day for note in found.days] == [7, 8]


def test_provisional_days_are_marked_and_natural_hours_skip_nothing() -> None:
    found = reckoned("2026-12-30T09:00", "3 wd")
    assert [(n.day, n.name, n.provisional) for n in found.days if n.kind is DayKind.HOLIDAY] == [
        (date(2027, 1, 1), "元旦", True)
    ]
    assert reckoned("2026-02-14T22:00", "72 h").days == ()
    assert len(reckoned("2026-02-14T22:00", "72 h").segments) == 1
