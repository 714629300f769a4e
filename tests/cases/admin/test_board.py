"""The supervision board: columns, who reads what, interviews decided by a press, evidence that hides what is hidden."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.admin.waiting import age_words
from cases.models import Alert, Case, Clock, ExportNote, InterviewProposal, SupervisionOrder
from cases.official_days import official_calendar
from cases.terms import ClockKind, InterviewRule, Status
from cases.workflow import Action
from grids.models import Department
from grids.roles import Role
from tests.builders import MONDAY, USERNAMES, County, add_post, add_user
from tests.cases.admin.test_desk_figures import counted_behind
from tests.cases.admin.web import Web, at_moment, numbers_in, text_of
from tests.stories import Story, story_in
from tests.working import sent

pytestmark = pytest.mark.django_db

BOARD = reverse("admin:board")
READERS = {"inspector", "center", "leader", "depthead", "deputy"}


def supervised(county: County, department: Department | None = None) -> Story:
    story = story_in(county, Status.HANDLING)
    unit = (department or county.water).code
    story.wait(minutes=1).act(Action.SUPERVISE, "inspector", department=unit, card="yellow", demand="限期答复")
    return story


def answered(story: Story) -> Story:
    order = SupervisionOrder.objects.get(case=story.case_id)
    story.wait(minutes=1).act(Action.ANSWER_SUPERVISION, "depthead", order=order.pk, reply="已派人")
    return story


def proposal(department: Department, **evidence: object) -> InterviewProposal:
    return InterviewProposal.objects.create(
        department=department, rule=InterviewRule.THREE_REDS, evidence=evidence, proposed_at=MONDAY
    )


def decide_address(row: InterviewProposal) -> str:
    return reverse("admin:interview_decide", args=[row.pk])


@pytest.mark.parametrize("username", USERNAMES)
def test_only_supervisors_and_the_supervised_open_it(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    assert web.get(BOARD).status_code == (200 if username in READERS else 403)
    assert (BOARD in web.page("/admin/")) is (username in READERS)


def test_an_order_stands_in_the_column_of_what_it_waits_for(county: County) -> None:
    waiting, to_sign, gone = supervised(county), answered(supervised(county)), answered(supervised(county))
    order = SupervisionOrder.objects.get(case=gone.case_id)
    gone.wait(minutes=1).act(Action.SIGN_OFF, "inspector", order=order.pk)
    response = Web.of(county.users["inspector"]).get(BOARD)
    columns = {c.parameter: [card.order.case.number for card in c.cards] for c in response.context["columns"]}
    assert columns == {"waiting": [waiting.number], "answered": [to_sign.number], "done": [gone.number]}
    (card,) = response.context["columns"][0].cards
    assert card.due is not None
    assert [c.total for c in response.context["columns"]] == [1, 1, None]


def test_each_reader_sees_the_own_share(county: County) -> None:
    own, others = supervised(county), supervised(county, county.police)
    seen = {
        username: numbers_in(Web.of(county.users[username]).page(BOARD))
        for username in ("inspector", "leader", "depthead")
    }
    assert seen["inspector"] == seen["leader"] == {own.number, others.number}
    assert seen["depthead"] == {own.number}
    Case.objects.filter(pk=own.case_id).update(area_code=county.other_village.code, area=county.other_village)
    assert numbers_in(Web.of(county.users["leader"]).page(BOARD)) == {others.number}
    Case.objects.filter(pk=own.case_id).update(sealed=True, keeper="petition_officer")
    assert numbers_in(Web.of(county.users["inspector"]).page(BOARD)) == {others.number}


def test_an_interview_is_decided_once_and_by_the_inspector_alone(county: County) -> None:
    row = proposal(county.water, cases=[], alerts=[1, 2, 3])
    for username in sorted(READERS - {"inspector"}):
        client = Web.of(county.users[username]).client
        assert client.post(decide_address(row), {"held": "yes"}).status_code == 403
        assert decide_address(row) not in client.get(BOARD).content.decode()
    web = Web.of(county.users["inspector"])
    assert decide_address(row) in web.page(BOARD)
    assert web.get(decide_address(row)).status_code == 405
    assert web.client.post(decide_address(row), {"held": "perhaps"}).status_code == 404
    assert web.client.post(decide_address(row), {"held": "yes"}).status_code == 302
    again = web.client.post(decide_address(row), {"held": "no"}, follow=True)
    assert again.status_code == 200
    assert f"{county.users['inspector']} 已就水利局的约谈作出决定：已约谈。" in text_of(again)
    row.refresh_from_db()
    assert (row.held, row.decided_by) == (True, county.users["inspector"])
    assert decide_address(row) not in web.page(BOARD)
    assert web.client.post(reverse("admin:interview_decide", args=[10**6]), {"held": "yes"}).status_code == 404
    assert LogEntry.objects.count() == 0


def test_evidence_names_only_cases_that_the_reader_may_open(county: County) -> None:
    open_case, sealed = story_in(county, Status.HANDLING), story_in(county, Status.HANDLING)
    Case.objects.filter(pk=sealed.case_id).update(sealed=True, keeper="petition_officer")
    proposal(county.water, cases=[open_case.number, sealed.number, "<b>"], alerts=[1])
    for username in ("inspector", "depthead"):
        assert numbers_in(Web.of(county.users[username]).page(BOARD)) == {open_case.number}
    proposal(county.police, rated=6, satisfied=2, days=30)
    assert len(Web.of(county.users["inspector"]).get(BOARD).context["proposals"]) == 2
    assert len(Web.of(county.users["depthead"]).get(BOARD).context["proposals"]) == 1


def test_red_is_counted_by_department(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = story_in(county, Status.HANDLING)
    clock = story.clock(ClockKind.HANDLE)
    story.at(clock.due_at).wait(minutes=1).sweep()
    Alert.objects.update(moment=story.now)
    at_moment(monkeypatch, story)
    response = Web.of(county.users["inspector"]).get(BOARD)
    standing = Clock.objects.filter(charged=county.water, colour=3, stopped_at=None).count()
    (unit,) = [unit for unit in response.context["units"] if unit.name == county.water.short_name]
    assert unit.reds.count == standing > 0
    assert unit.lately.count >= standing
    for figure in (unit.reds, unit.lately):
        assert counted_behind(Web.of(county.users["inspector"]), figure.link) == figure.count
        assert counted_behind(Web.of(county.users["depthead"]), figure.link) == figure.count
    assert counted_behind(Web.of(county.users["handler"]), unit.reds.link) == 0, "the board is not theirs"
    assert [u.name for u in Web.of(county.users["deputy"]).get(BOARD).context["units"]] == [county.water.short_name]


def test_columns_are_paged_and_cost_the_same_when_full(county: County) -> None:
    web = Web.of(county.users["inspector"])

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            web.page(BOARD)
        return len(seen)

    first = supervised(county)
    answered(supervised(county))
    proposal(county.water, cases=[first.number])
    before = cost()
    for number in range(12):
        supervised(county)
        unit = Department.objects.create(code=f"u{number}", name=f"单位{number}", area=county.county, kind="county")
        proposal(unit, cases=[first.number])
    assert cost() == before
    columns = web.get(BOARD).context["columns"]
    assert (len(columns[0].cards), columns[0].total, columns[0].shown.next) == (12, 13, 2)
    assert len(web.get(BOARD, waiting="2").context["columns"][0].cards) == 1
    assert len(web.get(BOARD).context["proposals"]) == 5


def test_age_is_told_in_minutes_hours_and_working_days(county: County) -> None:
    calendar = official_calendar()
    told = [
        age_words(MONDAY - span, MONDAY, calendar)
        for span in (timedelta(0), timedelta(hours=5), timedelta(days=3), timedelta(days=7))
    ]
    assert [int("".join(filter(str.isdigit, words))) for words in told] == [
        1,
        5,
        2,
        6,
    ]  # Saturday 28 February was worked
    on_a_sunday = MONDAY - timedelta(days=1)
    assert "1" in age_words(on_a_sunday - timedelta(days=1, hours=1), on_a_sunday, calendar)


def order_address(story: Story, action: Action) -> str:
    order = SupervisionOrder.objects.get(case=story.case_id)
    return reverse("admin:order_act", args=[order.pk, action.value])


def test_an_order_is_answered_and_signed_off_where_it_stands(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    story = supervised(county)
    at_moment(monkeypatch, story.wait(minutes=1))
    head, inspector = Web.of(county.users["depthead"]), Web.of(county.users["inspector"])
    assert "限期答复" in head.page(BOARD)
    assert order_address(story, Action.SIGN_OFF) not in inspector.page(BOARD)
    assert head.client.post(order_address(story, Action.ANSWER_SUPERVISION), {"text": "已派人抢修"}).status_code == 302
    page = inspector.page(BOARD)
    assert "已派人抢修" in page
    assert order_address(story, Action.SIGN_OFF) in page
    assert order_address(story, Action.SIGN_OFF) not in Web.of(county.users["center"]).page(BOARD)
    done = inspector.client.post(order_address(story, Action.SIGN_OFF), {"text": "整改到位"})
    assert done.status_code == 302
    order = SupervisionOrder.objects.get(case=story.case_id)
    assert (order.answered_by, order.signed_off_by) == (county.users["depthead"], inspector.user)
    page = inspector.page(BOARD)
    assert "整改到位" in page
    assert order_address(story, Action.SIGN_OFF) not in page


def test_in_place_the_card_alone_is_answered_and_what_is_refused_is_kept(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = supervised(county)
    at_moment(monkeypatch, story.wait(minutes=1))
    head, inspector = Web.of(county.users["depthead"]), Web.of(county.users["inspector"])
    empty = head.client.post(order_address(story, Action.ANSWER_SUPERVISION), {"text": " ", "part": "1"})
    assert empty.status_code == 400
    early = inspector.client.post(order_address(story, Action.SIGN_OFF), {"text": "先销了", "part": "1"})
    assert early.status_code == 409
    page = inspector.client.post(order_address(story, Action.SIGN_OFF), {"text": "先销了"})
    assert (page.status_code, "尚未回复" in text_of(page)) == (409, True)
    answer = head.client.post(order_address(story, Action.ANSWER_SUPERVISION), {"text": "已派人", "part": "1"})
    assert answer.status_code == 200
    assert "已回复" in text_of(answer)
    assert text_of(answer).count("data-place") == 1
    twice = [
        inspector.client.post(order_address(story, Action.SIGN_OFF), {"text": "", "part": "1"}).status_code
        for _press in range(2)
    ]
    assert twice == [200, 409]


def test_whoever_signs_off_second_still_reads_what_was_typed(county: County) -> None:
    story = answered(supervised(county))
    first, second = Web.of(county.users["inspector"]), Web.of(add_user("inspector-2"))
    add_post(second.user, Role.INSPECTOR, county.township)
    address = order_address(story, Action.SIGN_OFF)
    assert first.client.post(address, {"text": "同意", "part": "1"}).status_code == 200
    for fields in ({"part": "1"}, {}):
        page = second.client.post(address, {"text": "还差一份照片", **fields})
        assert page.status_code == 409
        assert "您填写的内容保留在这里" in text_of(page)
        assert "readonly>还差一份照片</textarea>" in text_of(page)


def test_nobody_acts_on_an_order_that_is_not_the_own(county: County) -> None:
    story = supervised(county)
    answer, sign = order_address(story, Action.ANSWER_SUPERVISION), order_address(story, Action.SIGN_OFF)
    assert Web.of(county.users["handler"]).client.post(answer, {"text": "x"}).status_code == 403
    assert Web.of(county.users["deputy"]).client.post(answer, {"text": "x"}).status_code == 403
    assert Web.of(county.users["center"]).client.post(answer, {"text": "x"}).status_code == 403
    answered(story)
    assert Web.of(county.users["leader"]).client.post(sign, {"text": ""}).status_code == 403
    web = Web.of(county.users["inspector"])
    assert web.get(sign).status_code == 405
    assert web.client.post(reverse("admin:order_act", args=[10**6, "sign_off"])).status_code == 404
    assert web.client.post(order_address(story, Action.REMIND)).status_code == 404
    Case.objects.filter(pk=story.case_id).update(sealed=True, keeper="petition_officer")
    assert web.client.post(sign, {"text": ""}).status_code == 404
    assert SupervisionOrder.objects.get(case=story.case_id).signed_off_at is None


def test_yellow_stands_beside_red_and_nothing_sealed_in_either(county: County) -> None:
    story, sealed = story_in(county, Status.HANDLING), story_in(county, Status.HANDLING)
    yellow = story.clock(ClockKind.HANDLE).yellow_at
    assert yellow is not None
    story.at(yellow).wait(minutes=1).sweep()

    def told(username: str) -> tuple[int, int]:
        units = Web.of(county.users[username]).get(BOARD).context["units"]
        return next((unit.reds.count, unit.yellows.count) for unit in units if unit.name == county.water.short_name)

    assert told("inspector") == told("depthead") == (0, 2)
    Case.objects.filter(pk=sealed.case_id).update(sealed=True, keeper="petition_officer")
    assert told("inspector") == (0, 1)


def test_the_board_costs_twelve_statements(county: County) -> None:
    first = answered(supervised(county))
    proposal(county.water, cases=[first.number])
    for username in sorted(READERS):
        web = Web.of(county.users[username])
        web.page(BOARD)
        with CaptureQueriesContext(connection) as seen:
            web.page(BOARD)
        assert len(seen) <= 12, (username, [query["sql"][:90] for query in seen])


# Orders as files


def orders_out(web: Web, column: str) -> list[dict[str, str]]:
    """By the way that the column shows; nothing where it shows none."""
    address = reverse("admin:orders_export", args=[column])
    if f'href="{address}"' not in web.page(BOARD):
        return []
    assert web.get(address).status_code == 200
    return list(csv.DictReader(io.StringIO(sent(web.client.post(address, {"format": "csv", "key": str(uuid4())})))))


@pytest.mark.parametrize("username", sorted(READERS))
def test_the_orders_of_each_column_go_out_as_it_shows_them(county: County, username: str) -> None:
    supervised(county), supervised(county, county.police), answered(supervised(county))
    gone = answered(supervised(county))
    order = SupervisionOrder.objects.get(case=gone.case_id)
    gone.wait(minutes=1).act(Action.SIGN_OFF, "inspector", order=order.pk, comment="同意销号")
    sealed = supervised(county)
    Case.objects.filter(pk=sealed.case_id).update(sealed=True, keeper="inspector")
    web = Web.of(county.users[username])
    for column in web.get(BOARD).context["columns"]:
        shown = [card for card in column.cards if not card.order.case.sealed]
        rows = orders_out(web, column.parameter)
        assert [row["编号"] for row in rows] == [card.order.case.number for card in shown]
        assert [row["督办要求"] for row in rows] == ["限期答复"] * len(shown)
        assert sealed.number not in str(rows)
        assert all(row["回复期限"] for row in rows)
        assert {bool(row["回复时间"]) for row in rows} == {column.parameter != "waiting"}
    (done,) = orders_out(web, "done")
    assert (done["回复"], done["批注"] if "批注" in done else done["意见"], done["挂牌"]) == (
        "已派人",
        "同意销号",
        "黄牌",
    )
    assert {note.what for note in ExportNote.objects.all()} == {"orders.waiting", "orders.answered", "orders.done"}


def test_whoever_does_not_read_the_board_exports_no_orders(county: County) -> None:
    supervised(county)
    address = reverse("admin:orders_export", args=["waiting"])
    for username in sorted(set(USERNAMES) - READERS):
        web = Web.of(county.users[username])
        assert web.client.post(address, {"format": "csv", "key": str(uuid4())}).status_code == 403
    assert Web.of(county.users["inspector"]).get(reverse("admin:orders_export", args=["nothing"])).status_code == 404
    assert not ExportNote.objects.exists()
