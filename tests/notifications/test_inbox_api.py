"""The inbox through the API (api.md, "Inbox")."""

from typing import Any

import pytest
from django.utils import timezone

from notifications.models import Message
from notifications.outbox import Draft, enqueue
from tests.api_client import Phone
from tests.builders import County


def tell(county: County, username: str, count: int) -> None:
    drafts = [
        Draft(
            county.users[username].pk,
            f"k{i}",
            "alert",
            {"colour": "红色警示", "number": str(i), "clock": "办理", "unit": "水利局", "due": "2026-11-22 17:30"},
            colour=3,
            reference="350924-2026-0000001",
        )
        for i in range(count)
    ]
    enqueue(drafts, now=timezone.now())


def test_messages_come_newest_first_and_in_pages(county: County) -> None:
    tell(county, "handler", 5)
    tell(county, "center", 2)
    phone = Phone(county.users["handler"])
    page, subjects = phone.get("notifications/", page_size=2), []
    while page.json["next"]:
        subjects += [message["subject"] for message in page.json["results"]]
        page = phone.get(page.json["next"].replace("http://testserver", ""))
    subjects += [message["subject"] for message in page.json["results"]]
    assert subjects == [f"红色警示 · {i} · 办理" for i in (4, 3, 2, 1, 0)]
    first = phone.get("notifications/").json["results"][0]
    assert (first["colour"], first["reference"], first["read_at"]) == ("red", "350924-2026-0000001", None)


def test_reading_keeps_the_first_time(county: County) -> None:
    tell(county, "handler", 2)
    phone = Phone(county.users["handler"])
    message = phone.get("notifications/").json["results"][0]["id"]
    first = phone.post(f"notifications/{message}/read/")
    assert first.status == 200
    assert first.json["read_at"] is not None
    assert phone.post(f"notifications/{message}/read/").json["read_at"] == first.json["read_at"]
    assert len(phone.get("notifications/", unread="true").json["results"]) == 1
    assert phone.get("me/").json["unread"] == 1


def test_read_all_is_about_ones_own(county: County) -> None:
    tell(county, "handler", 3)
    tell(county, "center", 1)
    phone = Phone(county.users["handler"])
    assert phone.post("notifications/read-all/").json == {"marked": 3}
    assert phone.post("notifications/read-all/").json == {"marked": 0}
    assert Message.objects.filter(read_at=None).count() == 1


def test_messages_of_others_do_not_exist(county: County) -> None:
    tell(county, "center", 1)
    message = Message.objects.get().pk
    assert Phone(county.users["handler"]).post(f"notifications/{message}/read/").status == 404
    assert Message.objects.get().read_at is None


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "9" * 5000, "x", "-1", "1%00"])
def test_a_message_that_is_none(county: County, number: str) -> None:
    assert Phone(county.users["handler"]).post(f"notifications/{number}/read/").status == 404


@pytest.mark.parametrize(
    "query", [{"cursor": "x"}, {"cursor": 0}, {"cursor": 2**63}, {"cursor": "9" * 2000}, {"page_size": 101}]
)
def test_a_query_without_sense_is_a_400(county: County, query: dict[str, Any]) -> None:
    answer = Phone(county.users["handler"]).get("notifications/", **query)
    assert answer.status == 400
    assert list(answer.json["errors"]) == list(query)
