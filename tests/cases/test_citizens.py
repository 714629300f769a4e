"""The petitioner without an account: what is told, and whose verdict stands (domain.md, `rate`, "Privacy")."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from cases.actions.citizens import rate_by_link, take_back
from cases.actions.erasure import erase_petitioner
from cases.actions.intake import PetitionerInput
from cases.actions.turn import take_turn
from cases.citizens import Progress, find, progress, rater_by, verdict
from cases.codes import RatingLink, rating_token, read_rating_token
from cases.errors import Conflict
from cases.invariants import violations
from cases.models import Alert, Case, CaseText, Rating
from cases.terms import CaseType, ClockKind, Disclosure, Grade, Outcome, RatingChannel, Status
from cases.workflow import Action
from grids.actors import CITIZEN
from tests.builders import ANONYMOUS, County
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


def told(story: Story) -> Progress:
    case = find(number=story.number, code=story.query_code)
    assert case is not None
    return progress(case, now=story.now)


def link_of(story: Story) -> RatingLink:
    verdict = told(story).verdict
    assert verdict is not None
    assert verdict.token is not None
    link = read_rating_token(verdict.token)
    assert link is not None
    return link


def say(story: Story, grade: Grade, *, link: RatingLink | None = None, record: str = "") -> None:
    rate_by_link(
        link=link or link_of(story), now=story.now, grade=str(int(grade)), solved=grade.satisfied, record=record
    )


# What is told


def test_only_the_number_with_its_own_code_finds_a_case(county: County) -> None:
    mine, other = Story.begin(county), Story.begin(county)
    assert find(number=mine.number, code=mine.query_code) == mine.case
    assert find(number=f" {mine.number} ", code=mine.query_code.lower().replace("A", " A ")) == mine.case
    assert find(number=mine.number, code=other.query_code) is None
    assert find(number=mine.number, code="") is None
    assert find(number="号码", code=mine.query_code) is None


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.MERGED, Status.RATING, Status.CLOSED)])
def test_before_an_answer_was_verified_there_is_none(county: County, status: Status) -> None:
    seen = told(story_in(county, status))
    assert seen.status == status
    assert seen.verdict is None
    assert [answer.text for answer in seen.answers] == (["请补充材料"] if status is Status.REJECTED else [])


def test_a_rejection_says_why_and_where_to_go(county: County) -> None:
    (answer,) = told(story_in(county, Status.REJECTED)).answers
    assert (answer.text, bool(answer.reason)) == ("请补充材料", True)


def test_every_department_answers_once_it_was_verified(county: County) -> None:
    story = story_in(county, Status.RATING, assistants=[county.police])
    seen = told(story)
    assert [answer.text for answer in seen.answers] == ["已修好", "已修好"]
    assert seen.answered_at == story.case.answered_at
    assert seen.verdict is not None
    assert seen.verdict.until == story.clock(ClockKind.RATE).due_at


def test_an_answer_of_an_earlier_round_is_not_that_of_this_one(county: County) -> None:
    story = story_in(county, Status.ANSWERED).verify(passed=False).finish(reply="这次真的修好了").verify()
    assert [answer.text for answer in told(story).answers] == ["这次真的修好了"]


def test_what_was_erased_is_answered_no_more(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    erase_petitioner(number=story.number, reason="本人申请", now=story.now)
    seen = told(story)
    assert (seen.answers, seen.verdict) == ((), None)


def test_a_merged_matter_is_told_by_its_master_and_rated_by_its_own_petitioner(county: County) -> None:
    master = Story.begin(county)
    follower = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "邻居", "13900000001"))
    follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
    master.docket().dispatch().report_in().finish(reply="全部修好").verify("township")
    follower.at(master.now)
    seen = told(follower)
    assert (seen.number, seen.status) == (follower.number, Status.RATING)
    assert [answer.text for answer in seen.answers] == ["全部修好"]
    assert link_of(follower) == RatingLink(master.case_id, follower.case.petitioners.get().pk, 1)
    say(follower, Grade.SATISFIED)
    assert master.case.status == Status.RATING, "the master's own petitioner is still asked"
    say(master, Grade.SATISFIED)
    assert (master.case.status, master.case.outcome) == (Status.CLOSED, Outcome.RATED)


def test_of_an_accusation_the_status_alone_is_told(county: County) -> None:
    sealed = Story.begin(county, type=CaseType.ACCUSATION, accused_units=(county.water,))
    plain = Story.begin(county)
    assert told(sealed) == Progress(
        number=sealed.number,
        status=Status.COLLECTED,
        received_at=sealed.now,
        answered_at=None,
        closed_at=None,
        answers=(),
        verdict=None,
    )
    assert {name for name in Progress.__slots__ if getattr(told(sealed), name) != getattr(told(plain), name)} == {
        "number"
    }
    sealed.act(Action.REJECT, "petition", reason="unclear", advice="请向县纪委监委反映")
    assert told(sealed).answers == ()


def test_an_accusation_is_not_taken_back_by_whoever_holds_the_code(county: County) -> None:
    story = Story.begin(county, type=CaseType.ACCUSATION)
    with pytest.raises(Conflict):
        take_back(case=story.case, now=story.now, reason="算了")
    assert story.case.status == Status.COLLECTED


# The link


def test_a_link_opens_what_it_was_made_for(county: County, settings: LazySettings) -> None:
    story = story_in(county, Status.RATING)
    link = link_of(story)
    token = rating_token(link)
    assert (link.case_id, link.petitioner, link.round) == (story.case_id, story.case.petitioners.get().pk, 1)
    assert read_rating_token(token.lower()) == link
    settings.CODE_KEYS = ["another key of at least 32 characters", *settings.CODE_KEYS]
    assert read_rating_token(token) == link, "made before the key was changed"
    settings.CODE_KEYS = settings.CODE_KEYS[:1]
    assert read_rating_token(token) is None


@pytest.mark.parametrize("position", range(0, 38, 5))
def test_a_link_that_was_changed_is_none(county: County, position: int) -> None:
    token = rating_token(RatingLink(7, 8, 1))
    other = "B" if token[position] != "B" else "C"
    assert read_rating_token(token[:position] + other + token[position + 1 :]) is None


@pytest.mark.parametrize("token", ["", "A", "A" * 38, "A" * 39, "A" * 40, "1" * 39, "路" * 39, "ß" * 39, "=" * 39])
def test_nonsense_is_no_link(token: str) -> None:
    assert read_rating_token(token) is None


def test_a_link_of_somebody_else_or_of_a_sealed_or_erased_one_leads_nowhere(county: County) -> None:
    story, other = story_in(county, Status.RATING), story_in(county, Status.RATING)
    person = story.case.petitioners.get()
    assert rater_by(RatingLink(other.case_id, person.pk, 1)) is None
    assert rater_by(RatingLink(story.case_id, None, 1)) is None, "not anonymous"
    assert rater_by(RatingLink(story.case_id, person.pk + 1000, 1)) is None
    assert rater_by(RatingLink(story.case_id, person.pk, 1)) is not None
    sealed = Story.begin(county, type=CaseType.ACCUSATION)
    assert rater_by(RatingLink(sealed.case_id, sealed.case.petitioners.get().pk, 1)) is None
    erase_petitioner(number=story.number, reason="本人申请", now=story.now)
    assert rater_by(RatingLink(story.case_id, person.pk, 1)) is None


# Rating


def test_a_verdict_by_link_closes_the_case_and_says_by_which_way(county: County) -> None:
    story = story_in(county, Status.RATING)
    say(story, Grade.VERY_SATISFIED, record="修得很快")
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.RATED)
    rating = Rating.objects.get()
    assert (rating.channel, rating.recorded_by, rating.grade) == (RatingChannel.LINK, None, 5)
    event = story.events()[-1]
    assert (event.kind, event.actor, event.payload["by"]) == (Action.RATE, None, "citizen")
    assert event.payload["channel"] == RatingChannel.LINK
    assert CaseText.objects.get(case=story.case_id, event_seq=event.seq).body == "修得很快"
    assert list(violations(now=story.now)) == []


def test_an_anonymous_petitioner_rates_with_nothing_but_the_code(county: County) -> None:
    story = story_in(county, Status.RATING, petitioner=ANONYMOUS)
    say(story, Grade.SATISFIED)
    assert Rating.objects.get().petitioner is None
    assert story.case.status == Status.CLOSED


def test_the_same_verdict_again_changes_nothing_and_another_one_is_refused(county: County) -> None:
    story = story_in(county, Status.RATING)
    link = link_of(story)
    say(story, Grade.SATISFIED, link=link)
    before = story.case.version
    say(story, Grade.SATISFIED, link=link)
    with pytest.raises(Conflict):
        say(story, Grade.DISSATISFIED, link=link)
    assert (story.case.version, Rating.objects.get().grade) == (before, Grade.SATISFIED)
    assert told(story).verdict is not None
    assert told(story).verdict.token is None  # type: ignore[union-attr]


def test_a_dissatisfied_petitioner_gets_a_second_round_in_yellow(county: County) -> None:
    story = story_in(county, Status.RATING)
    first = link_of(story)
    say(story, Grade.DISSATISFIED, link=first)
    assert (story.case.status, story.case.round, story.case.dissatisfied) == (Status.HANDLING, 2, 1)
    assert (told(story).answered_at, told(story).answers) == (None, ()), "it is answered anew"
    story.wait(hours=1).finish().verify()
    with pytest.raises(Conflict):  # the link of the first round says nothing about the second
        say(story, Grade.SATISFIED, link=first)
    assert link_of(story).round == 2
    say(story, Grade.SATISFIED)
    assert story.case.status == Status.CLOSED


def test_after_the_period_nothing_can_be_said(county: County) -> None:
    story = story_in(county, Status.RATING)
    link, due = link_of(story), story.clock(ClockKind.RATE).due_at
    story.at(due + timedelta(microseconds=1))
    assert told(story).verdict.token is None  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        say(story, Grade.SATISFIED, link=link)
    story.at(due)
    say(story, Grade.SATISFIED, link=link)
    assert Rating.objects.count() == 1


# A call-back, and then the petitioner


def test_what_a_call_back_closed_is_handled_again_when_the_petitioner_says_otherwise(county: County) -> None:
    story = story_in(county, Status.RATING)
    link = link_of(story)
    story.rate(Grade.VERY_SATISFIED).wait(hours=5)
    assert story.case.status == Status.CLOSED
    assert link_of(story) == link
    say(story, Grade.VERY_DISSATISFIED, record="没有人打过电话")
    case = story.case
    assert (case.status, case.round, case.dissatisfied, case.closed_at) == (Status.HANDLING, 2, 1, None)
    assert (case.outcome, ClockKind.HANDLE in story.running()) == ("", True)
    rating = Rating.objects.get()
    assert (rating.channel, rating.grade, rating.recorded_by) == (RatingChannel.LINK, 1, None)
    assert [alert.cause for alert in story.alerts()] == ["rating"]
    assert [event.kind for event in story.events() if event.kind in ("rate", "revise_rating")] == [
        "rate",
        "revise_rating",
    ]
    assert list(violations(now=story.now)) == []


def test_the_petitioner_agrees_more_or_less(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    closed_at = story.case.closed_at
    story.wait(hours=1)
    say(story, Grade.FAIRLY_SATISFIED)
    assert (story.case.status, story.case.closed_at, story.case.outcome) == (Status.CLOSED, closed_at, Outcome.RATED)
    assert Rating.objects.get().grade == Grade.FAIRLY_SATISFIED
    with pytest.raises(Conflict):
        say(story, Grade.DISSATISFIED, link=RatingLink(story.case_id, story.case.petitioners.get().pk, 1))


def test_a_round_that_a_call_back_began_goes_on_but_is_not_counted(county: County) -> None:
    story = story_in(county, Status.RATING)
    story.rate(Grade.DISSATISFIED)
    assert (story.case.status, story.case.dissatisfied) == (Status.HANDLING, 1)
    say(story, Grade.SATISFIED)
    assert (story.case.status, story.case.round, story.case.dissatisfied) == (Status.HANDLING, 2, 0)
    assert Alert.objects.filter(case=story.case_id).count() == 1, "history stays"
    assert list(violations(now=story.now)) == []


def test_while_others_are_asked_a_replaced_verdict_only_counts(county: County) -> None:
    master = Story.begin(county)
    follower = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "邻居", "13900000001"))
    follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
    master.docket().dispatch().report_in().finish().verify("township").rate(Grade.SATISFIED)
    say(master, Grade.DISSATISFIED)
    assert (master.case.status, master.case.dissatisfied) == (Status.RATING, 0)
    say(follower.at(master.now), Grade.SATISFIED)
    assert (master.case.status, master.case.round, master.case.dissatisfied) == (Status.HANDLING, 2, 1)


def test_the_third_round_closed_as_dissatisfied_may_turn_out_well(county: County) -> None:
    story = story_in(county, Status.RATING)
    for _ in range(2):
        story.rate(Grade.DISSATISFIED).wait(hours=1).finish().verify()
    story.rate(Grade.DISSATISFIED)
    assert (story.case.status, story.case.outcome) == (Status.CLOSED, Outcome.DISSATISFIED)
    say(story, Grade.SATISFIED)
    assert (story.case.status, story.case.outcome, story.case.dissatisfied) == (Status.CLOSED, Outcome.RATED, 2)


def test_after_the_limit_a_call_back_stands(county: County) -> None:
    story = story_in(county, Status.RATING)
    link, due = link_of(story), story.clock(ClockKind.RATE).due_at
    story.rate(Grade.VERY_SATISFIED).at(due + timedelta(microseconds=1))
    with pytest.raises(Conflict):
        say(story, Grade.DISSATISFIED, link=link)
    assert Rating.objects.get().channel == RatingChannel.CALLBACK
    rater = rater_by(link)
    assert rater is not None
    seen = verdict(rater, now=story.now, nth=1)
    assert seen is not None
    assert (seen.token, seen.grade) == (None, 5)


def test_an_officer_does_not_call_back_whoever_has_spoken(county: County) -> None:
    story = story_in(county, Status.RATING)
    say(story, Grade.SATISFIED)
    with pytest.raises(Conflict):
        story.rate(Grade.VERY_SATISFIED)


def test_what_the_petitioner_wrote_about_a_merged_matter_is_erased_with_it(county: County) -> None:
    master = Story.begin(county)
    follower = Story.begin(county, petitioner=PetitionerInput(Disclosure.NAMED, "邻居", "13900000001"))
    follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
    master.docket().dispatch().report_in().finish().verify("township")
    follower.at(master.now)
    master.rate(Grade.SATISFIED, petitioner=follower.case.petitioners.get().pk)
    say(follower, Grade.FAIRLY_SATISFIED, record="我是邻居")
    assert CaseText.objects.filter(body="我是邻居").exists()
    erase_petitioner(number=follower.number, reason="本人申请", now=follower.now)
    assert not CaseText.objects.filter(body="我是邻居").exists()


# Taking back


@pytest.mark.parametrize("status", [Status.COLLECTED, Status.DOCKETED, Status.DISPATCHED, Status.HANDLING])
def test_a_matter_is_taken_back_before_it_is_answered(county: County, status: Status) -> None:
    story = story_in(county, status)
    take_back(case=story.case, now=story.now, reason="邻居自己修好了")
    assert (story.case.status, story.case.outcome, story.running()) == (Status.WITHDRAWN, Outcome.WITHDRAWN, set())
    event = story.events()[-1]
    assert (event.kind, event.payload["by"], event.actor) == (Action.WITHDRAW, "citizen", None)
    version = story.case.version
    take_back(case=story.case, now=story.now, reason="又按了一次")
    assert story.case.version == version


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.RATING, Status.CLOSED, Status.REJECTED])
def test_afterwards_it_is_not(county: County, status: Status) -> None:
    story = story_in(county, status)
    with pytest.raises(Conflict):
        take_back(case=story.case, now=story.now, reason="不用了")
    assert story.case.status == status


def test_nobody_takes_back_what_others_wait_for(county: County) -> None:
    master, follower = Story.begin(county), Story.begin(county)
    follower.act(Action.MERGE, "township", master=master.number, comment="同一件事")
    for story in (master, follower):
        with pytest.raises(Conflict):
            take_back(case=story.case, now=story.now, reason="不用了")
    assert Case.objects.filter(status=Status.WITHDRAWN).count() == 0


@pytest.mark.parametrize("action", [Action.DOCKET, Action.REOPEN, Action.ACKNOWLEDGE])
def test_a_citizen_does_nothing_that_the_table_does_not_say(county: County, action: Action) -> None:
    story = story_in(county, Status.COLLECTED)
    with pytest.raises(Conflict), take_turn(action, case_id=story.case_id, actor=CITIZEN, now=story.now):
        pass
