"""Dispatch meetings in the browser: who may, decisions that are kept when refused, files that are noted, costs."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cases import tasks
from cases.actions.meetings import LONGEST_DECISION, decide_item, draw_up
from cases.calendar import ZONE
from cases.models import Case, ExportNote, Meeting, MeetingItem
from cases.terms import MeetingKind, Status
from config.celery import app
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.admin.web import Web, numbers_in, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

CONVENERS = {"center", "inspector"}
LIST = reverse("admin:meetings")


def late_case(county: County, **changes: Any) -> Story:
    story = story_in(county, Status.HANDLING, **changes)
    Case.objects.filter(pk=story.case_id).update(colour=3)
    return story


def post(web: Web, address: str, **fields: str) -> Any:
    return web.client.post(address, fields)


def drawn(kind: MeetingKind = MeetingKind.WEEKLY) -> Meeting:
    return draw_up(kind, now=MONDAY + timedelta(hours=1), county="350924")


def decision_address(item: MeetingItem) -> str:
    return reverse("admin:meeting_decide", args=[item.meeting_id, item.pk])


@pytest.mark.parametrize("username", USERNAMES)
def test_only_those_who_call_the_meetings_open_any_of_their_pages(county: County, username: str) -> None:
    late_case(county)
    held = drawn()
    web = Web.of(county.users[username])
    expected = 200 if username in CONVENERS else 403
    for address in (LIST, reverse("admin:meeting", args=[held.pk]), reverse("admin:meeting_print", args=[held.pk])):
        assert web.get(address).status_code == expected
    assert (LIST in web.page("/admin/")) is (username in CONVENERS)


@pytest.mark.parametrize("username", sorted(set(USERNAMES) - CONVENERS))
def test_nobody_else_draws_up_decides_or_exports(county: County, username: str) -> None:
    late_case(county)
    item = MeetingItem.objects.get(meeting=drawn())
    client = Web.of(county.users[username]).client
    assert client.post(reverse("admin:meeting_draw_up"), {"kind": "weekly"}).status_code == 403
    assert client.post(decision_address(item), {"decision": "限期办结"}).status_code == 403
    assert client.post(reverse("admin:meeting_export", args=[item.meeting_id]), {"format": "csv"}).status_code == 403
    item.refresh_from_db()
    assert (item.decision, ExportNote.objects.count(), Meeting.objects.count()) == ("", 0, 1)


def test_drawing_up_twice_on_one_day_leads_to_the_same_list(county: County) -> None:
    story = late_case(county)
    web = Web.of(county.users["inspector"])
    first = post(web, reverse("admin:meeting_draw_up"), kind="monthly")
    again = post(web, reverse("admin:meeting_draw_up"), kind="monthly")
    assert first.status_code == 302
    assert first.url == again.url
    assert numbers_in(web.page(first.url)) == {story.number}
    assert post(web, reverse("admin:meeting_draw_up"), kind="yearly").status_code == 404
    assert web.get(reverse("admin:meeting_draw_up")).status_code == 405


def test_a_decision_is_recorded_in_the_case_and_shown_again(county: County) -> None:
    story = late_case(county)
    item = MeetingItem.objects.get(meeting=drawn())
    web = Web.of(county.users["center"])
    response = post(web, f"{decision_address(item)}?reason=overdue&page=1", decision="三日内办结")
    assert (response.status_code, response.url.endswith(f"#item-{item.pk}")) == (302, True)
    page = web.page(reverse("admin:meeting", args=[item.meeting_id]))
    assert "三日内办结" in page
    assert story.events()[-1].kind == "meeting_decision"
    assert LogEntry.objects.count() == 0


def test_a_refused_decision_keeps_what_was_typed(county: County) -> None:
    late_case(county)
    item = MeetingItem.objects.get(meeting=drawn())
    long = "长" * (LONGEST_DECISION + 1)
    response = Web.of(county.users["center"]).client.post(decision_address(item), {"decision": long})
    assert response.status_code == 400
    assert f">{long}</textarea>" in text_of(response)
    item.refresh_from_db()
    assert item.decided_at is None


def test_an_item_of_an_unknown_meeting_or_case_is_not_there(county: County) -> None:
    story = late_case(county)
    item = MeetingItem.objects.get(meeting=drawn())
    web = Web.of(county.users["center"])
    assert web.client.post(reverse("admin:meeting_decide", args=[item.meeting_id, 10**6])).status_code in {400, 404}
    assert web.get(reverse("admin:meeting", args=[10**6])).status_code == 404
    Case.objects.filter(pk=story.case_id).update(sealed=True, keeper="petition_officer")
    assert numbers_in(web.page(reverse("admin:meeting", args=[item.meeting_id]))) == set()
    assert post(web, decision_address(item), decision="办").status_code == 404


def test_the_list_is_narrowed_by_reason(county: County) -> None:
    late, calm = late_case(county), late_case(county)
    Case.objects.filter(pk=calm.case_id).update(colour=0, dissatisfied=1)
    held = drawn()
    web = Web.of(county.users["center"])
    address = reverse("admin:meeting", args=[held.pk])
    assert numbers_in(web.page(address, reason="overdue")) == {late.number}
    assert numbers_in(web.page(address, reason="dissatisfied")) == {calm.number}
    item = MeetingItem.objects.get(case=late.case_id)
    decide_item(item_id=item.pk, actor=county.actor("center"), now=MONDAY + timedelta(hours=2), decision="办")
    assert numbers_in(web.page(address, reason="undecided")) == {calm.number}
    counts = {value: count for value, _words, count in web.get(address).context["tabs"]}
    assert counts == {
        "": 2,
        "undecided": 1,
        "overdue": 1,
        "soon_due": 0,
        "stuck": 0,
        "dissatisfied": 1,
        "suspended_long": 0,
    }
    assert numbers_in(web.page(address, reason="'; --")) == {late.number, calm.number}


def test_a_file_holds_the_rows_and_is_noted_before_it_leaves(county: County) -> None:
    story = late_case(county, title="=1+1 水管")
    held = drawn()
    web = Web.of(county.users["inspector"])
    address = reverse("admin:meeting_export", args=[held.pk])
    text = b"".join(post(web, address, format="csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:2] for row in rows[1:]] == [[story.number, "'=1+1 水管"]]
    content = b"".join(post(web, f"{address}?reason=overdue", format="xlsx").streaming_content)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = list(next(sheet.iter_rows(min_row=2, max_row=2)))[:2]
    assert [(cell.value, cell.data_type) for cell in cells] == [(story.number, "s"), ("=1+1 水管", "s")]
    head = sheet["A1"]
    assert (head.value, head.font.bold, sheet.freeze_panes, sheet.print_title_rows) == ("编号", True, "A2", "$1:$1")
    assert sheet.column_dimensions["I"].width > sheet.column_dimensions["A"].width > 20
    assert story.case.due_at is not None
    assert (sheet["C2"].value, sheet["F2"].value) == (
        "鳌阳镇 北凤社区",
        f"{story.case.due_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
    )
    notes = ExportNote.objects.order_by("id").values_list("user__username", "what", "format", "rows", "criteria")
    assert list(notes) == [
        ("inspector", "meeting", "csv", 1, {"meeting": held.pk, "reason": ""}),
        ("inspector", "meeting", "xlsx", 1, {"meeting": held.pk, "reason": "overdue"}),
    ]
    assert post(web, address, format="exe").status_code == 404
    assert web.get(address).status_code == 405


def test_the_auditor_reads_who_took_what(county: County) -> None:
    late_case(county)
    held = drawn()
    Web.of(county.users["center"]).client.post(reverse("admin:meeting_export", args=[held.pk]), {"format": "csv"})
    address = reverse("admin:cases_exportnote_changelist")
    assert "调度会清单" in Web.of(county.users["auditor"]).page(address)
    assert Web.of(county.users["center"]).get(address).status_code == 403


def test_a_longer_list_costs_no_more_queries(county: County) -> None:
    web = Web.of(county.users["center"])

    def cost(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            web.page(address)
        return len(seen)

    late_case(county)
    small = drawn()
    addresses = [reverse(f"admin:{name}", args=[small.pk]) for name in ("meeting", "meeting_print")]
    before = [cost(address) for address in (*addresses, LIST)]
    for _ in range(5):
        MeetingItem.objects.create(meeting=small, case=late_case(county).case, reasons=["overdue", "stuck"])
    for number in range(5):
        Meeting.objects.create(kind="weekly", day=date(2026, 1, 1 + number), drawn_up_at=MONDAY)
    assert [cost(address) for address in (*addresses, LIST)] == before


def test_a_page_shows_its_share_and_the_way_to_the_next(county: County) -> None:
    for number in range(31):
        Meeting.objects.create(kind="weekly", day=date(2026, 1, 1) + timedelta(days=number), drawn_up_at=MONDAY)
    web = Web.of(county.users["center"])
    assert len(web.get(LIST).context["meetings"]) == 30
    assert 'href="?page=2"' in web.page(LIST)
    assert len(web.get(LIST, page="2").context["meetings"]) == 1
    assert len(web.get(LIST, page="²").context["meetings"]) == 30


def test_the_command_and_the_tasks_draw_up_what_the_day_asks_for(
    county: County, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("draw_up", "weekly")
    call_command("draw_up", "weekly")
    assert "drawn up" in (told := capsys.readouterr().out)
    assert "was there" in told
    tasks.weekly_meeting()
    assert Meeting.objects.count() == 1
    for day, expected in ((date(2026, 10, 7), 0), (date(2026, 10, 8), 1), (date(2026, 10, 9), 1)):
        at = MONDAY.replace(year=day.year, month=day.month, day=day.day, tzinfo=ZONE)
        monkeypatch.setattr("cases.tasks.timezone.now", lambda at=at: at)
        tasks.monthly_meeting()
        assert Meeting.objects.filter(kind="monthly").count() == expected
    tasks.interviews()


def test_every_entry_of_the_beat_names_a_task_that_is_there() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def seen_of(item: MeetingItem) -> str:
    item.refresh_from_db()
    return item.decided_at.isoformat() if item.decided_at else ""


def test_a_decision_of_somebody_else_is_told_and_not_overwritten(county: County) -> None:
    late_case(county)
    item = MeetingItem.objects.get(meeting=drawn())
    center, inspector = Web.of(county.users["center"]), Web.of(county.users["inspector"])
    before = seen_of(item)
    assert post(center, decision_address(item), decision="周五前办结", seen=before).status_code == 302
    late = post(inspector, decision_address(item), decision="下周再议", seen=before, part="1")
    assert late.status_code == 409
    page = text_of(late)
    assert "周五前办结" in page
    assert "下周再议</textarea>" in page
    item.refresh_from_db()
    assert (item.decision, item.decided_by) == ("周五前办结", county.users["center"])
    same = post(inspector, decision_address(item), decision="周五前办结", seen=before, part="1")
    assert same.status_code == 200
    knowing = post(inspector, decision_address(item), decision="下周再议", seen=seen_of(item))
    assert knowing.status_code == 302
    item.refresh_from_db()
    assert (item.decision, item.decided_by) == ("下周再议", county.users["inspector"])


def test_in_place_the_cell_alone_is_answered(county: County) -> None:
    late_case(county)
    item = MeetingItem.objects.get(meeting=drawn())
    web = Web.of(county.users["inspector"])
    answer = post(web, decision_address(item), decision="限期三日", seen="", part="1")
    assert answer.status_code == 200
    page = text_of(answer)
    assert page.count("data-place") == 1
    assert "已记录" in page
    assert f'name="seen" value="{seen_of(item)}"' in page
    empty = post(web, decision_address(item), decision="  ", seen=seen_of(item), part="1")
    assert (empty.status_code, "aria-invalid" in text_of(empty)) == (400, True)
    assert post(web, decision_address(item), decision="x", seen="yesterday").status_code == 404
    under_a_filter = f"{decision_address(item)}?reason=undecided"
    assert post(web, under_a_filter, decision="限期五日", seen=seen_of(item), part="1").status_code == 200
