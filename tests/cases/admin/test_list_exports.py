"""Lists of the administration as files: for each registered list and each role, the rows and columns of its page."""

import csv
import io
import re
import uuid
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from openpyxl import load_workbook

from cases import tasks
from cases.actions.exporting import note_export
from cases.admin import exports_page
from cases.models import (
    Category,
    Clock,
    Errand,
    ExportNote,
    JournalMaintenance,
    Phrase,
    Reason,
    Reconciliation,
)
from cases.terms import ClockKind, ErrandState, Status
from cases.workflow import Action
from grids.models import Area, Department, Post, User
from grids.roles import Role
from notifications.models import ChannelTerms, Delivery, Message, OfficeHours
from notifications.states import ChannelName
from tests.builders import MONDAY, USERNAMES, County, add_post, add_user
from tests.cases.admin.web import Web, text_of
from tests.grids.test_pages import PAGES
from tests.stories import story_in
from tests.working import worked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working")]

TABLES = sorted(set(PAGES) - {"cases/case"})
TYPED = "Quiet-river-2026"  # a password where the user name belongs
#: What a page says otherwise than a file: yes and no by marks, moments without their year, the colour of news.
_OTHERWISE = re.compile(r"|是|否|\d{4}-\d\d-\d\d( \d\d:\d\d)?|\d\d:\d\d(、\d\d:\d\d)*|红色|未知用户名")
Rows = list[list[str]]


def address(page: str) -> str:
    return reverse("admin:list_export", args=page.split("/"))


def taken(web: Web, page: str, query: str = "", *, format: str = "csv", key: str = "") -> Any:
    return web.client.post(f"{address(page)}?{query}", {"format": format, "key": key or str(uuid.uuid4())})


def content_of(response: Any) -> bytes:
    assert response.status_code == 200, text_of(response)
    return b"".join(response.streaming_content)


def lines_of(response: Any) -> Rows:
    """Headings and rows of a csv."""
    return list(csv.reader(io.StringIO(content_of(response).decode("utf-8-sig"))))


@pytest.fixture
def office(county: County) -> County:
    """A county with something in every table."""
    story = story_in(county, Status.HANDLING)
    now = timezone.now()
    Clock.objects.filter(pk=story.clock(ClockKind.HANDLE).pk).update(held_until=now, held_error="DataError: bad row")
    Reconciliation.objects.create(started_at=now, finished_at=now)
    JournalMaintenance.objects.create(at=now, database_user="operator", operation="UPDATE", reason="test")
    ChannelTerms.objects.get_or_create(channel=ChannelName.EMAIL)
    OfficeHours.objects.get_or_create()
    note_export(what="cases", format="csv", criteria={}, rows=1, actor=county.actor("center"), now=now)
    _more(county, "first", 2)
    return county


def _more(county: County, name: str, count: int) -> None:
    """So many more rows of whatever grows."""
    now, center = timezone.now(), county.users["center"]
    topic = Category.objects.order_by("pk").first()
    for number in range(count):
        user = add_user(f"{name}-{number}")
        add_post(user, Role.DEPARTMENT_HANDLER, county.water)
        AuthToken.objects.create(user=user)
        seen = {"ip_address": "10.0.0.1", "http_accept": "", "user_agent": f"{name}-{number}", "path_info": "/"}
        AccessLog.objects.create(username="center", **seen)
        for who in ("center", TYPED):
            AccessFailureLog.objects.create(username=who, **seen)
            AccessAttempt.objects.create(
                username=who, failures_since_start=3, get_data="", post_data=f"password={TYPED}", **seen
            )
        Delivery.objects.create(
            channel=ChannelName.EMAIL, key=f"{name}{number}", recipient=center, created_at=now, not_before=now
        )
        Phrase.objects.create(action=Action.FINISH.value, text=f"{name}{number}")
        Reason.objects.create(list="reject", code=f"{name}_{number}", name_zh=f"{name}{number}", name_en=name)
        Category.objects.create(code=f"{name}{number}"[:12], name="其他", parent=topic, lead_department=county.water)
        Department.objects.create(
            code=f"{name}-{number}", name=f"{name}{number}", short_name=name, kind="county", area=county.county
        )
    Message.objects.bulk_create(
        Message(
            recipient=one, key=f"{name}{number}", kind="reminded", subject="催办", body="<b>", created_at=now, colour=3
        )
        for one in User.objects.filter(username__in=USERNAMES)
        for number in range(count)
    )


@pytest.mark.parametrize("page", TABLES)
def test_a_file_holds_what_its_page_shows_and_is_noted(office: County, page: str) -> None:
    for username in sorted(PAGES[page]):
        web = Web.of(office.users[username])
        shown = web.get(f"/admin/{page}/", **({} if page == "notifications/message" else {"all": ""}))
        before, rows_shown = ExportNote.objects.count(), _count(shown)
        heads, *rows = lines_of(taken(web, page))
        assert ExportNote.objects.count() == before + 1
        note = ExportNote.objects.latest("pk")
        assert (note.what, note.user, note.rows) == (page.replace("/", "."), web.user, len(rows))
        assert note.criteria == {}
        assert note.finished_at is not None
        assert all(heads)
        if page == "notifications/officehours":  # one row, whose list leads to its page
            assert (shown.status_code, [row[:2] for row in rows]) == (302, [["22:00", "07:00"]])
            continue
        assert len(rows) == rows_shown > 0
        assert not _unseen(rows, shown), username


def _count(shown: Any) -> int:
    return shown.context["cl"].queryset.count() if shown.status_code == 200 else 1


def _unseen(rows: Rows, shown: Any) -> set[str]:
    """What stands in the file and nowhere on the page."""
    words = _spaced(unescape(re.sub("<[^>]*>", " ", shown.content.decode())))
    cells = {cell for row in rows for cell in row if not _OTHERWISE.fullmatch(cell)}
    return {cell for cell in cells if _spaced(cell) not in words}


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("page", TABLES)
def test_whoever_does_not_open_the_page_exports_nothing(county: County, page: str) -> None:
    for username in sorted(set(USERNAMES) - PAGES[page]):
        web = Web.of(county.users[username])
        assert web.get(address(page)).status_code == 403
        assert taken(web, page).status_code == 403
    assert not ExportNote.objects.filter(what__contains=".").exists()


@pytest.mark.parametrize("page", TABLES)
def test_the_page_leads_to_its_export_with_what_it_was_asked(office: County, page: str) -> None:
    web = Web.of(office.users[min(PAGES[page])])
    query = "read=no" if page == "notifications/message" else "q=x" if _searches(web, page) else ""
    shown = web.client.get(f"/admin/{page}/?{query}", follow=True)
    link = address(page) + (f"?{query}" if query else "")
    assert re.search(rf'href="{re.escape(link)}\??"', text_of(shown))
    export = web.client.get(link)
    assert (export.status_code, export.context["chosen"].query) == (200, query)


def _searches(web: Web, page: str) -> bool:
    shown = web.get(f"/admin/{page}/")
    return shown.status_code == 200 and bool(shown.context["cl"].search_fields)


def test_filters_search_and_order_of_the_list_are_those_of_the_file(office: County) -> None:
    web = Web.of(office.users["admin"])
    query = "level__exact=village&q=%E7%A4%BE&o=-1"
    shown = [area.code for area in web.client.get(f"/admin/grids/area/?{query}").context["cl"].result_list]
    assert shown == sorted(shown, reverse=True) != []
    assert len(shown) < Area.objects.count()
    assert [row[0] for row in lines_of(taken(web, "grids/area", query))[1:]] == shown
    note = ExportNote.objects.latest("pk")
    assert note.criteria == {"level__exact": "village", "searched": True}
    page = Web.of(office.users["auditor"]).page(reverse("admin:cases_exportnote_change", args=[note.pk]))
    assert "层级: 村（社区）" in page
    assert "有（搜索内容不留存）" in page


def test_posts_in_force_and_unread_news_are_filters_too(office: County) -> None:
    ended = add_user("ended")
    add_post(ended, Role.GRID_WORKER, office.village, until=MONDAY.date())
    rows = lines_of(taken(Web.of(office.users["admin"]), "grids/post", "held=ended"))[1:]
    assert [(row[0], row[-1]) for row in rows] == [("ended (ended)", "否")] or rows[0][-1] == "否"
    Message.objects.filter(recipient=office.users["center"], key="first0").update(read_at=timezone.now())
    unread = lines_of(taken(Web.of(office.users["center"]), "notifications/message", "read=no"))[1:]
    assert len(unread) == Message.objects.filter(recipient=office.users["center"], read_at=None).count()
    assert {row[0] for row in unread} >= {"红色"}


def test_what_a_list_hides_stands_in_no_file(office: County) -> None:
    """What was typed at a failed login, passwords, tokens, other people's news."""
    User.objects.filter(username="first-0").update(password="pbkdf2_secret")
    token = AuthToken.objects.first()
    assert token is not None
    Message.objects.filter(recipient=office.users["handler"]).update(subject="只给经办人")
    secrets = (TYPED, "pbkdf2_secret", token.digest, token.token_key, "只给经办人")
    for page in TABLES:
        for username in PAGES[page] - {"handler"}:
            for format in ("csv", "xlsx"):
                content = content_of(taken(Web.of(office.users[username]), page, format=format))
                words = _words_of(content) if format == "xlsx" else content.decode()
                assert not [secret for secret in secrets if secret in words], (page, username)
    rows = lines_of(taken(Web.of(office.users["security"]), "axes/accessfailurelog"))[1:]
    assert {row[0] for row in rows} == {"center", "未知用户名"}


def _words_of(workbook: bytes) -> str:
    rows = load_workbook(io.BytesIO(workbook)).worksheets[0].iter_rows(values_only=True)
    return "\n".join(str(cell) for row in rows for cell in row)


def test_a_workbook_holds_the_same_as_the_csv(office: County) -> None:
    web = Web.of(office.users["admin"])
    sheet = load_workbook(io.BytesIO(content_of(taken(web, "grids/post", format="xlsx")))).worksheets[0]
    assert sheet.title.startswith("岗位")
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == lines_of(
        taken(web, "grids/post")
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝"])
def test_no_cell_is_a_formula(office: County, start: str) -> None:
    name = f"{start}HYPERLINK(1)"
    Department.objects.filter(pk=office.water.pk).update(name=name)
    web, query = Web.of(office.users["admin"]), f"q={office.water.code}"
    assert lines_of(taken(web, "grids/department", query))[1][1] == f"'{name}"
    book = load_workbook(io.BytesIO(content_of(taken(web, "grids/department", query, format="xlsx"))))
    cell = book.worksheets[0]["B2"]
    assert (cell.value, cell.data_type) == (name, "s")


def test_moments_and_codes_are_said_in_words(office: County) -> None:
    Delivery.objects.update(not_before=MONDAY)
    (heads, row, *_rest) = lines_of(taken(Web.of(office.users["admin"]), "notifications/delivery"))
    said = dict(zip(heads, row, strict=True))
    assert (said["渠道"], said["状态"]) == ("电子邮件", "待发送")
    assert f"{MONDAY:%Y-%m-%d}" in row[6]
    english = User.objects.filter(username="admin")
    english.update(language="en")
    (heads, row, *_rest) = lines_of(taken(Web.of(english.get()), "grids/post"))
    assert heads[:3] == ["User", "User name", "Role"]
    assert {"Yes", "No"} & set(row)


# Long lists


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are a long list."""
    monkeypatch.setattr(exports_page, "AT_ONCE", 1)


@pytest.mark.usefixtures("long_lists")
@pytest.mark.parametrize("page", ["grids/area", "notifications/message", "cases/journalevent", "axes/accesslog"])
def test_a_long_list_is_made_by_the_worker(office: County, page: str) -> None:
    web = Web.of(office.users[min(PAGES[page] & {"admin", "auditor", "security", "center"})])
    key = str(uuid.uuid4())
    response = taken(web, page, key=key)
    assert response.url == taken(web, page, key=key).url, "pressed twice"
    progress = web.page(response.url)
    assert 'data-refresh="?part=1"' in progress
    done = worked()
    assert (done.state, done.done, done.row_ids) == (ErrandState.DONE, done.total, []), done.trouble
    rows = lines_of(web.get(reverse("admin:errand_file", args=[done.pk])))[1:]
    note = ExportNote.objects.latest("pk")
    assert (len(rows), note.rows, note.what) == (done.total, done.total, page.replace("/", "."))
    assert note.fetched_at is not None
    assert not _unseen(rows, web.get(f"/admin/{page}/", **({} if page == "notifications/message" else {"all": ""})))
    mine = web.page(address(page))
    assert f'href="{response.url}"' in mine
    assert f'href="{address(page)}?"' in web.page(response.url)


@pytest.mark.usefixtures("long_lists")
def test_tokens_have_no_number_and_are_sent_at_any_length(office: County) -> None:
    assert len(lines_of(taken(Web.of(office.users["security"]), "knox/authtoken"))) == 3
    assert not Errand.objects.exists()


@pytest.mark.usefixtures("long_lists")
def test_whoever_lost_the_post_before_it_is_made_is_told(office: County) -> None:
    web = Web.of(office.users["admin"])
    taken(web, "grids/area")
    Post.objects.filter(user=web.user).update(valid_to=MONDAY.date() - timedelta(days=400))
    errand = worked()
    assert (errand.state, errand.result) == (ErrandState.FAILED, "")
    assert "无权查看该列表" in errand.trouble
    assert ExportNote.objects.latest("pk").finished_at is None


@pytest.mark.usefixtures("long_lists")
def test_for_whoever_was_put_out_of_use_nothing_is_made(office: County) -> None:
    taken(Web.of(office.users["center"]), "notifications/message")
    User.objects.filter(username="center").update(is_active=False)
    errand = worked()
    assert (errand.state, errand.result) == (ErrandState.FAILED, "")


def test_a_file_is_bounded_and_its_page_says_so(office: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_page, "MOST_ROWS", 2)
    web = Web.of(office.users["admin"])
    assert "只含前 2 " in web.page(address("grids/area"))
    assert len(lines_of(taken(web, "grids/area"))) == 3
    assert ExportNote.objects.latest("pk").rows == 2


@pytest.mark.usefixtures("long_lists")
def test_whoever_lost_it_after_that_fetches_nothing(office: County) -> None:
    root = add_user("root", superuser=True)
    for user in (office.users["admin"], root):
        web = Web.of(user)
        taken(web, "grids/area")
        errand = worked()
        assert errand.state == ErrandState.DONE
        User.objects.filter(pk=user.pk).update(is_superuser=False)
        Post.objects.filter(user=user).update(valid_to=MONDAY.date() - timedelta(days=400))
        assert web.get(reverse("admin:errand_file", args=[errand.pk])).status_code == 302
        errand.refresh_from_db()
        assert errand.state == ErrandState.EXPIRED


@pytest.mark.usefixtures("long_lists")
def test_what_is_gone_when_it_is_made_is_left_out(office: County) -> None:
    web = Web.of(office.users["admin"])
    taken(web, "cases/phrase")
    Phrase.objects.order_by("pk")[0].delete()
    tasks.errands()
    assert ExportNote.objects.latest("pk").rows == Phrase.objects.count()


def test_a_longer_list_costs_queries_by_the_chunk_alone(office: County) -> None:
    def costs() -> dict[str, tuple[int, int]]:
        return {page: _cost(Web.of(office.users[min(PAGES[page])]), page) for page in TABLES}

    costs()  # books and content types
    few = costs()
    _more(office, "later", 30)
    many = costs()
    assert many == few
    assert max(page for page, _file in many.values()) <= 12


def _cost(web: Web, page: str) -> tuple[int, int]:
    """Statements of the page that exports and of the file."""
    with CaptureQueriesContext(connection) as asked:
        web.page(address(page))
    with CaptureQueriesContext(connection) as sent:
        content_of(taken(web, page))
    return len(asked), len(sent)


def test_what_was_not_offered_is_refused(office: County) -> None:
    web = Web.of(office.users["admin"])
    assert taken(web, "grids/area", format="exe").status_code == 404
    assert taken(web, "grids/area", key="no key").status_code == 404
    assert taken(web, "grids/area", "level__exact=none").status_code == 400, "nothing fits"
    assert web.client.get(f"{address('grids/user')}?password__startswith=p").status_code == 400
    assert web.client.get(f"{address('grids/post')}?held=none").status_code == 200
    for page in ("cases/case", "cases/petitioner", "no/table"):
        assert web.get(f"/admin/exports/{page}/").status_code == 404
    assert not ExportNote.objects.filter(what__contains=".").exists()
