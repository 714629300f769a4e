"""What officers typed: nobody else at the same computer reads it, and nothing but the service's own word forgets it."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.e2e.officer import LIST, PASSWORD, Officer
from tests.e2e.test_loop import fill_in, take_in

ADD = f"{LIST}add/"
TYPED = "更换阀门两只，与王先生当面确认"


def back_in(office: Officer) -> None:
    """The login page that one was led to leads back to where one was."""
    office.page.wait_for_url("**/login/**")
    office.page.fill("input[name=username]", office.who)
    office.page.fill("input[name=password]", PASSWORD)
    office.page.click("#login-form button[type=submit]")
    office.page.wait_for_url(lambda address: "/login/" not in address)


def typed(office: Officer, action: str, name: str) -> str:
    return office.page.input_value(f"details[data-action={action}] [name={name}]")


def kept(office: Officer) -> str:
    return str(office.page.evaluate("JSON.stringify(sessionStorage)"))


def moves_on(office: Officer, number: str, who: str) -> None:
    """Somebody else acts on the case, and the first one is back at the same place."""
    first, address = office.who, office.page.url
    office.change_to(who).open_case(number).unfold("remind").type("remind", "comment", "请抓紧")
    office.press("remind").reads("已完成“催办”").change_to(first)
    office.page.goto(address)


def whistled(office: Officer) -> str:
    number = take_in(office)
    office.change_to("center").open_case(number).choose("docket", "category", "城镇供水供气").press("docket")
    office.reads("已完成“立项”").choose("dispatch", "lead", "水利局").press("dispatch").reads("已完成“吹哨”")
    return number


def test_back_shows_nobody_what_the_last_officer_typed(office: Officer) -> None:
    """By the browser's own memory of forms or by ours; that of a sealed type least of all."""
    office.login("intake").open(ADD)
    fill_in(office, title="反映招标收受好处")
    assert "反映招标收受好处" in kept(office)
    office.page.select_option("[name=type]", "accusation")
    assert "反映招标收受好处" not in kept(office)
    office.page.select_option("[name=type]", "appeal")
    other = Officer(office.page.context.new_page(), office.site).open(ADD)
    other.page.fill("[name=title]", "另一个标签页")
    assert "另一个标签页" in kept(other)
    office.open("/admin/").logout()
    assert "反映招标收受好处" not in kept(office)
    other.page.wait_for_url("**/login/**")
    assert "另一个标签页" not in kept(other)
    other.page.close()
    office.login("intake-2")
    office.page.wait_for_load_state("load")
    office.page.evaluate("history.go(-4)")  # the login page, that of logging out, the desk, the form
    office.page.wait_for_url(f"**{ADD}")
    office.page.wait_for_load_state("load")
    assert office.page.input_value("form.w-collect [name=title]") == ""
    assert office.page.input_value("form.w-collect [name=type]") == ""


def test_nothing_is_kept_of_what_is_about_to_be_sealed(office: Officer) -> None:
    number = take_in(office, title="村干部优亲厚友")
    office.change_to("township").open_case(number).type("docket", "note", "群众当面反映")
    assert "群众当面反映" in kept(office)
    office.page.select_option("details[data-action=docket] [name=type]", "accusation")
    assert "群众当面反映" not in kept(office)


def test_what_was_taken_in_is_not_there_again_with_back(office: Officer) -> None:
    """A second press of the same form would make a second case."""
    take_in(office, title="后退：路灯不亮")
    office.page.go_back()
    office.page.wait_for_load_state("load")
    assert office.page.input_value("form.w-collect [name=title]") == ""


def test_what_did_not_arrive_is_kept_although_the_case_moved_on(office: Officer) -> None:
    """The login had ended at the press, then the network was down; meanwhile somebody else acted."""
    number = whistled(office)
    office.change_to("handler").open_case(number).press("report_in").reads("已完成“报到”")
    office.type("finish", "reply", TYPED).page.context.clear_cookies(name="sessionid")
    office.press("finish")
    back_in(office)
    moves_on(office, number, "center")
    assert typed(office, "finish", "reply") == TYPED
    office.reads("已恢复您上次填写的内容。", "不能确定此前是否已送达")
    office.page.context.set_offline(offline=True)
    office.press("finish").page.wait_for_timeout(300)
    office.page.context.set_offline(offline=False)
    office.open_case(number)
    assert typed(office, "finish", "reply") == TYPED
    office.press("finish").reads("已完成“反馈”")
    assert TYPED not in kept(office)
    assert "done=" not in office.page.url


def test_a_refused_form_is_kept_whatever_is_changed_in_it(office: Officer) -> None:
    number = whistled(office)
    office.change_to("handler").open_case(number).press("report_in").reads("已完成“报到”")
    office.unfold("request_extension").type("request_extension", "reason", TYPED).press("request_extension")
    office.page.locator(".w-error").wait_for()
    office.type("request_extension", "reason", "别的").type("request_extension", "reason", TYPED)
    office.open_case(number)
    assert typed(office, "request_extension", "reason") == TYPED


def test_a_draft_outlives_another_shape_of_its_form(office: Officer) -> None:
    """Once there are two parts, the form asks which: what was typed before meant the only one."""
    number = whistled(office)
    office.unfold("reassign").type("reassign", "comment", TYPED)
    part = typed(office, "reassign", "assignment")
    office.change_to("center-2").open_case(number).unfold("add_assistant")
    office.choose("add_assistant", "department", "公安局").press("add_assistant").reads("已完成“增派协办”")
    office.change_to("center").open_case(number)
    assert (typed(office, "reassign", "comment"), typed(office, "reassign", "assignment")) == (TYPED, part)
    assert office.page.locator("details[data-action=reassign] select[name=assignment]").count() == 1


def test_a_page_out_of_the_browsers_memory_is_asked_for_anew(office: Officer) -> None:
    office.login("intake").open(ADD)
    assert "no-store" in (office.page.reload().header_value("cache-control") or "")  # type: ignore[union-attr]  # it answers
    office.page.context.clear_cookies(name="sessionid")
    office.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    office.page.wait_for_url("**/login/**")


def first_item(office: Officer) -> str:
    """The address of a list of the week whose first item nobody has decided yet."""
    office.login("center").open("/admin/meetings/").page.locator("form[action*='draw-up'] button").first.click()
    office.page.wait_for_url(re.compile(r"/admin/meetings/\d+/"))
    return office.page.url


def record(office: Officer, text: str) -> None:
    office.page.locator("[data-draft]").first.fill(text)
    office.page.locator("form[data-in-place] button").first.click()


def test_a_decision_brought_back_writes_over_nobody_elses(office: Officer) -> None:
    address = first_item(office)
    office.page.locator("[data-draft]").first.fill("限三日办结")
    office.change_to("inspector").open(address)
    record(office, "交水利局专题研究")
    office.reads("已记录。").change_to("center").open(address).reads("尚未记录", "现已记录：", "交水利局专题研究")
    field = office.page.locator("[data-draft]").first
    assert field.input_value() == "限三日办结"
    record(office, "限三日办结")
    office.reads("刚刚已记录：“交水利局专题研究”", "您填写的内容已保留")
    assert field.input_value() == "限三日办结"
    record(office, "限三日办结，交水利局")
    office.reads("已记录。")
    assert "限三日" not in kept(office)


def test_a_login_that_ended_is_told_as_one_and_nothing_typed_is_lost(office: Officer) -> None:
    """In a list of the week, in the work list and on a case; a token of an earlier login likewise."""
    address = first_item(office)
    cookies: Any = office.page.context.cookies()
    office.page.context.clear_cookies(name="csrftoken")
    office.page.context.add_cookies([{"name": "csrftoken", "value": "a" * 32, "url": office.site}])
    record(office, TYPED)
    office.reads("不能再从此页提交")
    office.page.context.add_cookies(cookies)
    office.page.context.clear_cookies(name="sessionid")
    office.page.locator("form[data-in-place] button").first.click()
    office.reads("您的登录已失效。", "您填写的内容已保留。").page.get_by_text("重新登录").click()
    back_in(office)
    assert office.page.url == address
    assert office.page.locator("[data-draft]").first.input_value() == TYPED
    office.open(LIST).page.locator("a.w-title").first.wait_for()
    office.page.context.clear_cookies(name="sessionid")
    office.page.fill("#searchbar", "水")
    office.reads("您的登录已失效。", "列表仍是之前的内容。").page.get_by_text("重新登录").click()
    back_in(office)
    office.page.locator("a.w-title").first.click()
    office.page.wait_for_url("**/change/")
    office.page.context.clear_cookies(name="sessionid")
    office.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    office.reads("您的登录已失效。")


def test_a_case_that_was_passed_on_says_so_and_gives_back_what_was_typed(office: Officer) -> None:
    number = whistled(office)
    office.change_to("handler").open_case(number).press("report_in").reads("已完成“报到”")
    office.type("finish", "reply", TYPED)
    page = office.page
    handler: Any = page.context.cookies()
    other = page.context.new_page()
    center = Officer(other, office.site)
    center.change_to("center").open_case(number).unfold("reassign")
    center.choose("reassign", "department", "住房和城乡建设局").type("reassign", "comment", "改由住建局牵头")
    center.press("reassign").reads("已完成“转派”")
    page.context.clear_cookies()
    page.context.add_cookies(handler)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    office.reads("这件事项已不在您手上")
    office.press("finish").reads("未作任何改动", "您填写的内容保留在这里")
    assert page.input_value(".w-kept textarea") == TYPED


def test_what_was_selected_is_selected_again_with_back(office: Officer) -> None:
    office.login("center").open(f"{LIST}?status=handling")
    boxes = office.page.locator("input[name=number]")
    chosen = boxes.nth(2).get_attribute("value")
    boxes.nth(2).check()
    office.page.get_by_role("button", name="催办").click()
    office.page.wait_for_url("**/bulk/")
    office.page.go_back()
    office.reads("已选 1 件")
    assert office.page.locator("input[name=number]:checked").get_attribute("value") == chosen


def test_an_own_view_is_marked_as_long_as_its_filters_stand(office: Officer) -> None:
    office.login("center").open(f"{LIST}?scope=open&status=handling")
    office.page.get_by_text("保存视图").click()
    office.page.fill("#view-name", "办理中的")
    office.page.locator("details[open] button[type=submit]").click()
    own = office.page.locator(".w-own", has_text="办理中的")
    expect(own).to_have_attribute("aria-current", "page")
    office.page.select_option("select[name=status]", "docketed")
    expect(own).not_to_have_attribute("aria-current", "page")
    expect(office.page.get_by_text("此视图")).to_be_hidden()
    office.page.select_option("select[name=status]", "handling")
    expect(own).to_have_attribute("aria-current", "page")
    office.page.get_by_text("此视图").click()
    office.page.get_by_role("button", name="删除").click()
    expect(own).to_have_count(0)


def test_limits_and_calendar_survive_a_reload_and_an_ended_login(office: Officer) -> None:
    office.login("admin").open("/admin/limits/")
    cell, page = "[name='types.consult.handle']", office.page
    before, base = page.input_value(cell), page.input_value("[name=base]")
    page.fill(cell, "3 wd")
    page.fill("[name=reason]", "咨询件提速")
    page.context.clear_cookies(name="sessionid")
    page.reload()
    back_in(office)
    office.reads("已恢复您上次填写的内容。")
    assert (page.input_value(cell), page.input_value("[name=reason]")) == ("3 wd", "咨询件提速")
    assert page.input_value("[name=base]") == base
    page.get_by_role("button", name="试算").click()
    page.locator("#result").wait_for()
    office.open("/admin/limits/").reads("已恢复您上次填写的内容。")
    page.locator(".w-restored button").click()
    assert page.input_value(cell) == before
    office.open("/admin/calendar/")
    page.fill("[name=reason]", "按国务院办公厅通知")
    page.reload()
    office.reads("已恢复您上次填写的内容。")
    assert page.input_value("[name=reason]") == "按国务院办公厅通知"
    page.locator(".w-restored button").click()
    assert "通知" not in kept(office)
