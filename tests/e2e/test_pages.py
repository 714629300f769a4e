"""Every page as its officers see it: it stands, it reads well on a laptop, and nothing comes from outside."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect

from tests.e2e.officer import LIST, PICTURES, Officer

ROWS_WITHOUT_SCROLLING = 15
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
FITS = "['html', '#main'].every((part) => (document.querySelector(part)?.scrollWidth ?? 0) <= innerWidth)"
_AXE = Axe()


def test_login_in_chinese_with_a_sentence_for_a_wrong_password(office: Officer) -> None:
    office.login("center", "falsch").reads("吹哨报到").picture("01-login-refused")
    assert "/admin/login/" in office.page.url
    office.login("center").reads("工作台", "待立项", "待派单", "退单待裁定", "最新消息")
    office.picture("02-desk-of-the-centre")


def test_the_list_shows_fifteen_rows_and_filters_at_once(office: Officer) -> None:
    office.login("center").open(LIST).reads("在办事项").picture("03-list")
    rows = office.page.locator("#result_list tbody tr")
    lowest = [box["y"] + box["height"] for box in (rows.nth(i).bounding_box() for i in range(16)) if box]
    assert sum(bottom <= 768 for bottom in lowest) >= ROWS_WITHOUT_SCROLLING
    office.page.select_option("[name=status]", "handling")
    office.page.wait_for_url("**status=handling**")
    assert set(office.page.locator("td.field-state").all_inner_texts()) == {"办理中"}
    office.page.fill("#searchbar", "水")
    office.page.press("#searchbar", "Enter")
    office.page.locator(".w-reset:not([hidden])").wait_for()
    office.page.wait_for_function(
        "[...document.querySelectorAll('td.field-headline')].every((cell) => cell.isConnected)"
    )
    assert "q=" not in office.page.url
    office.picture("04-list-filtered")
    office.open(f"{LIST}?scope=all").page.locator("#searchbar").press_sequentially("叶 阿妹", delay=20)
    expect(rows).to_have_count(1)  # whom the petitioner's whole name finds, as one types
    office.reads("滨溪步道整排路灯连续四晚不亮")
    assert "q=" not in office.page.url
    office.open(f"{LIST}?scope=all&q=没有这样的事项").reads("没有符合筛选条件的事项。").picture("05-list-empty")


@pytest.mark.parametrize(
    ("username", "pages"),
    [
        ("gridworker", {"": "工作台", "cases/case/": "在办事项"}),
        ("leader", {"": "我分管的在办事项"}),
        (
            "inspector",
            {
                "": "我分管的在办事项",
                "cases/case/?scope=all": "全部事项",
                "engine/": "今日扫描发出的提醒",
                "cases/reconciliation/": "夜间核对",
            },
        ),
        ("petition", {"": "工作台", "cases/case/": "在办事项", "looks/": "信息查看记录"}),
        (
            "center",
            {
                "notifications/message/": "收件箱",
                "preferences/": "通知设置",
                "meetings/": "立即生成：周调度",
                "supervision/": "待回复",
                "exports/?scope=all": "按列表当前筛选条件和顺序",
                "exports/behind/open/?colour=red": "颜色: 红色警示",
                "imports/cases/": "含一行表头",
                "behind/open/?phase=collection": "尚未终结的事项",
                "password_change/": "再输入两遍新密码",
            },
        ),
        ("depthead", {"": "我分管的在办事项", "supervision/": "待回复"}),
        (
            "admin",
            {
                "": "您的岗位不查看事项",
                "imports/posts/": "角色可填",
                "engine/": "立即核对",
                "grids/area/": "辖区",
                "exports/grids/area/?level__exact=village": "层级: 村（社区）",
                "grids/area/1/change/": "辖区边界",
                "grids/department/1/change/": "简称",
                "grids/user/add/": "密码确认",
                "grids/user/1/change/": "停用后不能登录",
                "cases/category/1/change/": "通常的主办部门",
                "cases/reason/": "退单异议",
                "cases/calendarversion/": "发布人",
                "notifications/channelterms/1/change/": "目前状态",
                "grids/department/": "部门",
                "grids/user/": "用户",
                "grids/post/": "岗位",
                "grids/post/add/": "岗位",
                "cases/category/": "事项分类",
                "cases/policyversion/": "时限规则",
                "cases/policyversion/1/change/": "4 个工作小时",
                "cases/calendarversion/1/change/": "国庆节",
                "cases/clock/": "搁置的时限",
                "limits/": "试算",
                "calendar/": "调休上班",
                "demands/": "必达渠道无法送达的人员",
                "wordings/": "已吹哨，请报到 · {number}",
                "wordings/alert/3/?channel=sms": "红色警示 · 350924-2026-0001234 · 办理",
                "notifications/channelterms/": "飞书机器人",
                "notifications/officehours/": "免打扰开始",
                "notifications/delivery/": "发送记录",
            },
        ),
        (
            "security",
            {
                "grids/user/5/change/": "停用后不能登录",
                "axes/accessattempt/": "登录锁定",
                "axes/accesslog/": "登录记录",
                "axes/accessfailurelog/": "登录失败",
                "knox/authtoken/": "手机登录",
            },
        ),
        (
            "auditor",
            {
                "": "您的岗位不查看事项",
                "audit/": "退出时间",
                "audit/?kind=looks": "信息查看记录",
                "exports/audit/logins/": "按列表当前筛选条件和顺序",
                "audit/?kind=exports": "逐条查看导出及其筛选条件",
                "cases/exportnote/": "导出记录",
                "cases/journalevent/": "日志记录",
                "cases/journalevent/1/change/": "本条摘要",
                "cases/journalmaintenance/": "日志维护",
            },
        ),
    ],
)
def test_the_pages_of_each_role(office: Officer, username: str, pages: dict[str, str]) -> None:
    office.login(username)
    for address, words in pages.items():
        name = re.sub(r"[^a-z0-9]+", "-", address).strip("-") or "desk"
        office.open(f"/admin/{address}").reads(words).picture(f"10-{username}-{name}")
        look_in_the_dark_and_on_a_phone(office, f"10-{username}-{name}")


def look_in_the_dark_and_on_a_phone(office: Officer, name: str) -> None:
    """What is written reads at night too; and nothing is wider than a phone, but for what scrolls inside of itself."""
    page = office.page
    page.evaluate("document.documentElement.classList.add('dark')")
    for found in _AXE.run(page, options=CONTRAST).response["violations"]:
        office.complaints.append(f"{name} in the dark: {[node['html'][:120] for node in found['nodes'][:3]]}")
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        page.wait_for_function(FITS, timeout=2000)  # a drawing takes a moment to shrink
    except TimeoutError:
        office.complaints.append(f"{name} is wider than a phone")
    page.set_viewport_size({"width": 1366, "height": 768})


def test_a_meeting_is_drawn_up_and_read(office: Officer) -> None:
    office.login("center").open("/admin/meetings/")
    office.page.get_by_role("button", name="周调度").click()
    office.page.wait_for_url(re.compile(r"/admin/meetings/\d+/"))
    office.reads("尚无决定").picture("09-meeting")
    look_in_the_dark_and_on_a_phone(office, "09-meeting")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("cases/case/350924-2026-9999999/change/", "这里没有您可以查看的内容。"),
        ("grids/user/", "您的岗位不能打开此页。"),
        ("meetings/draw-up/", "这个地址不能直接打开。"),
    ],
)
def test_what_cannot_be_opened_says_so(office: Officer, address: str, words: str) -> None:
    office.login("center").open(f"/admin/{address}").reads(words).picture("09-not-opened")


def test_the_documentation_of_the_api_draws_itself(office: Officer) -> None:
    office.open("/api/docs/").reads("Log out everywhere")
    office.page.screenshot(path=PICTURES / "11-api-docs.png")  # another project's page: axe has its say there


def test_the_menu_switches_language_and_ground(office: Officer) -> None:
    office.login("deputy")
    office.page.click("#nav-sidebar-inner > div:last-child > div")
    office.page.wait_for_timeout(300)  # the menu slides in
    office.picture("06-menu")
    office.page.get_by_text("English").click()
    office.reads("Desk", "Newest messages").picture("07-desk-in-english")
    office.page.evaluate("document.documentElement.classList.add('dark')")
    office.open(LIST).page.evaluate("document.documentElement.classList.add('dark')")
    office.picture("08-list-in-the-dark")
    office.page.click("#nav-sidebar-inner > div:last-child > div")
    office.page.get_by_text("简体中文").click()
    office.reads("在办事项")


def test_a_phone_shows_the_case_with_its_buttons_first(office: Officer) -> None:
    office.login("handler").open(f"{LIST}?scope=todo")
    number = office.page.locator(".w-number").first.inner_text()
    office.page.set_viewport_size({"width": 390, "height": 844})
    office.open_case(number).picture("09-case-on-a-phone")
    width = office.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
