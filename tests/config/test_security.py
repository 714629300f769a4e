"""What browsers and other sites are told (docs/security.md): each rule with the answer in which it must stand."""

import re

import pytest
from django.conf import settings
from django.test import Client
from knox.models import AuthToken

from tests.builders import County
from tests.cases.admin.web import Web

pytestmark = pytest.mark.django_db

ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def phone(county: County) -> Client:
    _, token = AuthToken.objects.create(county.users["center"])
    return Client(raise_request_exception=False, headers={"Authorization": f"Token {token}", "Origin": ELSEWHERE})


#: Answers of every kind: data, problems inside and outside a view, pages.
DATA = [
    "/api/v1/cases/",
    "/api/v1/me/tokens/",
    "/api/v1/cases/350924-2026-0000001/",
    "/api/v1/nothing/",
    "/api/v1/cases",
]
PAGES = ["/admin/login/", "/admin/", "/api/docs/", "/healthz", "/nothing"]


@pytest.mark.parametrize("path", [*DATA, *PAGES])
def test_every_answer_carries_the_headers(phone: Client, path: str) -> None:
    headers = phone.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=(self)"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_takes_a_script_from_its_own_text_or_from_elsewhere(phone: Client, path: str) -> None:
    said = dict(part.split(" ", 1) for part in phone.get(path).headers["Content-Security-Policy"].split("; "))
    assert said["script-src"] == "'self' 'unsafe-eval'"
    assert said["default-src"] == "'self'"


def test_the_documentation_of_the_api_has_no_script_in_its_text(phone: Client) -> None:
    page = phone.get("/api/docs/").content.decode()
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 3
    assert all("src=" in attributes and not text.strip() for attributes, text in scripts)


@pytest.mark.parametrize("path", DATA)
def test_data_is_no_page_and_is_kept_by_nobody(phone: Client, path: str) -> None:
    headers = phone.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Content-Type"] in ("application/json", "application/problem+json")


def test_what_a_phone_may_keep_it_may_still_keep(phone: Client) -> None:
    assert phone.get("/api/v1/areas/").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", [*DATA, *PAGES, "/api/v1/auth/login/", "/api/v1/public/lookup/", "/api/schema/"])
def test_no_other_site_is_let_in(phone: Client, path: str) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answers = [
        phone.get(path),
        phone.post(path, b"{}", content_type="application/json"),
        phone.options(path, headers=asked),
    ]
    told = [name for answer in answers for name in answer.headers if name.lower().startswith("access-control")]
    assert told == []


def test_a_session_alone_opens_no_data(county: County) -> None:
    """The API reads no cookie, so that no other site can use one: there is nothing for a forged request to ride on."""
    web = Web.of(county.users["center"])
    assert web.client.get("/admin/").status_code == 200
    assert web.client.get("/api/v1/cases/").status_code == 401


def test_a_form_from_elsewhere_is_refused(county: County) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(county.users["admin"])
    assert client.post("/admin/grids/post/add/", {}).status_code == 403
    assert client.post("/admin/language/", {"language": "en"}).status_code == 403
    assert Client().post("/admin/language/", {"language": "en"}).status_code == 302, (
        "without the check it would be taken"
    )


def test_cookies_are_for_this_site_and_no_script() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert settings.DEBUG is False
