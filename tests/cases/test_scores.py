"""Shares, periods and a department's month, pure."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.calendar import ZONE
from cases.scores import WEIGHTS, Period, Share, month_score

moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(tzinfo=ZONE))


def test_of_nothing_there_is_no_share() -> None:
    assert (Share(0, 0).value, Share(642, 692).value) == (None, 0.9277)
    assert (Share(4, 4).small, Share(5, 5).small) == (True, False)


def test_a_month_of_a_department() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    shares = {"report_in": Share(1, 2), "solved": Share(3, 4), "satisfaction": Share(1, 1)}
    assert month_score(shares) == 0.7625
    assert month_score(shares | {"solved": Share()}) is None
    assert month_score(shares | {"solved": Share(0, 3)}) == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "2026-W00",
        "2026-W54",
        "2025-W53",
        "1999-01",
        "２０２６-01",
        "2026-11-01",
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Period.parse(text)


def test_months_and_weeks_begin_at_midnight_of_the_county() -> None:
    december, week = Period.parse("2026-12"), Period.parse("2026-W53")
    assert (december.begins, december.ends) == (datetime(2026, 12, 1, tzinfo=ZONE), datetime(2027, 1, 1, tzinfo=ZONE))
    assert (week.begins, week.ends) == (datetime(2026, 12, 28, tzinfo=ZONE), datetime(2027, 1, 4, tzinfo=ZONE))


@given(moment=moments)
def test_every_moment_lies_in_its_month_and_months_follow_each_other(moment: datetime) -> None:
    month = Period.month_of(moment)
    assert month.begins <= moment < month.ends
    assert Period.month_of(month.ends - timedelta(microseconds=1)) == month
    if month.ends.year < 2100:
        assert Period.month_of(month.ends).begins == month.ends
