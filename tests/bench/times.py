"""What reckons with time in bulk: worked deadlines, the replay of past messages, a draft policy against history."""

import csv
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from openpyxl import Workbook, load_workbook

from cases.calendar import ZONE
from cases.models import Case, Clock
from cases.official_days import official_calendar
from cases.terms import CaseType, ClockKind, Outcome, Status, StopReason
from cases.worked_deadlines import check_lines
from seeds.reference import FOLDER
from tests.bench.county import vacuum
from tests.bench.figures import Figure, say
from tests.deadlines import lines

LINES = 20_000
WORKED = 4_000  # lines that are worked out minute by minute; the file holds them several times
ROWS = 100_000
ROUNDS = 3
SEED = 350924
FIRST = datetime(2023, 1, 3, 8, tzinfo=ZONE)
HEADINGS = ("留言编号", "留言主题", "留言时间", "答复时间", "一级分类")
TOPICS = ("城乡建设", "环境保护", "劳动和社会保障", "交通运输")
#: A draft that changes limits, extensions and colours of what the history is made of.
DRAFT = {"resolve": {"limit": "5 wd", "blue": 0.4, "yellow": {"before": "1 wd"}}, "handle": "3 wd"}


def measure() -> Iterator[Figure]:
    """A case of the load must be there: the closed ones are made after its likeness."""
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        yield _deadlines()
        yield from _replays(Path(folder))
        yield _what_if(Path(folder))


def _deadlines() -> Figure:
    """Lines a second that `check_deadlines` reads, reckons and compares, best of three.

    Baseline: the same lines, read as JSON and no more.
    """
    worked = [line.encode() for line in lines(WORKED, seed=SEED)]
    written = worked * (LINES // WORKED)
    calendar = official_calendar()
    checked = min(_seconds(lambda: _check(written, calendar)) for _ in range(ROUNDS))
    parsed = min(_seconds(lambda: [json.loads(line) for line in written]) for _ in range(ROUNDS))
    return Figure("check_deadlines", LINES / checked, "deadlines/s", LINES / parsed)


def _check(written: list[bytes], calendar: Any) -> None:
    differing = sum(checked.differs for checked in check_lines(written, calendar))
    if differing:
        msg = f"{differing} of {LINES} lines differ from what was worked out minute by minute"
        raise AssertionError(msg)


def _replays(folder: Path) -> Iterator[Figure]:
    """Seconds of the whole command, result file included, over 100,000 messages in a workbook and in a .csv.

    Baseline: the same file, opened and every row read.
    """
    sheet, plain = folder / "messages.xlsx", folder / "messages.csv"
    _write_messages(sheet, plain)
    for name, file, read in (("replay_xlsx", sheet, _read_workbook), ("replay_csv", plain, _read_csv)):
        bare = _seconds(lambda file=file, read=read: read(file))  # type: ignore[misc]  # bound at once
        out = StringIO()
        took = _seconds(
            lambda file=file, out=out: call_command(  # type: ignore[misc]
                "replay", str(file), "--limit", "5wd", "--rows", str(folder / "rows.json"), stdout=out
            )
        )
        if json.loads(out.getvalue())["rows"] != ROWS:
            raise AssertionError(out.getvalue())
        yield Figure(name, took, "s", bare)


def _write_messages(sheet: Path, plain: Path) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEADINGS)
    with plain.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADINGS)
        for number, received, answered, topic in _messages():
            title = f"第{number}件：路口的自来水管漏水"
            page.append((str(number), title, received.replace(tzinfo=None), answered.replace(tzinfo=None), topic))
            rows.writerow((number, title, f"{received:%Y/%m/%d %H:%M:%S}", f"{answered:%Y/%m/%d %H:%M:%S}", topic))
    book.save(sheet)


def _messages() -> Iterator[tuple[int, datetime, datetime, str]]:
    luck = Random(SEED)
    for number in range(1, ROWS + 1):
        received = FIRST + timedelta(minutes=luck.randrange(3 * 365 * 24 * 60))
        yield number, received, received + timedelta(minutes=luck.randrange(20 * 24 * 60)), luck.choice(TOPICS)


def _read_workbook(path: Path) -> None:
    book = load_workbook(path, read_only=True)
    for _row in book.worksheets[0].iter_rows(values_only=True):
        pass
    book.close()


def _read_csv(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for _row in csv.reader(file):
            pass


def _what_if(folder: Path) -> Figure:
    """Seconds of the whole command: a draft policy against 100,000 closed cases, today's rule beside it.

    Baseline: the same columns of the same rows, selected and fetched.
    """
    began = time.perf_counter()
    _close_cases(ROWS)
    say(f"what_if: made {ROWS} closed cases in {time.perf_counter() - began:.0f} s")
    draft = json.loads((FOLDER / "policy.json").read_text(encoding="utf-8"))
    draft["types"]["appeal"] |= DRAFT
    path, out = folder / "draft.json", StringIO()
    path.write_text(json.dumps(draft), encoding="utf-8")
    bare = _seconds(_fetch_history)
    took = _seconds(
        lambda: call_command("what_if", "--policy", str(path), "--only", "history", "--format", "json", stdout=out)
    )
    history = json.loads(out.getvalue())["history"]
    if history["total"]["today"]["judged"] != ROWS:
        raise AssertionError(history["total"])
    return Figure("what_if", took, "s", bare)


_HISTORY = """
SELECT k.id, c.type, t.code, d.short_name, k.started_at, k.stopped_at FROM cases_clock k
JOIN cases_case c ON c.id = k.case_id LEFT JOIN cases_category t ON t.id = c.category_id
LEFT JOIN grids_department d ON d.id = k.charged_id
WHERE k.kind = 'resolve' AND k.round = 1 AND k.stop_reason = 'done' AND c.status = 'closed' ORDER BY k.id
"""


def _fetch_history() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HISTORY)
        while cursor.fetchmany(2000):
            pass


#: Three years of cases that took up to twenty days; every tenth stood still for two of them.
_MAKE_HISTORY = """
CREATE TEMPORARY TABLE history ON COMMIT DROP AS
SELECT n, nextval(pg_get_serial_sequence('cases_case', 'id')) AS case_id, received,
       received + interval '3 days' + random() * interval '17 days' AS closed
FROM (SELECT n, timestamptz '2023-01-03 08:00+08' + random() * interval '1095 days' AS received
      FROM generate_series(1, %s) n OFFSET 0) each
"""
_PAUSE_SOME = """
INSERT INTO cases_suspension (case_id, reason, started_at, until, ended_at)
SELECT case_id, 'season', received + interval '1 day', received + interval '3 days', received + interval '3 days'
FROM history WHERE n %% 10 = 0;
INSERT INTO cases_clockadjustment (clock_id, suspension_id, starts_at, ends_at)
SELECT clock.id, held.id, held.started_at, held.ended_at
FROM cases_suspension held JOIN history USING (case_id) JOIN cases_clock clock USING (case_id)
"""


def _close_cases(count: int) -> None:
    """Cases like one of the load, closed, each with its promise kept or broken. None has a journal: nobody reads it."""
    like = Clock.objects.filter(kind=ClockKind.RESOLVE).order_by("pk").first()
    if like is None:
        msg = "the load holds no case that was docketed"
        raise AssertionError(msg)
    case = {
        "id": "case_id",
        "number": "'350924-2023-' || lpad((9000000 + n)::text, 7, '0')",
        "client_id": "gen_random_uuid()",
        "query_code_hash": "md5(n::text) || md5((-n)::text)",
        "type": f"'{CaseType.APPEAL}'",
        "status": f"'{Status.CLOSED}'",
        "outcome": f"'{Outcome.RATED}'",
        "colour": "0",
        **dict.fromkeys(("received_at", "docketed_at"), "received"),
        **dict.fromkeys(("answered_at", "closed_at"), "closed"),
        "due_at": "NULL",
    }
    clock = {
        "id": "nextval(pg_get_serial_sequence('cases_clock', 'id'))",
        "case_id": "history.case_id",
        "started_at": "received",
        "stopped_at": "closed",
        "stop_reason": f"'{StopReason.DONE}'",
        "next_moment": "NULL",
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_MAKE_HISTORY, [count])
        _copy(cursor, Case, like.case_id, case)
        _copy(cursor, Clock, like.pk, clock)
        for statement in _PAUSE_SOME.split(";"):
            cursor.execute(statement.replace("%%", "%"))
    vacuum()


def _copy(cursor: CursorWrapper, model: type[Model], like: int, changed: dict[str, str]) -> None:
    """A copy of that row for every row of the history, with what is changed."""
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.concrete_fields]
    values = [changed.get(column, f'likeness."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    rows = f"SELECT {', '.join(values)} FROM {table} likeness, history WHERE likeness.id = %s"
    cursor.execute(f"INSERT INTO {table} ({names}) {rows}", [like])


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
