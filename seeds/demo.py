"""Walking the demo's cases through the loop, each step by the account that would take it, at a time in the past.

A case is settled before each of its steps: what its clocks owed until then is raised at its true moment, so that the
demo's history looks as if the service had run all along.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from cases.actions import closing, dispatch, handling
from cases.actions.intake import Matter, PetitionerInput, collect
from cases.actions.interviews import propose_interviews
from cases.actions.meetings import draw_up
from cases.escalation import sweep
from cases.limits import Limit, Unit
from cases.models import Assignment, Case, Category, Clock
from cases.terms import CaseType, ClockKind, Disclosure, MeetingKind, Source, Urgency
from grids.actors import Actor
from grids.models import Area, Department
from grids.roles import Role
from seeds.demo_cast import Cast, needed
from seeds.demo_orders import next_step, take
from seeds.office_time import in_office
from seeds.reference import FOLDER

NAMESPACE = uuid.UUID("7d1f3c1e-2f57-5b0a-9c41-350924350924")
SWEEP_SIZE = 200

#: How much of a limit a department of that tempo uses before it acts.
SHARE = {"quick": 0.25, "normal": 0.65, "late": 1.15}

#: The steps of each path, in order; the rest of the loop is left to the visitor.
PATHS = {
    "collected": (),
    "docketed": ("docket",),
    "rejected": ("reject",),
    "withdrawn": ("docket", "withdraw"),
    "dispatched": ("docket", "dispatch"),
    "handling": ("docket", "dispatch", "report_in"),
    "answered": ("docket", "dispatch", "report_in", "finish"),
    "rating": ("docket", "dispatch", "report_in", "finish", "verify"),
    "closed": ("docket", "dispatch", "report_in", "finish", "verify", "rate"),
    "closed_unrated": ("docket", "dispatch", "report_in", "finish", "verify", "expire"),
    "second_round": ("docket", "dispatch", "report_in", "finish", "verify", "disappoint"),
}


def entries() -> Iterator[dict[str, Any]]:
    with (FOLDER / "demo_cases.jsonl").open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


@dataclass
class Story:
    """One demo case on its way; `at` is the moment that the story has reached."""

    entry: dict[str, Any]
    cast: Cast
    until: datetime
    at: datetime
    case_id: int = 0
    pace: timedelta | None = None

    def tell(self) -> None:
        self._collect()
        for step in PATHS[self.entry["path"]]:
            getattr(self, f"_{step}")()
        self._settle(self.until)

    def tell_live(self, pace: timedelta) -> None:
        """As `tell`, one step every `pace`, so that the last step's clock starts when it must."""
        self.pace = pace
        self.tell()

    @property
    def share(self) -> float:
        return SHARE[self.entry["tempo"]]

    def _collect(self) -> None:
        entry = self.entry
        area = Area.objects.get(code=entry["area"])
        worker = self.cast.in_area(Role.GRID_WORKER, area.code) if entry["source"] == Source.GRID else None
        actor = worker or self.cast.in_area(Role.INTAKE_OFFICER, area.code)
        collected = collect(
            matter=_matter(entry, area),
            client_id=client_id(entry),
            actor=needed(actor, Role.INTAKE_OFFICER),
            now=self.at,
            request={"key": entry["key"]},
        )
        self.case_id = collected.case.pk

    def _docket(self) -> None:
        actor, now = self._dispatcher(), self._when(ClockKind.DOCKET)
        category = Category.objects.get(code=self.entry["category"])
        dispatch.docket(
            case_id=self.case_id,
            actor=actor,
            now=now,
            type=self.entry["type"],
            category=category,
            urgency=self.entry["urgency"],
        )

    def _reject(self) -> None:
        now = self._when(ClockKind.DOCKET)
        dispatch.reject(
            case_id=self.case_id,
            actor=self._dispatcher(),
            now=now,
            reason=self.entry["reject_reason"],
            advice=self.entry["reply"],
        )

    def _withdraw(self) -> None:
        now = self._when(ClockKind.DISPATCH)
        closing.withdraw(case_id=self.case_id, actor=self._dispatcher(), now=now, proof=self.entry["reply"])

    def _dispatch(self) -> None:
        now = self._when(ClockKind.DISPATCH)
        codes = [self.entry["lead"], *self.entry["assistants"]]
        units = {unit.code: unit for unit in Department.objects.select_related("area").filter(code__in=codes)}
        dispatch.dispatch(
            case_id=self.case_id,
            actor=self._center(),
            now=now,
            lead=units[self.entry["lead"]],
            assistants=[units[code] for code in self.entry["assistants"]],
        )

    def _report_in(self) -> None:
        for part in Assignment.objects.filter(case_id=self.case_id).order_by("id"):
            actor = needed(
                self.cast.in_department(Role.DEPARTMENT_HANDLER, part.department_id), Role.DEPARTMENT_HANDLER
            )
            now = self._when(ClockKind.REPORT_IN, part)
            handling.report_in(case_id=self.case_id, assignment=part.pk, actor=actor, now=now)

    def _finish(self) -> None:
        for part in Assignment.objects.filter(case_id=self.case_id).order_by("-id"):
            actor = needed(
                self.cast.in_department(Role.DEPARTMENT_HANDLER, part.department_id), Role.DEPARTMENT_HANDLER
            )
            now = self._when(ClockKind.HANDLE, part)
            handling.finish(
                case_id=self.case_id, assignment=part.pk, actor=actor, now=now, reply=self.entry["reply"] or "已办理。"
            )

    def _verify(self) -> None:
        now = self._when(ClockKind.VERIFY)
        closing.verify(case_id=self.case_id, actor=self._dispatcher(), now=now, passed=True)

    def _rate(self) -> None:
        if Case.objects.open().filter(pk=self.case_id).exists():  # a patrol matter closed when it was verified
            self._rating(self.entry["rating"] or {"grade": 5, "solved": True, "comment": ""})

    def _disappoint(self) -> None:
        if Case.objects.open().filter(pk=self.case_id).exists():
            self._rating({"grade": 2, "solved": False, "comment": "", **(self.entry["rating"] or {})})

    def _rating(self, rating: dict[str, Any]) -> None:
        now = self._when(ClockKind.RATE, share=0.3)
        closing.rate(
            case_id=self.case_id,
            actor=self._center(),
            now=now,
            grade=str(rating["grade"]),
            solved=rating["solved"],
            record=rating["comment"] or "电话回访，诉求人口头评价。",
        )

    def _expire(self) -> None:
        """The clock closes it: settling lets the rating period end where it lies in the past."""

    def _handler(self, part: Assignment) -> Actor:
        role = Role.DEPARTMENT_HANDLER
        return needed(self.cast.in_department(role, part.department_id), role)

    def _dispatcher(self) -> Actor:
        actor = self.cast.in_area(Role.TOWNSHIP_DISPATCHER, self.entry["area"])
        return actor or self._center()

    def _center(self) -> Actor:
        role = Role.CENTER_DISPATCHER
        return needed(self.cast.in_area(role, self.entry["area"]), role)

    def _when(self, kind: ClockKind, part: Assignment | None = None, share: float | None = None) -> datetime:
        """The moment of the next step: this tempo's share of the clock, but always between now and the end."""
        if self.pace is not None:
            self.at += self.pace
            self._settle(self.at)
            return self.at
        clock = Clock.objects.running().filter(case_id=self.case_id, kind=kind, assignment=part).first()
        wanted = self.at + timedelta(minutes=20)
        if clock is not None:
            used = self.share if share is None else share
            wanted = clock.started_at + (clock.due_at - clock.started_at) * used
            if Limit.parse(clock.limit).unit is not Unit.H:
                wanted = in_office(wanted, minutes=_jitter(self.entry) % 90)
        latest = self.at + (self.until - self.at) * 0.6
        self.at = max(min(wanted, latest), self.at + timedelta(microseconds=1))
        self._settle(self.at)
        return self.at

    def _settle(self, until: datetime) -> None:
        """As `settle`, and what is done about the orders that its reds open happens on the way."""
        seed = client_id(self.entry).int
        while True:
            owed, step = _next_moment(until), next_step(self.case_id, seed)
            if step is not None and step.at < (owed or until):
                take(step, self.cast)
            elif owed is not None:
                sweep(now=owed, size=SWEEP_SIZE)
            else:
                return


def settle(until: datetime) -> None:
    """Raise what is owed up to `until`, each at its own moment."""
    while moment := _next_moment(until):
        sweep(now=moment, size=SWEEP_SIZE)


def _next_moment(until: datetime) -> datetime | None:
    due = Clock.objects.filter(next_moment__lt=until, held_until=None).order_by("next_moment")
    return due.values_list("next_moment", flat=True).first()


def client_id(entry: dict[str, Any]) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, entry["key"])


def _matter(entry: dict[str, Any], area: Area) -> Matter:
    person = entry["petitioner"]
    return Matter(
        type=CaseType(entry["type"]),
        title=entry["title"],
        description=entry["description"],
        area=area,
        category=Category.objects.filter(code=entry["category"]).first(),
        source=Source(entry["source"]),
        urgency=Urgency(entry["urgency"]),
        latitude=area.latitude,
        longitude=area.longitude,
        petitioner=_petitioner(person) if person else None,
    )


def _petitioner(person: dict[str, str]) -> PetitionerInput:
    return PetitionerInput(
        disclosure=Disclosure(person["disclosure"]), name=person.get("name") or "", phone=person.get("phone") or ""
    )


def load_demo_cases(*, clock: Callable[[], datetime], progress: Callable[[str], None]) -> int:
    """Tell all stories that were not told yet; the number of new cases. `clock` is read anew for the live ones."""
    with connection.cursor() as cursor:
        # A power cut during loading loses demo stories at most; the next start tells them again.
        cursor.execute("SET synchronous_commit TO off")
    told = set(Case.objects.values_list("client_id", flat=True))
    now = clock()
    waiting = [entry for entry in entries() if client_id(entry) not in told]
    if not waiting:
        return 0
    past = [entry for entry in waiting if not entry.get("live")]
    cast = Cast(now)
    past.sort(key=lambda entry: -entry["age_days"])  # numbers and messages follow the calendar
    for count, entry in enumerate(past, start=1):
        Story(entry, cast, until=now, at=_received(entry, now)).tell()
        if count % 50 == 0:
            progress(f"{count}/{len(past)}")
    live = [entry for entry in waiting if entry.get("live")]
    settle(now)
    for position, entry in enumerate(live):
        _tell_live(entry, cast, position=position, now=clock())
    propose_interviews(now=now)
    draw_up(MeetingKind.WEEKLY, now=now, county=settings.COUNTY_CODE)
    return len(waiting)


#: Live cases: the first colour comes this long after loading, the next ones at this distance.
FIRST_COLOUR = timedelta(seconds=40)
BETWEEN_COLOURS = timedelta(seconds=25)
LIVE_SHARES = (0.5, 0.8, 1.0)


def _tell_live(entry: dict[str, Any], cast: Cast, *, position: int, now: datetime) -> None:
    """Start a case so that its running clock crosses a colour `position` steps after the first one."""
    moment = now + FIRST_COLOUR + BETWEEN_COLOURS * position
    share = LIVE_SHARES[position % len(LIVE_SHARES)]
    steps = len(PATHS[entry["path"]])
    limit = timedelta(hours=1) if steps < len(PATHS["dispatched"]) else timedelta(minutes=30)
    ahead = timedelta(minutes=2) * steps
    story = Story(entry, cast, until=now, at=moment - limit * share - ahead)
    story.tell_live(ahead / max(steps, 1))


def _received(entry: dict[str, Any], now: datetime) -> datetime:
    """When the matter came in: emergencies at any hour, all others while offices are open."""
    moment = now - timedelta(days=float(entry["age_days"]), minutes=_jitter(entry))
    if entry["age_days"] < 1 or entry["type"] in {CaseType.URGENT, CaseType.WHISTLE_EMERGENCY}:
        return moment
    return in_office(moment, minutes=_jitter(entry) % 180)


def _jitter(entry: dict[str, Any]) -> int:
    """Minutes within a day, the same at every load, so that not all matters arrive at one time of day.

    A matter of today keeps its age: its colour depends on it.
    """
    return client_id(entry).int % 600 if entry["age_days"] >= 1 else 0
