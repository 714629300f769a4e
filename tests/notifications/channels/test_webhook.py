"""Webhooks against a real endpoint: signed, once for each acknowledged attempt, and every answer understood."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from notifications.channels.http import retry_after
from notifications.channels.webhook import WebhookChannel, new_secret, refusal_of
from notifications.parcels import Parcel, Permanent, Temporary, Undelivered
from notifications.states import Bundle, ChannelName
from tests.notifications.channels.servers import Endpoint, endpoint

NOW = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
SECRET = new_secret()


@pytest.fixture(autouse=True)
def _plain_http(settings: Any) -> None:
    settings.WEBHOOK_PLAIN_HTTP = True


@pytest.fixture
def hook() -> Iterator[Endpoint]:
    with endpoint() as told:
        yield told


def parcel(url: str, **changes: Any) -> Parcel:
    given: dict[str, Any] = {
        "key": "17-4",
        "channel": ChannelName.WEBHOOK,
        "target": url,
        "secret": SECRET,
        "subject": "红色警示 · 350924-2026-0000001 · 办理",
        "body": "水利局：应于 2026-11-22 17:30 办结，已超期。",
        "colour": 3,
        "urgent": True,
        "language": "zh-hans",
        "bundle": Bundle.SINGLE,
        "items": ("350924-2026-0000001",),
        "created_at": NOW,
    }
    return Parcel(**(given | changes))


def send(*parcels: Parcel, timeout: float = 2, late: timedelta = timedelta(0)) -> None:
    """At this moment, or as if it were a while ago: whoever receives it goes by the clock of the machine."""
    with WebhookChannel().open(timeout=timeout) as sender:
        for one in parcels:
            sender.send(one, now=datetime.now(UTC) - late)


def failure(one: Parcel, **options: Any) -> Undelivered:
    with pytest.raises(Undelivered) as raised:
        send(one, **options)
    return raised.value


def test_a_receiver_can_verify_what_it_got(hook: Endpoint) -> None:
    send(parcel(hook.url))
    headers, body = hook.requests[0]
    content = Webhook(SECRET).verify(body, headers)
    assert content == {
        "type": "whistle.single",
        "timestamp": NOW.isoformat(),
        "data": {
            "numbers": ["350924-2026-0000001"],
            "colour": "red",
            "urgent": True,
            "language": "zh-hans",
            "subject": "红色警示 · 350924-2026-0000001 · 办理",
            "body": "水利局：应于 2026-11-22 17:30 办结，已超期。",
        },
    }
    names = {name.lower(): value for name, value in headers.items()}
    assert names["webhook-id"] == "17-4", "the same at each attempt: the receiver may know it"


def test_a_changed_body_another_secret_and_an_old_message_are_refused(hook: Endpoint) -> None:
    send(parcel(hook.url))
    send(parcel(hook.url), late=timedelta(minutes=6))
    (headers, body), (old, old_body) = hook.requests
    changed = json.dumps(json.loads(body) | {"type": "other"}).encode()
    for secret, message, said in ((SECRET, changed, headers), (new_secret(), body, headers), (SECRET, old_body, old)):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(message, said)


def test_a_lane_keeps_its_connection(hook: Endpoint) -> None:
    send(*[parcel(hook.url) for _ in range(5)])
    assert (len(hook.requests), hook.connections) == (5, 1)


@pytest.mark.parametrize(
    ("status", "kind", "gone"),
    [
        (500, Temporary, False),
        (503, Temporary, False),
        (404, Temporary, False),
        (302, Temporary, False),
        (429, Temporary, False),
        (400, Permanent, False),
        (413, Permanent, False),
        (410, Permanent, True),
    ],
)
def test_what_an_answer_means(hook: Endpoint, status: int, kind: type[Undelivered], gone: bool) -> None:
    hook.statuses = [status]
    hook.headers = {"Location": hook.url}
    found = failure(parcel(hook.url))
    assert type(found) is kind
    assert str(found) == f"answered {status}"
    assert getattr(found, "gone", False) is gone
    assert len(hook.requests) == 1, "nothing is repeated or followed behind our back"


def test_how_long_the_other_side_wants_peace(hook: Endpoint) -> None:
    hook.statuses, hook.headers = [429], {"Retry-After": "90"}
    found = failure(parcel(hook.url))
    assert isinstance(found, Temporary)
    assert found.retry_after == timedelta(seconds=90)
    date = (NOW + timedelta(minutes=5)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    told = retry_after(date, now=NOW)
    assert told is not None
    assert abs(told - timedelta(minutes=5)) < timedelta(seconds=1)
    assert [retry_after(text, now=NOW) for text in ("", "soon", "-4")] == [None, None, None]


@pytest.mark.parametrize("trouble", [{"hang": 1.0}, {"drop": True}])
def test_an_endpoint_that_hangs_or_drops_is_tried_again(trouble: dict[str, Any]) -> None:
    with endpoint(**trouble) as told:
        assert type(failure(parcel(told.url), timeout=0.2)) is Temporary


def test_an_endpoint_that_is_not_there_is_tried_again() -> None:
    with endpoint() as told:
        pass
    assert type(failure(parcel(told.url))) is Temporary


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://county.example/hook", ""),
        ("http://county.example/hook", "scheme"),
        ("ftp://county.example/", "scheme"),
        ("https://", "host"),
        ("https://user:password@county.example/", "host"),
        ("https://localhost/", "inside"),
        ("https://127.0.0.1/", "inside"),
        ("https://169.254.169.254/latest/meta-data", "inside"),
        ("https://[::1]/", "inside"),
        ("https://[::ffff:169.254.169.254]/", "inside"),
        ("https://127.1/", "inside"),
        ("https://2852039166/latest/meta-data", "inside"),
        ("https://hooks.localhost/", "inside"),
        ("https://10.35.9.24/hook", ""),
        ("https://county.example:port/", "unreadable"),
    ],
)
def test_which_addresses_can_be_used(settings: Any, url: str, problem: str) -> None:
    settings.WEBHOOK_PLAIN_HTTP = False
    assert refusal_of(url) == problem
    if problem:
        found = failure(parcel(url))
        assert isinstance(found, Permanent)
        assert found.gone
