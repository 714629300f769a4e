"""Random weeks of random people: after every step the whole database keeps its laws (docs/invariants.md).

Each example is one short history of a few cases, in a savepoint that is rolled back. `make test` lives a few of them,
`make slow` more than 2,000 steps. Seed and number of a run are in the name of its test; other weeks and longer runs:

    WEEKS_SEED=7 WEEKS=500 WEEKS_SHRINK=1 make slow ARGS="tests/cases/test_state_machine.py"
"""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import pytest
from django.db import connection, transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cases.actions.intake import PetitionerInput, collect
from cases.actions.perform import perform
from cases.calendar import ZONE
from cases.errors import CaseError
from cases.escalation import sweep
from cases.guards import Offer, Scene, offers
from cases.invariants import violations
from cases.models import Attachment, Case, Clock, JournalEvent
from cases.terms import CaseType, Disclosure, Urgency
from cases.workflow import ALL_CASE_ACTIONS, TABLE, Action
from cases.workflow.main_path import MAIN_PATH
from cases.workflow.side_paths import SIDE_PATHS
from grids.actors import Actor
from grids.models import Area, Department, User
from grids.roles import Role
from tests.builders import ANONYMOUS, NAMED, County, add_post, add_user
from tests.cases.campaign import walk
from tests.cases.week_inputs import UNKNOWN, Surroundings, inputs_for
from tests.stories import matter

STEPS_A_WEEK: Final = 50
#: Steps that a run must take at least: together more than 2,000 of the long ones.
SOME_STEPS, MANY_STEPS = 200, 1000
MOST_ACTIONS: Final = 0.8  # the share of all actions that a long run must have come to
MOST_CAMPAIGNS: Final = 8
FEW, MANY = 7, int(os.environ.get("WEEKS", "28"))
SEEDS: Final = [int(os.environ["WEEKS_SEED"])] if "WEEKS_SEED" in os.environ else [20260302, 20260928]
RUNS: Final = [pytest.param(20260302, FEW), *(pytest.param(seed, MANY, marks=pytest.mark.slow) for seed in SEEDS)]
#: Look for the shortest history that fails: takes minutes, so it is asked for.
SHRINK: Final = "WEEKS_SHRINK" in os.environ
MOST_OPEN: Final = 2

STARTS: Final = (
    datetime(2026, 2, 13, 16, 50, tzinfo=ZONE),  # the last days before Spring Festival, a make-up Saturday ahead
    datetime(2026, 3, 2, 9, 0, tzinfo=ZONE),
    datetime(2026, 4, 30, 17, 29, tzinfo=ZONE),  # a minute before Labour Day
    datetime(2026, 9, 30, 23, 59, tzinfo=ZONE),
    datetime(2028, 2, 28, 12, 15, tzinfo=ZONE),  # a leap year that nobody has announced yet
)
WAITS: Final = tuple(
    timedelta(**span)
    for span in (
        {"microseconds": 1}, {"minutes": 1}, {"minutes": 31}, {"hours": 2}, {"hours": 9}, {"days": 1}, {"days": 2},
        {"days": 3, "hours": 1}, {"weeks": 1}, {"weeks": 3}, {"weeks": 9},
    )
)  # fmt: skip
#: How far from a moment people act and sweeps run: at it, just before, just behind.
NEARBY: Final = (timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1), timedelta(minutes=1))
PETITIONERS: Final = (
    None,
    NAMED,
    ANONYMOUS,
    PetitionerInput(Disclosure.CONFIDENTIAL, name="李红", phone="13900001111"),
)
TYPES: Final = (*CaseType, *[CaseType.APPEAL] * 4, CaseType.WHISTLE_EMERGENCY, CaseType.PETITION)
#: The seed of everything that one step chooses.
LUCK: Final = st.integers(0, 2**32 - 1)
#: The straight road, and what leaves it without ending the case.
ONWARDS: Final = frozenset(rule.action for rule in MAIN_PATH) - {
    Action.REJECT,
    Action.WITHDRAW,
    Action.RESOLVE_ON_SPOT,
}
ASIDE: Final = frozenset(rule.action for rule in SIDE_PATHS)
#: What moves time and hands: where clocks are most easily wrong.
HANDS_AND_TIME: Final = frozenset(
    {Action.OBJECT, Action.DECIDE_OBJECTION, Action.REASSIGN, Action.ADD_ASSISTANT, Action.RELEASE_ASSISTANT}
    | {Action.REQUEST_EXTENSION, Action.DECIDE_EXTENSION, Action.SUSPEND, Action.RESUME}
    | {Action.APPROVE_WHISTLE, Action.REFUSE_WHISTLE}
)
#: All that an action could change; what a refused one must leave as it was.
TABLES: Final = (
    "cases_case", "cases_casetext", "cases_petitioner", "cases_assignment", "cases_clock",
    "cases_clockadjustment", "cases_alert", "cases_journalevent", "cases_suspension", "cases_extensionrequest",
    "cases_objection", "cases_whistleproposal", "cases_supervisionorder", "cases_interviewproposal", "cases_rating",
    "cases_request", "notifications_message",
)  # fmt: skip
_FINGERPRINT: Final = " UNION ALL ".join(
    f"SELECT '{table}', md5(COALESCE(string_agg(t::text, '|' ORDER BY t.id), '')) FROM {table} t" for table in TABLES
)


def fingerprint() -> dict[str, str]:
    """By table: the server gives the parts of a union in any order once it reads them in parallel."""
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT)
        return dict(cursor.fetchall())


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Weeks(RuleBasedStateMachine):
    """One example. `people` are actors of every role; `done` counts over all examples what happened how often."""

    county: County
    people: dict[str, Actor]
    departments: list[Department]
    accounts: list[User]
    done: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = rolled_back()
        self.savepoint.__enter__()
        self.numbers: list[str] = []
        self.steps = 0
        self.taken: Counter[Action] = Counter()
        self.now = STARTS[0]
        self.hidden: set[int] = set()
        self.state = fingerprint()

    def teardown(self) -> None:
        self.savepoint.__exit__(None, None, None)

    # Steps

    @initialize(start=st.sampled_from(STARTS), luck=LUCK)
    def a_day_begins(self, start: datetime, luck: int) -> None:
        self.now = start
        self._collect(self._random(luck))

    @rule(luck=LUCK)
    def something_happens(self, luck: int) -> None:
        """One rule for everything: hypothesis leaves whole rules out of an example, and then nothing moves."""
        random = self._random(luck)
        self._time_passes(random)
        (step,) = random.choices([take for take, _ in STEPS], [weight for _, weight in STEPS])
        note(f"{self.now} {step.__name__}")
        step(self, random)
        self.steps += 1

    def a_matter_comes_in(self, random: Random) -> None:
        if Case.objects.filter(closed_at=None).count() < MOST_OPEN:
            self._collect(random)

    def a_case_goes_on(self, random: Random) -> None:
        """Sensible people on the straight road."""
        self._offered_act(random, ONWARDS)

    def a_case_leaves_the_road(self, random: Random) -> None:
        """Sensible people on a side path."""
        self._offered_act(random, ASIDE)

    def hands_and_time_are_moved(self, random: Random) -> None:
        self._offered_act(random, HANDS_AND_TIME)

    def somebody_does_what_is_offered(self, random: Random) -> None:
        self._offered_act(random, frozenset(ALL_CASE_ACTIONS))

    def somebody_tries_anything(self, random: Random) -> None:
        number = random.choice([*self.numbers, *self.numbers, UNKNOWN])
        action, by = random.choice(ALL_CASE_ACTIONS), random.choice(sorted(self.people))
        self._act(random, number, by, action, (), sensible=random.random() < 0.5)

    def the_sweep_runs(self, random: Random) -> None:
        """Until nothing is due: a case that it resumed may owe something anew."""
        while (report := sweep(now=self.now, size=random.choice([1, 2, 200]))).clocks:
            assert report.held == 0, list(Clock.objects.exclude(held_until=None).values_list("kind", "held_error"))
            self.done["clocks swept"] += report.clocks
        self._all_laws_hold(lag=timedelta(0))

    # How a step is taken

    def _random(self, luck: int) -> Random:
        """Hypothesis likes to repeat its numbers: the same luck at another step is another luck."""
        return Random(luck * 1_000 + self.steps)

    def _time_passes(self, random: Random) -> None:
        """Not at all, for a while, or to one of the next moments of any clock."""
        way = random.random()
        if way < 0.45:
            return
        ahead = Clock.objects.filter(next_moment__gt=self.now).order_by("next_moment", "pk")
        moments = [moment for moment in ahead.values_list("next_moment", flat=True)[:3] if moment]
        if way < 0.7 and moments:
            self.now = max(self.now, random.choice(moments).astimezone(ZONE) + random.choice(NEARBY))
        else:
            self.now += random.choice(WAITS)

    def _collect(self, random: Random) -> None:
        by = random.choice(["gridworker", "gridworker", "intake", "township"])
        case_type = random.choice(TYPES)
        persons = tuple(
            self.county.users[name] for name in random.choice([(), (), ("petition",), ("handler", "center")])
        )
        accused = persons if case_type is CaseType.ACCUSATION else ()
        told = matter(
            self.county,
            type=case_type,
            petitioner=random.choice(PETITIONERS),
            urgency=random.choice(list(Urgency)),
            accused_persons=accused,
            parties=() if accused else persons,
        )
        try:
            request = {"of": len(self.numbers)}
            taken = collect(matter=told, client_id=uuid.uuid4(), actor=self.people[by], now=self.now, request=request)
        except CaseError:
            assert by == "township"
            self._nothing_changed()
        else:
            self.numbers.append(taken.case.number)
            self._take_photo()
            self._all_laws_hold()

    def _take_photo(self) -> None:
        """As if the grid worker had sent one: its bytes matter to nobody here."""
        Attachment.objects.create(
            uploaded_by=self.county.users["gridworker"],
            name=uuid.uuid4().hex,
            client_id=uuid.uuid4(),
            content_type="image/jpeg",
            size=3,
            created_at=self.now,
        )

    def _offered_act(self, random: Random, wanted: frozenset[Action]) -> None:
        """One of the wanted actions, rather a rare one, by somebody to whom it is offered, on a case that has any."""
        for number in random.sample(self.numbers, len(self.numbers)):
            offered = [pair for pair in self._offers(Case.objects.get(number=number)) if pair[1].action in wanted]
            if not offered:
                continue
            possible = {offer.action for _, offer in offered}
            rarest = min(self.taken[action] for action in possible)
            action = random.choice(sorted(action for action in possible if self.taken[action] == rarest))
            by, offer = random.choice([pair for pair in offered if pair[1].action is action])
            self._act(random, number, by, action, offer.subjects, sensible=random.random() < 0.9)
            return

    # What is checked

    def _act(
        self, random: Random, number: str, by: str, action: Action, subjects: tuple[int, ...], *, sensible: bool
    ) -> None:
        actor, case = self.people[by], Case.objects.filter(number=number).first()
        around = Surroundings(case.pk if case else 0, self.numbers, self.departments, self.accounts, subjects, self.now)
        inputs = inputs_for(action, around, random, sensible=sensible)
        version = random.choice([None] * 20 + [case.version if case else 0, 0])
        key = random.choice([""] * 20 + ["again"])
        offered = {offer.action: offer for offer in self._offered(actor, case)} if case else {}
        note(f"{self.now} {by} {action} {number} {inputs} {version=} {key=}")
        try:
            result = perform(
                action, number=number, actor=actor, now=self.now, inputs=inputs, expected_version=version, key=key
            )
        except CaseError as refusal:
            note(f"{type(refusal).__name__}: {refusal} {getattr(refusal, 'errors', '')}")
            self.done["refused"] += 1
            self._nothing_changed()
        else:
            assert case is not None
            if result.replayed:
                self._nothing_changed()
            else:
                self._happened(action, case, actor, offered.get(action), inputs)
                self._all_laws_hold()

    def _happened(
        self, action: Action, before: Case, actor: Actor, offer: Offer | None, inputs: dict[str, Any]
    ) -> None:
        """An action that was offered, by one event, into a status that its row of the table names."""
        self.done[action] += 1
        self.taken[action] += 1
        after = Case.objects.get(pk=before.pk)
        assert after.status in TABLE[action].targets
        assert offer is not None, "what nobody was offered must be refused"
        assert not offer.subjects or int(inputs[TABLE[action].subject.value]) in offer.subjects
        events = JournalEvent.objects.filter(case=after, seq__gt=before.event_seq).order_by("seq")
        happened: list[tuple[str, int | None]] = list(events.values_list("kind", "actor_id"))
        kinds = [event for event in happened if event != ("alert", None)]
        assert kinds.pop() == (action.value, actor.user_id)
        assert kinds in ([], [("resume", None)]), "only what the clocks owed comes before it"
        assert after.version == before.version + 1 + len(kinds)

    def _nothing_changed(self) -> None:
        """Not a byte of any table, so that the laws hold that held before."""
        now = fingerprint()
        assert not {table for table, was in self.state.items() if was != now[table]}
        self.done["steps"] += 1

    def _all_laws_hold(self, *, lag: timedelta | None = None) -> None:
        """Between two sweeps only what the last one had to see counts, hence no limit to the lag there."""
        connection.check_constraints()
        lag = timedelta(days=36500) if lag is None else lag
        # Who sees what changes when a case comes in or is sealed: every person is asked then, and now and again.
        asked = self._hidden() != self.hidden or self.steps % 10 == 0
        broken = list(violations(now=self.now, lag=lag, seals=asked))
        assert not broken, "\n".join(map(str, broken))
        self.state, self.hidden = fingerprint(), self._hidden()
        self.done["steps"] += 1

    def _hidden(self) -> set[int]:
        return set(Case.objects.filter(sealed=True).values_list("pk", flat=True))

    # Who there is

    def _offers(self, case: Case) -> list[tuple[str, Offer]]:
        scene = Scene.of(case)
        return [
            (name, offer) for name in sorted(self.people) for offer in offers(self.people[name], scene, now=self.now)
        ]

    def _offered(self, actor: Actor, case: Case) -> list[Offer]:
        return offers(actor, Scene.of(case), now=self.now)


#: What happens, and how often beside the others.
STEPS: Final = (
    (Weeks.a_matter_comes_in, 1),
    (Weeks.a_case_goes_on, 7),
    (Weeks.a_case_leaves_the_road, 4),
    (Weeks.hands_and_time_are_moved, 4),
    (Weeks.somebody_does_what_is_offered, 1),
    (Weeks.somebody_tries_anything, 3),
    (Weeks.the_sweep_runs, 2),
)


def people_of(county: County) -> dict[str, Actor]:
    """Everybody of the county, and those whom it lacks: a second centre, heads and deputies of other departments,
    one with several posts, one without any."""
    more: dict[str, list[tuple[Role, Area | Department]]] = {
        "center-2": [(Role.CENTER_DISPATCHER, county.county)],
        "police-head": [(Role.DEPARTMENT_HEAD, county.police), (Role.DEPARTMENT_DEPUTY, county.police)],
        "station-head": [(Role.DEPARTMENT_HEAD, county.station)],
        "government-head": [(Role.DEPARTMENT_HEAD, county.government)],
        "many-posts": [
            (Role.TOWNSHIP_DISPATCHER, county.township),
            (Role.DEPARTMENT_HANDLER, county.housing),
            (Role.PETITION_OFFICER, county.county),
            (Role.INSPECTOR, county.county),
        ],
        "neighbour": [(Role.TOWNSHIP_DISPATCHER, county.other_township)],
        "nobody": [],
    }
    for name, posts in more.items():
        county.users[name] = add_user(name)
        for role, place in posts:
            add_post(county.users[name], role, place)
    return {name: county.actor(name) for name in sorted(county.users)}


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "weeks"), RUNS)
def test_random_weeks_break_no_law(county: County, number: int, weeks: int) -> None:
    class Example(Weeks):
        pass

    Example.county, Example.people, Example.done = county, people_of(county), Counter()
    Example.departments = list(Department.objects.order_by("pk"))
    Example.accounts = list(User.objects.order_by("pk"))
    wanted = 1 if "WEEKS" in os.environ else SOME_STEPS if weeks == FEW else MANY_STEPS
    # How many steps a number of weeks comes to is hypothesis's to say: it draws from the constants of our code as
    # well, so that every change of the code draws other weeks. So weeks are added until there are enough steps.
    for further in range(MOST_CAMPAIGNS):
        if Example.done["steps"] < wanted:
            walk(Example, number + further, weeks=weeks, steps=STEPS_A_WEEK, shrink=SHRINK)
    done = Example.done
    print(f"seed {number}: {dict(done.most_common())}")  # noqa: T201 — shown when the test fails
    if weeks == FEW:
        assert done["steps"] >= SOME_STEPS
    elif "WEEKS" not in os.environ:
        assert done["steps"] >= MANY_STEPS
        assert len(set(ALL_CASE_ACTIONS) & set(done)) > MOST_ACTIONS * len(ALL_CASE_ACTIONS)
