"""Cases driven through the real actions, step by step and with explicit times.

    story = Story.begin(county, at=MONDAY)
    story.docket().wait(hours=1).dispatch(assistants=[county.police]).report_in().report_in(county.police)
    story.at(moment).finish(county.police).finish().verify().rate(Grade.DISSATISFIED)
    story.sweep()                                         # the sweep at the story's time
    story.clock(ClockKind.HANDLE).due_at, story.case.status

    story = story_in(county, Status.HANDLING)             # the shortest way into a status
    case = case_in(county, Status.HANDLING)               # the same, for tests that need no more than the row

Nothing here reads the clock: a story carries its own time, which `wait` and `at` move.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from cases import people
from cases.access import visible_to
from cases.actions.intake import Matter, collect
from cases.actions.perform import Performed, perform
from cases.escalation import Report, sweep
from cases.models import Alert, Assignment, Case, Clock, JournalEvent
from cases.terms import HOLDING_STATES, CaseType, ClockKind, Grade, Source, Status, Urgency
from cases.workflow import Action
from grids.actors import Actor
from grids.models import Department
from tests.builders import MONDAY, NAMED, County


def matter(county: County, **changes: Any) -> Matter:
    """A water matter in the first village's grid, raised by a named petitioner; `changes` replace its fields."""
    told: dict[str, Any] = {
        "type": CaseType.APPEAL,
        "title": "自来水管漏水",
        "description": "路口的自来水管漏水三天了",
        "area": county.grid,
        "source": Source.GRID,
        "petitioner": NAMED,
    }
    return Matter(**(told | changes))


@dataclass(slots=True)
class Story:
    """One case on its way through the loop, told with explicit times. Every step is the real action; each returns self.

    `raises` belongs to the test: a step that is refused raises the action's own error and leaves the story as it was.
    """

    county: County
    case_id: int
    number: str
    query_code: str
    now: datetime

    @classmethod
    def begin(cls, county: County, *, at: datetime = MONDAY, by: str = "gridworker", **changes: Any) -> Self:
        """Collect `matter(county, **changes)` at that time."""
        client_id = changes.pop("client_id", None) or uuid.uuid4()
        collected = collect(
            matter=matter(county, **changes),
            client_id=client_id,
            actor=county.actor(by, now=at),
            now=at,
            request={"client_id": str(client_id)},
        )
        return cls(county, collected.case.pk, collected.case.number, collected.query_code, at)

    # Time

    def at(self, moment: datetime) -> Self:
        self.now = moment
        return self

    def wait(self, **span: float) -> Self:
        """Move the time on: `wait(hours=1)`, `wait(microseconds=1)`."""
        self.now += timedelta(**span)
        return self

    # Steps

    def act(self, action: Action, by: str, *, key: str = "", version: int | None = None, **inputs: Any) -> Performed:
        """Any action through the one entry of all doors."""
        return perform(
            action,
            number=self.number,
            actor=self.county.actor(by, now=self.now),
            now=self.now,
            inputs=inputs,
            expected_version=version,
            key=key,
        )

    def docket(self, by: str = "township", *, type: CaseType | None = None, **inputs: Any) -> Self:
        given = {
            "type": (type or CaseType(self.case.type)).value,
            "category": self.county.category.code,
            "urgency": Urgency.NORMAL.value,
        }
        self.act(Action.DOCKET, by, **(given | inputs))
        return self

    def reject(self, by: str = "township", **inputs: Any) -> Self:
        given = {"reason": "unclear", "advice": "请补充材料"}
        self.act(Action.REJECT, by, **(given | inputs))
        return self

    def dispatch(
        self,
        lead: Department | None = None,
        *,
        assistants: Iterable[Department] = (),
        by: str = "center",
        **inputs: Any,
    ) -> Self:
        called = {"lead": (lead or self.county.water).code, "assistants": [unit.code for unit in assistants]}
        self.act(Action.DISPATCH, by, **(called | inputs))
        return self

    def report_in(self, department: Department | None = None, **inputs: Any) -> Self:
        """By the handler of that department; without one, of the lead."""
        part = self.part(department)
        self.act(Action.REPORT_IN, self._handler(part.department), assignment=part.pk, **inputs)
        return self

    def finish(self, department: Department | None = None, *, reply: str = "已修好", **inputs: Any) -> Self:
        part = self.part(department)
        self.act(Action.FINISH, self._handler(part.department), assignment=part.pk, reply=reply, **inputs)
        return self

    def verify(self, by: str = "gridworker", *, passed: bool = True, comment: str = "", **inputs: Any) -> Self:
        comment = comment or ("" if passed else "还在漏水")
        self.act(Action.VERIFY, by, passed=passed, comment=comment, **inputs)
        return self

    def rate(self, grade: Grade = Grade.SATISFIED, *, by: str = "center", **inputs: Any) -> Self:
        given: dict[str, Any] = {"grade": str(int(grade)), "solved": grade.satisfied, "record": "电话回访"}
        self.act(Action.RATE, by, **(given | inputs))
        return self

    def withdraw(self, by: str = "township", **inputs: Any) -> Self:
        self.act(Action.WITHDRAW, by, **({"proof": "本人书面申请"} | inputs))
        return self

    def acknowledge(self, alert: Alert, by: str = "handler", **inputs: Any) -> Self:
        self.act(Action.ACKNOWLEDGE, by, alert=alert.pk, **inputs)
        return self

    def sweep(self, *, size: int = 200) -> Report:
        return sweep(now=self.now, size=size)

    # What there is to look at, always read anew

    @property
    def case(self) -> Case:
        return Case.objects.select_related("area", "category", "lead", "dispatch_unit").get(pk=self.case_id)

    def part(self, department: Department | None = None) -> Assignment:
        """The assignment of that department, or of the lead."""
        held = Assignment.objects.select_related("department").filter(
            case_id=self.case_id, state__in=sorted(HOLDING_STATES)
        )
        return held.get(department=department) if department else held.get(role="lead")

    def clock(self, kind: ClockKind, department: Department | None = None) -> Clock:
        """The latest clock of this kind, of that department's part if one is named."""
        clocks = Clock.objects.select_related("charged").filter(case_id=self.case_id, kind=kind)
        found = (clocks.filter(charged=department) if department else clocks).order_by("-pk").first()
        assert found is not None, f"the case has no {kind} clock"
        return found

    def running(self) -> set[ClockKind]:
        kinds = Clock.objects.running().filter(case_id=self.case_id).values_list("kind", flat=True)
        return {ClockKind(kind) for kind in kinds}

    def alerts(self) -> list[Alert]:
        return list(Alert.objects.select_related("clock").filter(case_id=self.case_id).order_by("moment", "pk"))

    def events(self) -> list[JournalEvent]:
        return list(JournalEvent.objects.filter(case_id=self.case_id).order_by("seq"))

    def _handler(self, department: Department) -> str:
        return self.county.handler_of(department).username


#: How far `story_in` drives for each status that the loop can reach.
_WAY: Final = (Status.COLLECTED, Status.DOCKETED, Status.DISPATCHED, Status.HANDLING, Status.ANSWERED, Status.RATING)


def story_in(
    county: County,
    status: Status,
    *,
    at: datetime = MONDAY,
    step: timedelta = timedelta(minutes=1),
    assistants: Iterable[Department] = (),
    **changes: Any,
) -> Story:
    """A case driven into `status` by the shortest way, one `step` between two actions.

    `changes` replace fields of `matter`. Assistants are called, report in and finish with the lead. `suspended` and
    `merged`, which no action reaches yet, are set on the row.
    """
    story = Story.begin(county, at=at, **changes)
    if status in _WAY or status is Status.CLOSED:
        _drive(story, status, step, list(assistants))
    elif status in (Status.REJECTED, Status.WITHDRAWN):
        story.wait(seconds=step.total_seconds())
        _ = story.reject() if status is Status.REJECTED else story.withdraw()
    elif status is Status.SUSPENDED:
        _drive(story, Status.HANDLING, step, list(assistants))
        Case.objects.filter(pk=story.case_id).update(status=Status.SUSPENDED)
    else:
        _merge(story)
    return story


def case_in(county: County, status: Status, **options: Any) -> Case:
    """The case of `story_in`, for tests that need no more than the row."""
    return story_in(county, status, **options).case


def of_person(actor: Actor, text: str) -> list[int]:
    """Whom a search for this number or name finds beside what the matters say, among all that the person sees."""
    return people.cases_of(text, visible_to(actor), actor=actor)


def _drive(story: Story, status: Status, step: timedelta, assistants: list[Department]) -> None:
    units = [story.county.water, *assistants]
    steps = (
        story.docket,
        lambda: story.dispatch(assistants=assistants),
        lambda: [story.report_in(unit) for unit in units],
        lambda: [story.finish(unit) for unit in units],
        story.verify,
        story.rate,
    )
    last = _WAY.index(status) if status in _WAY else len(steps)
    for take in steps[:last]:
        story.wait(seconds=step.total_seconds())
        take()


def _merge(story: Story) -> None:
    Clock.objects.running().filter(case_id=story.case_id).update(
        stopped_at=story.now, stop_reason="ended", next_moment=None
    )
    Case.objects.filter(pk=story.case_id).update(status=Status.MERGED, closed_at=story.now, colour=0, due_at=None)
