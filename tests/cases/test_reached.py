"""Which colours a clock has reached: in their order, each at most once, nothing lost (domain.md, "Colours")."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.colours import Colour
from cases.reached import Timer
from cases.terms import UNCOLOURED_CLOCKS, ClockKind
from tests.builders import MONDAY

BLUE, YELLOW, RED = (MONDAY + timedelta(hours=hours) for hours in (4, 6, 8))
TICK = timedelta(microseconds=1)


def timer(colour: Colour = Colour.NONE, kind: ClockKind = ClockKind.HANDLE) -> Timer:
    return Timer(kind, due_at=RED, blue_at=BLUE, yellow_at=YELLOW, red_at=RED, raised=colour)


def test_nothing_is_reached_before_the_first_moment() -> None:
    assert timer().passed(BLUE - TICK) == []
    assert timer().next_after(BLUE - TICK) == BLUE


def test_a_colour_is_reached_exactly_at_its_moment() -> None:
    assert timer().passed(BLUE) == [(Colour.BLUE, BLUE)]
    assert timer().next_after(BLUE) == YELLOW


def test_after_an_outage_every_missed_colour_is_reached_with_its_own_moment() -> None:
    assert timer().passed(RED + timedelta(days=3)) == [(Colour.BLUE, BLUE), (Colour.YELLOW, YELLOW), (Colour.RED, RED)]
    assert timer().next_after(RED + timedelta(days=3)) is None


def test_what_was_raised_is_not_raised_again() -> None:
    assert timer(Colour.YELLOW).passed(RED) == [(Colour.RED, RED)]
    assert timer(Colour.RED).passed(RED + timedelta(days=9)) == []
    assert timer(Colour.RED).next_after(BLUE) is None


def test_a_colour_that_the_policy_leaves_out_is_passed_over() -> None:
    only_red = Timer(ClockKind.HANDLE, due_at=RED, blue_at=None, yellow_at=None, red_at=RED)
    assert only_red.first() == RED
    assert only_red.passed(RED) == [(Colour.RED, RED)]
    assert Timer(ClockKind.HANDLE, due_at=RED, blue_at=None, yellow_at=None, red_at=None).first() is None


def test_a_moment_in_the_past_is_still_the_first_one() -> None:
    """A clock that starts late owes its blue at once: `first` knows no now."""
    assert timer().first() == BLUE
    assert timer(Colour.BLUE).first() == YELLOW


@pytest.mark.parametrize("kind", sorted(UNCOLOURED_CLOCKS))
def test_uncoloured_clocks_wait_for_their_due_time(kind: ClockKind) -> None:
    waiting = Timer(kind, due_at=RED, blue_at=None, yellow_at=None, red_at=None)
    assert waiting.first() == RED
    assert waiting.next_after(MONDAY) == RED
    assert waiting.passed(RED) == []


moments = st.none() | st.integers(0, 100).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@given(blue=moments, yellow=moments, red=moments, looks=st.lists(st.integers(0, 120), max_size=12))
def test_however_often_it_is_looked_at_each_colour_comes_once_and_in_order(
    blue: datetime | None, yellow: datetime | None, red: datetime | None, looks: list[int]
) -> None:
    """Any moments, any times of looking: raised colours only rise, and at the end nothing that passed is missing."""
    raised: list[Colour] = []
    due = red or MONDAY + timedelta(minutes=100)
    for minute in sorted([*looks, 120]):
        now = MONDAY + timedelta(minutes=minute)
        current = Timer(ClockKind.HANDLE, due, blue, yellow, red, raised[-1] if raised else Colour.NONE)
        raised += [colour for colour, _ in current.passed(now)]
    assert raised == sorted(set(raised))
    if red is not None:
        assert raised[-1] is Colour.RED


@given(blue=moments, yellow=moments, red=moments, minutes=st.integers(0, 120))
def test_the_next_moment_is_never_one_that_was_already_looked_at(
    blue: datetime | None, yellow: datetime | None, red: datetime | None, minutes: int
) -> None:
    """The sweep would claim the clock again and again otherwise."""
    now = MONDAY + timedelta(minutes=minutes)
    following = Timer(ClockKind.HANDLE, MONDAY, blue, yellow, red).next_after(now)
    assert following is None or following > now


@given(steps=st.lists(st.integers(1, 50), min_size=3, max_size=3), looks=st.lists(st.integers(0, 200), max_size=12))
def test_with_moments_in_order_every_one_of_them_is_raised(steps: list[int], looks: list[int]) -> None:
    at = [MONDAY + timedelta(minutes=sum(steps[: n + 1])) for n in range(3)]
    raised: list[tuple[Colour, datetime]] = []
    for minute in sorted([*looks, 200]):
        current = Timer(ClockKind.DOCKET, at[2], at[0], at[1], at[2], raised[-1][0] if raised else Colour.NONE)
        raised += current.passed(MONDAY + timedelta(minutes=minute))
    assert raised == [(Colour.BLUE, at[0]), (Colour.YELLOW, at[1]), (Colour.RED, at[2])]
