"""`manage.py import_cases`: every row here was made up for these tests."""

import csv
from collections.abc import Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from openpyxl import Workbook

from cases import journal
from cases.access import visible_to
from cases.calendar import ZONE
from cases.importing import Import, Outcome, Result
from cases.models import Alert, Case, Category, Clock, PolicyVersion
from cases.searching import search
from cases.sheets import read_rows
from cases.terms import CaseType, Disclosure, Source, Status
from cases.terms import Outcome as HowItEnded
from notifications.models import Message
from tests.builders import MONDAY, County, unpublish

ANSWERED: list[Any] = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
LABELLED: list[Any] = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "一级分类"]
LAMP: list[Any] = ["7001", "A00012345", "路灯三天不亮", datetime(2019, 5, 6, 9, 30), "村口的路灯三天不亮", "已更换灯泡"]
LAMP_ANSWERED: list[Any] = [*LAMP, datetime(2019, 5, 9)]


@pytest.fixture(autouse=True)
def _county_code(county: County, settings: Any) -> None:
    settings.COUNTY_CODE = county.county.code


def workbook(path: Path, rows: Sequence[list[Any]], *, blank_rows: int = 0) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if blank_rows:
        sheet.cell(sheet.max_row + blank_rows, 1).value = " "
    book.save(path)
    return path


def taken(path: Path, county: County, **options: Any) -> list[Result]:
    """The rows of a file taken in on MONDAY."""
    work = Import(source_system="test", area=county.county, type=CaseType.APPEAL, **options)
    return list(work.take(read_rows(path), now=MONDAY))


def run(path: Path, **options: Any) -> str:
    """What the command says, in English whatever the service speaks."""
    out = StringIO()
    with translation.override("en"):
        call_command("import_cases", str(path), stdout=out, skip_checks=True, **options)
    return out.getvalue()


def results(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.stem}.result.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_an_answered_row_becomes_a_closed_historic_case_with_its_own_times(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "old.xlsx", [ANSWERED, LAMP_ANSWERED])

    (result,) = taken(path, county)

    case = Case.objects.get(number=result.number)
    assert (result.row, result.outcome) == (2, Outcome.HISTORIC)
    assert (case.status, case.outcome, case.source) == (Status.CLOSED, HowItEnded.HISTORIC, Source.IMPORT)
    assert case.received_at == datetime(2019, 5, 6, 9, 30, tzinfo=ZONE)
    assert case.answered_at == case.closed_at == datetime(2019, 5, 9, tzinfo=ZONE)
    assert case.texts.get(field="reply").body == "已更换灯泡"
    assert not case.clocks.exists()
    assert not Alert.objects.exists()
    assert not Message.objects.exists()
    assert [broken for _links, broken in journal.verify_all() if broken] == []


def test_an_unanswered_row_is_collected_and_its_clock_starts_at_import(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "new.xlsx", [ANSWERED, [*LAMP[:5], None, None]])

    (result,) = taken(path, county)

    case = Case.objects.get(number=result.number)
    clock = Clock.objects.get(case=case)
    assert (result.outcome, case.status) == (Outcome.COLLECTED, Status.COLLECTED)
    assert (case.received_at, clock.started_at) == (MONDAY, MONDAY)
    assert clock.due_at > MONDAY
    assert case.captured_at == datetime(2019, 5, 6, 9, 30, tzinfo=ZONE)


def test_running_again_creates_nothing_twice(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [ANSWERED, LAMP_ANSWERED, ["7002", *LAMP[1:5], None, None]])
    first = run(path)
    cases = dict(Case.objects.values_list("source_number", "number"))

    again = run(path)

    assert "1 historic, 1 collected, 0 known" in first
    assert "0 historic, 0 collected, 2 known already, 0 failed" in again
    assert dict(Case.objects.values_list("source_number", "number")) == cases
    assert [(row["outcome"], row["number"]) for row in results(path)] == [
        ("known", cases["7001"]),
        ("known", cases["7002"]),
    ]


def test_a_number_that_stands_twice_in_a_file_is_one_case(county: County, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "twice.xlsx", [ANSWERED, LAMP_ANSWERED, [*LAMP_ANSWERED[:2], "别的标题", *LAMP_ANSWERED[3:]]]
    )

    first, second = taken(path, county)

    assert (first.outcome, second.outcome) == (Outcome.HISTORIC, Outcome.KNOWN)
    assert second.number == first.number
    assert Case.objects.get().title == "路灯三天不亮"


def test_the_same_number_of_another_system_is_another_case(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [ANSWERED, LAMP_ANSWERED])

    run(path, source="hotline")
    run(path, source="mailbox")

    assert set(Case.objects.values_list("source_system", flat=True)) == {"hotline", "mailbox"}


def test_a_file_names_its_source_system_where_nobody_does(county: County, tmp_path: Path) -> None:
    run(workbook(tmp_path / "letters.xlsx", [ANSWERED, LAMP_ANSWERED]))

    assert Case.objects.get().source_system == "letters"


def test_a_row_without_a_number_is_known_by_what_it_says(county: County, tmp_path: Path) -> None:
    headings = ["留言主题", "留言时间"]
    path = workbook(tmp_path / "list.xlsx", [headings, ["井盖破损", "2026-01-05"], ["路面积水", "2026-01-06"]])
    moved = workbook(tmp_path / "moved.xlsx", [headings, ["路面积水", "2026-01-06"], ["井盖破损", "2026-01-05"]])

    assert [result.outcome for result in taken(path, county)] == [Outcome.COLLECTED] * 2
    assert [result.outcome for result in taken(moved, county)] == [Outcome.KNOWN] * 2


def test_a_failing_row_is_told_with_number_and_reason_and_stops_nothing(county: County, tmp_path: Path) -> None:
    rows = [
        ANSWERED,
        ["1", "张三", "时间看不懂", "上周三", "内容", None, None],
        ["2", "张三", None, datetime(2019, 5, 6), None, None, None],
        ["3", "张三", "有答复没有时间", datetime(2019, 5, 6), "内容", "已办", None],
        ["4", "张三", "先答后收", datetime(2019, 5, 6), "内容", "已办", datetime(2019, 5, 5)],
        ["5", "张三", "来自未来", datetime(2039, 5, 6), "内容", None, None],
        ["6" * 61, "张三", "编号太长", datetime(2019, 5, 6), "内容", None, None],
        ["7", "张三", "这一行没有问题", datetime(2019, 5, 6), "内容", None, None],
    ]
    path = workbook(tmp_path / "mixed.xlsx", rows)

    summary = run(path)

    told = results(path)
    assert "1 collected, 0 known already, 6 failed" in summary
    assert [(row["row"], row["outcome"]) for row in told] == [(str(n), "failed") for n in range(2, 8)] + [
        ("8", "collected")
    ]
    reasons = [row["reason"].partition(":")[0] for row in told[:6]]
    assert reasons == ["received_at", "title", "answered_at", "answered_at", "received_at", "source_number"]
    assert Case.objects.get().title == "这一行没有问题"


def test_answered_on_the_day_of_receipt_without_a_time_of_day_is_taken(county: County, tmp_path: Path) -> None:
    same_day = [*LAMP, "2019/5/6"]

    (result,) = taken(workbook(tmp_path / "day.xlsx", [ANSWERED, same_day]), county)

    assert result.outcome is Outcome.HISTORIC


def test_blank_rows_are_no_rows(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "blank.xlsx", [LABELLED, [*LAMP[:5], "城乡建设"]], blank_rows=3_000)

    assert "1 rows: 0 historic, 1 collected" in run(path)


def test_a_topic_becomes_the_category_of_that_name(county: County, tmp_path: Path) -> None:
    topic = Category.objects.create(code="transport", name="交通运输")
    Category.objects.create(code="urban-other", name="交通运输", parent=county.category)
    rows = [LABELLED, [*LAMP[:5], "交通运输"], ["7002", *LAMP[1:5], "外星事务"]]

    known, unknown = taken(workbook(tmp_path / "topics.xlsx", rows), county)

    assert Case.objects.get(number=known.number).category == topic
    assert Case.objects.get(number=unknown.number).category is None
    assert "外星事务" in unknown.reason


@pytest.mark.parametrize(
    ("sender", "disclosure"),
    [
        ("A00012345", Disclosure.CONFIDENTIAL),
        ("UU0081332", Disclosure.CONFIDENTIAL),
        ("王小明", Disclosure.NAMED),
        ("John", Disclosure.NAMED),
        ("匿名", Disclosure.ANONYMOUS),
        (None, Disclosure.ANONYMOUS),
    ],
)
def test_who_wrote_decides_what_handlers_may_see(
    county: County, tmp_path: Path, sender: str | None, disclosure: Disclosure
) -> None:
    path = workbook(tmp_path / "who.xlsx", [LABELLED, ["1", sender, *LAMP[2:5], None]])

    (result,) = taken(path, county)

    case = Case.objects.get(number=result.number)
    names = [petitioner.name for petitioner in case.petitioners.all()]
    assert case.disclosure == disclosure
    assert names == ([] if disclosure is Disclosure.ANONYMOUS else [sender])


def test_a_long_title_is_shortened_and_kept_whole_in_the_description(county: County, tmp_path: Path) -> None:
    long = "很长的标题" * 40
    path = workbook(tmp_path / "long.xlsx", [LABELLED, ["1", "张三", long, *LAMP[3:5], None]])

    (result,) = taken(path, county)

    case = Case.objects.get(number=result.number)
    assert case.title == f"{long[:119]}…"
    assert case.description == f"{long}\n\n村口的路灯三天不亮"


def test_areas_and_types_by_code_or_name(county: County, tmp_path: Path) -> None:
    headings = ["留言主题", "所属网格", "事项类型"]
    rows: list[list[Any]] = [
        headings,
        ["按编码", county.village.code, "consult"],
        ["按名称", county.township.name, "Consultation"],
        ["都不写", None, None],
        ["不知何处", "350924999999", None],
        ["不知何事", None, "不存在"],
        ["检举", None, "accusation"],
    ]

    first, second, third, *failed, accusation = taken(workbook(tmp_path / "places.xlsx", rows), county)

    cases = [Case.objects.get(number=result.number) for result in (first, second, third)]
    assert Case.objects.get(number=accusation.number).sealed
    assert [case.area for case in cases] == [county.village, county.township, county.county]
    assert [case.type for case in cases] == [CaseType.CONSULT, CaseType.CONSULT, CaseType.APPEAL]
    assert [result.reason.partition(":")[0] for result in failed] == ["area", "type"]
    assert Case.objects.count() == 4


def test_csv_and_headings_named_on_the_command_line(county: County, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("票号,说了什么,留言时间\n9,井盖破损,2026年1月5日 8:30\n", encoding="gb18030")

    run(path, overrides=["票号=source_number", "说了什么=title"])

    case = Case.objects.get()
    assert (case.source_number, case.title) == ("9", "井盖破损")
    assert case.captured_at == datetime(2026, 1, 5, 8, 30, tzinfo=ZONE)


def test_dry_run_checks_every_row_and_stores_nothing(county: County, tmp_path: Path) -> None:
    rows = [ANSWERED, LAMP_ANSWERED, LAMP_ANSWERED, ["8", "张三", None, None, None, None, None]]
    path = workbook(tmp_path / "dry.xlsx", rows)

    rehearsed = taken(path, county, dry_run=True)

    assert not Case.objects.exists()
    real = taken(path, county)
    assert [result.outcome for result in rehearsed] == [result.outcome for result in real]
    assert [result.reason for result in rehearsed] == [result.reason for result in real]
    assert "dry run" in run(path, dry_run=True)


def test_imported_cases_are_seen_and_found_by_those_whose_area_it_is(county: County, tmp_path: Path) -> None:
    taken(workbook(tmp_path / "old.xlsx", [ANSWERED, LAMP_ANSWERED]), county)

    assert search(visible_to(county.actor("center")), "三天不亮").count() == 1
    assert not visible_to(county.actor("township")).exists()
    assert not visible_to(county.actor("handler")).exists()


def test_no_row_taken_is_exit_code_1(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "bad.xlsx", [LABELLED, ["1", "张三", None, None, None, "城乡建设"]])

    with pytest.raises(CommandError) as caught:
        run(path)

    assert caught.value.returncode == 1
    assert results(path)[0]["outcome"] == "failed"


@pytest.mark.parametrize(
    "options",
    [
        {"area": "999999"},
        {"source": "x" * 61},
        {"overrides": ["没有这一列=title"]},
        {"overrides": ["留言主题=no_such_field"]},
        {"result": Path("no/such/folder/out.csv")},
    ],
)
def test_what_cannot_work_is_exit_code_2_before_anything_is_stored(
    county: County, tmp_path: Path, options: dict[str, Any]
) -> None:
    path = workbook(tmp_path / "list.xlsx", [ANSWERED, LAMP_ANSWERED])

    with pytest.raises(CommandError) as caught:
        run(path, **options)

    assert caught.value.returncode == 2
    assert not Case.objects.exists()


def test_the_result_never_overwrites_the_list_itself(county: County, tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [ANSWERED, LAMP_ANSWERED])
    content = path.read_bytes()

    with pytest.raises(CommandError) as caught:
        run(path, result=path)

    assert caught.value.returncode == 2
    assert path.read_bytes() == content
    assert not Case.objects.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", "甲,乙\n1,2\n".encode()])
def test_an_unusable_file_is_exit_code_2(county: County, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)

    with pytest.raises(CommandError) as caught:
        run(path)

    assert caught.value.returncode == 2


def test_without_a_policy_nothing_is_taken(county: County, tmp_path: Path) -> None:
    unpublish(PolicyVersion.objects.get())
    path = workbook(tmp_path / "list.xlsx", [ANSWERED, LAMP_ANSWERED])

    with pytest.raises(CommandError) as caught:
        run(path)

    assert caught.value.returncode == 2
    assert not Case.objects.exists()


def test_the_result_file_holds_no_text_of_a_row_and_runs_nothing(county: County, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,主题,姓名\n=1+1,井盖破损,王小明\n", encoding="utf-8")

    run(path)

    written = path.with_name("list.result.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in written
    assert "井盖" not in written
    assert "王小明" not in written


def test_clocks_of_an_import_on_the_command_line_start_now(county: County, tmp_path: Path) -> None:
    before = timezone.now()
    run(workbook(tmp_path / "list.xlsx", [LABELLED, [*LAMP[:5], None]]))

    assert before <= Clock.objects.get().started_at <= timezone.now()
