"""Phones that are logged in: listed with their last use, ended one by one (issue: "Tokens … listed with device")."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.utils import timezone
from knox.models import AuthToken

from grids.api.tokens import NOTED_EVERY, give_token
from grids.models import Device, User
from tests.api_client import Answer, Phone
from tests.builders import County, add_user
from tests.cases.admin.web import Web

PASSWORD = "Whistle-test-2026"


@pytest.fixture
def officer(db: None, settings: LazySettings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    user = add_user("officer")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def log_in(*, headers: dict[str, str] | None = None, **more: str) -> Answer:
    answer = Phone().post(
        "auth/login/",
        {"username": "officer", "password": PASSWORD, **more},
        headers={"User-Agent": "x", **(headers or {})},
    )
    assert answer.status == 200
    return answer


def with_token(answer: Answer) -> dict[str, str]:
    return {"Authorization": f"Token {answer.json['token']}"}


def test_devices_are_listed_and_no_token_is_shown(officer: User) -> None:
    log_in(device="网格员手机")
    here = log_in(headers={"User-Agent": "WhistleApp/1.4 (Android 14)"})
    add_user("other")
    give_token(User.objects.get(username="other"), device="别人的手机", now=timezone.now())
    listed = Phone().get("me/tokens/", headers=with_token(here))
    assert [(token["device"], token["current"]) for token in listed.json["results"]] == [
        ("WhistleApp/1.4 (Android 14)", True),
        ("网格员手机", False),
    ]
    assert listed.headers["Cache-Control"] == "private, no-store"
    assert here.json["token"][:8] not in listed.content.decode()
    assert {len(token["id"]) for token in listed.json["results"]} == {16}


def test_a_lost_phone_is_logged_out_at_once(officer: User) -> None:
    lost, here = log_in(device="丢失"), log_in(device="手边")
    ids = {
        token["device"]: token["id"] for token in Phone().get("me/tokens/", headers=with_token(here)).json["results"]
    }
    mine = Phone()
    mine.defaults["HTTP_AUTHORIZATION"] = with_token(here)["Authorization"]
    assert mine.delete(f"me/tokens/{ids['丢失']}/").status == 204
    assert Phone().get("me/", headers=with_token(lost)).status == 401
    assert mine.get("me/").status == 200
    assert mine.delete(f"me/tokens/{ids['丢失']}/").status == 404
    assert mine.delete(f"me/tokens/{ids['手边']}/").status == 204
    assert mine.get("me/").status == 401
    assert Device.objects.count() == 0


def test_nobody_ends_a_token_of_somebody_else(county: County) -> None:
    Phone(county.users["center"])
    digest = AuthToken.objects.get(user=county.users["center"]).digest
    worker = Phone(county.users["gridworker"])
    for token_id in (digest[:16], digest, "", "x" * 16, "0" * 16, "%00", "%"):
        assert worker.delete(f"me/tokens/{token_id}/").status in (404, 405)
    assert AuthToken.objects.filter(digest=digest).exists()


def test_the_last_use_is_noted_once_in_ten_minutes(officer: User) -> None:
    answer = log_in()
    for age, noted in ((NOTED_EVERY - timedelta(minutes=1), False), (NOTED_EVERY + timedelta(minutes=1), True)):
        before = timezone.now() - age
        Device.objects.update(last_used_at=before)
        assert Phone().get("me/", headers=with_token(answer)).status == 200
        assert (Device.objects.get().last_used_at != before) is noted


@pytest.mark.parametrize("door", ["own", "administrator", "command"])
def test_a_new_password_ends_every_token(officer: User, door: str) -> None:
    phone = log_in()
    assert Phone().get("me/", headers=with_token(phone)).status == 200
    new = {"new_password1": "Quiet-river-2026", "new_password2": "Quiet-river-2026"}
    if door == "own":
        web = Web.of(officer)
        assert web.client.post("/admin/password_change/", {"old_password": PASSWORD, **new}).status_code == 302
    elif door == "administrator":
        web = Web.of(add_user("root", superuser=True))
        body = {"password1": "Quiet-river-2026", "password2": "Quiet-river-2026", "usable_password": "true"}
        assert web.client.post(f"/admin/grids/user/{officer.pk}/password/", body).status_code == 302
    else:
        officer.set_password("Quiet-river-2026")
        officer.save(update_fields=["password"])
    assert Phone().get("me/", headers=with_token(phone)).status == 401
    body = {"username": "officer", "password": "Quiet-river-2026"}
    assert Phone().get("me/", headers=with_token(Phone().post("auth/login/", body))).status == 200


def test_a_refused_token_is_not_used(officer: User) -> None:
    answer = log_in()
    before = timezone.now() - timedelta(days=1)
    Device.objects.update(last_used_at=before)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert Phone().get("me/", headers=with_token(answer)).status == 401
    assert Device.objects.get().last_used_at == before


@pytest.mark.parametrize("program", ["", "\xff\xfe", "a" * 5000, "a\tb", "<script>"])
def test_a_program_may_call_itself_anything(officer: User, program: str) -> None:
    log_in(headers={"User-Agent": program})
    assert len(Device.objects.get().name) <= 120


def test_the_security_administrator_sees_devices_and_ends_them(county: County) -> None:
    held, _token = give_token(county.users["gridworker"], device="网格员手机", now=timezone.now())
    web = Web.of(county.users["security"])
    assert "网格员手机" in web.page("/admin/knox/authtoken/")
    assert "网格员手机" in web.page(f"/admin/knox/authtoken/{held.digest}/change/")
    assert web.client.post(f"/admin/knox/authtoken/{held.digest}/delete/", {"post": "yes"}).status_code == 302
    assert not AuthToken.objects.exists()
    assert not Device.objects.exists()
