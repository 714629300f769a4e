"""The inbox on the web: one's own messages, marked as read by pressing and never by looking."""

import pytest
from django.contrib.admin.models import LogEntry

from cases.terms import Status
from notifications.models import Message
from tests.builders import USERNAMES, County
from tests.cases.admin.web import Web, text_of
from tests.stories import story_in

pytestmark = pytest.mark.django_db

INBOX = "/admin/notifications/message/"


def test_everybody_reads_the_own_inbox_alone(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    for username in USERNAMES:
        page = Web.of(county.users[username]).page(INBOX)
        assert (f"已吹哨，请报到 · {story.number}" in page) is (username == "handler"), username


def test_pressing_a_message_marks_it_and_opens_the_case(county: County) -> None:
    story = story_in(county, Status.DISPATCHED)
    web = Web.of(county.users["handler"])
    message = Message.objects.get(recipient=county.users["handler"])
    web.page(INBOX)
    message.refresh_from_db()
    assert message.read_at is None
    response = web.client.post(f"{INBOX}{message.pk}/read/")
    assert response.headers["Location"].endswith(f"/{story.number}/change/")
    message.refresh_from_db()
    assert message.read_at is not None


def test_nobody_marks_the_messages_of_others(county: County) -> None:
    story_in(county, Status.DISPATCHED)
    message = Message.objects.get(recipient=county.users["handler"])
    web = Web.of(county.users["center"])
    assert web.client.post(f"{INBOX}{message.pk}/read/").status_code == 404
    assert web.client.post(f"{INBOX}read-all/").status_code == 302
    message.refresh_from_db()
    assert message.read_at is None


def test_all_are_marked_at_once(county: County) -> None:
    for _ in range(2):
        story_in(county, Status.DISPATCHED)
    web = Web.of(county.users["handler"])
    response = web.client.post(f"{INBOX}read-all/", follow=True)
    assert "已将 2 条消息标为已读。" in text_of(response)
    assert not Message.objects.filter(recipient=county.users["handler"], read_at=None).exists()


def test_unread_ones_can_be_listed_alone(county: County) -> None:
    story_in(county, Status.DISPATCHED)
    web = Web.of(county.users["handler"])
    assert "已吹哨" in web.page(INBOX, read="no")
    assert "已吹哨" not in web.page(INBOX, read="yes")
    assert web.get(INBOX, body__contains="x").status_code == 400


def test_looking_changes_nothing_and_messages_cannot_be_edited(county: County) -> None:
    story_in(county, Status.DISPATCHED)
    message = Message.objects.get(recipient=county.users["handler"])
    web = Web.of(county.users["handler"])
    for address in (f"{INBOX}{message.pk}/read/", f"{INBOX}read-all/"):
        assert web.get(address).status_code == 405
    assert web.get(f"{INBOX}{message.pk}/change/").status_code == 302
    assert web.get(f"{INBOX}add/").status_code == 403
    assert web.client.post(f"{INBOX}{message.pk}/delete/", {"post": "yes"}).status_code == 403
    message.refresh_from_db()
    assert message.read_at is None
    assert not LogEntry.objects.exists()
