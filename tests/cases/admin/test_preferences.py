"""How I am told: every officer's own page, within the policy."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications.models import Address, ChannelTerms, Delivery, Demand
from notifications.preferences import cells_of
from notifications.states import ChannelName, DemandKind
from tests.builders import MONDAY, USERNAMES, County
from tests.cases.admin.web import Web, text_of
from tests.notifications.people import add_address, open_channel

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:preferences")
HOOK = ChannelName.WEBHOOK
URL = "https://county.example/hook"


def press(web: Web, button: str, **fields: object) -> Any:
    return web.client.post(PAGE, {"press": button, **fields})


@pytest.mark.parametrize("username", USERNAMES)
def test_everybody_has_the_page_and_the_way_to_it(county: County, username: str) -> None:
    web = Web.of(county.users[username])
    assert "尚未启用任何发送渠道" in web.page(PAGE)
    assert PAGE in web.page("/admin/")
    assert PAGE in web.page("/admin/notifications/message/")


def test_what_the_policy_fixes_is_shown_with_its_reason(county: County) -> None:
    open_channel(HOOK)
    Demand.objects.filter(colour=2).update(demand=DemandKind.REQUIRED)
    Demand.objects.filter(colour=0).update(demand=DemandKind.NEVER)
    page = Web.of(county.users["handler"]).page(PAGE)
    for reason in ("红色警示必达", "必达（本县规定）", "该渠道不发送"):
        assert reason in page
    assert 'value="1.webhook" checked' in page
    assert all(f'value="{colour}.webhook"' not in page for colour in (0, 2, 3))


def test_a_choice_is_kept(county: County) -> None:
    open_channel(HOOK)
    user = county.users["handler"]
    web = Web.of(user)
    assert press(web, "choose", wish=["2.webhook"]).status_code == 302
    assert {cell.colour: cell.wanted for cell in cells_of(user.pk)} == {3: True, 2: True, 1: False, 0: False}
    assert press(web, "choose", wish=["2.webhook", "1.webhook", "0.webhook", "9.fax"]).status_code == 302
    assert all(cell.wanted for cell in cells_of(user.pk))


def test_the_secret_of_a_webhook_is_shown_once(county: County) -> None:
    open_channel(HOOK)
    web = Web.of(county.users["handler"])
    page = text_of(press(web, "add", channel="webhook", target=URL, label="值班室"))
    secret = Address.objects.get().secret
    assert secret in page
    assert "值班室" in page
    assert secret not in web.page(PAGE)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"channel": "webhook", "target": "http://county.example/"}, "地址须以 https:// 开头。"),
        ({"channel": "email", "target": "li@example.org"}, "该渠道未启用。"),
        ({"channel": "fax", "target": URL}, "请先选择渠道。"),
        ({}, "请先选择渠道。"),
    ],
)
def test_what_is_no_address_is_said_and_kept(county: County, fields: dict[str, str], sentence: str) -> None:
    open_channel(HOOK)
    response = press(Web.of(county.users["handler"]), "add", **fields)
    assert response.status_code == 400
    assert sentence in text_of(response)
    assert fields.get("target", "") in text_of(response)
    assert not Address.objects.exists()


def test_a_failed_address_is_shown_and_used_again(county: County) -> None:
    open_channel(HOOK)
    address = add_address(county.users["handler"])
    Address.objects.update(is_active=False, failed_at=MONDAY, failure="answered 410")
    web = Web.of(county.users["handler"])
    assert "对方答复 410" in web.page(PAGE)
    assert press(web, "test", address=address.pk).status_code == 404
    assert press(web, "use_again", address=address.pk).status_code == 302
    assert press(web, "test", address=address.pk).status_code == 302
    assert Delivery.objects.get().address == address
    assert press(web, "remove", address=address.pk).status_code == 302
    assert not Address.objects.exists()


@pytest.mark.parametrize("button", ["remove", "use_again", "test"])
@pytest.mark.parametrize("written", [None, "", "x", "-1", "9" * 30])
def test_addresses_of_others_and_nonsense_do_not_exist(county: County, button: str, written: str | None) -> None:
    open_channel(HOOK)
    theirs = add_address(county.users["center"])
    address = theirs.pk if written is None else written
    assert press(Web.of(county.users["handler"]), button, address=address).status_code == 404
    assert press(Web.of(county.users["handler"]), "nonsense", address=address).status_code == 404
    assert Address.objects.get().is_active
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("count", [1, 10])
def test_statements_do_not_follow_the_number_of_addresses(county: County, count: int) -> None:
    for channel in ChannelName:
        open_channel(channel)
    for number in range(count):
        add_address(county.users["handler"], target=f"{URL}/{number}")
    web = Web.of(county.users["handler"])
    web.page(PAGE)
    with CaptureQueriesContext(connection) as queries:
        assert web.page(PAGE).count('name="address"') == count
    assert len(queries) <= 10
    assert ChannelTerms.objects.count() == 6
