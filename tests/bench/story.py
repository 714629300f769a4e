"""One case for the bench, as rows of the tables: who called whom, what runs, what was raised, all chained."""

import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from cases import chain
from cases.colours import Colour
from cases.terms import (
    AssignmentRole,
    AssignmentState,
    Card,
    ClockKind,
    Disclosure,
    Outcome,
    Source,
    Status,
    StopReason,
)
from grids.area_codes import LEVEL_DIGITS
from tests.bench.county import County

Row = dict[str, Any]
Rows = dict[str, list[Row]]

#: In the order in which they refer to each other.
TABLES = (
    "cases_case",
    "cases_petitioner",
    "cases_assignment",
    "cases_supervisionorder",
    "cases_clock",
    "cases_alert",
    "cases_journalevent",
    "notifications_message",
)
#: Tables whose keys are given here, because others refer to them.
KEYED = ("cases_case", "cases_assignment", "cases_supervisionorder", "cases_clock")
DISPATCHED = frozenset({Status.DISPATCHED, Status.HANDLING, Status.CLOSED})
#: A word of two characters that the first thousand cases hold and no other.
RARE, RARE_CASES = "砂堆", 1_000
#: A word that every eighth case holds.
FREQUENT = "路灯"
#: A name that every twentieth petitioner bears, which is more than anywhere; the others share some two thousand.
COMMON_NAME = "张伟"
NAMES = (
    *[COMMON_NAME] * 120,
    *map(
        "".join, product("王李刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑", "建国志文晓丽秀玉海春", "军英华明芳梅兰平强霞生民")
    ),
)
_WHAT = ("路灯不亮", "渠道堵塞", "噪声扰民", "路面塌陷", "自来水浑浊", "垃圾清运不及时", "电梯停运", "拖欠工资")


@dataclass(frozen=True, slots=True)
class Course:
    """The times of one clock and the colour that it reaches next; None where red was its last."""

    upcoming: Colour | None
    started: datetime
    blue: datetime
    yellow: datetime
    due: datetime

    @property
    def next_moment(self) -> datetime | None:
        return dict(self._moments()).get(self.upcoming) if self.upcoming else None

    @property
    def colour(self) -> Colour:
        return Colour(self.upcoming - 1) if self.upcoming else Colour.RED

    def raised(self) -> Iterator[tuple[Colour, datetime]]:
        """What the sweep has already done."""
        return ((colour, moment) for colour, moment in self._moments() if colour <= self.colour)

    def _moments(self) -> tuple[tuple[Colour, datetime], ...]:
        return (Colour.BLUE, self.blue), (Colour.YELLOW, self.yellow), (Colour.RED, self.due)


def empty_rows() -> Rows:
    return {table: [] for table in TABLES}


class Story:
    """A case on its way into the tables. `next_id` gives the key of the next row of a table."""

    def __init__(
        self,
        *,
        county: County,
        dice: random.Random,
        status: Status,
        now: datetime,
        next_id: Callable[[str], int],
        received: datetime | None = None,
    ) -> None:
        self.county, self.status, self.now, self.next_id = county, status, now, next_id
        self.id = next_id("cases_case")
        self.village = dice.choice(county.villages)
        self.unit_id = county.units[self.village.code[: LEVEL_DIGITS["township"]]]
        self.departments = dice.sample(county.departments, 2)
        self.number = f"350924-{now.year}-{self.id:07d}"
        self.title = f"{self.village.name}{dice.choice(_WHAT)}"
        if self.id <= RARE_CASES:
            self.title += RARE
        self.category_id = dice.choice(county.categories).pk
        self.received = received or now - timedelta(days=dice.uniform(9, 40))
        self.closed: datetime | None = None
        self.rows = empty_rows()
        self.head, self.seq = chain.GENESIS, 0
        self.courses: list[Course] = []
        self._until_dispatch()

    def run(self, kind: ClockKind, course: Course, *, departmental: bool) -> None:
        """Add a running clock, of the next called department or of the unit that dispatches."""
        charged = self.departments[len(self.rows["cases_assignment"])].pk if departmental else self.unit_id
        clock_id = self.next_id("cases_clock")
        part_id = self._call(charged, course) if departmental else None
        self.rows["cases_clock"].append(self._clock(clock_id, kind, charged, part_id, course))
        self.courses.append(course)
        for colour, moment in course.raised():
            self._raise(clock_id, kind, charged, colour, moment)

    def close(self, *, days: float) -> None:
        """The lead reported in, finished, was verified and rated: its clocks stopped in time, nothing was raised."""
        self.closed = self.received + timedelta(days=days)
        lead, center = self.departments[0].pk, self.county.center.pk
        handler = self.county.handlers[lead].pk
        part_id = self._part(lead, reported_in_at=self.received, state=AssignmentState.FINISHED)
        self._event("report_in", self.received, handler, {"assignment": part_id, "to": "handling"})
        for kind, charged, of in ((ClockKind.RESOLVE, self.unit_id, None), (ClockKind.HANDLE, lead, part_id)):
            self.rows["cases_clock"].append(self._stopped_clock(kind, charged, of, at=self.closed))
        self._event("finish", self.closed, handler, {"assignment": part_id, "to": "answered"})
        self._event("verify", self.closed, center, {"passed": True, "to": "rating"})
        self._event("rate", self.closed, center, {"grade": 5, "solved": True, "to": "closed"})

    def finish(self, *, name: Row) -> Rows:
        """All rows of the case, the case itself among them. `name`: the petitioner's, encrypted and indexed."""
        self.rows["cases_case"].append(self._identity() | self._matter() | self._state())
        self.rows["cases_petitioner"].append(
            {
                "case_id": self.id,
                "disclosure": Disclosure.NAMED.value,
                "phone_index": "",
                "pseudonym": f"P{self.id}",
                **name,
                "phone": "",
                "id_number": "",
                "address": "",
            }
        )
        return self.rows

    def _clock(self, clock_id: int, kind: ClockKind, charged: int, part_id: int | None, course: Course) -> Row:
        return {
            "id": clock_id,
            "case_id": self.id,
            "assignment_id": part_id,
            "kind": kind.value,
            "charged_id": charged,
            "round": 1,
            "started_at": course.started,
            "limit": "5 wd",
            "policy_id": self.county.policy_id,
            "calendar_id": self.county.calendar_id,
            "due_at": course.due,
            "blue_at": course.blue,
            "yellow_at": course.yellow,
            "red_at": course.due,
            "generation": 1,
            "colour": int(course.colour),
            "raised": int(course.colour),
            "next_moment": course.next_moment,
            "stopped_at": None,
            "stop_reason": "",
            "held_error": "",
        }

    def _until_dispatch(self) -> None:
        center, intake = self.county.center.pk, self.county.intake.pk
        self._event("collect", self.received, intake, {"to": "collected", "number": self.number, "type": "appeal"})
        if self.status is not Status.COLLECTED:
            facts = {"from": "collected", "to": "docketed", "type": "appeal", "urgency": "normal"}
            self._event("docket", self.received, center, facts)
        if self.status in DISPATCHED:
            self._event("dispatch", self.received, center, {"to": "dispatched"})

    def _call(self, department_id: int, course: Course) -> int:
        if self.status is not Status.HANDLING:
            return self._part(department_id, reported_in_at=None, state=AssignmentState.WAITING)
        part_id = self._part(department_id, reported_in_at=course.started, state=AssignmentState.WORKING)
        handler_id = self.county.handlers[department_id].pk
        self._event("report_in", course.started, handler_id, {"assignment": part_id, "to": "handling"})
        return part_id

    def _part(self, department_id: int, *, reported_in_at: datetime | None, state: AssignmentState) -> int:
        assignment_id = self.next_id("cases_assignment")
        first = not self.rows["cases_assignment"]
        self.rows["cases_assignment"].append(
            {
                "id": assignment_id,
                "case_id": self.id,
                "department_id": department_id,
                "role": (AssignmentRole.LEAD if first else AssignmentRole.ASSIST).value,
                "state": state.value,
                "assigned_at": self.received,
                "reported_in_at": reported_in_at,
                "reported_in_by_id": self.county.handlers[department_id].pk if reported_in_at else None,
                "on_spot": False,
                "finished_at": self.closed,
            }
        )
        return assignment_id

    def _stopped_clock(self, kind: ClockKind, charged: int, part_id: int | None, *, at: datetime) -> Row:
        """One that would have been blue, yellow and red on three days after it stopped."""
        days = [at + timedelta(days=ahead) for ahead in (1, 2, 3)]
        course = Course(Colour.BLUE, self.received, *days)
        row = self._clock(self.next_id("cases_clock"), kind, charged, part_id, course)
        return row | {"next_moment": None, "stopped_at": at, "stop_reason": StopReason.DONE.value}

    def _raise(self, clock_id: int, kind: ClockKind, charged: int, colour: Colour, moment: datetime) -> None:
        recipient = self.county.handlers[charged].pk
        order_id = self._order(charged, moment) if colour is Colour.RED else None
        self.rows["cases_alert"].append(
            {
                "clock_id": clock_id,
                "case_id": self.id,
                "generation": 1,
                "colour": int(colour),
                "cause": "time",
                "charged_id": charged,
                "moment": moment,
                "raised_at": moment,
                "vacancies": "[]",
                "order_id": order_id,
            }
        )
        facts = {"clock": clock_id, "kind": kind.value, "generation": 1, "colour": colour.code, "told": [recipient]}
        self._event("alert", moment, None, facts)
        self.rows["notifications_message"].append(
            {
                "recipient_id": recipient,
                "key": f"alert:{clock_id}:1:{int(colour)}",
                "kind": "alert",
                "colour": int(colour),
                "reference": self.number,
                "subject": f"{colour.code} · {self.number}",
                "body": "",
                "created_at": moment,
                "routed_at": moment,
            }
        )

    def _order(self, charged: int, moment: datetime) -> int:
        """The order that a red opened: answered and signed off long ago."""
        order_id = self.next_id("cases_supervisionorder")
        self.rows["cases_supervisionorder"].append(
            {
                "id": order_id,
                "case_id": self.id,
                "department_id": charged,
                "card": Card.LISTED.value,
                "opened_at": moment,
                "answered_at": moment,
                "signed_off_at": moment,
            }
        )
        return order_id

    def _event(self, kind: str, at: datetime, actor_id: int | None, payload: dict[str, Any]) -> None:
        self.seq += 1
        digest = chain.link(
            prev=self.head, case_id=self.id, seq=self.seq, kind=kind, actor_id=actor_id, at=at, payload=payload
        )
        self.rows["cases_journalevent"].append(
            {
                "case_id": self.id,
                "seq": self.seq,
                "kind": kind,
                "at": at,
                "actor_id": actor_id,
                "payload": json.dumps(payload),
                "prev_hash": self.head,
                "hash": digest,
            }
        )
        self.head = digest

    def _identity(self) -> Row:
        return {
            "id": self.id,
            "number": self.number,
            "query_code_hash": f"{self.id:064x}",
            "client_id": uuid.UUID(int=self.id),
            "request_digest": "",
            "created_by_id": self.county.intake.pk,
            "policy_id": self.county.policy_id,
            "source_system": "",
            "version": 1,
            "event_seq": self.seq,
            "event_hash": self.head,
        }

    def _matter(self) -> Row:
        return {
            "type": "appeal",
            "category_id": self.category_id,
            "urgency": "normal",
            "source": Source.HOTLINE.value,
            "title": self.title,
            "description": f"{self.title},群众多次反映,请尽快安排处理。" * 3,
            "sealed": False,
            "keeper": "",
            "text_salt": f"{self.id:032x}",
            "disclosure": Disclosure.NAMED.value,
            "area_id": self.village.pk,
            "area_code": self.village.code,
            "address": "",
        }

    def _state(self) -> Row:
        docketed, dispatched = self.status is not Status.COLLECTED, self.status in DISPATCHED
        return {
            "status": self.status.value,
            "outcome": Outcome.RATED.value if self.closed else "",
            "colour": max((int(course.colour) for course in self.courses), default=int(Colour.NONE)),
            "due_at": min((course.due for course in self.courses), default=None),
            "answered_at": self.closed,
            "closed_at": self.closed,
            "round": 1,
            "dissatisfied": 0,
            "dispatch_unit_id": self.unit_id if docketed else None,
            "lead_id": self.departments[0].pk if dispatched else None,
            "received_at": self.received,
            "docketed_at": self.received if docketed else None,
            "dispatched_at": self.received if dispatched else None,
            "updated_at": self.now,
        }
