"""并案后的评价: every petitioner of a merged matter rates alone (domain.md, `merge`, `rate`; ADR 0015)."""

from datetime import timedelta

import pytest

from cases.actions.erasure import erase_petitioner
from cases.actions.intake import PetitionerInput
from cases.errors import Conflict, InvalidInput
from cases.models import Case, Rating
from cases.terms import CaseType, ClockKind, Disclosure, Grade, Outcome, Source, Status
from cases.workflow import Action
from tests.builders import ANONYMOUS, NAMED, County
from tests.stories import Story

pytestmark = pytest.mark.django_db


def merged(county: County, *, others: int = 2, own: PetitionerInput | None = NAMED) -> tuple[Story, list[int]]:
    """A master that waits for its ratings, with the petitioners of the cases that follow it."""
    master = Story.begin(county, petitioner=own, by="intake", source=Source.HOTLINE)
    followers = []
    for number in range(others):
        follower = Story.begin(
            county, petitioner=PetitionerInput(Disclosure.NAMED, f"邻居{number}", f"1390000000{number}")
        )
        follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
        followers.append(follower.case.petitioners.get().pk)
    master.docket().dispatch().report_in().finish().verify("township")
    assert master.case.status == Status.RATING
    return master, followers


def test_the_master_closes_when_everybody_has_rated(county: County) -> None:
    story, (first, second) = merged(county)
    story.rate(petitioner=first)
    assert (story.case.status, story.running()) == (Status.RATING, {ClockKind.RATE})
    story.rate()  # its own petitioner
    assert story.case.status == Status.RATING
    story.rate(Grade.FAIRLY_SATISFIED, petitioner=second)
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.RATED)
    own = story.case.petitioners.get().pk
    assert set(Rating.objects.values_list("petitioner", "round")) == {(first, 1), (own, 1), (second, 1)}
    assert set(Case.objects.filter(master=story.case_id).values_list("status", flat=True)) == {Status.MERGED}


def test_nobody_rates_twice_in_a_round_and_no_stranger_rates(county: County) -> None:
    story, (first, _second) = merged(county)
    story.rate(petitioner=first)
    with pytest.raises(Conflict):
        story.rate(petitioner=first)
    stranger = Story.begin(county).case.petitioners.get().pk
    with pytest.raises(InvalidInput) as refusal:
        story.rate(petitioner=stranger)
    assert set(refusal.value.errors) == {"petitioner"}
    assert Rating.objects.count() == 1


def test_one_that_is_dissatisfied_begins_the_next_round_once_all_have_rated(county: County) -> None:
    story, (first, second) = merged(county)
    story.rate(Grade.VERY_DISSATISFIED, petitioner=first).rate()
    assert (story.case.status, story.case.round) == (Status.RATING, 1)
    story.rate(petitioner=second)
    assert (story.case.status, story.case.round, story.case.dissatisfied) == (Status.HANDLING, 2, 1)
    story.wait(hours=1).finish().verify("township").rate().rate(petitioner=first).rate(petitioner=second)
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.RATED)


def test_the_end_of_the_period_decides_on_what_is_there(county: County) -> None:
    story, (first, _second) = merged(county)
    story.rate(petitioner=first).at(story.clock(ClockKind.RATE).due_at).sweep()
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.RATED)


def test_a_silent_neighbour_does_not_swallow_a_dissatisfied_one(county: County) -> None:
    story, (first, _second) = merged(county)
    story.rate(Grade.DISSATISFIED, petitioner=first).at(story.clock(ClockKind.RATE).due_at).sweep()
    assert (story.case.status, story.case.round) == (Status.HANDLING, 2)
    assert story.events()[-1].kind == Action.CLOSE


def test_without_any_rating_the_master_closes_unrated(county: County) -> None:
    story, _followers = merged(county)
    story.at(story.clock(ClockKind.RATE).due_at).sweep()
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.UNRATED)


def test_an_anonymous_master_and_a_named_follower_rate_each(county: County) -> None:
    story, (follower,) = merged(county, others=1, own=ANONYMOUS)
    story.rate()
    assert story.case.status == Status.RATING
    story.rate(petitioner=follower)
    assert story.case.status == Status.CLOSED
    assert set(Rating.objects.values_list("petitioner", flat=True)) == {None, follower}


def test_a_matter_that_nobody_raised_asks_those_who_joined_it(county: County) -> None:
    master = Story.begin(county, petitioner=None, type=CaseType.APPEAL)
    follower = Story.begin(county)
    follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
    master.docket().dispatch().report_in().finish().verify("township")
    with pytest.raises(InvalidInput):
        master.rate()
    master.rate(petitioner=follower.case.petitioners.get().pk)
    assert master.case.status == Status.CLOSED


def test_who_was_erased_is_not_waited_for(county: County) -> None:
    story, _followers = merged(county, others=1)
    number = Case.objects.get(master=story.case_id).number
    erase_petitioner(number=number, reason="本人申请", now=story.now + timedelta(hours=1))
    story.wait(hours=2).rate()
    assert story.case.status == Status.CLOSED
