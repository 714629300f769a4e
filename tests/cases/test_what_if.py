"""What-if: a draft beside today's rule, over open cases and over history; nothing is written."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connection
from django.utils.translation import override

from cases.calendar import ZONE, DayRule
from cases.calendar_edits import edited
from cases.colours import Colour
from cases.limits import PolicyRules
from cases.models import Alert, Case, Clock, JournalEvent
from cases.official_days import official_calendar
from cases.terms import CaseType, ClockKind, Status
from cases.what_if import Draft, Past, Ruling, compare_history, compare_open, worst_first
from cases.what_if_reads import closed_cases, read_only, running_clocks, todays
from cases.workflow import Action
from tests.builders import MONDAY, County, policy_document
from tests.stories import story_in

CALENDAR = official_calendar()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Commands speak the language that is active; these tests read English."""
    with override("en"):
        yield


def rules(**appeal: Any) -> PolicyRules:
    document = policy_document()
    document["types"]["appeal"] |= appeal
    return PolicyRules.parse(document)


def past(days: float, *, case_type: str = "appeal", department: str = "水利局", start: datetime = MONDAY) -> Past:
    return Past(case_type, None, department, start, start + timedelta(days=days))


# History, pure


def test_history_is_judged_by_both_rules_side_by_side() -> None:
    rows = [past(1), past(4), past(8), past(3, department="公安局"), past(20, start=MONDAY + timedelta(days=31))]
    today, draft = Ruling(rules(), CALENDAR), Ruling(rules(resolve="3 wd"), CALENDAR)
    history = compare_history(rows, kind="resolve", today=today, draft=draft)
    assert (history.total.today.judged, history.total.today.on_time, history.total.draft.on_time) == (5, 4, 2)
    assert (history.total.today.on_time_rate, history.total.draft.on_time_rate) == (0.8, 0.4)
    assert history.total.changed == 3
    assert {name: beside.draft.on_time for name, beside in history.departments.items()} == {"水利局": 1, "公安局": 1}
    assert {name: beside.today.judged for name, beside in history.months.items()} == {"2026-03": 4, "2026-04": 1}
    assert list(history.types) == ["appeal"]
    assert history.total.draft.colours[Colour.RED] == 3


def test_met_exactly_at_the_due_time_is_on_time_in_red() -> None:
    due = Past("appeal", None, "", MONDAY, datetime(2026, 3, 11, 17, 30, tzinfo=ZONE))
    history = compare_history([due], kind="resolve", today=Ruling(rules(), CALENDAR), draft=Ruling(rules(), CALENDAR))
    assert (history.total.today.on_time, history.total.today.colours[Colour.RED], history.total.changed) == (1, 1, 0)


def test_what_no_rule_limits_or_a_row_leaves_open_is_counted_apart() -> None:
    without = Ruling(rules(resolve=None), CALENDAR)
    history = compare_history([past(1), None], kind="resolve", today=Ruling(rules(), CALENDAR), draft=without)
    assert (history.skipped, history.total.draft.unlimited, history.total.draft.on_time_rate) == (1, 1, None)
    odd = compare_history([past(1, case_type="unheard")], kind="resolve", today=without, draft=without)
    assert odd.total.today.unlimited == 1
    assert json.loads(json.dumps(odd.to_dict()))["total"]["today"]["on_time_rate"] is None


def test_another_calendar_changes_the_verdict() -> None:
    closed = edited(CALENDAR, {date(2026, 3, day): DayRule(False, "台风") for day in (3, 4, 5)})
    late = past(10)
    history = compare_history([late], kind="resolve", today=Ruling(rules(), CALENDAR), draft=Ruling(rules(), closed))
    assert (history.total.today.on_time, history.total.draft.on_time) == (0, 1)


# The database


@pytest.mark.django_db
def test_the_open_cases_that_a_draft_changes_by_department(county: County) -> None:
    story = story_in(county, Status.HANDLING)
    now = story.wait(hours=30).now
    report = compare_open(running_clocks(now=now), Draft(rules=rules(handle="1 wd")))
    change = next(change for change in report.changes)
    assert (len(report.changes), report.total.clocks, report.total.earlier) == (1, 2, 1)
    assert (change.number, change.kind, change.department) == (story.number, "handle", "水利局")
    assert (change.colour_today, change.colour_draft) == (Colour.NONE, Colour.YELLOW)
    assert report.departments["水利局"].worse == 1
    assert change.to_dict()["due_draft"] == "2026-03-03T17:30:00+08:00"
    assert compare_open(running_clocks(now=now), Draft(rules=rules())).changes == []


@pytest.mark.django_db
def test_a_day_off_moves_open_clocks_pauses_and_extensions_included(county: County) -> None:
    story = story_in(county, Status.HANDLING).wait(hours=1)
    story.act(Action.SUSPEND, "center", reason="season", until="2026-03-05")
    story.at(datetime(2026, 3, 5, 8, 0, tzinfo=ZONE)).sweep()
    assert compare_open(running_clocks(now=story.now), Draft(calendar=CALENDAR)).changes == []
    closed = edited(CALENDAR, {date(2026, 3, 6): DayRule(False, "台风")})
    report = compare_open(running_clocks(now=story.now), Draft(calendar=closed))
    assert {change.kind for change in report.changes} == {"handle", "resolve"}
    handle = next(change for change in report.changes if change.kind == "handle")
    assert handle.due_draft is not None
    assert handle.due_draft > handle.due_today
    assert worst_first(report.changes)[0].due_today <= worst_first(report.changes)[-1].due_today


@pytest.mark.django_db
def test_history_of_the_service_reads_first_rounds_and_historic_cases(county: County) -> None:
    closed = story_in(county, Status.CLOSED)
    story_in(county, Status.HANDLING)
    assert [(one.case_type, one.department) for one in closed_cases()] == [("appeal", "水利局")]
    assert [one.department for one in closed_cases(ClockKind.HANDLE)] == ["水利局"]
    Case.objects.filter(pk=closed.case_id).update(outcome="historic", answered_at=MONDAY + timedelta(days=9))
    assert len(list(closed_cases())) == 2
    assert len(list(closed_cases(ClockKind.HANDLE))) == 1
    assert todays(MONDAY).rules.limit("appeal", "resolve") is not None


@pytest.mark.django_db
def test_accusations_are_in_no_what_if(county: County) -> None:
    story = story_in(county, Status.CLOSED)
    other = story_in(county, Status.HANDLING)
    Case.objects.filter(pk__in=[story.case_id, other.case_id]).update(
        type=CaseType.ACCUSATION, sealed=True, keeper="petition_officer"
    )
    assert list(closed_cases()) == []
    assert list(running_clocks(now=MONDAY)) == []


@pytest.mark.django_db
def test_inside_a_what_if_the_database_refuses_to_be_written_to(county: County) -> None:
    with pytest.raises(InternalError, match="read-only"), read_only():
        Case.objects.update(version=7)


# The command


def draft_file(tmp_path: Path, **appeal: Any) -> str:
    document = policy_document()
    document["types"]["appeal"] |= appeal
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("what_if", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_in_three_styles_and_nothing_written(county: County, tmp_path: Path) -> None:
    story_in(county, Status.CLOSED)
    story_in(county, Status.HANDLING)
    draft = draft_file(tmp_path, handle="1 h", resolve="3 wd")
    before = [model.objects.count() for model in (Alert, Case, Clock, JournalEvent)]
    document = json.loads(said("--policy", draft, "--format", "json"))
    assert document["history"]["total"]["today"]["judged"] == 1
    assert document["open"]["total"]["changed"] == 2
    table = said("--policy", draft)
    assert "水利局" in table
    assert "100.00 %" in table
    rows = list(csv.reader(said("--policy", draft, "--format", "csv").splitlines()))
    assert [row[3] for row in rows if row[:2] == ["history", "total"]] == ["today", "draft"]
    assert [model.objects.count() for model in (Alert, Case, Clock, JournalEvent)] == before
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",), "the transaction around it may write again"


@pytest.mark.django_db
def test_history_of_a_file_by_type_and_department(county: County, tmp_path: Path) -> None:
    sheet = tmp_path / "past.csv"
    sheet.write_text(
        "编号,类型,承办单位,留言时间,答复时间\n"
        "1,appeal,水利局,2026-03-02 09:00,2026-03-04 09:00\n"
        "2,consult,公安局,2026-03-02 09:00,2026-03-20 09:00\n"
        "3,appeal,水利局,2026-03-02 09:00,\n"
        "4,unheard,水利局,2026-03-02 09:00,2026-03-04 09:00\n",
        encoding="utf-8",
    )
    draft = draft_file(tmp_path, resolve="1 wd")
    document = json.loads(said("--policy", draft, "--file", str(sheet), "--only", "history", "--format", "json"))
    assert document["open"] is None
    history = document["history"]
    assert history["skipped"] == 2
    assert {name: group["today"]["on_time_rate"] for name, group in history["department"].items()} == {
        "公安局": 0.0,
        "水利局": 1.0,
    }
    assert history["type"]["appeal"]["draft"]["on_time_rate"] == 0.0


@pytest.mark.django_db
def test_days_are_tried_from_the_command_line(county: County) -> None:
    story_in(county, Status.HANDLING, at=MONDAY)
    days = ["--day-off", "2026-03-04=台风", "--workday", "2026-03-15"]
    document = json.loads(said(*days, "--only", "open", "--format", "json"))
    assert document["history"] is None
    assert {change["kind"] for change in document["open"]["changes"]} == {"handle", "resolve"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Nothing to try"),
        (["--day-off", "soon"], "is not a day"),
        (["--policy", "nowhere.json"], "cannot be read as JSON"),
    ],
)
def test_what_cannot_be_tried_is_told(county: County, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)


@pytest.mark.django_db
def test_a_draft_that_could_not_be_published_is_refused_cell_by_cell(county: County, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"types\.appeal\.handle"):
        said("--policy", draft_file(tmp_path, handle="five days"))
