"""`manage.py check_deadlines`: worked deadlines of a file against the schedule. No database is touched."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from tests import deadlines

VECTORS = Path(__file__).parent.parent / "data" / "deadline_vectors.jsonl"
RIGHT: dict[str, Any] = {
    "start": "2026-04-05T01:02:00+08:00",
    "limit": 1,
    "unit": "h",
    "pauses": [],
    "extension": None,
    "due": "2026-04-05T02:02:00+08:00",
    "blue": "2026-04-05T01:32:00+08:00",
    "yellow": "2026-04-05T01:50:00+08:00",
}


def check(path: Path, *arguments: str) -> tuple[list[str], int]:
    """What the command prints and its exit code."""
    out, code = StringIO(), 0
    with translation.override("en"):
        try:
            call_command("check_deadlines", str(path), *arguments, stdout=out)
        except SystemExit as stop:
            code = int(stop.code or 0)
    return out.getvalue().splitlines(), code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deadlines.jsonl"


def line(**changes: Any) -> str:
    return json.dumps(RIGHT | changes) + "\n"


def test_the_worked_examples_hold() -> None:
    assert check(VECTORS) == (["90 checked, 0 differ"], 0)


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_of_lines_worked_out_minute_by_minute_hold(path: Path, count: int) -> None:
    """Leap days, festivals, make-up weekends, a year that nobody has announced yet (tests/deadlines.py)."""
    path.write_text("\n".join(deadlines.lines(count, seed=count)), encoding="utf-8")
    assert check(path) == ([f"{count} checked, 0 differ"], 0)


def test_each_line_that_differs_is_printed_with_both_values(path: Path) -> None:
    path.write_text(line() + "\n  \n" + line(due="2026-04-05T02:03:00+08:00", yellow=None) + line(), encoding="utf-8")
    printed, code = check(path)
    due = "due is 2026-04-05T02:03:00+08:00 in the file, computed 2026-04-05T02:02:00+08:00"
    yellow = "yellow is – in the file, computed 2026-04-05T01:50:00+08:00"
    assert printed == [f"line 4: {due}; {yellow}", "3 checked, 1 differ"]
    assert code == 1


def test_other_zones_and_missing_lists_mean_the_same(path: Path) -> None:
    short = {key: value for key, value in RIGHT.items() if key not in {"pauses", "extension"}}
    here = {key: str(RIGHT[key]).removesuffix("+08:00") for key in ("start", "due", "blue", "yellow")}
    path.write_text(
        json.dumps(short) + "\n" + line(start="2026-04-04T17:02:00Z") + line(**here) + line(extension=0),
        encoding="utf-8",
    )
    assert check(path) == (["4 checked, 0 differ"], 0)


@pytest.mark.parametrize(
    "wrong",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        line(start=5).encode(),
        line(start="yesterday").encode(),
        line(start="0001-01-01T00:00:00+14:00").encode(),
        line(limit=True).encode(),
        line(limit="1").encode(),
        line(limit=0).encode(),
        line(limit=1.5, unit="wd").encode(),
        b'{"limit": 1e999999999, "unit": "wd", ' + line().encode()[1:].replace(b'"limit": 1, "unit": "h", ', b""),
        line(unit="days").encode(),
        line(pauses=[["2026-04-05T01:10:00+08:00"]]).encode(),
        line(pauses=[["2026-04-05T01:10:00+08:00", "2026-04-05T01:00:00+08:00"]]).encode(),
        line(pauses=7).encode(),
        line(extension="more").encode(),
        json.dumps({key: value for key, value in RIGHT.items() if key != "blue"}).encode(),
    ],
    ids=lambda wrong: str(wrong[:24]),
)
def test_a_malformed_line_counts_as_differing_and_stops_nothing(path: Path, wrong: bytes) -> None:
    path.write_bytes(line().encode() + wrong.rstrip(b"\n") + b"\n" + line().encode())
    printed, code = check(path)
    assert len(printed) == 2
    assert printed[0].startswith("line 2: cannot be read: ")
    assert printed[1] == "3 checked, 1 differ"
    assert code == 1


def test_an_empty_file_has_nothing_that_differs(path: Path) -> None:
    path.write_text("", encoding="utf-8")
    assert check(path) == (["0 checked, 0 differ"], 0)


def test_a_missing_file_is_one_sentence(path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        check(path)
    assert str(refusal.value) == f"The file {path} cannot be read."


def test_the_live_calendar_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    from cases.official_days import official_calendar

    where = "cases.management.commands.check_deadlines.calendar_in_force"
    monkeypatch.setattr(where, official_calendar)
    assert check(VECTORS, "--calendar", "live") == (["90 checked, 0 differ"], 0)
    monkeypatch.setattr(where, lambda: None)
    with pytest.raises(CommandError, match="no work calendar"):
        check(VECTORS, "--calendar", "live")
