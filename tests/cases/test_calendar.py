"""Office time (domain.md, Time): which days are workdays, and the arithmetic on their hours."""

from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import (
    DAY,
    OFFICE_HOURS,
    ZONE,
    DayKind,
    DayReason,
    DayRule,
    WorkCalendar,
    from_instant,
    to_instant,
)
from cases.official_days import official_calendar

HOUR = 3600 * 1_000_000
OFFICE_DAY = 7 * HOUR

moments = st.datetimes(min_value=datetime(2005, 1, 1), max_value=datetime(2031, 12, 31)).map(
    lambda moment: to_instant(moment.replace(tzinfo=ZONE))
)


def instant(text: str) -> int:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def test_official_days_are_those_of_the_package() -> None:
    calendar = official_calendar()
    days = [date(2004, 1, 1) + timedelta(days) for days in range(23 * 365 + 6)]
    assert days[-1] == date(2026, 12, 31)
    assert [calendar.is_workday(day) for day in days] == [chinese_calendar.is_workday(day) for day in days]
    assert calendar.known_years == frozenset(range(2004, 2027))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 2, 17), DayReason(DayKind.HOLIDAY, "春节")),
        (date(2026, 2, 14), DayReason(DayKind.MAKE_UP, "春节调休")),
        (date(2026, 3, 1), DayReason(DayKind.WEEKEND)),
        (date(2026, 3, 2), DayReason(DayKind.WORKDAY)),
        (date(2027, 1, 1), DayReason(DayKind.HOLIDAY, "元旦", provisional=True)),
        (date(2027, 5, 2), DayReason(DayKind.HOLIDAY, "劳动节", provisional=True)),
        (date(2027, 5, 3), DayReason(DayKind.WORKDAY, provisional=True)),
        (date(2027, 10, 3), DayReason(DayKind.HOLIDAY, "国庆节", provisional=True)),
        (date(2027, 2, 6), DayReason(DayKind.WEEKEND, provisional=True)),
    ],
)
def test_every_day_has_a_reason(day: date, reason: DayReason) -> None:
    calendar = official_calendar()
    assert calendar.reason(day) == reason
    assert calendar.is_workday(day) == (reason.kind in {DayKind.WORKDAY, DayKind.MAKE_UP})
    assert calendar.provisional(day) == reason.provisional


def test_a_day_that_is_entered_is_certain_before_its_year_is() -> None:
    calendar = WorkCalendar(days={date(2027, 10, 1): DayRule(work=True, name="值班")}, known_years=frozenset())
    assert calendar.is_workday(date(2027, 10, 1))
    assert calendar.reason(date(2027, 10, 1)) == DayReason(DayKind.WORKDAY, "值班")
    assert calendar.workday_from(date(2027, 10, 1).toordinal()) == date(2027, 10, 1).toordinal()


def test_the_first_missing_year_is_named() -> None:
    calendar = official_calendar()
    assert calendar.missing_year(date(2026, 12, 1), date(2026, 12, 31)) is None
    assert calendar.missing_year(date(2026, 12, 1), date(2028, 1, 1)) == 2027
    new_year_here = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert calendar.missing_year(datetime(2026, 12, 1, tzinfo=UTC), new_year_here) == 2027


def test_document_and_back() -> None:
    calendar = WorkCalendar(
        days={date(2026, 2, 14): DayRule(work=True, name="春节调休")},
        known_years=frozenset({2026}),
        hours=((time(9), time(12)), (time(13, 30), time(18))),
    )
    document = calendar.to_document()
    assert document == {
        "known_years": [2026],
        "hours": [["09:00", "12:00"], ["13:30", "18:00"]],
        "days": {"2026-02-14": {"work": True, "name": "春节调休"}},
    }
    again = WorkCalendar.parse(document)
    assert (again.days, again.known_years, again.hours) == (calendar.days, calendar.known_years, calendar.hours)
    assert WorkCalendar.parse({"known_years": [], "days": {}}).hours == OFFICE_HOURS


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"known_years": [2026]},
        {"known_years": ["x"], "days": {}},
        {"known_years": [], "days": {"2026-02-30": {"work": True, "name": ""}}},
        {"known_years": [], "days": {"2026-02-14": {"work": 1, "name": ""}}},
        {"known_years": [], "days": {"2026-02-14": True}},
        {"known_years": [], "days": []},
        {"known_years": [], "days": {}, "hours": [["08:00"]]},
        {"known_years": [], "days": {}, "hours": []},
        {"known_years": [], "days": {}, "hours": [["12:00", "08:00"]]},
        {"known_years": [], "days": {}, "hours": [["08:00", "12:00"], ["11:00", "17:00"]]},
    ],
)
def test_what_is_no_calendar_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"calendar|office hours"):
        WorkCalendar.parse(document)


def test_a_calendar_is_itself_and_cannot_be_changed() -> None:
    days = {date(2026, 2, 14): DayRule(work=True, name="")}
    calendar = WorkCalendar(days=days, known_years=frozenset())
    days.clear()
    assert calendar.is_workday(date(2026, 2, 14))
    assert len({calendar, WorkCalendar.parse(calendar.to_document())}) == 2


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02T08:00", "2026-03-02T17:30", 7),
        ("2026-03-02T12:00", "2026-03-02T14:30", 0),
        ("2026-03-02T17:30", "2026-03-03T08:00", 0),
        ("2026-03-02T11:00", "2026-03-02T15:00", 1.5),
        ("2026-02-14T17:30", "2026-02-24T08:00", 0),  # Spring Festival
        ("2026-02-14T08:00", "2026-02-14T12:00", 4),  # a make-up Saturday
        ("2026-03-06T16:30", "2026-03-09T09:00", 2),  # over a weekend
    ],
)
def test_office_time_between_two_moments(start: str, end: str, hours: float) -> None:
    calendar = official_calendar()
    assert calendar.office_time(instant(end)) - calendar.office_time(instant(start)) == hours * HOUR


def test_a_full_day_is_used_at_its_close_and_not_at_the_next_opening() -> None:
    calendar = official_calendar()
    friday_morning = calendar.office_time(instant("2026-03-06T08:00"))
    assert calendar.when_office_time(friday_morning + OFFICE_DAY) == instant("2026-03-06T17:30")
    assert calendar.when_office_time(friday_morning + OFFICE_DAY + 1) == instant("2026-03-09T08:00") + 1
    assert calendar.when_office_time(friday_morning + 4 * HOUR) == instant("2026-03-06T12:00")


def test_counting_workdays_there_and_back() -> None:
    calendar = official_calendar()
    saturday = date(2026, 2, 21).toordinal()
    assert date.fromordinal(calendar.nth_workday_after(saturday, 1)) == date(2026, 2, 24)
    assert date.fromordinal(calendar.nth_workday_after(saturday, -1)) == date(2026, 2, 14)
    assert date.fromordinal(calendar.workday_from(saturday)) == date(2026, 2, 24)


@given(moments, st.integers(min_value=1, max_value=400 * HOUR))
def test_office_time_is_found_again(start: int, more: int) -> None:
    calendar = official_calendar()
    used = calendar.office_time(start) + more
    found = calendar.when_office_time(used)
    assert found > start
    assert calendar.office_time(found) == used
    assert calendar.office_time(found - 1) == used - 1


@given(moments, st.integers(min_value=0, max_value=40 * DAY))
def test_office_time_never_runs_backwards_nor_faster_than_time(start: int, later: int) -> None:
    calendar = official_calendar()
    assert 0 <= calendar.office_time(start + later) - calendar.office_time(start) <= later


@given(moments)
def test_moments_there_and_back(moment: int) -> None:
    assert to_instant(from_instant(moment)) == moment
    assert to_instant(from_instant(moment).astimezone(UTC)) == moment


def test_the_answer_does_not_depend_on_what_was_asked_before() -> None:
    far_first = WorkCalendar.parse(official_calendar().to_document())
    far_day = date(2060, 1, 1).toordinal()
    assert far_first.nth_workday_after(far_day, 10) == official_calendar().nth_workday_after(far_day, 10)
    assert far_first.office_time(instant("2026-03-06T10:00")) == official_calendar().office_time(
        instant("2026-03-06T10:00")
    )


def test_counting_goes_on_into_the_next_decade() -> None:
    fresh = WorkCalendar.parse(official_calendar().to_document())
    assert date.fromordinal(fresh.nth_workday_after(date(2029, 12, 28).toordinal(), 2)) == date(2030, 1, 2)


def test_beyond_the_years_there_is_a_sentence() -> None:
    calendar = official_calendar()
    for beyond in (date(1969, 12, 31), date(2200, 1, 1)):
        with pytest.raises(ValueError, match="outside the years"):
            calendar.workday_from(beyond.toordinal())
    with pytest.raises(ValueError, match="outside the years"):
        calendar.nth_workday_after(date(2199, 12, 1).toordinal(), 100)
    with pytest.raises(ValueError, match="outside the years"):
        from_instant(0)
    with pytest.raises(ValueError, match="outside the years"):
        to_instant(datetime.max.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match="outside the years"):
        calendar.when_office_time(0)
    with pytest.raises(ValueError, match="timezone"):
        to_instant(datetime(2026, 1, 1))


@given(moments, st.integers(min_value=0, max_value=3 * 24 * 60))
def test_office_time_is_what_a_walk_through_the_minutes_counts(start: int, minutes: int) -> None:
    calendar = official_calendar()
    begin = from_instant(start).replace(second=0, microsecond=0)
    walked = sum(is_office_minute(begin + timedelta(minutes=minute)) for minute in range(minutes))
    end = begin + timedelta(minutes=minutes)
    assert calendar.office_time(to_instant(end)) - calendar.office_time(to_instant(begin)) == walked * HOUR // 60


def is_office_minute(minute: datetime) -> bool:
    if not official_calendar().is_workday(minute.date()):
        return False
    return any(opens <= minute.time() < closes for opens, closes in OFFICE_HOURS)
