"""The side paths of one matter in a real browser, each step by the officer who would take it, with what the form says
before it is sent; then a repeat that is merged, a look at a petitioner, and an accusation."""

from datetime import date, timedelta

from tests.e2e.officer import LIST, Officer
from tests.e2e.test_loop import docket, fill_in, take_in

LATER = (date.today() + timedelta(days=30)).isoformat()


def test_a_matter_on_every_side_path(office: Officer) -> None:
    number = take_in(office)
    docket(office.change_to("township"), number)
    propose_and_approve(office, number)
    object_and_decide(office, number)
    extend(office, number)
    suspend_and_resume(office, number)
    supervise(office, number)
    finish_and_reopen(office, number)


def propose_and_approve(office: Officer, number: str) -> None:
    """A township may not call the county's departments by itself: its leader finds the proposal on the desk."""
    office.open_case(number).unfold("propose_whistle")
    office.choose("propose_whistle", "lead", "水利局").choose("propose_whistle", "assistants", "公安局")
    office.type("propose_whistle", "instruction", "请县水利局牵头抢修").press("propose_whistle")
    office.reads("已完成“吹哨申请”")
    office.change_to("leader").open("/admin/").reads("我的待办").picture("40-desk-of-the-leader")
    office.open_case(number).reads("请县水利局牵头抢修", "水利局、公安局")
    assert office.buttons()[0] == "approve_whistle"
    assert "报到时限" in office.foreseen("approve_whistle")
    office.picture("41-proposal").press("approve_whistle").reads("已完成“批准吹哨”", "待报到")


def object_and_decide(office: Officer, number: str) -> None:
    office.change_to("handler").open_case(number).unfold("object")
    office.page.select_option("details[data-action=object] [name=reason]", "other_lead")
    office.type("object", "basis", "三定方案规定由住建局牵头").press("object").reads("已完成“退单”")
    office.change_to("center").open_case(number).reads("三定方案规定由住建局牵头")
    assert office.buttons()[0] == "decide_objection"
    office.tick("decide_objection", "upheld", "true").choose("decide_objection", "department", "住房和城乡建设局")
    assert "报到时限" in office.foreseen("decide_objection")
    office.type("decide_objection", "comment", "异议成立，转住建局").picture("42-objection").press("decide_objection")
    office.reads("已完成“裁定异议”", "主办 住建局")
    office.change_to("housing-handler").open_case(number)
    assert "办理时限" in office.foreseen("report_in")
    office.press("report_in").reads("已完成“报到”")


def extend(office: Officer, number: str) -> None:
    """Both see what would move: who asks while typing, who decides before pressing."""
    office.unfold("request_extension").type("request_extension", "amount", "99")
    office.reads("一次最多 10 个工作日。")
    office.type("request_extension", "amount", "3")
    asked = office.foreseen("request_extension", "→")
    office.type("request_extension", "reason", "管件需从宁德调运").picture("43-extension").press("request_extension")
    office.reads("已完成“申请延期”")
    office.change_to("center").open_case(number).reads("管件需从宁德调运", "如现在批准：")
    office.tick("decide_extension", "granted", "true")
    assert office.foreseen("decide_extension", "→") == asked
    office.press("decide_extension").reads("已完成“审批延期”")


def suspend_and_resume(office: Officer, number: str) -> None:
    office.unfold("suspend")
    office.page.select_option("details[data-action=suspend] [name=reason]", "awaiting_material")
    office.type("suspend", "until", LATER)
    assert office.foreseen("suspend", "→").count("→") == 3  # the promise, the lead's and the assistant's clock
    office.press("suspend").reads("已完成“挂起”", "自动恢复", "已暂停计时")
    assert office.buttons()[0] == "resume"
    assert "办理时限" in office.foreseen("resume", "→")
    office.picture("44-suspended").press("resume").reads("已完成“恢复”", "办理中")


def supervise(office: Officer, number: str) -> None:
    office.change_to("inspector").open_case(number).unfold("supervise")
    office.choose("supervise", "department", "住房和城乡建设局")
    office.page.select_option("details[data-action=supervise] [name=card]", "yellow")
    assert "督办时限" in office.foreseen("supervise")
    office.type("supervise", "demand", "三日内到场处置").press("supervise").reads("已完成“督办”", "黄牌")
    office.change_to("housing-head").open("/admin/").reads("我的待办")
    office.open_case(number).reads("三日内到场处置")
    office.type("answer_supervision", "reply", "已到场，明日完工").press("answer_supervision").reads("已完成“回复督办”")
    office.change_to("inspector").open("/admin/supervision/").reads("待销号").picture("45-board")
    office.open_case(number).reads("已到场，明日完工").press("sign_off").reads("已完成“销号”")


def finish_and_reopen(office: Officer, number: str) -> None:
    """The assistant is not needed any more; the closed case is taken up again by the inspector."""
    office.change_to("center").open_case(number).unfold("release_assistant")
    office.type("release_assistant", "comment", "交通已恢复").press("release_assistant").reads("已完成“撤销协办”")
    office.change_to("housing-handler").open_case(number)
    assert "核查时限" in office.foreseen("finish")
    office.type("finish", "reply", "已换管并回填").press("finish").reads("已完成“反馈”")
    office.change_to("center").open_case(number).tick("verify", "passed", "true")
    assert "评价期" in office.foreseen("verify")
    office.press("verify").reads("已完成“核查”")
    office.page.select_option("details[data-action=rate] [name=grade]", "5")
    office.tick("rate", "solved", "true").type("rate", "record", "电话回访满意").press("rate").reads("已完成“评价”")
    office.change_to("inspector").open_case(number).unfold("reopen")
    assert "住建局 办理时限" in office.foreseen("reopen")
    office.type("reopen", "comment", "同处再次漏水").picture("46-reopen").press("reopen").reads(
        "已完成“重办”", "第 2 轮"
    )


def test_every_due_time_of_the_page_explains_itself(office: Officer) -> None:
    office.login("center").open(f"{LIST}?status=handling").page.locator(".w-title").first.click()
    office.page.wait_for_url("**/change/")
    links = office.page.locator("a.w-receipt-link")
    assert links.count() >= 4
    links.first.click()
    office.reads("文字说明").picture("47-receipt")
    office.page.keyboard.press("Escape")
    assert not office.page.get_by_text("文字说明").is_visible()
    office.open(links.last.get_attribute("href") or "").reads("文字说明").picture("47-receipt-alone")


def test_a_repeat_is_proposed_and_merged_by_hand(office: Officer) -> None:
    first = take_in(office, title="西区路灯连片不亮", phone="13811112222")
    fill_in(office, title="西区路灯连片不亮，夜里看不清路", phone="13811112222")
    office.reads("相似事项", "同一诉求人", first).picture("50-similar-at-intake")
    office.page.click(".w-collect button[type=submit]")
    office.reads("查询码只显示这一次", "疑似重复")
    second = office.page.inner_text("#number")
    office.change_to("township").open_case(second).reads("相似事项", first).picture("51-similar-at-docketing")
    office.page.get_by_text("并入此件").first.click()
    office.page.wait_for_url("**master=**")
    assert office.page.input_value("details[data-action=merge] [name=master]") == first
    office.type("merge", "comment", "同一处路灯").press("merge")
    office.reads("不能再拆分").page.click("dialog.w-sure [data-no]")
    assert not office.page.locator("dialog.w-sure").is_visible()
    office.press("merge").page.click("dialog.w-sure [data-yes]")
    office.reads("已完成“并案”", "已并案")


def test_a_look_at_a_petitioner_is_read_by_the_petition_office(office: Officer) -> None:
    number = take_in(office, title="北门垃圾桶满溢", phone="13833334444")
    office.change_to("township").open_case(number).reads("138****4444")
    assert "13833334444" not in office.page.content()
    office.page.get_by_text("查看真实信息").click()
    office.page.get_by_role("button", name="查看一次").click()
    office.reads("请说明查看理由，最多 500 字。")
    office.page.fill("[name=reason] >> visible=true", "电话核实具体位置")
    office.page.get_by_role("button", name="查看一次").click()
    office.reads("王小明", "13833334444", "仅显示这一次").picture("52-plain")
    office.open_case(number)
    assert "13833334444" not in office.page.content()
    office.change_to("petition").open("/admin/looks/").reads("魏守溪", "电话核实具体位置", number).picture("53-looks")
    with office.page.expect_popup() as sheet:
        office.page.get_by_text("可告知诉求人的内容").first.click()
    assert "魏守溪" in sheet.value.inner_text("table")


def test_what_turns_out_to_be_an_accusation_is_sealed_after_asking_once_more(office: Officer) -> None:
    number = take_in(office, title="村干部优亲厚友")
    office.change_to("township").open_case(number)
    office.page.select_option("details[data-action=docket] [name=type]", "accusation")
    office.choose("docket", "category", "作风建设").press("docket").reads("将密封并移交保管部门")
    office.picture("56-sealing-asks")
    office.page.click("dialog.w-sure [data-no]")
    office.press("docket").page.click("dialog.w-sure [data-yes]")
    office.reads("已完成“立项”")
    assert office.page.goto(f"{LIST}{number}/change/").status == 404  # type: ignore[union-attr]  # it answers


def test_an_accusation_is_taken_in_whole_and_seen_by_its_keeper_alone(office: Officer) -> None:
    office.login("intake").open("/admin/cases/case/add/")
    page = office.page
    assert not page.locator("[data-for-type=accusation]").is_visible()
    fill_in(office, title="反映招标收受好处", type="accusation")
    office.pick("accused_units", "水利局").pick("accused_persons", "林世柏").picture("54-accusation")
    page.click(".w-collect button[type=submit]")
    office.reads("已密封并移交保管部门")
    number = page.inner_text("#number")
    for username in ("intake", "depthead", "handler", "center", "inspector"):
        office.change_to(username).open(f"{LIST}?scope=all&q=招标收受").reads("没有符合筛选条件的事项。")
        assert page.goto(f"{LIST}{number}/change/").status == 404  # type: ignore[union-attr]  # it answers
    office.change_to("petition").open("/admin/").reads("我的待办").open_case(number)
    office.reads("已密封，由信访办保管", "寿宁县水利局", "林世柏 · 水利局 部门主要领导").picture("55-sealed")
    office.choose("docket", "category", "作风建设").press("docket").reads("已完成“立项”")
    office.type("conclude", "reply", "经核查不属实，已当面答复").press("conclude")
    office.page.click("dialog.w-sure [data-yes]")
    office.reads("已完成“办结归档”")
