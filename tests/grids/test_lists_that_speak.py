"""Lists and forms of configuration and logs speak to officers: what is empty says why, rows have names."""

import re
from datetime import date

import pytest
from axes.models import AccessAttempt, AccessLog
from django.utils import timezone
from knox.models import AuthToken

from cases.models import JournalEvent
from cases.terms import Status
from grids.models import Post
from tests.builders import County
from tests.cases.admin.web import Web, opened_by, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(county: County) -> Story:
    return story_in(county, Status.DOCKETED)


@pytest.mark.parametrize(
    ("username", "page", "words"),
    [
        ("admin", "cases/clock", "没有搁置的时限"),
        ("admin", "notifications/delivery", "请在“发送渠道”中启用渠道"),
        ("admin", "cases/reconciliation", "每天凌晨 3:30 自动核对"),
        ("auditor", "cases/exportnote", "尚无人导出清单"),
        ("auditor", "cases/journalmaintenance", "这是正常状态"),
        ("security", "axes/accessattempt", "没有被锁定或即将锁定的账号"),
        ("security", "axes/accessfailurelog", "尚无登录失败"),
        ("security", "knox/authtoken", "没有已登录的手机"),
        ("gridworker", "notifications/message", "还没有消息"),
    ],
)
def test_an_empty_list_says_why_it_is_empty(county: County, username: str, page: str, words: str) -> None:
    assert words in Web.of(county.users[username]).page(f"/admin/{page}/")


def test_a_search_without_rows_leads_back_to_the_whole_list(county: County) -> None:
    page = Web.of(county.users["admin"]).page("/admin/grids/user/", q="niemand")
    assert "没有符合搜索和筛选条件的记录" in page
    assert '<a href="?">显示完整清单</a>' in page


def test_a_list_counts_its_rows_as_people_count(county: County) -> None:
    assert f"共 {Post.objects.count()} 条" in Web.of(county.users["admin"]).page("/admin/grids/post/")


def test_the_journal_names_its_cases_by_number(story: Story) -> None:
    web = Web.of(story.county.users["auditor"])
    assert story.number in web.page("/admin/cases/journalevent/")
    event = JournalEvent.objects.get(case=story.case, seq=1)
    assert story.number in web.page(f"/admin/cases/journalevent/{event.pk}/change/")


def test_rows_of_other_packages_are_named_by_their_person(county: County) -> None:
    web = Web.of(county.users["security"])
    log = AccessLog.objects.create(username="zhang", ip_address="192.0.2.1", attempt_time=timezone.now())
    attempt = AccessAttempt.objects.create(username="li", ip_address="192.0.2.1", failures_since_start=5)
    token, _secret = AuthToken.objects.create(county.users["handler"])
    for page, row, name in (
        ("axes/accesslog", log, "zhang"),
        ("axes/accessattempt", attempt, "li"),
        ("knox/authtoken", token, county.users["handler"].full_name),
    ):
        shown = web.page(f"/admin/{page}/{row.pk}/change/")
        steps = re.findall(r"tracking-tight\">([^<]+)<", shown.partition('id="content"')[0])
        assert steps[-1] == name
        assert "Access" not in shown.partition("</head>")[2]


def test_what_ends_with_a_row_is_said_before_and_done_once(county: County) -> None:
    web = Web.of(county.users["security"])
    attempt = AccessAttempt.objects.create(username="li", ip_address="192.0.2.1", failures_since_start=5)
    token, _secret = AuthToken.objects.create(county.users["handler"])
    for address, words in (
        (f"/admin/axes/accessattempt/{attempt.pk}/delete/", "li 可立即重新登录"),
        (f"/admin/knox/authtoken/{token.pk}/delete/", f"{county.users['handler'].full_name} 的这部手机"),
    ):
        page = web.page(address)
        assert words in page
        assert "Attempted" not in page
        assert "操作人已记入日志" in text_of(web.client.post(address, {"post": "yes"}, follow=True))
    assert not AccessAttempt.objects.exists()
    assert not AuthToken.objects.exists()


def test_columns_of_tokens_have_names(county: County) -> None:
    AuthToken.objects.create(county.users["handler"])
    page = Web.of(county.users["security"]).page("/admin/knox/authtoken/")
    for name in ("用户", "登录时间", "有效期至"):
        assert f'data-label="{name}"' in page
    for name in ("created", "expiry", "auth token"):
        assert f">{name}" not in page


def test_dates_stand_and_are_typed_as_officers_write_them(county: County) -> None:
    web = Web.of(county.users["admin"])
    post = Post.objects.get(user=county.users["center"])
    assert f'value="{post.valid_from:%Y-%m-%d}"' in web.page(f"/admin/grids/post/{post.pk}/change/")
    body = {"user": post.user_id, "role": post.role, "area": post.area_id, "valid_from": f"{post.valid_from:%Y-%m-%d}"}
    for written in ("2030-2-1", "2030/02/01", "2030.2.1", "2030年2月1日"):
        page = f"/admin/grids/post/{post.pk}/change/"
        response = web.client.post(page, {**body, "valid_to": written, **opened_by(web.get(page))})
        assert response.status_code == 302, text_of(response)
        post.refresh_from_db()
        assert post.valid_to == date(2030, 2, 1)
        Post.objects.filter(pk=post.pk).update(valid_to=None)


def test_who_sees_no_cases_finds_the_way_on_the_desk(county: County) -> None:
    desk = Web.of(county.users["auditor"]).page("/admin/")
    part = desk.partition('data-part="none"')[2].partition("</section>")[0]
    assert '<a class="w-go" href="/admin/audit/">登录、查看与导出</a>' in part
    assert 'data-part="none"' not in Web.of(county.users["handler"]).page("/admin/")


def test_fields_of_a_users_posts_say_their_names(county: County) -> None:
    page = Web.of(county.users["admin"]).page(f"/admin/grids/user/{county.users['handler'].pk}/change/")
    for name in ("角色", "部门", "开始日期"):
        assert f'aria-label="{name}"' in page
