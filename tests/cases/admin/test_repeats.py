"""The same list under another name, and the same number for something else: told before anything is taken in."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import importing
from cases.admin.bring_page import _named_by
from cases.models import Case, Errand
from grids.roles import Role
from tests.builders import County, add_post, add_user
from tests.cases.admin.brought import book, carried, rehearsed, result_of, upload
from tests.cases.admin.web import Web

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working")]

HEAD = ["留言编号", "留言主题", "留言详情", "留言时间", "网格"]
LAMP = ["T-1", "路灯不亮", "村口路灯坏了半个月", datetime(2026, 1, 5, 8, 30), "北凤社区"]
LID = ["T-2", "井盖丢失", "", "2026年1月6日", ""]
OTHER = ["T-1", "噪声扰民", "工地夜间施工", "2026年1月7日", ""]


def source_of(web: Web, content: bytes, name: str) -> str:
    page = web.get(upload(web, content, name=name).url)
    Errand.objects.order_by("-id")[:1].get().delete()
    return str(page.context["options"]["source"])


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("cases.xlsx", "cases"),
        ("cases (1).xlsx", "cases"),
        ("cases(12).csv", "cases"),
        ("来信 - 副本.xlsx", "来信"),
        ("来信 - 副本 (2).xlsx", "来信"),
        ("来信_副本.xlsx", "来信"),
        ("Copy of letters.xlsx", "letters"),
        ("letters - Copy.xlsx", "letters"),
        ("letters copy 2.xlsx", "letters"),
        ("photocopy.xlsx", "photocopy"),
        ("来信 (2026).xlsx", "来信 (2026)"),
        ("(1).xlsx", "(1)"),
        ("副本.xlsx", "副本"),
    ],
)
def test_a_copy_of_a_file_is_proposed_as_the_same_source(name: str, source: str) -> None:
    assert _named_by(name) == source


def test_the_source_used_last_for_these_headings_is_proposed(county: County) -> None:
    web = Web.of(county.users["intake"])
    errand = rehearsed(web, book(HEAD, LAMP), source="12345热线")
    assert source_of(web, book(HEAD, LID), "二月.xlsx") == "二月", "nothing was taken in yet"
    carried(web, errand)
    assert source_of(web, book(HEAD, LID), "二月.xlsx") == "12345热线"
    assert source_of(web, book([*HEAD, "备注"], [*LID, ""]), "别的.xlsx") == "别的"
    other = Web.of(county.users["center"])
    assert source_of(other, book(HEAD, LID), "二月.xlsx") == "二月"


def test_the_same_rows_under_another_source_are_told_before_the_press(county: County) -> None:
    web = Web.of(county.users["intake"])
    carried(web, rehearsed(web, book(HEAD, LAMP, LID), source="cases"))
    errand = rehearsed(web, book(HEAD, LAMP, LID, ["T-3", *LAMP[1:]]), source="cases (1)")
    assert errand.counts == {"collected": 3}
    page = web.page(reverse("admin:errand", args=[errand.pk]))
    assert "有 2 行与已以来源“cases”导入的事项编号相同、内容相同，继续导入将重复。" in page
    told = [row[2] for row in result_of(web, errand)[1:]]
    assert told == ["相同编号、相同内容已以来源“cases”导入。"] * 2 + [None]
    named = rehearsed(web, book(HEAD, LAMP, LID, ["T-3", *LAMP[1:]]), source="cases")
    assert named.counts == {"known": 2, "collected": 1}
    assert "继续导入将重复" not in web.page(reverse("admin:errand", args=[named.pk]))


def test_nobody_is_told_of_other_areas_or_of_sealed_cases(county: County) -> None:
    center = Web.of(county.users["center"])
    carried(center, rehearsed(center, book(HEAD, ["T-1", *LAMP[1:4], "斜滩村"]), source="cases"))
    carried(center, rehearsed(center, book(HEAD, [*LID[:4], "北凤社区"]), source="cases", type="accusation"))
    assert Case.objects.get(source_number="T-2").sealed
    clerk = add_user("clerk")
    add_post(clerk, Role.INTAKE_OFFICER, county.township)
    web = Web.of(clerk)
    errand = rehearsed(web, book(HEAD, LAMP, LID), source="cases (1)")
    assert errand.counts == {"collected": 2}
    assert "继续导入将重复" not in web.page(reverse("admin:errand", args=[errand.pk]))


@pytest.mark.parametrize("at_once", [1, 200])
def test_another_matter_under_the_same_number_is_told(
    county: County, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_REHEARSED_AT_ONCE", at_once)
    web = Web.of(county.users["intake"])
    first = rehearsed(web, book(HEAD, LAMP, OTHER, LAMP), source="cases")
    done = carried(web, first)
    for errand in (first, done):
        assert errand.counts == {"collected": 1, "known": 2}
    number = Case.objects.get().number
    rows = [row[:3] for row in result_of(web, done)[2:]]
    assert rows == [
        ("已存在", number, "与本清单第 3 行编号相同，但内容不同。如为另一事项，请另给编号。"),
        ("已存在", number, "与本清单第 3 行编号相同、内容相同。"),
    ]
    page = web.page(reverse("admin:errand", args=[done.pk]))
    assert "编号对应的是其他内容" in page
    assert "第 4 行" in page
    again = rehearsed(web, book(HEAD, OTHER), source="cases")
    for errand in (again, carried(web, again)):
        assert errand.counts == {"known": 1}
        told = result_of(web, errand)[1] if errand.state == "done" else None
    assert told is not None
    assert told[1:3] == (number, "此编号的事项已存在，但内容不同。如为另一事项，请另给编号。")


def test_a_rehearsal_asks_for_many_numbers_at_once(county: County) -> None:
    web = Web.of(county.users["intake"])

    def cost(count: int) -> int:
        rows: list[list[Any]] = [[f"N-{count}-{number}", f"第 {number} 件", "", "", ""] for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            assert rehearsed(web, book(HEAD, *rows)).counts == {"collected": count}
        return len(seen)

    cost(1)
    assert cost(150) <= cost(2) + 2
