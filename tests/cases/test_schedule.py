"""Due times and colour moments (domain.md, Time): worked examples, and laws that hold for every clock."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cases.calendar import ZONE
from cases.limits import DEFAULT_THRESHOLDS, UNCOLOURED, Before, Limit, Share, Thresholds, Unit
from cases.official_days import official_calendar
from cases.schedule import Adjustment, Extension, Moments, Pause, own_time, plan
from cases.worked_deadlines import check_lines

VECTORS = Path(__file__).parent.parent / "data" / "deadline_vectors.jsonl"
CALENDAR = official_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def moments(start: datetime | str, limit: Limit | str, *adjustments: Adjustment, **wanted: Any) -> Moments:
    return plan(
        start=at(start) if isinstance(start, str) else start,
        limit=Limit.parse(limit) if isinstance(limit, str) else limit,
        thresholds=wanted.get("thresholds", DEFAULT_THRESHOLDS),
        calendar=CALENDAR,
        adjustments=adjustments,
    )


def pause(start: str, end: str) -> Pause:
    return Pause(at(start), at(end))


@pytest.mark.parametrize("line", VECTORS.read_bytes().splitlines(), ids=lambda line: json.loads(line)["start"])
def test_worked_example(line: bytes) -> None:
    assert [checked.differences for checked in check_lines([line], CALENDAR)] == [()]


# The units


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-03-02T23:30", "0.5 h", "2026-03-03T00:00"),
        ("2026-03-06T16:30", "4 wh", "2026-03-09T11:00"),  # over a weekend
        ("2026-03-07T10:00", "7 wh", "2026-03-09T17:30"),  # begins on a Saturday, ends at the close
        ("2026-03-02T03:00", "1 wd", "2026-03-03T17:30"),  # the start day is not counted
        ("2026-02-14T17:30", "1 wd", "2026-02-24T17:30"),  # over Spring Festival
        ("2026-02-13T09:00", "1 wd", "2026-02-14T17:30"),  # a make-up Saturday counts
        ("2026-02-10T09:00", "7 cd", "2026-02-24T17:30"),  # rolls over the whole festival
        ("2024-02-28T09:00", "1 cd", "2024-02-29T17:30"),  # a leap day
        ("2023-02-28T09:00", "1 cd", "2023-03-01T17:30"),
        ("2024-02-28T22:00", "24 h", "2024-02-29T22:00"),
        ("2026-12-30T09:00", "3 wd", "2027-01-05T17:30"),  # into a year with provisional days
    ],
)
def test_due_time_of_each_unit(start: str, limit: str, due: str) -> None:
    assert moments(start, limit).due == at(due)


def test_microseconds_are_kept() -> None:
    start = at("2026-03-02T09:00") + timedelta(microseconds=1)
    found = moments(start, "1 wh")
    assert found.due == start + timedelta(hours=1)
    assert found.blue == start + timedelta(minutes=30)
    third = Thresholds(blue=Share(Fraction(1, 3)), yellow=None)
    assert moments(start, "2 h", thresholds=third).blue == start + timedelta(minutes=40)
    odd = moments(at("2026-03-02T09:00"), "0.0000000003 h", thresholds=third)
    assert odd.blue == at("2026-03-02T09:00") + timedelta(microseconds=1), "rounded up, never before it is used"


def test_own_time_by_unit() -> None:
    friday, monday = at("2026-03-06T16:30"), at("2026-03-09T09:00")
    for unit in (Unit.H, Unit.CD):
        assert own_time(friday, monday, unit, CALENDAR) == monday - friday
    for unit in (Unit.WH, Unit.WD):
        assert own_time(friday, monday, unit, CALENDAR) == timedelta(hours=2)


# Thresholds


def test_a_policy_may_leave_colours_out() -> None:
    none = moments("2026-03-02T09:00", "5 wd", thresholds=UNCOLOURED)
    assert (none.blue, none.yellow, none.red) == (None, None, None)
    assert none.due == at("2026-03-09T17:30")
    all_of_it = moments("2026-03-02T09:00", "5 wd")
    assert all_of_it.red == all_of_it.due


@pytest.mark.parametrize(
    ("limit", "before", "blue"),
    [
        ("10 h", "2 h", "2026-03-05T22:00"),
        ("3 wd", "1 wd", "2026-03-09T17:30"),
        ("3 wd", "8 wh", "2026-03-09T16:30"),
        ("5 cd", "1 cd", "2026-03-09T17:30"),
        ("1 wd", "2 wd", None),  # it would lie before the start
        ("2 h", "2 h", "2026-03-05T14:00"),  # at the start is not before it
        ("2 h", "3 h", None),
    ],
)
def test_a_colour_some_units_before_the_due_time(limit: str, before: str, blue: str | None) -> None:
    thresholds = Thresholds(blue=Before(Limit.parse(before)), yellow=None)
    assert moments("2026-03-05T14:00", limit, thresholds=thresholds).blue == (at(blue) if blue else None)


# Pauses and extensions


def test_a_pause_outside_office_hours_costs_office_clocks_nothing() -> None:
    weekend = pause("2026-03-06T18:00", "2026-03-09T07:00")
    assert moments("2026-03-06T09:00", "3 wd", weekend) == moments("2026-03-06T09:00", "3 wd")
    assert moments("2026-03-06T09:00", "72 h", weekend).due == at("2026-03-11T22:00")


def test_a_pause_behind_the_due_time_changes_nothing() -> None:
    assert moments("2026-03-02T09:00", "1 h", pause("2026-03-02T10:00", "2026-03-03T10:00")) == moments(
        "2026-03-02T09:00", "1 h"
    )


def test_calendar_days_roll_over_again_after_a_pause() -> None:
    rolled = moments("2026-03-02T09:00", "4 cd", pause("2026-03-03T09:00", "2026-03-04T08:00"))
    assert rolled.due == at("2026-03-09T17:30"), "Saturday 16:30 moves to Monday's close"
    assert rolled.blue == at("2026-03-05T12:15"), "shares are of the time before the roll-over"


def test_a_second_pause_may_undo_the_roll_over_of_the_first() -> None:
    """Every moment counts exactly, and only a due time that ends on a day off moves: the rule as it is written."""
    first = pause("2026-03-03T09:00", "2026-03-04T08:00")  # Saturday 16:30, so Monday's close
    second = pause("2026-03-05T00:00", "2026-03-06T12:00")  # Monday 04:30 exactly
    assert moments("2026-03-02T09:00", "4 cd", first, second).due == at("2026-03-09T04:30")


def test_pauses_that_overlap_take_their_common_time_once() -> None:
    apart = [pause("2026-03-02T10:00", "2026-03-02T12:00"), pause("2026-03-02T11:00", "2026-03-02T13:00")]
    assert moments("2026-03-02T09:00", "5 h", *apart) == moments(
        "2026-03-02T09:00", "5 h", pause("2026-03-02T10:00", "2026-03-02T13:00")
    )


def test_a_pause_that_began_before_the_start_counts_from_the_start() -> None:
    early = pause("2026-03-02T08:00", "2026-03-02T10:00")
    assert moments("2026-03-02T09:00", "5 h", early).due == at("2026-03-02T15:00")


def test_a_pause_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="a pause cannot end"):
        pause("2026-03-02T10:00", "2026-03-02T09:00")


def test_earlier_pauses_are_credited_before_an_extension_and_later_ones_shift_it() -> None:
    halt, longer = pause("2026-03-03T09:00", "2026-03-04T09:00"), Extension(Limit.parse("2 wd"))
    before = moments("2026-03-02T09:00", "2 wd", halt, longer)
    assert before.due == at("2026-03-09T17:30"), "Thursday 17:30, then two working days"
    after = moments("2026-03-02T09:00", "2 wd", longer, halt)
    assert after.due == at("2026-03-09T17:30")
    off_hours = pause("2026-03-03T09:00", "2026-03-03T11:00")
    assert moments("2026-03-02T09:00", "2 wd", off_hours, longer).due == at("2026-03-09T17:30")
    assert moments("2026-03-02T09:00", "2 wd", longer, off_hours).due == at("2026-03-09T10:00")


def test_events_apply_in_the_order_in_which_they_happened() -> None:
    halt = pause("2026-03-03T09:00", "2026-03-03T11:00")
    early = Extension(Limit.parse("2 wd"), at("2026-03-02T15:00"))
    late = replace(early, at=at("2026-03-04T15:00"))
    assert moments("2026-03-02T09:00", "2 wd", halt, early) == moments("2026-03-02T09:00", "2 wd", early, halt)
    assert moments("2026-03-02T09:00", "2 wd", late, halt) == moments("2026-03-02T09:00", "2 wd", halt, late)
    assert moments("2026-03-02T09:00", "2 wd", halt, early) != moments("2026-03-02T09:00", "2 wd", halt, late)


def test_colours_of_an_extended_clock_are_shares_of_its_net_own_time() -> None:
    halt, longer = pause("2026-03-02T10:00", "2026-03-02T12:00"), Extension(Limit.parse("4 h"))
    extended = moments("2026-03-02T09:00", "6 h", halt, longer)
    assert extended.due == at("2026-03-02T21:00")
    assert extended.blue == at("2026-03-02T16:00"), "5 of 10 hours, the pause skipped"
    assert extended.yellow == at("2026-03-02T19:00")


def test_an_extension_after_the_due_time_counts_from_the_old_due_time() -> None:
    late = Extension(Limit.parse("2 wd"), at("2026-03-20T10:00"))
    assert moments("2026-03-02T09:00", "2 wd", late).due == at("2026-03-06T17:30")


def test_a_moment_without_timezone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        moments(datetime(2026, 3, 2), "1 h")


# Laws

starts = st.datetimes(min_value=datetime(2004, 1, 1), max_value=datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=ZONE)
)
units = st.sampled_from(Unit)
amounts = st.integers(min_value=1, max_value=70).map(Decimal)
limits = st.builds(Limit, amounts, units)
spells = st.tuples(st.timedeltas(timedelta(0), timedelta(40)), st.timedeltas(timedelta(0), timedelta(20)))


def pauses_after(start: datetime, spells: list[tuple[timedelta, timedelta]]) -> list[Pause]:
    """Pauses one after the other: each begins some time after the end of the one before."""
    pauses, end = [], start
    for wait, length in spells:
        pauses.append(Pause(end + wait, end + wait + length))
        end = pauses[-1].end
    return pauses


def in_order(found: Moments) -> bool:
    assert found.blue is not None
    assert found.yellow is not None
    return found.blue <= found.yellow <= found.due


@given(starts, limits, limits)
def test_a_longer_limit_is_never_due_earlier(start: datetime, one: Limit, other: Limit) -> None:
    assume(one.never_longer_than(other))
    shorter, longer = moments(start, one), moments(start, other)
    assert shorter.due <= longer.due
    if one.unit is other.unit:
        assert shorter.blue is not None
        assert longer.blue is not None
        assert shorter.blue <= longer.blue


@given(starts, st.timedeltas(timedelta(0), timedelta(30)), limits)
def test_a_later_start_is_never_due_earlier(start: datetime, later: timedelta, limit: Limit) -> None:
    first, second = moments(start, limit), moments(start + later, limit)
    for name in ("blue", "yellow", "due"):
        assert getattr(first, name) <= getattr(second, name)


@given(starts, limits, st.lists(spells, max_size=4), spells)
def test_one_more_pause_only_ever_shifts_later(
    start: datetime, limit: Limit, before: list[tuple[timedelta, timedelta]], one: tuple[timedelta, timedelta]
) -> None:
    pauses = pauses_after(start, [*before, one])
    none, fewer, more = (moments(start, limit, *some) for some in ((), pauses[:-1], pauses))
    for name in ("blue", "yellow", "due"):
        moved = getattr(more, name)
        assert getattr(none, name) <= moved
        assert limit.unit is not Unit.H or not pauses[-1].start < moved < pauses[-1].end
        if name != "due" or limit.unit is not Unit.CD:  # see the roll-over that a second pause undoes
            assert getattr(fewer, name) <= moved


@given(starts, limits, st.lists(spells, max_size=3), st.none() | amounts, st.lists(spells, max_size=2))
def test_colours_rise_in_order_between_start_and_due(
    start: datetime,
    limit: Limit,
    before: list[tuple[timedelta, timedelta]],
    extension: Decimal | None,
    after: list[tuple[timedelta, timedelta]],
) -> None:
    pauses = pauses_after(start, [*before, *after])
    longer = [Extension(Limit(extension, limit.unit))] if extension else []
    found = moments(start, limit, *pauses[: len(before)], *longer, *pauses[len(before) :])
    assert in_order(found)
    assert found.blue is not None
    assert found.blue >= start


@given(starts, limits, st.lists(spells, max_size=3))
def test_the_whole_share_is_the_due_time(
    start: datetime, limit: Limit, spells: list[tuple[timedelta, timedelta]]
) -> None:
    assume(limit.unit is not Unit.CD)  # a roll-over adds time that no share is of
    whole = Thresholds(blue=Share(1), yellow=None)
    found = moments(start, limit, *pauses_after(start, spells), thresholds=whole)
    assert found.blue == found.due


@given(starts, amounts)
def test_natural_hours_are_natural_in_every_zone_and_season(start: datetime, hours: Decimal) -> None:
    found = moments(start.astimezone(UTC), Limit(hours, Unit.H))
    assert found.due.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=int(hours))
    assert found == moments(start, Limit(hours, Unit.H))
    assert found.due.utcoffset() == timedelta(hours=8)


@given(starts, limits, st.lists(spells, max_size=3))
def test_days_are_due_on_workdays(start: datetime, limit: Limit, spells: list[tuple[timedelta, timedelta]]) -> None:
    found = moments(start, limit, *pauses_after(start, spells))
    if limit.unit is not Unit.H:
        assert CALENDAR.is_workday(found.due.date())
    if not spells and limit.unit in (Unit.WD, Unit.CD):
        assert (found.due.hour, found.due.minute) == (17, 30)


@given(starts, limits, spells, amounts)
def test_an_extension_is_never_due_earlier(
    start: datetime, limit: Limit, spell: tuple[timedelta, timedelta], more: Decimal
) -> None:
    pauses = pauses_after(start, [spell])
    assert moments(start, limit, *pauses, Extension(Limit(more, limit.unit))).due > moments(start, limit, *pauses).due


@given(starts, st.integers(min_value=1, max_value=20).map(Decimal))
def test_office_clocks_stand_still_outside_office_hours(start: datetime, hours: Decimal) -> None:
    limit = Limit(hours, Unit.WH)
    due = moments(start, limit).due
    assert own_time(start, due, Unit.WH, CALENDAR) == timedelta(hours=int(hours))
    assert own_time(due - timedelta(microseconds=1), due, Unit.WH, CALENDAR) == timedelta(microseconds=1)
