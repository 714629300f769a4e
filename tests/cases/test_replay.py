"""Replay: what three-colour supervision would have said of past messages."""

import csv
import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from cases.calendar import ZONE, DayRule, WorkCalendar
from cases.colours import Colour
from cases.limits import Limit
from cases.official_days import official_calendar
from cases.replay import Answered, Totals, judge, replay

LIMIT = Limit.parse("5 wd")
RECEIVED = datetime(2026, 3, 2, 8, tzinfo=ZONE)  # a Monday; due Monday the 9th, 17:30
BLUE = datetime(2026, 3, 4, 17, 30, tzinfo=ZONE)  # after 21 of 42 office hours
YELLOW = datetime(2026, 3, 6, 16, 6, tzinfo=ZONE)  # after 33.6 of them
DUE = datetime(2026, 3, 9, 17, 30, tzinfo=ZONE)
A_MOMENT = timedelta(microseconds=1)


def answered(moment: datetime | None, received: datetime | None = RECEIVED) -> Answered:
    return Answered("1", received, moment)


@pytest.mark.parametrize(
    ("moment", "colour", "on_time"),
    [
        (RECEIVED - timedelta(days=1), Colour.NONE, True),  # such rows are in real files
        (RECEIVED, Colour.NONE, True),
        (BLUE - A_MOMENT, Colour.NONE, True),
        (BLUE, Colour.BLUE, True),
        (YELLOW - A_MOMENT, Colour.BLUE, True),
        (YELLOW, Colour.YELLOW, True),
        (DUE - A_MOMENT, Colour.YELLOW, True),
        (DUE, Colour.RED, True),  # the moment of red has come, and exactly at the due time is on time
        (DUE + A_MOMENT, Colour.RED, False),
    ],
)
def test_the_highest_colour_reached_counts(moment: datetime, colour: Colour, *, on_time: bool) -> None:
    verdict = judge(answered(moment), LIMIT, official_calendar())
    assert verdict is not None
    assert (verdict.due, verdict.colour, verdict.on_time) == (DUE, colour, on_time)


def test_what_has_no_moments_is_skipped_and_counted() -> None:
    totals = Totals()
    early = datetime(1950, 1, 1, tzinfo=ZONE)
    matters = [answered(None), answered(DUE, None), answered(DUE, early), answered(BLUE), answered(DUE + A_MOMENT)]
    for verdict in replay(matters, LIMIT, official_calendar()):
        totals.count(verdict)
    assert totals.as_document() == {
        "rows": 5,
        "skipped": 3,
        "none": 0,
        "blue": 1,
        "yellow": 0,
        "red": 1,
        "on_time_rate": 0.5,
    }


def test_nothing_judged_has_no_rate() -> None:
    assert Totals().as_document()["on_time_rate"] is None


# The command


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["留言编号", "留言主题", "留言时间", "答复时间"])
        rows.writerow(["11", "路灯不亮", "2026/3/2 8:00:00", "2026/3/3 9:00:00"])
        rows.writerow(["12", "井盖松动", "2026/3/2 8:00:00", "2026/3/5"])
        rows.writerow(["12", "井盖松动", "2026/3/2 8:00:00", "2026/3/10 9:00:00"])
        rows.writerow(["13", "噪声", "2026/3/2 8:00:00", "不详"])
        rows.writerow(["", "占道", "2026/3/2 8:00:00", "2026/3/7 9:00:00"])
    return path


def run(*arguments: str | Path) -> dict[str, Any]:
    out = StringIO()
    call_command("replay", *map(str, arguments), stdout=out)
    (line,) = out.getvalue().splitlines()
    document: dict[str, Any] = json.loads(line)
    return document


@pytest.mark.django_db
def test_totals_on_one_line_and_rows_by_number(messages: Path, tmp_path: Path) -> None:
    totals = run(messages, "--limit", "5wd", "--rows", tmp_path / "rows.json")
    assert totals == {"rows": 5, "skipped": 1, "none": 1, "blue": 1, "yellow": 1, "red": 1, "on_time_rate": 0.75}
    assert list(totals) == ["rows", "skipped", "none", "blue", "yellow", "red", "on_time_rate"]
    due = DUE.isoformat()
    assert json.loads((tmp_path / "rows.json").read_text(encoding="utf-8")) == {
        "11": {"due": due, "colour": "none"},
        "12": {"due": due, "colour": "blue"},
        "12#2": {"due": due, "colour": "red"},
        "#6": {"due": due, "colour": "yellow"},
    }


@pytest.mark.django_db
def test_the_live_calendar_counts_when_there_is_one(messages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holidays = {RECEIVED.date() + timedelta(days): DayRule(work=False, name="放假") for days in range(1, 14)}
    live = WorkCalendar(days=holidays, known_years=frozenset({2026}))
    monkeypatch.setattr("cases.management.commands.replay.calendar_in_force", lambda: live)
    assert run(messages, "--limit", "5wd")["red"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--limit", "5x"], "5x is not a limit"),
        (["--limit", "5wd", "--map", "答复时间"], "is not heading=field"),
        (["--limit", "5wd", "--map", "没有=reply"], "no column headed 没有"),
        (["--limit", "5wd", "--rows", "missing-folder/rows.json"], "cannot be written"),
    ],
)
def test_mistakes_end_in_one_sentence(messages: Path, arguments: list[str], sentence: str) -> None:
    with translation.override("en"), pytest.raises(CommandError, match=sentence):
        run(messages, *arguments)


@pytest.mark.django_db
def test_a_file_without_times_or_none_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("标题\nx\n", encoding="utf-8")
    with translation.override("en"):
        with pytest.raises(CommandError, match="no column for answered_at, received_at"):
            run(tmp_path / "a.csv", "--limit", "5wd")
        with pytest.raises(CommandError, match="cannot be read"):
            run(tmp_path / "b.csv", "--limit", "5wd")
