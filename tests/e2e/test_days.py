"""Days of single officers from login to logout, and how little it takes to dispatch a case."""

import pytest

from tests.e2e.officer import Officer

COUNT = """
const count = (name) => sessionStorage.setItem(name, 1 + Number(sessionStorage.getItem(name)));
addEventListener("click", (event) => event.isTrusted && event.detail && count("clicks"), true);
addEventListener("change", (event) => event.isTrusted && event.target.matches("textarea") && count("typed"), true);
"""
MOST_CLICKS, MOST_TYPED = 6, 1


def counted(office: Officer, what: str) -> int:
    return int(office.page.evaluate(f"sessionStorage.getItem('{what}') ?? '0'"))


def test_from_login_to_a_dispatched_case_in_six_clicks(office: Officer) -> None:
    """One that nobody has docketed yet: login, the first of the lane, docket, whistle."""
    office.page.add_init_script(COUNT)
    office.login("center").reads("待立项")
    office.page.locator(".w-lanes3 a.w-title").first.click()
    office.page.wait_for_url("**/change/")
    if not office.page.input_value("details[data-action=docket] [name=category]"):
        office.page.locator("details[data-action=docket] [data-take=category]").first.click()
    office.press("docket").reads("已完成“立项”")
    if not office.page.input_value("details[data-action=dispatch] [name=lead]"):
        office.page.locator("details[data-action=dispatch] [data-take=lead]").first.click()
    office.type("dispatch", "instruction", "请尽快到场").press("dispatch").reads("已完成“吹哨”")
    assert counted(office, "clicks") <= MOST_CLICKS
    assert counted(office, "typed") <= MOST_TYPED
    office.picture("60-dispatched-in-six-clicks")


def test_a_grid_worker_collects_on_a_phone_and_leaves(office: Officer) -> None:
    page = office.page
    page.set_viewport_size({"width": 390, "height": 844})
    office.login("gridworker").open("/admin/cases/case/add/").picture("61-collect-on-a-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("form.w-collect [name=title]", "村口路灯连续三天不亮")
    page.fill("form.w-collect [name=description]", "老人夜里出门不便")
    page.select_option("form.w-collect [name=type]", "patrol")
    page.click(".w-collect button[type=submit]")
    office.reads("查询码只显示这一次").picture("62-collected-on-a-phone")
    number = page.inner_text("#number")
    office.open_case(number).reads("村口路灯连续三天不亮").picture("63-own-case-on-a-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})
    office.open("/admin/").logout()
    office.open("/admin/")
    assert "/admin/login/" in page.url


def test_a_handler_reports_in_on_the_spot_with_a_phone(office: Officer) -> None:
    page = office.page
    office.login("handler").open("/admin/cases/case/?scope=todo&status=dispatched")
    number = page.locator(".w-number").first.inner_text()
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 27.45812, "longitude": 119.51034})
    office.open_case(number)
    page.locator("details[data-action=report_in] [name=on_spot]").check()
    page.get_by_role("button", name="填入当前位置").click()
    page.wait_for_function("document.querySelector('[name=latitude]').value === '27.45812'")
    office.picture("67-on-the-spot").press("report_in").reads("已完成“报到”", "现场签到")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_orders_and_items_of_a_meeting_are_worked_on_where_they_stand(office: Officer) -> None:
    page = office.login("inspector").page
    office.open("/admin/supervision/").reads("待销号")
    card = page.locator("article.w-order:has(button:text-is('销号'))").first
    card.locator("textarea").fill("整改到位，予以销号。")
    card.get_by_role("button", name="销号").click()
    office.reads("已销号。").picture("68-signed-off-in-place")
    office.open("/admin/meetings/")
    page.locator(".w-panel a[href*='/meetings/']").first.click()
    item = page.locator("td.w-decision").first
    item.locator("textarea").fill("下周一前由分管领导到场督办。")
    item.get_by_role("button").first.click()
    item.get_by_text("钟庆霖").wait_for(timeout=5000)
    office.picture("69-decided-in-place")
    page.reload()
    assert "下周一前由分管领导到场督办。" in page.content()


def test_keys_lead_from_the_list_to_many_cases_at_once(office: Officer) -> None:
    """j and x choose, a opens what can be done, and nothing is done before it was shown."""
    page = office.login("center").page
    office.open("/admin/cases/case/?status=dispatched").reads("待报到")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("#result_list tbody input:checked").count() == 2
    office.picture("6a-two-chosen")
    page.get_by_role("button", name="催办").click()
    page.wait_for_url("**/bulk/")
    assert page.locator(".w-foreseen-rows tbody tr").count() == 2
    office.picture("6b-reminder-rehearsed")


@pytest.mark.parametrize(
    "username",
    ["gridworker", "township", "leader", "center", "handler", "depthead", "inspector", "petition", "auditor"],
)
def test_every_role_comes_in_and_leaves(office: Officer, username: str) -> None:
    office.login(username).reads("工作台").picture(f"64-desk-of-{username}").logout()
    office.open("/admin/")
    assert "/admin/login/" in office.page.url


def test_a_draft_survives_a_reload_and_the_other_officer_is_told(office: Officer) -> None:
    office.login("center").open("/admin/cases/case/?status=docketed")
    number = office.page.locator(".w-number").first.inner_text()
    office.open_case(number).type("dispatch", "instruction", "先联系村里，再到现场")
    office.page.reload()
    office.reads("已恢复您上次填写的内容。")
    assert office.page.input_value("details[data-action=dispatch] [name=instruction]") == "先联系村里，再到现场"
    other = Officer(office.page.context.new_page(), office.site)
    other.open_case(number).choose("dispatch", "lead", "水利局").press("dispatch").reads("已完成“吹哨”")
    office.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    office.reads("您打开之后，这件事项已有变动：吹哨").picture("65-told-of-a-change")
    assert office.page.input_value("details[data-action=dispatch] [name=instruction]") == "先联系村里，再到现场"


def test_a_case_prints_as_a_sheet_and_as_a_file(office: Officer) -> None:
    office.login("center").open("/admin/cases/case/?scope=all&status=closed")
    number = office.page.locator(".w-number").first.inner_text()
    office.open(f"/admin/cases/case/{number}/paper/").reads("吹哨报到事项表", number).picture("66-sheet")
    with office.page.expect_download() as download:
        office.page.get_by_text("下载 PDF").click()
    assert download.value.suggested_filename.endswith(f"{number}.pdf")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
