"""What officers typed: nobody else at the same computer reads it, and nothing but the service's own word forgets it."""

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
    office.open("/admin/").logout()
    assert "反映招标收受好处" not in kept(office)
    office.login("intake-2")
    office.page.wait_for_load_state("load")
    office.page.evaluate("history.go(-4)")  # the login page, that of logging out, the desk, the form
    office.page.wait_for_url(f"**{ADD}")
    office.page.wait_for_load_state("load")
    assert office.page.input_value("form.w-collect [name=title]") == ""
    assert office.page.input_value("form.w-collect [name=type]") == ""


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
