"""Preferences and addresses through the API: one's own, within the policy, secrets shown once."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Address, Demand
from notifications.states import ChannelName, DemandKind
from tests.api_client import Phone
from tests.builders import County
from tests.notifications.people import add_address, open_channel

PREFERENCES, ADDRESSES = "notifications/preferences/", "notifications/addresses/"
HOOK = ChannelName.WEBHOOK
URL = "https://county.example/hook"


@pytest.fixture
def phone(county: County) -> Phone:
    open_channel(HOOK)
    Demand.objects.filter(colour=2).update(demand=DemandKind.REQUIRED)
    return Phone(county.users["handler"])


def test_what_holds_and_what_can_be_chosen(phone: Phone) -> None:
    rows = phone.get(PREFERENCES).json["choices"]
    assert [(row["colour"], row["channel"], row["wanted"], row["demand"], row["fixed"]) for row in rows] == [
        ("red", "webhook", True, "on", True),
        ("yellow", "webhook", True, "required", True),
        ("blue", "webhook", True, "on", False),
        ("none", "webhook", True, "on", False),
    ]


def test_a_choice_is_kept_and_replaced(phone: Phone) -> None:
    answer = phone.put(PREFERENCES, {"choices": [{"colour": "blue", "channel": "webhook", "wanted": False}]})
    assert answer.status == 200
    assert [row["wanted"] for row in answer.json["choices"]] == [True, True, False, True]
    assert all(row["wanted"] for row in phone.put(PREFERENCES, {"choices": []}).json["choices"])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"colour": "yellow", "channel": "webhook", "wanted": False}, "choices"),
        ({"colour": "red", "channel": "webhook", "wanted": False}, "choices"),
        ({"colour": "blue", "channel": "email", "wanted": True}, "choices"),
        ({"colour": "green", "channel": "webhook", "wanted": True}, "choices.0.colour"),
        ({"colour": "blue", "channel": "fax", "wanted": True}, "choices.0.channel"),
        ({"colour": "blue", "channel": "webhook"}, "choices.0.wanted"),
    ],
)
def test_a_choice_against_the_policy_or_without_sense_is_a_400(phone: Phone, wish: Any, field: str) -> None:
    answer = phone.put(PREFERENCES, {"choices": [wish]})
    assert answer.status == 400
    assert list(answer.json["errors"]) == [field]
    assert all(row["wanted"] for row in phone.get(PREFERENCES).json["choices"])


def test_more_choices_than_there_are_places_are_not_looked_at(phone: Phone) -> None:
    wish = {"colour": "blue", "channel": "webhook", "wanted": False}
    assert phone.put(PREFERENCES, {"choices": [wish] * 25}).status == 400


def test_the_secret_of_a_webhook_is_shown_once(phone: Phone) -> None:
    added = phone.post(ADDRESSES, {"channel": "webhook", "target": URL, "name": "值班室"})
    assert added.status == 201
    assert added.json["secret"].startswith("whsec_")
    listed = phone.get(ADDRESSES)
    assert "whsec_" not in listed.content.decode()
    assert [(row["id"], row["target"], row["name"], row["active"]) for row in listed.json["results"]] == [
        (added.json["id"], URL, "值班室", True)
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "webhook", "target": "http://county.example/"}, "target"),
        ({"channel": "webhook", "target": ""}, "target"),
        ({"channel": "webhook", "target": "x" * 501}, "target"),
        ({"channel": "webhook", "target": URL, "name": "x" * 61}, "name"),
        ({"channel": "webhook", "target": URL, "secret": "whsec_mine"}, "secret"),
        ({"channel": "email", "target": "li@example.org"}, "channel"),
        ({"channel": "fax", "target": URL}, "channel"),
        ({}, "channel"),
    ],
)
def test_what_is_no_address_is_a_400(phone: Phone, body: dict[str, Any], field: str) -> None:
    answer = phone.post(ADDRESSES, body)
    assert answer.status == 400
    assert field in answer.json["errors"]
    assert not Address.objects.exists()


def test_addresses_of_others_do_not_exist(phone: Phone, county: County) -> None:
    theirs = add_address(county.users["center"])
    assert phone.get(ADDRESSES).json == {"results": []}
    assert phone.delete(f"{ADDRESSES}{theirs.pk}/").status == 404
    assert Address.objects.count() == 1
    mine = phone.post(ADDRESSES, {"channel": "webhook", "target": URL}).json["id"]
    assert phone.delete(f"{ADDRESSES}{mine}/").status == 204
    assert phone.delete(f"{ADDRESSES}{mine}/").status == 404


@pytest.mark.parametrize("number", ["0", "9" * 26, "x", "-1"])
def test_an_address_that_is_none(phone: Phone, number: str) -> None:
    assert phone.delete(f"{ADDRESSES}{number}/").status == 404


def test_nobody_without_a_token(phone: Phone) -> None:
    nobody = Phone()
    assert nobody.get(PREFERENCES).status == 401
    assert nobody.put(PREFERENCES, {"choices": []}).status == 401
    assert nobody.post(ADDRESSES, {"channel": "webhook", "target": URL}).status == 401


@pytest.mark.parametrize("count", [1, 10])
def test_statements_do_not_follow_the_number_of_addresses(phone: Phone, county: County, count: int) -> None:
    for number in range(count):
        add_address(county.users["handler"], target=f"{URL}/{number}")
    phone.get(ADDRESSES)
    with CaptureQueriesContext(connection) as queries:
        assert len(phone.get(ADDRESSES).json["results"]) == count
    assert len(queries) <= 2
