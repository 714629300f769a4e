"""Merged cells hold for every row that they cover, and worksheets that are not read are named."""

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cases import sheet_files
from cases.sheets import HEADINGS, SheetError, read_heads, read_rows
from grids.models import Post
from tests.builders import County
from tests.cases.admin.brought import POSTS, carried, rehearsed, upload
from tests.cases.admin.web import Web, text_of

HEAD = ["工单编号", "标题", "所属网格"]


def saved(path: Path, rows: list[list[Any]], *merged: str, others: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "十一月"
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    for name in others:
        book.create_sheet(name).append(["工单编号", "标题"])
    book.create_sheet("空表")
    book.save(path)
    return path


def values(path: Path) -> list[tuple[int, dict[str, object]]]:
    return [(row.number, row.values) for row in read_rows(path)]


def test_a_merged_cell_holds_for_each_of_its_rows(tmp_path: Path) -> None:
    rows: list[list[Any]] = [HEAD, ["T-1", "甲", "鳌阳镇"], ["T-2", "乙"], ["T-3", "丙"], ["T-4", "丁"]]
    path = saved(tmp_path / "list.xlsx", rows, "C2:C4")
    areas = [row.get("area") for _number, row in values(path)]
    assert areas == ["鳌阳镇", "鳌阳镇", "鳌阳镇", None]
    assert read_heads(path, HEADINGS).samples[1] == ("T-2", "乙", "鳌阳镇")


def test_titles_headings_and_blank_rows_are_not_filled(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["转办单"], HEAD, [], ["T-1", "甲", "鳌阳镇"], [], ["T-2", "乙"]]
    path = saved(tmp_path / "list.xlsx", rows, "A1:C1", "C2:C3", "C4:C900")
    assert values(path) == [
        (4, {"source_number": "T-1", "title": "甲", "area": "鳌阳镇"}),
        (6, {"source_number": "T-2", "title": "乙", "area": "鳌阳镇"}),
    ]


def test_many_merged_cells_are_found_wherever_the_pieces_end(tmp_path: Path) -> None:
    rows: list[list[Any]] = [HEAD]
    for pair in range(3000):
        rows += [[f"T-{pair}a", "甲" * 200, f"第{pair}村"], [f"T-{pair}b", "乙"]]
    merged = [f"C{2 * pair + 2}:C{2 * pair + 3}" for pair in range(3000)]
    path = saved(tmp_path / "list.xlsx", rows, *merged)
    assert [row["area"] for _number, row in values(path)] == [f"第{n // 2}村" for n in range(6000)]


def test_a_tag_on_the_border_of_two_pieces_counts_once() -> None:
    tags = b"".join(b'<mergeCell ref="C%d:C%d"/>' % (n, n + 1) for n in range(2, 60_000, 2))
    part = io.BytesIO(b" " * (1024 * 1024 - 11) + tags)
    assert len(set(sheet_files._tall(part))) == 29_999


def test_more_merged_cells_than_anybody_draws_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_files, "_MOST_MERGED", 1)
    path = saved(tmp_path / "list.xlsx", [HEAD, ["T-1"], [], ["T-2"], []], "A2:A3", "A4:A5")
    with pytest.raises(SheetError, match="合并单元格过多"):
        list(read_rows(path))


@pytest.mark.django_db
@pytest.mark.usefixtures("working")
def test_a_merged_post_is_given_to_both(county: County, tmp_path: Path) -> None:
    head = ["用户名", "姓名", "岗位", "所在单位"]
    rows: list[list[Any]] = [head, ["hebing1", "合并甲", "部门经办", "水利局"], ["hebing2", "合并乙"]]
    path = saved(tmp_path / "list.xlsx", rows, "C2:C3", "D2:D3")
    web = Web.of(county.users["admin"])
    assert carried(web, rehearsed(web, path.read_bytes(), address=POSTS)).counts == {"both": 2}
    assert Post.objects.filter(user__username="hebing2", department=county.water).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("working")
def test_worksheets_that_are_not_read_are_named(county: County, tmp_path: Path) -> None:
    path = saved(tmp_path / "list.xlsx", [HEAD, ["T-1", "甲", ""]], others=("十二月",))
    heads = read_heads(path, HEADINGS)
    assert (heads.name, heads.others) == ("十一月", ("十二月",))
    web = Web.of(county.users["intake"])
    page = text_of(web.get(upload(web, path.read_bytes()).url))
    assert "只读取工作表“十一月”，未读取：十二月。" in page
    plain = saved(tmp_path / "one.xlsx", [HEAD, ["T-1", "甲", ""]])
    assert "只读取工作表" not in text_of(web.get(upload(web, plain.read_bytes()).url))
