"""Lists from spreadsheets: who may, columns, the rehearsal, the import, its result file, and files that are none."""

import io
import uuid
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import bringing, tasks
from cases.admin import bring_page
from cases.models import Case, Errand
from cases.terms import ErrandState, Status
from grids.models import Post
from grids.roles import Role
from tests.builders import USERNAMES, County, add_post, add_user
from tests.cases.admin.brought import CASES, POSTS, book, carried, rehearsed, result_of, upload
from tests.cases.admin.web import Web, text_of
from tests.working import kept_in, worked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working")]

HEAD = ["票号", "留言用户", "留言主题", "留言时间", "网格", "备注"]
GOOD = ["T-1", "王小明", "路灯三天不亮", datetime(2026, 1, 5, 8, 30), "北凤社区", "急"]
OTHER = ["T-2", "匿名", "=HYPERLINK(1)", "2026年1月6日", "", ""]
BAD_AREA = ["T-3", "李四", "井盖丢失", "2026-01-07", "不存在的村", ""]
BAD_TIME = ["T-4", "李四", "井盖丢失", "昨天", "", ""]


@pytest.mark.parametrize("username", USERNAMES)
def test_who_brings_what(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    for address, who in ((CASES, {"intake", "center"}), (POSTS, {"admin"})):
        expected = 200 if username in who else 403
        assert web.get(address).status_code == expected
        assert upload(web, book(HEAD, GOOD), address=address).status_code == (302 if username in who else 403)
        assert (f'href="{address}"' in web.page("/admin/")) is (username in who)


def test_columns_are_guessed_and_can_be_changed(county: County) -> None:
    web = Web.of(county.users["intake"])
    page = web.get(upload(web, book(HEAD, GOOD)).url)
    guessed = {column.heading: column.field for column in page.context["columns"]}
    expected = {
        "票号": "",
        "留言用户": "sender",
        "留言主题": "title",
        "留言时间": "received_at",
        "网格": "area",
        "备注": "",
    }
    assert guessed == expected
    assert "路灯三天不亮" in text_of(page)
    errand = Errand.objects.get()
    response = web.client.post(reverse("admin:bring_columns", args=[errand.pk]), {"column-0": "source_number"})
    assert response.status_code == 400
    assert "请指定哪一列是：标题 / " in text_of(response)


def test_a_list_is_rehearsed_and_then_taken_in_with_a_result_for_each_row(county: County, working: Path) -> None:
    web = Web.of(county.users["intake"])
    errand = rehearsed(web, book(HEAD, GOOD, BAD_AREA, OTHER, BAD_TIME), **{"column-0": "source_number"})
    assert (errand.state, errand.counts, Case.objects.count()) == ("checked", {"collected": 2, "failed": 2}, 0)
    page = web.page(reverse("admin:errand", args=[errand.pk]))
    assert "辖区：没有此编码或名称的辖区，或有多个同名。" in page
    assert "“昨天”" in page or "昨天" in page
    assert "导入 2 行" in page
    done = carried(web, errand)
    assert (done.state, done.counts) == ("done", {"collected": 2, "failed": 2})
    rows = result_of(web, done)
    assert rows[0] == ("结果", "事项编号", "说明", "行号", *HEAD)
    numbers = dict(Case.objects.values_list("source_number", "number"))
    assert [(row[0], row[1], row[4]) for row in rows[1:]] == [
        ("采集", numbers["T-1"], "T-1"),
        ("未导入", None, "T-3"),
        ("采集", numbers["T-2"], "T-2"),
        ("未导入", None, "T-4"),
    ]
    assert rows[1][9] == "急", "columns that were left out come back"
    case = Case.objects.get(source_number="T-1")
    assert (case.area, case.source_system, case.status) == (county.village, "十二月来信", Status.COLLECTED)
    assert (done.source, errand.source in kept_in(working)) == ("", False), "the upload is gone"


def test_the_same_list_again_takes_in_nothing(county: County) -> None:
    web = Web.of(county.users["center"])
    content = book(HEAD, GOOD, OTHER)
    carried(web, rehearsed(web, content, **{"column-0": "source_number"}))
    again = rehearsed(web, content, **{"column-0": "source_number"})
    assert again.counts == {"known": 2}
    assert "导入 0 行" not in web.page(reverse("admin:errand", args=[again.pk]))
    assert Case.objects.count() == 2
    assert carried(web, again).counts == {"known": 2}
    assert Case.objects.count() == 2


def test_nobody_brings_matters_into_a_foreign_area(county: County) -> None:
    clerk = add_user("clerk")
    add_post(clerk, Role.INTAKE_OFFICER, county.township)
    web = Web.of(clerk)
    foreign = ["T-5", "李四", "井盖丢失", "2026-01-07", "斜滩村", ""]
    errand = rehearsed(web, book(HEAD, GOOD, foreign), **{"column-0": "source_number"})
    assert errand.counts == {"collected": 1, "failed": 1}
    assert "不在您可以采集事项的范围内" in web.page(reverse("admin:errand", args=[errand.pk]))
    Errand.objects.filter(pk=errand.pk).update(options=errand.options | {"area": county.county.code})
    assert carried(web, errand).state == ErrandState.FAILED
    assert not Case.objects.exists()


def test_a_post_that_ended_meanwhile_imports_nothing(county: County) -> None:
    web = Web.of(county.users["intake"])
    errand = rehearsed(web, book(HEAD, GOOD))
    Post.objects.filter(user=county.users["intake"]).update(valid_to=datetime(2020, 2, 1).date())
    assert carried(web, errand).state == ErrandState.FAILED
    assert not Case.objects.exists()


def test_pressed_twice_takes_in_once(county: County, working: Path) -> None:
    web, key = Web.of(county.users["intake"]), uuid.uuid4()
    content = book(HEAD, GOOD)
    assert upload(web, content, key=key).url == upload(web, content, key=key).url
    assert len(kept_in(working)) == 1, "the second upload is dropped"
    Errand.objects.all().delete()
    errand = rehearsed(web, content)
    for _ in range(2):
        assert web.client.post(reverse("admin:bring_carry", args=[errand.pk])).status_code == 302
    worked()
    response = web.client.post(reverse("admin:bring_carry", args=[errand.pk]), follow=True)
    assert "这项任务现为“已完成”" in text_of(response)
    assert Case.objects.count() == 1


def test_nothing_is_taken_in_that_was_not_rehearsed(county: County) -> None:
    web = Web.of(county.users["intake"])
    upload(web, book(HEAD, GOOD))
    draft = Errand.objects.get()
    web.client.post(reverse("admin:bring_carry", args=[draft.pk]))
    tasks.errands()
    draft.refresh_from_db()
    assert (draft.state, Case.objects.count()) == (ErrandState.DRAFT, 0)


def test_back_to_the_columns(county: County) -> None:
    web = Web.of(county.users["intake"])
    errand = rehearsed(web, book(HEAD, GOOD))
    assert web.client.post(reverse("admin:bring_columns_anew", args=[errand.pk])).status_code == 302
    page = web.get(reverse("admin:bring_columns", args=[errand.pk]))
    assert {column.heading for column in page.context["columns"]} == set(HEAD)
    errand.refresh_from_db()
    assert (errand.state, errand.result) == (ErrandState.DRAFT, "")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 160_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"\x7fELF\x00\x01",
        b"PK\x03\x04 not a workbook",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old",
        pytest.param(bomb(), id="bomb"),
    ],
)
def test_files_that_are_no_list_are_refused_in_a_sentence(county: County, working: Path, content: bytes) -> None:
    response = upload(Web.of(county.users["intake"]), content, name="名单.xlsx")
    assert response.status_code == 400
    text = text_of(response)
    assert "未保存任何内容。" in text
    assert "/tmp" not in text
    assert not Errand.objects.exists()
    assert kept_in(working) == set()


def test_what_is_too_large_or_too_long_is_refused(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    web = Web.of(county.users["intake"])
    monkeypatch.setattr(bringing, "MOST_ROWS", 1)
    errand = rehearsed(web, book(HEAD, GOOD, OTHER))
    assert (errand.state, errand.trouble) == ("failed", "清单超过 1 行，请拆分，或由运维人员用命令导入。")
    assert rehearsed(web, book(HEAD, [" "])).trouble == "表头下面没有数据行。"
    monkeypatch.setattr(bring_page, "MOST_BYTES", 10)
    assert upload(web, book(HEAD, GOOD)).status_code == 400


def test_what_was_brought_lies_encrypted(county: County, working: Path) -> None:
    rehearsed(Web.of(county.users["intake"]), "留言用户,留言主题\n王小明,路灯不亮\n".encode())
    for name in kept_in(working):
        assert "王小明".encode() not in (working / name).read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM cases_errand e")
        (stored,) = cursor.fetchone()
    assert "王小明" not in stored


def test_lists_of_others_do_not_exist(county: County) -> None:
    errand = rehearsed(Web.of(county.users["intake"]), book(HEAD, GOOD))
    other = Web.of(county.users["center"])
    assert other.get(reverse("admin:bring_columns", args=[errand.pk])).status_code == 404
    for name in ("bring_carry", "bring_columns_anew", "errand_take_back", "errand_again"):
        assert other.client.post(reverse(f"admin:{name}", args=[errand.pk])).status_code == 404


def test_a_longer_list_costs_the_same_page(county: County) -> None:
    web = Web.of(county.users["intake"])

    def cost(count: int) -> int:
        rows = [[f"N-{count}-{number}", "匿名", f"第 {number} 件", "2026-01-06", "", ""] for number in range(count)]
        errand = rehearsed(web, book(HEAD, *rows))
        with CaptureQueriesContext(connection) as seen:
            web.page(reverse("admin:errand", args=[errand.pk]))
        return len(seen)

    cost(1)
    few = cost(2)
    assert cost(40) == few <= 12
