"""The way into the officers' site: login, language, pages around it."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client

from grids.models import User
from tests.builders import County
from tests.cases.admin.web import Web, text_of

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
PASSWORD = "Quiet-river-2026"


@pytest.fixture
def officer(county: County) -> User:
    user = county.users["center"]
    user.password = make_password(PASSWORD)
    user.is_staff = False  # Django's flag says nothing here: posts decide
    user.save()
    return user


def test_the_login_speaks_chinese_whatever_the_computer_speaks(county: County) -> None:
    response = Client(headers={"accept-language": "en-US"}).get(LOGIN)
    assert "吹哨报到" in text_of(response)
    assert response.headers["Content-Language"] == "zh-hans"


def test_every_active_officer_gets_in_and_onto_the_desk(officer: User) -> None:
    client = Client()
    response = client.post(LOGIN, {"username": "center", "password": PASSWORD})
    assert response.headers["Location"] == "/admin/"
    assert "工作台" in text_of(client.get("/admin/"))


def test_whoever_was_put_out_of_use_does_not(officer: User) -> None:
    officer.is_active = False
    officer.save()
    client = Client()
    response = client.post(LOGIN, {"username": "center", "password": PASSWORD})
    assert response.status_code == 200
    assert client.get("/admin/").status_code == 302


def test_five_wrong_passwords_lock_with_a_sentence(officer: User) -> None:
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(LOGIN, {"username": "center", "password": "x"})
    assert response.status_code == 429
    assert "登录失败次数过多。" in text_of(response)
    assert client.post(LOGIN, {"username": "center", "password": PASSWORD}).status_code == 429


def test_the_language_is_kept_with_the_person(officer: User) -> None:
    web = Web.of(officer)
    response = web.client.post("/admin/language/", {"language": "en", "next": "/admin/cases/case/"})
    assert response.headers["Location"] == "/admin/cases/case/"
    officer.refresh_from_db()
    assert officer.language == "en"
    assert "Desk" in web.page("/admin/")
    assert "Desk" in text_of(Web.of(officer).get("/admin/"))


def test_a_visitor_chooses_by_cookie(county: County) -> None:
    client = Client()
    client.post("/admin/language/", {"language": "en"})
    assert "Welcome back to" in text_of(client.get(LOGIN))


@pytest.mark.parametrize("body", [{"language": "xx"}, {}, {"language": "en", "next": "https://example.org/"}])
def test_senseless_languages_and_ways_back_change_nothing(officer: User, body: dict[str, str]) -> None:
    response = Web.of(officer).client.post("/admin/language/", body)
    assert response.headers["Location"] == "/admin/"
    officer.refresh_from_db()
    assert officer.language == ("en" if body.get("language") == "en" else "zh-hans")


def test_looking_at_the_switch_changes_nothing(officer: User) -> None:
    assert Web.of(officer).get("/admin/language/").status_code == 405


def test_a_page_that_is_not_there_says_so_in_chinese(officer: User) -> None:
    web = Web.of(officer)
    assert "这里没有您可以查看的内容。" in text_of(web.get("/admin/cases/case/x/change/"))
    assert "您的岗位不能打开此页。" in text_of(web.get("/admin/grids/user/"))


def test_a_form_from_an_old_page_is_explained(officer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/admin/language/", {"language": "en"})
    assert response.status_code == 403
    assert "页面打开时间过长。" in text_of(response)


def test_nothing_is_fetched_from_outside(officer: User) -> None:
    for address in (LOGIN, "/admin/", "/admin/cases/case/"):
        page = text_of(Web.of(officer).get(address))
        assert 'src="http' not in page
        assert 'href="http' not in page
        assert "//cdn" not in page


def test_a_wrong_password_is_told_plainly(officer: User) -> None:
    response = Client().post(LOGIN, {"username": "center", "password": "x"})
    assert "用户名或密码有误。" in text_of(response)
