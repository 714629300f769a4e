"""Lists that come in and go out as files: bad rows beside good ones, and twenty thousand rows."""

import io
from pathlib import Path

from openpyxl import Workbook, load_workbook

from tests.e2e.officer import LIST, Officer

PATIENCE = 120_000  # ms, for the worker to make a file of 20,000 rows


def make_list(folder: Path) -> Path:
    made = Workbook()
    sheet = made.worksheets[0]
    for row in (
        ["票号", "留言用户", "留言主题", "留言时间", "网格"],
        ["E-1", "王小明", "路灯三天不亮", "2026-01-05", "北凤社区"],
        ["E-2", "李四", "井盖丢失", "2026-01-07", "不存在的村"],
        ["E-3", "李四", "水管漏水", "昨天", "北凤社区"],
        ["E-4", "赵六", "垃圾桶满溢", "2026-01-08", "北凤社区"],
    ):
        sheet.append(row)
    path = folder / "一月来信.xlsx"
    made.save(path)
    return path


def test_a_list_with_bad_rows_is_rehearsed_and_taken_in(office: Officer, tmp_path: Path) -> None:
    page = office.login("center").page
    office.open("/admin/imports/cases/").picture("70-import")
    page.set_input_files("#file", make_list(tmp_path))
    page.get_by_role("button", name="上传").click()
    page.wait_for_url("**/columns/")
    page.fill("#source", "十二三四五热线")
    office.picture("71-import-columns")
    page.get_by_role("button", name="预览导入结果").click()
    office.waits_for("[data-settled]").reads("不存在的村").picture("72-import-rehearsed")
    page.get_by_role("button", name="导入 2 行").click()
    office.waits_for("[data-settled]").reads("保存结果文件").picture("73-import-done")
    with page.expect_download() as download:
        page.get_by_text("保存结果文件").click()
    rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0].values)
    assert len(rows) == 5
    office.open(f"{LIST}?scope=all&q=垃圾桶满溢").reads("垃圾桶满溢")


def test_twenty_thousand_rows_leave_as_a_file(office: Officer, crowd: int) -> None:
    page = office.login("center").page
    office.open("/admin/exports/?scope=all").picture("74-export")
    page.get_by_role("button", name="csv").click()
    page.wait_for_url("**/errands/**")
    office.picture("75-export-in-the-making")
    page.locator("[data-settled]").wait_for(timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_text("保存文件").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > crowd
    office.picture("76-export-done")


def test_what_was_searched_for_leaves_as_it_was_found(office: Officer) -> None:
    """Typed, without a press of “search”; it goes along in no address."""
    page = office.login("center").page
    office.open(f"{LIST}?scope=all")
    page.fill("#searchbar", "路灯")
    page.wait_for_function("!document.querySelector('#changelist').textContent.includes('井盖')")
    page.get_by_role("button", name="导出", exact=True).click()
    page.wait_for_url("**/exports/")
    office.reads("有（搜索内容不留存）").picture("77-export-searched")
    with page.expect_download() as download:
        page.get_by_role("button", name="csv").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 1
    page.get_by_role("button", name="返回列表").click()
    assert page.input_value("#searchbar") == "路灯"
    assert page.locator("#result_list tbody tr").count() == len(lines) - 1


def test_a_list_of_the_administration_leaves_as_it_is_narrowed(office: Officer) -> None:
    page = office.login("admin").page
    office.open("/admin/grids/area/?level__exact=township")
    page.get_by_role("link", name="导出", exact=True).click()
    office.reads("层级: 乡镇").picture("78-export-areas")
    with page.expect_download() as download:
        page.get_by_role("button", name="xlsx").click()
    rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0].values)
    assert rows[0][:3] == ("编码", "名称", "层级")
    assert len(rows) == 15
