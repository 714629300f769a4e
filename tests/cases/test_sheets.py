"""Reading people's spreadsheets: what offices send, and what must not bring the service down."""

import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook

from cases import sheet_files
from cases.calendar import ZONE
from cases.cells import as_moment, as_text
from cases.sheets import HEADINGS, SheetError, parse_overrides, read_rows

CHINESE = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
WORKSHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def workbook(path: Path, *rows: Sequence[object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def rewritten(path: Path, parts: dict[str, bytes]) -> Path:
    """The workbook with other contents in some of its parts."""
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()} | parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            new.writestr(name, content)
    return path


def sheet_xml(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(WORKSHEET)


def here(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[arg-type, misc]  # years to seconds as one tuple


def test_a_workbook_with_the_chinese_headings(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        CHINESE,
        [47, "U1", "路灯", "2019/9/18 15:17:32", "\n\t\u3000不亮 ", "已修", datetime(2019, 9, 20, 8, 0)],
    )
    (row,) = read_rows(path)
    assert row.number == 2
    assert row.problems == {}
    assert row.values == {
        "source_number": "47",
        "sender": "U1",
        "title": "路灯",
        "received_at": here(2019, 9, 18, 15, 17, 32),
        "description": "不亮",
        "reply": "已修",
        "answered_at": here(2019, 9, 20, 8, 0),
    }


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        (datetime(2019, 9, 18, 15, 17, 32), here(2019, 9, 18, 15, 17, 32)),
        (date(2019, 9, 18), here(2019, 9, 18)),
        (43726.5, here(2019, 9, 18, 12)),
        (43726, here(2019, 9, 18)),
        ("2019/9/18 15:17:32", here(2019, 9, 18, 15, 17, 32)),
        ("2019/9/18 5:17", here(2019, 9, 18, 5, 17)),
        ("2019-09-18", here(2019, 9, 18)),
        ("2019.9.18", here(2019, 9, 18)),
        ("2019年9月18日", here(2019, 9, 18)),
        ("2019年9月18日15时17分", here(2019, 9, 18, 15, 17)),
        (" 2019-09-18T15:17:32.5 ", datetime(2019, 9, 18, 15, 17, 32, 500_000, tzinfo=ZONE)),
        ("2019-09-18T07:17:32Z", datetime(2019, 9, 18, 7, 17, 32, tzinfo=UTC)),
        ("2019-09-18 15:17:32+08:00", here(2019, 9, 18, 15, 17, 32)),
        ("２０１９/９/１８　１５：１７", here(2019, 9, 18, 15, 17)),
    ],
)
def test_times_as_offices_write_them(tmp_path: Path, cell: object, moment: datetime) -> None:
    (row,) = read_rows(workbook(tmp_path / "a.xlsx", ["标题", "留言时间"], ["x", cell]))
    assert row.values["received_at"] == moment


@pytest.mark.parametrize("cell", ["soon", "2019/13/1", "2019-02-30", "18:00", 7, True, "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_a_problem_of_its_row_alone(tmp_path: Path, cell: object) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题", "留言时间"], ["x", cell], ["y", "2019-09-18"])
    wrong, right = read_rows(path)
    assert wrong.values == {"title": "x"}
    assert "is not a date or a time" in wrong.problems["received_at"]
    assert right.problems == {}


def test_numbers_that_are_ids_stay_ids(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["编号", "电话"], [47887.0, 13800001234], [1.5, "0593-1"], [0, None])
    assert [row.values["source_number"] for row in read_rows(path)] == ["47887", "1.5"]
    assert [row.values.get("phone") for row in read_rows(path)] == ["13800001234", "0593-1"]


def test_texts_are_texts_whatever_the_cell_holds(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题"], [date(2026, 3, 2)], [True], [2.0], [0.5])
    titles = [row.values["title"] for row in read_rows(path)]
    assert titles == ["2026-03-02T00:00:00", "True", "2", "0.5"]


def test_cells_of_other_programs() -> None:
    assert as_text(47887.0) == "47887"
    assert as_moment(date(2026, 3, 2)) == here(2026, 3, 2)


def test_blank_rows_are_left_out_and_numbers_stay_those_of_the_file(tmp_path: Path) -> None:
    blank: list[list[object]] = [[None], [" ", "\u3000"], []]
    path = workbook(
        tmp_path / "a.xlsx", ["附件：留言"], [], ["编号", "标题"], *blank, [1, "x"], *blank * 1000, [2, "y"]
    )
    began = time.perf_counter()
    assert [row.number for row in read_rows(path)] == [7, 3008]
    assert time.perf_counter() - began < 5


def test_the_row_with_the_most_known_headings_is_the_header(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题", "一览"], ["编号", "标题 *", "留言 时间："], [1, "x", "2019-09-18"])
    (row,) = read_rows(path)
    assert row.values == {"source_number": "1", "title": "x", "received_at": here(2019, 9, 18)}


def test_the_first_table_with_headings_is_read(tmp_path: Path) -> None:
    book = Workbook()
    note = book.active
    assert note is not None
    note.append(["说明"])
    book.create_sheet("data").append(["title", "Received-At"])
    book["data"].append(["x", "2019-09-18"])
    book.save(tmp_path / "a.xlsx")
    assert [row.values["title"] for row in read_rows(tmp_path / "a.xlsx")] == ["x"]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", ","), ("gb18030", "\t"), ("utf-16", "\t")],
)
def test_delimited_text_in_the_encodings_of_offices(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    lines = [
        ["留言编号", "留言详情", "留言时间"],
        ["7", '"第一行\n第二行"', "2019/9/18"],
        ["", "", ""],
        ["8", "路灯", ""],
    ]
    path.write_text("\n".join(delimiter.join(line) for line in lines), encoding=encoding)
    first, second = read_rows(path)
    assert first.values == {"source_number": "7", "description": "第一行\n第二行", "received_at": here(2019, 9, 18)}
    assert (first.number, second.number) == (2, 4)


def test_headings_named_by_hand_win(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["编号", "流水号", "标题", "接单"], [1, 2, "x", "2019-09-18"])
    overrides = parse_overrides(["流水号=source_number", "接单 = received_at"], set(HEADINGS.values()))
    (row,) = read_rows(path, overrides=overrides)
    assert row.values == {"source_number": "2", "title": "x", "received_at": here(2019, 9, 18)}
    with pytest.raises(SheetError, match="no column headed 没有"):
        read_rows(path, overrides={"没有": "reply"})


@pytest.mark.parametrize("text", ["x", "=title", "x=", "x=nothing"])
def test_an_override_names_a_heading_and_a_field(text: str) -> None:
    with pytest.raises(SheetError, match="is not heading=field"):
        parse_overrides([text], {"title"})


def test_a_field_that_is_needed_must_have_a_column(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题"], ["x"])
    with pytest.raises(SheetError, match="no column for answered_at, received_at"):
        read_rows(path, required=("received_at", "title", "answered_at"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n\r\n", "is empty"),
        (b"a,b\n1,2\n", "no known heading"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a spreadsheet"),
        (b"PK\x03\x04 and nothing more", "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old or encrypted", "password"),
        (b"\xff\xfe\x00", "not a spreadsheet"),
        (b"\xff\xff\xff\xff", "not a spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_ends_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(SheetError, match=sentence):
        read_rows(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.xlsx", tmp_path):
        with pytest.raises(SheetError, match="cannot be read"):
            read_rows(path)


def test_a_cell_of_endless_text_is_refused_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("标题\n" + "短\n" * 100 + "长" * (sheet_files.LONGEST_CSV_CELL + 1), encoding="utf-8")
    rows = read_rows(path)
    assert next(rows).values == {"title": "短"}
    with pytest.raises(SheetError, match="at line 102"):
        list(rows)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题"], ["x"])
    monkeypatch.setattr(sheet_files, "MOST_UNPACKED", 2 * 1024 * 1024)
    assert len(list(read_rows(path))) == 1
    with pytest.raises(SheetError, match="too large"):
        read_rows(rewritten(path, {WORKSHEET: sheet_xml(path) + b" " * 2 * 1024 * 1024}))


def test_a_row_number_beyond_all_rows_costs_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题"], ["x"], ["y"])
    far = sheet_xml(path).replace(b'<row r="3"', b'<row r="99999999999"')
    began = time.perf_counter()
    assert [row.values["title"] for row in read_rows(rewritten(path, {WORKSHEET: far}))] == ["x"]
    assert time.perf_counter() - began < 5


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题"], [77])
    entities = b'<!ENTITY a0 "' + b"x" * 1000 + b'">'
    entities += b"".join(b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 9))
    laughing = sheet_xml(path).replace(b"<v>77</v>", b"<v>&a8;</v>")
    assert b"&a8;" in laughing
    declared = b"<!DOCTYPE worksheet [" + entities + b"]>" + laughing
    with pytest.raises(SheetError, match="not a spreadsheet"):
        read_rows(rewritten(path, {WORKSHEET: declared}))


def test_a_workbook_damaged_in_the_middle(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["标题"], *([f"x{number}"] for number in range(2000)))
    half = sheet_xml(path)[:-20_000]
    with pytest.raises(SheetError, match="not a spreadsheet"):
        list(read_rows(rewritten(path, {WORKSHEET: half})))
