"""Users and their posts from a list: the rehearsal says what then happens, and a person has one account."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases.models import Errand
from grids.models import Area, Post, User
from tests.builders import County, add_user
from tests.cases.admin.brought import POSTS, book, carried, rehearsed, result_of
from tests.cases.admin.web import Web, filled, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("working")]

STAFF = ["用户名", "姓名", "角色", "辖区或部门", "起始日期", "截止日期"]


def staff(web: Web, *rows: list[Any]) -> tuple[Errand, list[tuple[Any, ...]]]:
    errand = carried(web, rehearsed(web, book(STAFF, *rows), address=POSTS))
    return errand, [(row[0], row[1], row[3]) for row in result_of(web, errand)[1:]]


def test_officers_and_posts_come_in_and_nothing_is_doubled(county: County) -> None:
    web = Web.of(county.users["admin"])
    rows: list[list[Any]] = [
        ["lin.hui", "林辉", "网格员", "北凤社区", "2026-01-01", ""],
        ["lin.hui", "林辉", "department_handler", "水利局", datetime(2026, 2, 1), "2026-12-31"],
        ["chen.yi", "陈毅", "", "", "", ""],
    ]
    _first, told = staff(web, *rows)
    assert [outcome for outcome, _reason, _name in told] == ["新用户及岗位", "新岗位", "新用户"]
    lin = User.objects.get(username="lin.hui")
    held = Post.objects.filter(user=lin).order_by("pk")
    assert [(post.role, str(post.area or post.department), post.valid_to is None) for post in held] == [
        ("grid_worker", "北凤社区", True),
        ("department_handler", "寿宁县水利局", False),
    ]
    assert not lin.has_usable_password()
    assert not User.objects.get(username="chen.yi").has_usable_password()
    assert LogEntry.objects.filter(user=county.users["admin"], change_message="import").count() == 4
    _errand, again = staff(web, *rows)
    assert [outcome for outcome, _reason, _name in again] == ["已存在"] * 3
    assert Post.objects.filter(user=lin).count() == 2


def test_the_rehearsal_says_the_same_and_stores_nothing(county: County) -> None:
    web = Web.of(county.users["admin"])
    rows = [["lin.hui", "林辉", "网格员", "北凤社区", "", ""], ["lin.hui", "", "网格员", "北凤社区", "", ""]]
    errand = rehearsed(web, book(STAFF, *rows), address=POSTS)
    assert errand.counts == {"both": 1, "known": 1}
    assert not User.objects.filter(username="lin.hui").exists()
    assert carried(web, errand).counts == {"both": 1, "known": 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["", "林辉", "网格员", "北凤社区", "", ""], "用户名：没有用户名。"),
        (["a b", "林辉", "网格员", "北凤社区", "", ""], "用户名："),
        (["lin", "", "网格员", "北凤社区", "", ""], "姓名：尚无此用户，新建须填写姓名。"),
        (["center", "别人", "网格员", "北凤社区", "", ""], "该用户名在系统中属于 center，未作改动。"),
        (["lin", "林辉", "皇帝", "北凤社区", "", ""], "角色：没有这个角色。"),
        (["lin", "林辉", "", "北凤社区", "", ""], "有单位而没有角色"),
        (["lin", "林辉", "网格员", "水利局", "", ""], "没有此编码或名称的辖区"),
        (["lin", "林辉", "department_head", "北凤社区", "", ""], "没有此编码或名称的部门"),
        (["lin", "林辉", "网格员", "北凤社区", "2026-05-01", "2026-04-01"], "岗位的结束日期不能早于开始日期。"),
        (["lin", "林辉", "网格员", "北凤社区", "明天", ""], "明天"),
        (["center", "", "center_dispatcher", "350924", "2026-05-01", "2026-06-01"], "该岗位已存在"),
    ],
)
def test_a_bad_row_is_told_and_keeps_no_other_out(county: County, row: list[Any], reason: str) -> None:
    web = Web.of(county.users["admin"])
    _errand, told = staff(web, row, ["good.one", "好人", "网格员", "北凤社区", "", ""])
    assert told[0][0] == "未导入"
    assert reason in str(told[0][1])
    assert told[1][0] == "新用户及岗位"
    assert Post.objects.filter(user=county.users["center"]).count() == 1


def test_a_superuser_gives_out_the_first_posts_from_a_list(county: County) -> None:
    web = Web.of(add_user("root", superuser=True))
    _errand, told = staff(web, ["lin.hui", "林辉", "网格员", "北凤社区", "", ""])
    assert told[0][0] == "新用户及岗位"


GRID = ["网格员", "北凤社区"]
WATER = ["department_handler", "水利局"]

#: Rows that speak of the same person, each list with what becomes of its rows.
SAME_PERSON: list[tuple[list[list[Any]], list[str]]] = [
    ([["zhang", "张新一", *WATER, "", ""], ["zhang", "李重名", *WATER, "", ""]], ["新用户及岗位", "未导入"]),
    (
        [
            ["wang", "王两段", *WATER, "2026-01-01", "2026-06-30"],
            ["wang", "王两段", *WATER, "2026-07-01", "2026-12-31"],
            ["wang", "王两段", *WATER, "2026-12-01", "2027-02-01"],
            ["wang", "王两段", *WATER, "2026-07-01", "2026-12-31"],
        ],
        ["新用户及岗位", "新岗位", "未导入", "已存在"],
    ),
    (
        [["wang", "王小", *WATER, "", ""], ["Wang", "王小", *GRID, "", ""], ["WANG", "", *GRID, "", ""]],
        ["新用户及岗位", "新岗位", "已存在"],
    ),
    ([["wang", "王小", "", "", "", ""], ["ＷＡＮＧ", "王大", "", "", "", ""]], ["新用户", "未导入"]),
    ([["Center", "", *GRID, "", ""], ["center", "", *GRID, "", ""]], ["新岗位", "已存在"]),
    ([["CENTER", "别人", *GRID, "", ""]], ["未导入"]),
]


@pytest.mark.parametrize(("rows", "expected"), SAME_PERSON)
def test_the_rehearsal_and_the_run_agree_of_one_person(
    county: County, rows: list[list[Any]], expected: list[str]
) -> None:
    web = Web.of(county.users["admin"])
    before = User.objects.count()
    errand = rehearsed(web, book(STAFF, *rows), address=POSTS)
    foretold = [row[:3] for row in result_of(web, errand)[1:]]
    assert User.objects.count() == before
    told = [row[:3] for row in result_of(web, carried(web, errand))[1:]]
    assert [row[0] for row in foretold] == expected
    assert told == foretold
    assert User.objects.count() == before + sum("新用户" in outcome for outcome in expected)


def test_two_names_that_differ_in_case_are_one_account(county: County) -> None:
    with pytest.raises(IntegrityError, match="user_name_once"), transaction.atomic():
        add_user("CENTER")
    web, user = Web.of(county.users["security"]), county.users["handler"]
    address = f"/admin/grids/user/{user.pk}/change/"
    refused = web.client.post(address, filled(web.get(address)) | {"username": "Center"})
    assert "已有此用户名的用户（不区分大小写）。" in text_of(refused)
    typed = {"username": "CENTER", "full_name": "新人", "usable_password": "false"}
    assert web.client.post("/admin/grids/user/add/", typed).status_code == 200
    assert User.objects.filter(username__iexact="center").count() == 1


def test_a_row_with_several_faults_names_them_all(county: County) -> None:
    _errand, told = staff(Web.of(county.users["admin"]), ["lin hui", "", "皇帝", "北凤社区", "", ""])
    assert told[0][0] == "未导入"
    for words in ("姓名：尚无此用户，新建须填写姓名。", "角色：没有这个角色。"):
        assert words in str(told[0][1])
    letters = ["留言编号", "留言主题", "留言时间", "网格", "类型"]
    web = Web.of(county.users["intake"])
    errand = rehearsed(web, book(letters, ["T-1", "路灯", "2099-01-01", "不存在的村", "怪事"]))
    told_of = str(result_of(web, errand)[1][2])
    for words in ("收到时间：", "辖区：没有此编码或名称的辖区", "类型："):
        assert words in told_of


def test_a_list_of_people_has_no_column_for_numbers_of_cases(county: County) -> None:
    web = Web.of(county.users["admin"])
    errand = rehearsed(web, book(STAFF, ["lin", "林辉", *GRID, "", ""]), address=POSTS)
    assert result_of(web, errand)[0] == ("结果", "说明", "行号", *STAFF)


def test_the_list_of_posts_tells_people_of_one_name_apart(county: County) -> None:
    User.objects.filter(username__in=["center", "handler"]).update(full_name="陈伟")
    page = Web.of(county.users["admin"]).page(reverse("admin:grids_post_changelist"), q="陈伟")
    assert "center" in page
    assert "handler" in page


def test_a_code_that_no_area_can_have_is_refused_in_words(county: County) -> None:
    web, address = Web.of(county.users["admin"]), f"/admin/grids/area/{county.grid.pk}/change/"
    refused = text_of(web.client.post(address, filled(web.get(address)) | {"code": "99"}))
    assert "辖区编码为 6、9、12、14 或 16 位数字。" in refused
    assert "area_code_shape" not in refused
    assert Area.objects.get(pk=county.grid.pk).code != "99"
