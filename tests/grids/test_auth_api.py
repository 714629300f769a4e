"""Logging in and out through the API (api.md, "Auth")."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from grids.models import User
from tests.api_client import Answer, Phone
from tests.builders import County, add_user

PASSWORD = "Whistle-test-2026"


@pytest.fixture
def officer(db: None, settings: LazySettings) -> User:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # a real one takes its time, by design
    cache.clear()
    user = add_user("officer", full_name="陈晓")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def test_login_gives_a_token_that_opens_the_api(officer: User) -> None:
    answer = Phone().post("auth/login/", {"username": "officer", "password": PASSWORD})
    assert answer.status == 200
    assert answer.json["user"] == {
        "id": officer.pk,
        "username": "officer",
        "full_name": "陈晓",
        "language": "zh-hans",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    headers = {"Authorization": f"Token {answer.json['token']}"}
    assert Phone().get("me/", headers=headers).json["user"]["username"] == "officer"


def test_the_token_is_stored_as_a_hash_and_expires(officer: User) -> None:
    answer = Phone().post("auth/login/", {"username": "officer", "password": PASSWORD})
    held = AuthToken.objects.get(user=officer)
    assert answer.json["token"] not in (held.digest, held.token_key)
    assert answer.json["expires_at"].endswith("+08:00")
    headers = {"Authorization": f"Token {answer.json['token']}"}
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    refused = Phone().get("me/", headers=headers)
    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"] == "Token"


def test_login_tidies_up_what_has_expired(officer: User) -> None:
    AuthToken.objects.create(officer)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    Phone().post("auth/login/", {"username": "officer", "password": PASSWORD})
    assert AuthToken.objects.count() == 1


def test_logout_ends_this_token_and_logout_all_ends_every_one(officer: User) -> None:
    here, there, elsewhere = Phone(officer), Phone(officer), Phone(officer)
    assert here.post("auth/logout/").status == 204
    assert here.get("me/").status == 401
    assert there.get("me/").status == 200
    assert there.post("auth/logout-all/").status == 204
    assert elsewhere.get("me/").status == 401


def log_in(password: str = PASSWORD, *, headers: dict[str, str] | None = None) -> Answer:
    return Phone().post("auth/login/", {"username": "officer", "password": password}, headers=headers)


def test_five_failures_lock_for_thirty_minutes_even_with_the_right_password(officer: User) -> None:
    assert [log_in("wrong").status for _ in range(4)] == [401] * 4
    assert log_in("wrong").status == 429
    locked = log_in()
    assert locked.status == 429
    assert 1790 < int(locked.headers["Retry-After"]) <= 1800
    assert locked.headers["Content-Type"] == "application/problem+json"
    assert "30 minutes" in locked.json["detail"]


def test_knocking_at_a_locked_door_does_not_keep_it_locked(officer: User) -> None:
    for _ in range(5):
        log_in("wrong")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=29))
    knocked = log_in("wrong")
    assert knocked.status == 429
    assert int(knocked.headers["Retry-After"]) <= 60
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=30, seconds=1))
    assert log_in().status == 200


def test_a_lock_is_about_one_name_at_one_address(officer: User) -> None:
    for _ in range(5):
        log_in("wrong")
    assert Phone().post("auth/login/", {"username": "other", "password": "wrong"}).status == 401
    assert log_in(headers={"X-Forwarded-For": "10.1.1.1"}).status == 429


def test_the_officers_site_and_the_api_share_the_lock(officer: User) -> None:
    for _ in range(5):
        log_in("wrong")
    page = Client().post("/admin/login/", {"username": "officer", "password": PASSWORD})
    assert page.status_code == 429
    assert page.headers["Retry-After"]


@pytest.mark.parametrize("header", ["User-Agent", "Accept", "X-Forwarded-For", "Accept-Language", "Cookie"])
def test_a_failed_login_may_carry_any_header(officer: User, header: str) -> None:
    for value in ["", "\xff" * 3, "a" * 9000, "*/*;q=x", "sessionid=../..;", "10.0.0.999, ::1"]:
        assert log_in("wrong", headers={header: value}).status < 500
        AccessAttempt.objects.all().delete()


def test_a_success_forgets_the_failures_before_it(officer: User) -> None:
    for _ in range(2):
        for _ in range(4):
            Phone().post("auth/login/", {"username": "officer", "password": "wrong"})
        assert Phone().post("auth/login/", {"username": "officer", "password": PASSWORD}).status == 200


def test_an_unknown_name_and_a_wrong_password_are_told_alike(officer: User) -> None:
    unknown = Phone().post("auth/login/", {"username": "nobody", "password": "wrong"})
    wrong = Phone().post("auth/login/", {"username": "officer", "password": "wrong"})
    assert (unknown.status, unknown.json) == (wrong.status, wrong.json)


def test_whoever_left_keeps_no_token(officer: User) -> None:
    phone = Phone(officer)
    officer.is_active = False
    officer.save(update_fields=["is_active"])
    assert phone.get("me/").status == 401
    assert Phone().post("auth/login/", {"username": "officer", "password": PASSWORD}).status == 401


@pytest.mark.parametrize(
    "header",
    ["Token", "Token ", "Token a b", "Token \xff\xfe", "Token ../..", "Token " + "a" * 5000, "Bearer x", "Basic eA=="],
)
def test_a_bad_token_is_a_401_and_never_an_error(header: str, db: None) -> None:
    assert Phone().get("me/", headers={"Authorization": header}).status == 401


@pytest.mark.parametrize(
    "body",
    [{}, [], 7, {"username": "a"}, {"username": "\x00", "password": "x"}, {"username": [1], "password": {"a": 1}}],
)
def test_a_login_without_sense_is_a_400(body: object, db: None) -> None:
    cache.clear()
    answer = Phone().post("auth/login/", body)
    assert answer.status == 400
    assert answer.json["status"] == 400


def test_many_logins_from_one_address_are_slowed_down(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rest_framework.throttling.ScopedRateThrottle.THROTTLE_RATES", {"login": "3/min"})
    body = {"username": "nobody", "password": "wrong"}
    statuses = [Phone().post("auth/login/", {**body, "username": f"n{i}"}).status for i in range(4)]
    assert statuses == [401, 401, 401, 429]


def test_a_forged_forwarded_address_changes_nothing(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rest_framework.throttling.ScopedRateThrottle.THROTTLE_RATES", {"login": "2/min"})
    statuses = [
        Phone()
        .post("auth/login/", {"username": f"n{i}", "password": "x"}, headers={"X-Forwarded-For": f"10.0.0.{i}"})
        .status
        for i in range(3)
    ]
    assert statuses[-1] == 429


def test_areas_are_kept_by_etag_and_filtered(county: County) -> None:
    phone = Phone(county.users["gridworker"])
    first = phone.get("areas/")
    assert first.json["results"][0] == {
        "code": "350924",
        "name": "寿宁县",
        "level": "county",
        "parent": None,
        "position": {"lat": 27.457, "lng": 119.506},
    }
    again = phone.get("areas/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")
    county.grid.name = "第一网格"
    county.grid.save()
    assert phone.get("areas/", headers={"If-None-Match": first.headers["ETag"]}).status == 200
    found = phone.get("areas/", level="village", parent="350924100", q="北凤").json["results"]
    assert [area["code"] for area in found] == ["350924100001"]
    assert phone.get("areas/", level="moon").status == 400


def test_departments_are_kept_by_etag(county: County) -> None:
    phone = Phone(county.users["gridworker"])
    first = phone.get("departments/")
    water = {"code": "water", "name": "寿宁县水利局", "short_name": "水利局", "kind": "county", "area": "350924"}
    assert water in first.json["results"]
    assert phone.get("departments/", headers={"If-None-Match": f"W/{first.headers['ETag']}"}).status == 304
    assert phone.get("departments/", headers={"If-None-Match": "nonsense"}).status == 200


@pytest.mark.parametrize("path", ["areas/", "departments/", "me/", "cases/", "todo/", "notifications/", "policy/"])
def test_nothing_is_told_without_a_token(path: str, db: None) -> None:
    answer = Phone().get(path)
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_no_other_site_may_ask_on_somebodys_behalf(county: County) -> None:
    answer = Phone(county.users["gridworker"]).get("me/", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
