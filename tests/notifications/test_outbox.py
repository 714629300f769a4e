"""Telling people: once, in words that never change afterwards; and reading it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from grids.models import User
from notifications.inbox import mark_all_read, mark_read, messages_of, unread_count
from notifications.models import Message, Wording
from notifications.outbox import Draft, enqueue, enqueue_many
from tests.builders import MONDAY, add_user

pytestmark = pytest.mark.django_db

Writer = Callable[..., None]


@pytest.fixture
def user() -> User:
    return add_user("reader")


FACTS = {
    "number": "350924-2026-0000001",
    "unit": '水利局\\t\\N "{}" \\\\',
    "clock": "办理",
    "colour": "红色警示",
    "due": "x",
}


def drafts(user: User, keys: Iterable[str]) -> list[Draft]:
    return [Draft(user.pk, key, "alert", FACTS, colour=3, reference="350924-2026-0000001") for key in keys]


@pytest.mark.parametrize("write", [enqueue, enqueue_many])
def test_a_message_is_written_as_it_was_drafted(user: User, write: Writer) -> None:
    """COPY has its own signs for tabs, line ends and nothing: they must come through as what they are."""
    write(drafts(user, ["k"]), now=MONDAY)
    found = Message.objects.get()
    assert (found.recipient_id, found.key, found.kind, found.colour) == (user.pk, "k", "alert", 3)
    assert found.subject == "红色警示 · 350924-2026-0000001 · 办理"
    assert found.body.startswith(FACTS["unit"])
    assert (found.facts, found.reference, found.language) == (FACTS, "350924-2026-0000001", "zh-hans")
    assert (found.created_at, found.read_at, found.routed_at, found.urgent) == (MONDAY, None, None, False)


@pytest.mark.parametrize("write", [enqueue, enqueue_many])
def test_what_may_not_leave_the_house_is_decided_at_once(user: User, write: Writer) -> None:
    write([Draft(user.pk, "k", "sealed", {"number": "1"}, confined=True, urgent=True)], now=MONDAY)
    found = Message.objects.get()
    assert (found.routed_at, found.urgent) == (MONDAY, True)


def test_words_follow_the_language_of_the_recipient(user: User) -> None:
    enqueue([Draft(user.pk, "k", "whistle", {"number": "7"}, language="en")], now=MONDAY)
    assert Message.objects.get().subject == "The whistle was blown: please report in · 7"


def test_an_administrators_words_take_the_place_of_the_own_ones(user: User) -> None:
    Wording.objects.create(
        kind="whistle", language="zh-hans", subject="请报到：{number}", body="{unknown}!", changed_at=MONDAY
    )
    enqueue([Draft(user.pk, "k", "whistle", {"number": "7"})], now=MONDAY)
    enqueue([Draft(user.pk, "l", "whistle", {"number": "7"}, language="en")], now=MONDAY)
    found = dict(Message.objects.values_list("key", "subject"))
    assert found == {"k": "请报到：7", "l": "The whistle was blown: please report in · 7"}
    assert Message.objects.get(key="k").body == "!", "what is no fact says nothing"


def test_words_are_read_once_in_half_a_minute(user: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        for key in "abc":
            enqueue(drafts(user, [key]), now=MONDAY)
    assert sum("wording" in query["sql"] for query in queries) == 1
    Wording.objects.create(kind="alert", colour=3, language="zh-hans", subject="新", changed_at=MONDAY)
    enqueue(drafts(user, ["d"]), now=MONDAY + timedelta(seconds=29))
    enqueue(drafts(user, ["e"]), now=MONDAY + timedelta(seconds=30))
    assert [Message.objects.get(key=key).subject == "新" for key in "de"] == [False, True]


@pytest.mark.parametrize("write", [enqueue, enqueue_many])
def test_many_messages_are_one_statement(user: User, write: Writer) -> None:
    write(drafts(user, ["before"]), now=MONDAY)
    with CaptureQueriesContext(connection) as queries:
        write(drafts(user, map(str, range(50))), now=MONDAY)
    assert len(queries) <= 1
    assert Message.objects.count() == 51


def test_the_same_news_is_told_once(user: User) -> None:
    enqueue(drafts(user, ["k"]), now=MONDAY)
    enqueue([Draft(user.pk, "k", "whistle", {"number": "1"}), *drafts(user, ["l"])], now=MONDAY + timedelta(days=1))
    assert Message.objects.count() == 2
    first = Message.objects.get(key="k")
    assert (first.kind, first.created_at) == ("alert", MONDAY)
    enqueue([Draft(add_user("other").pk, "k", "whistle", {"number": "1"})], now=MONDAY)
    assert Message.objects.count() == 3, "the same news for somebody else"


def test_the_fast_way_refuses_a_second_time_as_an_error_of_the_database(user: User) -> None:
    """For the sweep a repeated key means a broken row: it is isolated by this very error."""
    enqueue(drafts(user, ["k"]), now=MONDAY)
    with pytest.raises(IntegrityError, match="message_once"), transaction.atomic():
        enqueue_many(drafts(user, ["l", "k"]), now=MONDAY)
    assert list(Message.objects.values_list("key", flat=True)) == ["k"]


def test_nothing_is_sent_when_the_transaction_fails(user: User) -> None:
    def fail() -> None:
        with transaction.atomic():
            enqueue(drafts(user, ["k"]), now=MONDAY)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert Message.objects.count() == 0


def test_each_reads_the_own_messages_newest_first(user: User) -> None:
    enqueue(drafts(user, ["a", "b"]), now=MONDAY)
    other = add_user("other")
    enqueue(drafts(other, ["c"]), now=MONDAY)
    assert [message.key for message in messages_of(user.pk)] == ["b", "a"]
    assert (unread_count(user.pk), unread_count(other.pk)) == (2, 1)


def test_reading_keeps_the_first_time(user: User) -> None:
    enqueue(drafts(user, ["a"]), now=MONDAY)
    message = Message.objects.get()

    def read(now: datetime) -> bool:
        return mark_read(user_id=user.pk, message_id=message.pk, now=now)

    assert read(MONDAY + timedelta(hours=1))
    assert read(MONDAY + timedelta(hours=2))
    message.refresh_from_db()
    assert message.read_at == MONDAY + timedelta(hours=1)
    assert unread_count(user.pk) == 0


def test_nobody_reads_for_somebody_else(user: User) -> None:
    enqueue(drafts(user, ["a"]), now=MONDAY)
    other = add_user("other")
    message = Message.objects.get()
    assert not mark_read(user_id=other.pk, message_id=message.pk, now=MONDAY)
    assert not mark_read(user_id=user.pk, message_id=message.pk + 1, now=MONDAY)
    assert mark_all_read(user_id=other.pk, now=MONDAY) == 0
    assert unread_count(user.pk) == 1
    assert mark_all_read(user_id=user.pk, now=MONDAY) == 1
    assert unread_count(user.pk) == 0
