"""Figures against a naive computation: the same rows, counted one by one in Python with the formulas of domain.md."""

import random
import statistics as numbers
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.calendar import WorkCalendar, to_instant
from cases.colours import Colour
from cases.models import (
    Alert,
    Assignment,
    Case,
    Clock,
    ClockAdjustment,
    Objection,
    Rating,
    SupervisionOrder,
    Suspension,
)
from cases.scores import Period, Share
from cases.statistics import Group, Row, Scope, alerts, figures
from cases.terms import ENDED, AssignmentState, Status
from cases.versions import calendar_in_force
from grids.models import Department
from tests.builders import MONDAY, County

pytestmark = pytest.mark.django_db
MARCH = Period.parse("2026-03")
NOW = MONDAY + timedelta(days=20)
LEFT_OUT = {Status.REJECTED, Status.WITHDRAWN, Status.MERGED}


class Town:
    """Many cases in random states, with clocks, ratings, objections and pauses, as no story would bring them about."""

    def __init__(self, county: County, seed: int, count: int) -> None:
        self.county, self.rng = county, random.Random(seed)
        self.units = [county.water, county.police, county.housing]
        self.areas = [county.grid, county.village, county.other_village]
        for number in range(count):
            self._case(number)

    def when(self, least: datetime = MONDAY - timedelta(days=6), days: float = 34) -> datetime:
        return least + timedelta(minutes=self.rng.randrange(int(days * 1440)))

    def maybe(self, value: Any) -> Any:
        return self.rng.choice([value, None])

    def _case(self, number: int) -> None:
        area, status = self.rng.choice(self.areas), self.rng.choice(list(Status))
        sealed = self.rng.random() < 0.1
        self.case = Case.objects.create(
            number=f"350924-2026-{number:07d}", query_code_hash=uuid.uuid4().hex, client_id=uuid.uuid4(), type="appeal",
            source="grid", title="漏水", area=area, area_code=area.code, status=status, policy=self.county.policy,
            received_at=self.when(), docketed_at=self.maybe(self.when()), answered_at=self.maybe(self.when()),
            closed_at=self.when() if status in ENDED else None, updated_at=NOW, round=self.rng.choice([1, 1, 2]),
            lead=self.maybe(self.rng.choice(self.units)), sealed=sealed, keeper="petition_officer" if sealed else "",
        )  # fmt: skip
        for unit in self.rng.sample(self.units, self.rng.randrange(3)):
            self._part(unit)
        for kind in ("resolve", "rate"):
            self._clock(kind, None, self.county.center)
        if self.rng.random() < 0.5:
            grade = self.rng.randrange(1, 6)
            Rating.objects.create(
                case=self.case,
                round=1,
                grade=grade,
                solved=self.rng.random() < 0.5,
                channel="link",
                rated_at=self.when(),
            )

    def _part(self, unit: Department) -> None:
        state = self.rng.choice([AssignmentState.CANCELLED, AssignmentState.RELEASED])
        part = Assignment.objects.create(
            case=self.case, department=unit, role="assist", state=state, assigned_at=self.when()
        )
        if self.rng.random() < 0.3:
            upheld = self.rng.choice([True, False, None])
            Objection.objects.create(
                case=self.case, assignment=part, department=unit, reason="season", raised_at=self.when(), upheld=upheld
            )
        for kind in ("report_in", "handle"):
            self._clock(kind, part, unit)

    def _clock(self, kind: str, part: Assignment | None, unit: Department) -> None:
        start = self.when()
        due = self.when(start, 9)
        stopped = self.rng.choice([None, due, self.when(start, 12)])
        clock = Clock.objects.create(
            case=self.case, assignment=part, kind=kind, charged=unit, round=self.rng.choice([1, 1, 2]),
            started_at=start,
            limit=self.rng.choice(["5 wd", "4 wh", "24 h", "5 cd"]), policy=self.county.policy, due_at=due,
            calendar=self.county.calendar, stopped_at=stopped, paused_at=self.maybe(due) if stopped is None else None,
            stop_reason=self.rng.choice(["done", "done", "ended"]) if stopped else "",
        )  # fmt: skip
        if stopped and self.rng.random() < 0.3:
            self._pause(clock, start + (stopped - start) / 4, start + (stopped - start) / 2)
        if self.rng.random() < 0.5:
            self._alert(clock)

    def _pause(self, clock: Clock, begins: datetime, ends: datetime) -> None:
        pause = Suspension.objects.create(case=self.case, reason="season", started_at=begins, until=ends, ended_at=ends)
        ClockAdjustment.objects.create(clock=clock, suspension=pause, starts_at=begins, ends_at=ends)

    def _alert(self, clock: Clock) -> None:
        moment, colour = self.when(), self.rng.choice([Colour.BLUE, Colour.YELLOW, Colour.RED])
        Alert.objects.create(
            clock=clock, case=self.case, generation=1, colour=colour, charged=clock.charged, moment=moment,
            raised_at=moment + timedelta(minutes=self.rng.randrange(10)), annulled_at=self.maybe(NOW),
            acknowledged_at=self.maybe(NOW), plan_at=self.maybe(NOW),
            order=self._order(clock) if colour == Colour.RED else None,
        )  # fmt: skip

    def _order(self, clock: Clock) -> SupervisionOrder:
        order, _ = SupervisionOrder.objects.get_or_create(
            case=self.case, department=clock.charged, defaults={"card": "listed", "opened_at": NOW}
        )
        if self.rng.random() < 0.5:
            order.answered_at = order.signed_off_at = NOW
            order.save()
        return order


# The naive computation

Key = Callable[[Case, int | None], str | None]


class Naive:
    def __init__(self, scope: Scope, key: Key) -> None:
        self.scope, self.key = scope, key
        self.counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        self.hours: dict[tuple[str, str], list[float]] = defaultdict(list)

    def place(self, case: Case, unit: int | None, moment: datetime | None) -> str | None:
        mine = any(case.area_code.startswith(code) for code in self.scope.areas) or unit in self.scope.units
        if case.sealed or not mine or moment is None or not MARCH.begins <= moment < MARCH.ends:
            return None
        return self.key(case, unit)

    def count(self, name: str, case: Case, unit: int | None, moment: datetime | None, hit: bool) -> None:
        place = self.place(case, unit, moment)
        if place is not None:
            self.counts[place][name][0] += hit
            self.counts[place][name][1] += 1


def naive(scope: Scope, key: Key, *, by_unit: bool, calendar: WorkCalendar) -> Naive:
    told = Naive(scope, key)
    for case in Case.objects.all():
        lead = case.lead_id
        if case.status in LEFT_OUT:
            told.count(case.status, case, lead, case.received_at, hit=True)
        if case.status not in {Status.REJECTED, Status.WITHDRAWN} and not by_unit:
            told.count("repeat", case, lead, case.received_at, hit=case.status == Status.MERGED)
        if case.status in LEFT_OUT:
            continue
        told.count("closure", case, lead, case.docketed_at, hit=case.status == Status.CLOSED)
        told.count("rework", case, lead, case.answered_at, hit=case.round > 1)
        _children(told, case, by_unit=by_unit, calendar=calendar)
    return told


def _children(told: Naive, case: Case, *, by_unit: bool, calendar: WorkCalendar) -> None:
    ratings = list(case.ratings.all())
    for rating in ratings:
        told.count("satisfaction", case, case.lead_id, rating.rated_at, hit=rating.grade >= 3)
        told.count("solved", case, case.lead_id, rating.rated_at, hit=rating.solved)
    returned = set(case.objections.filter(upheld=True).values_list("assignment", flat=True))
    for part in case.assignments.all():
        told.count("returned", case, part.department_id, part.assigned_at, hit=part.pk in returned)
    for pause in case.suspensions.all():
        told.count("suspensions", case, case.lead_id, pause.started_at, hit=pause.ended_at is None)
    for clock in case.clocks.all():
        rated = any(rating.round == clock.round for rating in ratings)
        _clock(told, case, clock, by_unit=by_unit, rated=rated, returned=clock.assignment_id in returned)
        _hours(told, case, clock, calendar)


def _clock(told: Naive, case: Case, clock: Clock, *, by_unit: bool, rated: bool, returned: bool) -> None:
    if clock.kind == "rate":
        told.count("participation", case, case.lead_id, clock.started_at, hit=rated)
    if returned or not decided(clock):
        return
    kept = clock.stop_reason == "done" and bool(clock.on_time)
    if clock.kind == "report_in":
        told.count("report_in", case, clock.charged_id, clock.started_at, hit=kept)
    if clock.kind == ("handle" if by_unit else "resolve") and clock.round == 1:
        told.count("on_time", case, clock.charged_id, clock.due_at, hit=kept)


def _hours(told: Naive, case: Case, clock: Clock, calendar: WorkCalendar) -> None:
    if clock.kind != "handle" or clock.stop_reason != "done":
        return
    place = told.place(case, clock.charged_id, clock.stopped_at)
    if place is not None:
        kind = "office" if clock.limit.split()[1] in {"wd", "wh"} else "natural"
        told.hours[place, kind].append(own_hours(clock, calendar if kind == "office" else None))


def decided(clock: Clock) -> bool:
    if clock.stopped_at is None:
        return clock.paused_at is None and clock.due_at < NOW
    return clock.stop_reason == "done" or clock.stopped_at > clock.due_at


def own_hours(clock: Clock, calendar: WorkCalendar | None) -> float:
    assert clock.stopped_at is not None
    spans = [(clock.started_at, clock.stopped_at, 1)]
    spans += [(pause.starts_at, pause.ends_at, -1) for pause in clock.adjustments.all() if pause.ends_at]
    total = 0
    for begins, ends, sign in spans:
        first, last = to_instant(begins), to_instant(ends)
        total += sign * ((calendar.office_time(last) - calendar.office_time(first)) if calendar else last - first)
    return total / 3_600_000_000


def shares(told: Naive, place: str, names: Iterable[str]) -> dict[str, Share]:
    return {name: Share(*told.counts[place][name]) for name in names}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("group", list(Group))
@pytest.mark.parametrize("reader", ["county", "township", "water"])
def test_the_statement_counts_what_one_counts_by_hand(county: County, seed: int, group: Group, reader: str) -> None:
    Town(county, seed, 25)
    scope = {
        "county": Scope(areas=frozenset({county.county.code})),
        "township": Scope(areas=frozenset({county.township.code})),
        "water": Scope(units=frozenset({county.water.pk})),
    }[reader]
    key: Key = {
        Group.ALL: lambda case, unit: "",
        Group.UNIT: lambda case, unit: None if unit is None else str(unit),
        Group.AREA: lambda case, unit: case.area_code[:9],
    }[group]
    calendar = calendar_in_force().calendar
    told = naive(scope, key, by_unit=group is Group.UNIT, calendar=calendar)
    found = figures(scope, MARCH, group, calendar=calendar, now=NOW, digits=9)
    assert set(found) == {place for place, names in told.counts.items() if names} | {place for place, _ in told.hours}
    assert found
    for place, row in found.items():
        assert row.shares == shares(told, place, row.shares), place
        beside = shares(told, place, ["rejected", "withdrawn", "merged", "suspensions"])
        assert {name: row.beside[name] for name in beside} == beside
        _same_hours(row, {kind: hours for (where, kind), hours in told.hours.items() if where == place})


def _same_hours(row: Row, hours: dict[str, list[float]]) -> None:
    assert {kind: spent.count for kind, spent in row.handling.items()} == {k: len(h) for k, h in hours.items()}
    for kind, spent in row.handling.items():
        assert spent.median == pytest.approx(numbers.median(hours[kind]), abs=0.011)
        assert spent.mean == pytest.approx(numbers.mean(hours[kind]), abs=0.011)


@pytest.mark.parametrize("seed", range(4))
def test_alerts_are_counted_by_their_true_moment(county: County, seed: int) -> None:
    Town(county, seed, 25)
    found = alerts(Scope(areas=frozenset({county.county.code})), MARCH)
    for colour, told in found.items():
        mine = [
            alert
            for alert in Alert.objects.filter(colour=colour).select_related("case", "order")
            if MARCH.begins <= alert.moment < MARCH.ends and not alert.case.sealed and alert.case.status not in LEFT_OUT
        ]
        stand = [alert for alert in mine if alert.annulled_at is None]
        assert told.raised == len(mine)
        assert told.annulled == Share(len(mine) - len(stand), len(mine))
        assert told.late == Share(sum(alert.late for alert in mine), len(mine))
        assert told.acknowledged == Share(sum(alert.acknowledged_at is not None for alert in stand), len(stand))
        assert told.planned == Share(sum(alert.plan_at is not None for alert in stand), len(stand))
        signed = sum(bool(alert.order and alert.order.signed_off_at) for alert in stand)
        assert told.signed_off == Share(signed, len(stand))
    assert sum(told.raised for told in found.values())
