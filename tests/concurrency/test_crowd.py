"""Twenty people and two sweepers act at random on five cases: nothing but the core's own answers ever comes back."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

from cases import selectors
from cases.errors import CaseError
from cases.escalation import sweep
from cases.models import Case, Clock
from cases.terms import Status
from cases.workflow import Action, main_path
from tests.builders import MONDAY, County
from tests.concurrency.together import failed, together
from tests.stories import Story

MAIN_PATH = {rule.action for rule in main_path.MAIN_PATH} - {Action.RESOLVE_ON_SPOT} | {Action.ACKNOWLEDGE}
THREADS, STEPS, CASES = 20, 12, 5
PEOPLE = ["gridworker", "township", "center", "leader", "handler", "deputy", "police-handler", "station-100-handler"]


class Crowd:
    """Each step looks at a case as a page would, picks one of the buttons and presses it with plausible inputs."""

    def __init__(self, county: County, stories: list[Story]) -> None:
        self._county = county
        self._stories = stories
        self._minutes = count(1)  # time goes on for all; a step that waited for a lock acts with an earlier time
        self.answers: Counter[str] = Counter()

    def person(self, seed: int) -> Callable[[], None]:
        dice = random.Random(seed)

        def live() -> None:
            for _ in range(STEPS):
                self._step(dice)

        return live

    def sweeper(self) -> None:
        for _ in range(STEPS):
            sweep(now=MONDAY + timedelta(hours=3 * next(self._minutes) / 10), size=7)

    def _step(self, dice: random.Random) -> None:
        story, by = dice.choice(self._stories), dice.choice(PEOPLE)
        now = MONDAY + timedelta(hours=3 * next(self._minutes) / 10)
        mine = Story(self._county, story.case_id, story.number, story.query_code, now)
        actor = self._county.actor(by, now=now)
        case = selectors.case_for(actor, story.number)
        offers = selectors.offers_for(actor, case, now=now) if case else []
        offers = [offer for offer in offers if offer.action in MAIN_PATH]  # side paths have their own contests
        if not offers:
            self.answers["nothing to do"] += 1
            return
        offer = dice.choice(offers)
        if offer.action in {Action.WITHDRAW, Action.REJECT} and dice.random() < 0.9:
            self.answers["thought better of it"] += 1
            return
        subject = dice.choice(offer.subjects) if offer.subjects else 0
        try:
            mine.act(offer.action, by, **self._inputs(offer.action, subject, dice))
            self.answers[offer.action.value] += 1
        except CaseError as error:
            self.answers[type(error).__name__] += 1

    def _inputs(self, action: Action, subject: int, dice: random.Random) -> dict[str, Any]:
        given: dict[Action, dict[str, Any]] = {
            Action.DOCKET: {"type": "urgent", "category": "urban-supply", "urgency": "normal"},
            Action.REJECT: {"reason": "unclear", "advice": "请补充"},
            Action.DISPATCH: {"lead": "station-100", "assistants": []},
            Action.REPORT_IN: {"assignment": subject},
            Action.FINISH: {"assignment": subject, "reply": "已办"},
            Action.VERIFY: {"passed": dice.random() < 0.7, "comment": "看过"},
            Action.RATE: {"grade": dice.choice("12345"), "solved": True, "record": "电话"},
            Action.WITHDRAW: {"proof": "书面"},
            Action.ACKNOWLEDGE: {"alert": subject},
        }
        return given[action]


def test_a_crowd_on_five_cases(county: County) -> None:
    stories = [Story.begin(county) for _ in range(CASES)]
    crowd = Crowd(county, stories)
    people = [crowd.person(number) for number in range(THREADS)]
    outcomes = together(*people, crowd.sweeper, crowd.sweeper)
    assert failed(outcomes) == []
    acted = sum(crowd.answers[action.value] for action in Action)
    assert acted >= 3 * CASES, crowd.answers
    assert not Clock.objects.exclude(held_until=None).exists()
    for case in Case.objects.all():
        _consistent(case)


def _consistent(case: Case) -> None:
    """The row repeats what its clocks and its journal say."""
    assert case.events.count() == case.event_seq
    running = list(Clock.objects.running().filter(case=case, red_at__isnull=False))
    if case.status in {Status.COLLECTED, Status.DOCKETED, Status.DISPATCHED, Status.HANDLING, Status.ANSWERED}:
        assert running
    assert case.colour == max((clock.colour for clock in running), default=0)
    assert case.due_at == min((clock.due_at for clock in running), default=None)
    actions = case.events.exclude(kind__in=["alert", "collect"])
    assert case.version == actions.count()
    moves = [(e.payload["from"], e.payload["to"]) for e in actions.order_by("seq")]
    for (_, reached), (left, _) in pairwise(moves):
        assert reached == left, "no step was overwritten by another one"
    assert all(alert.clock.case_id == case.pk for alert in case.alerts.select_related("clock"))
