"""Pages of configuration, security and audit: which role opens which, and what they may not do."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from cases.models import Clock, JournalEvent
from cases.terms import Status
from grids.actors import day_of
from grids.models import Post, User
from grids.roles import Role
from tests.builders import USERNAMES, County, add_post, add_user
from tests.cases.admin.web import Web, numbers_in, text_of
from tests.stories import Story, story_in

pytestmark = pytest.mark.django_db

#: Every registered page with the users of the county that open it; the rest answer 403.
PAGES = {
    "cases/case": set(USERNAMES),
    "notifications/message": set(USERNAMES),
    "grids/area": {"admin", "security"},
    "grids/department": {"admin", "security"},
    "grids/user": {"admin", "security"},
    "grids/post": {"admin", "security"},
    "cases/category": {"admin"},
    "cases/reason": {"admin"},
    "cases/phrase": {"admin"},
    "cases/policyversion": {"admin"},
    "cases/calendarversion": {"admin"},
    "cases/clock": {"admin"},
    "cases/reconciliation": {"admin", "auditor", "inspector"},
    "notifications/delivery": {"admin"},
    "notifications/channelterms": {"admin"},
    "notifications/officehours": {"admin"},
    "cases/journalevent": {"auditor"},
    "cases/journalmaintenance": {"auditor"},
    "cases/exportnote": {"auditor"},
    "axes/accessattempt": {"security"},
    "axes/accesslog": {"security"},
    "axes/accessfailurelog": {"security"},
    "knox/authtoken": {"security"},
}


def test_no_page_is_left_out() -> None:
    registered = {f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry}
    assert registered == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_who_opens_which_page(county: County, page: str) -> None:
    for username in USERNAMES:
        status = Web.of(county.users[username]).get(f"/admin/{page}/").status_code
        assert status == (200 if username in PAGES[page] else 403), username


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"notifications/officehours"}))  # which opens its only row
def test_a_tab_of_the_browser_is_named_by_its_list(county: County, page: str) -> None:
    web = Web.of(county.users[min(PAGES[page])])
    title = web.page(f"/admin/{page}/").partition("<title>")[2].partition("</title>")[0]
    assert "选择" not in title
    assert title.strip().endswith("| 吹哨报到"), title


def test_the_sidebar_shows_what_opens(county: County) -> None:
    for username in USERNAMES:
        desk = Web.of(county.users[username]).page("/admin/")
        for page, who in PAGES.items():
            if page in {"cases/case", "grids/area", "grids/department", "grids/post"}:
                continue  # shown where they are worked on; others reach them by links
            assert (f'href="/admin/{page}/"' in desk) is (username in who), (username, page)


def test_a_superuser_gives_out_the_first_posts(county: County) -> None:
    web = Web.of(add_user("root", superuser=True))
    for page in ("grids/user", "grids/post", "axes/accesslog"):
        web.page(f"/admin/{page}/")
    assert web.get("/admin/cases/journalevent/").status_code == 403


def test_the_administrator_gives_a_post_and_it_is_logged(county: County) -> None:
    web = Web.of(county.users["admin"])
    newcomer = add_user("newcomer")
    body = {"user": newcomer.pk, "role": "grid_worker", "area": county.village.pk, "valid_from": "2026-01-01"}
    assert web.client.post("/admin/grids/post/add/", body).status_code == 302
    post = Post.objects.get(user=newcomer)
    assert post.area == county.village
    assert LogEntry.objects.get().user == county.users["admin"]


def test_the_list_of_posts_says_which_are_in_force_today(county: County) -> None:
    today = day_of(timezone.now())
    ended, later = add_user("ended"), add_user("later")
    add_post(ended, Role.GRID_WORKER, county.village, until=today - timedelta(days=1))
    add_post(later, Role.GRID_WORKER, county.village, since=today + timedelta(days=1))
    web = Web.of(county.users["admin"])

    def users(**asked: str) -> dict[str, bool]:
        rows = web.get("/admin/grids/post/", **asked).context["cl"].result_list
        return {post.user.username: post.held_today for post in rows}

    assert users(q="center") == {"center": True}
    assert users(held="ended") == {"ended": False}
    assert users(held="later") == {"later": False}
    assert users(held="today", q="later") == {}


def test_a_post_in_the_wrong_kind_of_place_is_explained(county: County) -> None:
    web = Web.of(county.users["admin"])
    body = {"user": county.users["center"].pk, "role": "department_head", "area": county.village.pk}
    response = web.client.post("/admin/grids/post/add/", {**body, "valid_from": "2026-01-01"})
    assert "部门岗位须指定部门，其他岗位须指定辖区。" in text_of(response)


def test_users_are_made_and_never_superusers(county: County) -> None:
    web = Web.of(county.users["security"])
    body = {
        "username": "neu",
        "full_name": "新人",
        "password1": "Quiet-river-2026",
        "password2": "Quiet-river-2026",
        "usable_password": "true",
        "is_superuser": "on",
        "is_staff": "on",
    }
    response = web.client.post("/admin/grids/user/add/", body)
    assert response.status_code == 302, text_of(response)
    made = User.objects.get(username="neu")
    assert (made.full_name, made.is_superuser) == ("新人", False)
    assert made.check_password("Quiet-river-2026")


def test_an_administrator_cannot_take_over_a_superuser(county: County) -> None:
    root = add_user("root", superuser=True)
    web = Web.of(county.users["admin"])
    body = {"password1": "Quiet-river-2026", "password2": "Quiet-river-2026"}
    assert web.client.post(f"/admin/grids/user/{root.pk}/password/", body).status_code == 403
    root.refresh_from_db()
    assert root.password == "!"


def test_nothing_is_deleted(county: County) -> None:
    web = Web.of(county.users["admin"])
    post = Post.objects.filter(user=county.users["center"]).get()
    for address in (f"grids/post/{post.pk}", f"grids/user/{post.user_id}", f"grids/area/{county.village.pk}"):
        assert web.client.post(f"/admin/{address}/delete/", {"post": "yes"}).status_code == 403


def test_the_auditor_reads_digests_and_no_words_of_a_case(county: County) -> None:
    story = story_in(county, Status.CLOSED, title="一条不该被看到的标题")
    web = Web.of(county.users["auditor"])
    listing = web.page("/admin/cases/journalevent/", q=story.number)
    event = JournalEvent.objects.filter(case_id=story.case_id, kind="finish").get()
    detail = web.page(f"/admin/cases/journalevent/{event.pk}/change/")
    assert bytes(event.hash).hex() in listing
    assert bytes(event.prev_hash).hex() in detail
    for words in ("一条不该被看到的标题", "已修好", "王小明"):
        assert words not in listing
        assert words not in detail
    assert web.client.post(f"/admin/cases/journalevent/{event.pk}/change/", {"kind": "x"}).status_code == 403


def test_clocks_set_aside_are_shown_with_their_error(county: County) -> None:
    story = Story.begin(county, title="一条不该被看到的标题")
    web = Web.of(county.users["admin"])
    assert "DataError" not in web.page("/admin/cases/clock/")
    Clock.objects.filter(case_id=story.case_id).update(held_until=timezone.now(), held_error="DataError: bad row")
    page = web.page("/admin/cases/clock/")
    assert "DataError: bad row" in page
    assert "一条不该被看到的标题" not in page
    assert numbers_in(page) == set()


def test_versions_are_read_as_tables(county: County) -> None:
    web = Web.of(county.users["admin"])
    policy = web.page(f"/admin/cases/policyversion/{county.policy.pk}/change/")
    assert "4 个工作小时" in policy
    assert "国庆节" in web.page(f"/admin/cases/calendarversion/{county.calendar.pk}/change/")
    body = {"reason": "anders"}
    assert web.client.post(f"/admin/cases/policyversion/{county.policy.pk}/change/", body).status_code == 403


def test_what_was_typed_at_a_failed_login_is_not_shown(county: County) -> None:
    attempt = AccessAttempt.objects.create(
        username="center", ip_address="10.0.0.1", post_data="password=secret", failures_since_start=3
    )
    web = Web.of(county.users["security"])
    page = web.page(f"/admin/axes/accessattempt/{attempt.pk}/change/")
    assert "secret" not in page
    assert web.client.post(f"/admin/axes/accessattempt/{attempt.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_autocomplete_answers_administrators_alone(county: County) -> None:
    asked = {"app_label": "grids", "model_name": "post", "field_name": "user", "term": "center"}
    allowed = Web.of(county.users["admin"]).client.get("/admin/autocomplete/", asked)
    assert [found["text"] for found in allowed.json()["results"]] == ["center"]
    assert Web.of(county.users["handler"]).client.get("/admin/autocomplete/", asked).status_code == 403
