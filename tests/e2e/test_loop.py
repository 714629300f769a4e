"""A matter from the hotline to the answer, each step by the officer who would take it, in a real browser."""

import re

from tests.e2e.officer import LIST, Officer


def test_from_the_hotline_to_the_rating(office: Officer) -> None:
    number = take_in(office)
    docket(office.change_to("township"), number)
    whistle(office.change_to("center"), number)
    report_in(office.change_to("handler"), number)
    finish(office, number)
    verify_and_rate(office.change_to("center"), number)
    office.open_case(number).reads("已办结", "电话回访，问题已解决").picture("27-closed")
    assert office.buttons() == ["reopen"]


def take_in(office: Officer, *, title: str = "东区水管爆裂，路面结冰", phone: str = "13800001234") -> str:
    """By the hotline; the number of the case."""
    office.login("intake").open("/admin/cases/case/add/")
    fill_in(office, title=title, phone=phone)
    office.page.click(".w-collect button[type=submit]")
    office.reads("查询码只显示这一次")
    assert re.fullmatch(r"[A-Z2-7]{16}", office.page.inner_text("#query-code"))
    return office.page.inner_text("#number")


def fill_in(office: Officer, *, title: str, phone: str = "13800001234", type: str = "appeal") -> None:
    """The form of a matter of 王小明 in 鳌阳镇, up to the button."""
    page = office.page
    if not page.url.endswith("/add/") or page.locator("#number").count():
        office.open("/admin/cases/case/add/")
    page.fill("[name=title]", title)
    page.fill("[name=description]", f"{title}，已有人滑倒。")
    page.select_option("[name=type]", type)
    office.pick("area", "鳌阳镇")
    page.select_option("[name=disclosure]", "named")
    page.fill("[name=name]", "王小明")
    page.fill("[name=phone]", phone)
    page.locator("[name=phone]").blur()


def test_a_refused_form_keeps_what_was_typed(office: Officer) -> None:
    office.login("intake").open("/admin/cases/case/add/").picture("20-collect")
    fill_in(office, title="东区水管爆裂")
    office.page.fill("[name=name]", "")
    office.page.fill("[name=phone]", "")
    office.page.click(".w-collect button[type=submit]")
    office.reads("请填写姓名或电话，或选择匿名。").picture("21-collect-refused")
    assert office.page.input_value("[name=title]") == "东区水管爆裂"


def docket(office: Officer, number: str) -> None:
    office.open_case(number).reads("王**", "138****1234")
    assert office.buttons()[0] == "docket"
    office.choose("docket", "category", "城镇供水供气")
    assert "办结时限" in office.foreseen("docket")
    office.type("docket", "note", "请今日立项").press("docket")
    office.reads("已完成“立项”").picture("23-docketed")


def whistle(office: Officer, number: str) -> None:
    office.open_case(number).choose("dispatch", "lead", "水利局").choose("dispatch", "assistants", "交通运输局")
    assert "报到时限" in office.foreseen("dispatch")
    office.type("dispatch", "instruction", "一小时内到现场，先关阀再抢修。").picture("24-whistle").press("dispatch")
    office.reads("已完成“吹哨”", "待报到")


def report_in(office: Officer, number: str) -> None:
    office.open("/admin/").reads(f"已吹哨，请报到 · {number}").picture("25-desk-of-the-handler")
    office.page.get_by_text(f"已吹哨，请报到 · {number}").first.click()
    office.page.wait_for_url(f"**/{number}/change/")
    assert office.buttons()[0] == "report_in"
    office.press("report_in").reads("已完成“报到”", "办理中")


def finish(office: Officer, number: str) -> None:
    office.type("finish", "reply", "   ").press("finish").reads("此项必填。")
    office.type("finish", "reply", "已更换爆裂水管，路面撒盐，与王先生当面确认。").press("finish")
    office.reads("已完成“反馈”").picture("26-finished")


def verify_and_rate(office: Officer, number: str) -> None:
    """The assistant has still to report in, so the case waits for it; the traffic office does its part."""
    office.open_case(number)
    if "verify" not in office.buttons():
        office.change_to("transport-handler").open_case(number)
        office.press("report_in").reads("已完成“报到”")
        office.type("finish", "reply", "已设置围挡并清理积水。").press("finish").reads("已完成“反馈”")
        office.change_to("center").open_case(number)
    office.tick("verify", "passed", "true")
    office.press("verify").reads("已完成“核查”")
    office.page.select_option("details[data-action=rate] [name=grade]", "5")
    office.tick("rate", "solved", "true")
    office.type("rate", "record", "电话回访，问题已解决").press("rate").reads("已完成“评价”")


def test_two_officers_meet_on_one_case(office: Officer) -> None:
    """Somebody else was faster: the second reads why, and keeps the words."""
    office.login("center").open(f"{LIST}?status=docketed").reads("已立项")
    number = office.page.locator(".w-number").first.inner_text()
    office.open_case(number).choose("dispatch", "lead", "公安局")
    office.type("dispatch", "instruction", "请派出所先到现场")
    other = office.page.context.new_page()
    second = Officer(other, office.site)
    second.open_case(number).choose("dispatch", "lead", "水利局").press("dispatch").reads("已完成“吹哨”")
    office.press("dispatch").reads("您打开之后，这件事项已有变动", "您填写的内容保留在这里")
    assert office.page.locator(".w-kept textarea").input_value() == "请派出所先到现场"
    office.picture("28-conflict")
    assert second.complaints == []


def test_a_matter_that_is_being_taken_in_survives_a_reload(office: Officer) -> None:
    """Without the petitioner's name and number; an accusation is not kept at all."""
    office.login("intake").open("/admin/cases/case/add/")
    page = office.page

    def typed() -> list[str]:
        return [page.locator(f"form.w-collect [name={name}]").input_value() for name in ("title", "address", "name")]

    page.fill("form.w-collect [name=title]", "井盖松动")
    page.fill("form.w-collect [name=address]", "解放街 3 号")
    page.select_option("form.w-collect [name=disclosure]", "named")
    page.fill("form.w-collect [name=name]", "王小明")
    page.reload()
    office.reads("您填写的内容已恢复")
    assert typed() == ["井盖松动", "解放街 3 号", ""]
    page.select_option("form.w-collect [name=type]", "accusation")
    page.reload()
    assert typed() == ["", "", ""]
    assert not office.complaints
