"""What the policy demands goes before what a person wants, and red is never switched off."""

import pytest

from notifications.demands import COLOURS, is_fixed, wanted
from notifications.states import DemandKind

BLUE, RED = 1, 3


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("chosen", [True, False, None])
def test_what_is_required_or_never_carried_asks_nobody(colour: int, chosen: bool | None) -> None:
    assert wanted(DemandKind.REQUIRED, chosen, colour=colour)
    assert not wanted(DemandKind.NEVER, chosen, colour=colour)


@pytest.mark.parametrize(("demand", "by_itself"), [(DemandKind.ON, True), (DemandKind.OFF, False)])
def test_where_the_policy_leaves_a_choice_the_person_decides(demand: DemandKind, by_itself: bool) -> None:
    assert wanted(demand, None, colour=BLUE) is by_itself
    assert wanted(demand, True, colour=BLUE)
    assert not wanted(demand, False, colour=BLUE)


def test_red_that_is_on_cannot_be_switched_off() -> None:
    assert wanted(DemandKind.ON, False, colour=RED)
    assert is_fixed(DemandKind.ON, RED)
    assert not is_fixed(DemandKind.ON, BLUE)
    assert not wanted(DemandKind.OFF, False, colour=RED), "where the policy has it off, one may ask for it and stop"
    assert wanted(DemandKind.OFF, True, colour=RED)
