"""E-mail against a real SMTP server: frozen words, the same Message-ID at every attempt, every answer understood."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from notifications.channels.mail import Mail
from notifications.parcels import Parcel, Permanent, Temporary, Undelivered
from notifications.states import ChannelName
from tests.notifications.channels.servers import Post, endpoint, mail_server
from tests.notifications.channels.test_webhook import NOW, parcel


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "吹哨报到 <whistle@county.example>"
        yield server


def mail(**changes: Any) -> Parcel:
    return parcel("officer@county.example", channel=ChannelName.EMAIL, **changes)


def send(*parcels: Parcel, timeout: float = 2) -> None:
    with Mail().open(timeout=timeout) as sender:
        for one in parcels:
            sender.send(one, now=NOW)


def failure(*parcels: Parcel, **options: Any) -> Undelivered:
    with pytest.raises(Undelivered) as raised:
        send(*parcels, **options)
    return raised.value


def test_a_message_arrives_as_it_was_frozen(post: Post) -> None:
    send(mail())
    (envelope,) = post.taken
    assert envelope.rcpt_tos == ["officer@county.example"]
    assert isinstance(envelope.content, bytes)
    found = message_from_bytes(envelope.content, policy=default)
    assert found["Subject"].strip() == "红色警示 · 350924-2026-0000001 · 办理"
    assert found["Message-ID"] == "<17-4@county.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content().strip() == "水利局：应于 2026-11-22 17:30 办结，已超期。"


def test_a_lane_keeps_its_connection(post: Post) -> None:
    send(mail(), mail(key="18-4"), mail(key="19-4"))
    assert (len(post.taken), len(post.sessions)) == (3, 1)


@pytest.mark.parametrize(
    ("step", "said", "kind", "gone", "everybody"),
    [
        ("rcpt", "550 no such mailbox", Permanent, True, False),
        ("rcpt", "552 mailbox full", Permanent, False, False),
        ("rcpt", "450 greylisted", Temporary, False, False),
        ("data", "554 no spam", Permanent, False, False),
        ("data", "550 no such content", Permanent, False, False),
        ("mail", "553 authorised senders only", Temporary, False, True),
        ("mail", "451 later", Temporary, False, True),
        ("data", "451 try again", Temporary, False, False),
        ("data", "421 shutting down", Temporary, False, True),
        ("data", "drop", Temporary, False, False),
    ],
)
def test_what_an_answer_means(
    post: Post, step: str, said: str, kind: type[Undelivered], gone: bool, everybody: bool
) -> None:
    post.answer = lambda asked: said if asked == step else "250 OK"
    found = failure(mail())
    assert type(found) is kind
    assert (getattr(found, "gone", False), getattr(found, "everybody", False)) == (gone, everybody)
    assert not post.taken
    assert "county.example" not in str(found)


def test_a_subject_of_several_lines_is_one_line(post: Post) -> None:
    send(mail(subject="红色警示\r\nBcc: all@county.example"))
    assert isinstance(post.taken[0].content, bytes)
    found = message_from_bytes(post.taken[0].content, policy=default)
    assert (found["Bcc"], found["Subject"].strip()) == (None, "红色警示 Bcc: all@county.example")


def test_after_a_refusal_the_next_one_still_goes(post: Post) -> None:
    answers = iter(["550 no such mailbox", "250 OK"])
    post.answer = lambda asked: next(answers) if asked == "rcpt" else "250 OK"
    with Mail().open(timeout=2) as sender:
        with pytest.raises(Permanent):
            sender.send(mail(), now=NOW)
        sender.send(mail(key="18-4"), now=NOW)
    assert len(post.taken) == 1


def test_after_a_dropped_connection_the_next_one_still_goes(post: Post) -> None:
    answers = iter(["drop", "250 OK"])
    post.answer = lambda asked: next(answers) if asked == "data" else "250 OK"
    with Mail().open(timeout=2) as sender:
        with pytest.raises(Temporary):
            sender.send(mail(), now=NOW)
        sender.send(mail(key="18-4"), now=NOW)
    assert len(post.taken) == 1


def test_a_server_that_is_gone_concerns_everybody(post: Post, settings: Any) -> None:
    with endpoint() as told:
        settings.EMAIL_PORT = told.port
    found = failure(mail())
    assert isinstance(found, Temporary)
    assert found.everybody


def test_a_server_that_hangs_is_left_in_time(post: Post, settings: Any) -> None:
    """It takes the connection and never says a word: an HTTP server waits for its client to begin."""
    with endpoint() as told:
        settings.EMAIL_PORT = told.port
        found = failure(mail(), timeout=0.2)
    assert isinstance(found, Temporary)
    assert found.everybody


def test_without_a_server_the_channel_is_not_configured(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    assert not Mail().is_configured()
