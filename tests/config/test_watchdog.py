"""The watchdog says what fails: when it begins, each hour while it lasts, and when it is over; it survives anything."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from config.health import Check, Grade
from config.watchdog import News, Said, news_of, remember, remembered, words_of
from tests.builders import MONDAY
from tests.notifications.channels.servers import Post, endpoint, mail_server

WELL: dict[str, Check] = {"database": Check(Grade.OK, "answers"), "calendar": Check(Grade.WARNING, "2027 is missing")}
ILL = WELL | {"beat": Check(Grade.FAILING, "last sign of life 300 s ago")}


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Iterator[Post]:
    with mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.WATCHDOG_EMAILS, settings.WATCHDOG_URLS = ["night@county.example"], []
        settings.WATCHDOG_FILE = tmp_path / "watchdog.json"
        yield server


def watch(monkeypatch: pytest.MonkeyPatch, checks: dict[str, Check], *, now: datetime = MONDAY) -> int:
    """One run at that time; its exit code."""
    module = "config.management.commands.watchdog"
    monkeypatch.setattr(f"{module}.status_of", lambda _now: checks)
    monkeypatch.setattr(f"{module}.timezone.now", lambda: now)
    try:
        call_command("watchdog")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_an_alarm_begins_lasts_and_ends(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [watch(monkeypatch, WELL)]
    codes += [watch(monkeypatch, ILL, now=MONDAY + timedelta(minutes=minute)) for minute in (0, 1, 59, 60, 61)]
    codes += [watch(monkeypatch, WELL, now=MONDAY + timedelta(minutes=minute)) for minute in (62, 63)]
    assert codes == [0, 1, 1, 1, 1, 1, 0, 0]
    assert len(post.taken) == 3, "begun, an hour later, over"
    assert all(envelope.rcpt_tos == ["night@county.example"] for envelope in post.taken)


def test_something_else_that_fails_is_said_at_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    watch(monkeypatch, ILL)
    watch(monkeypatch, ILL | {"redis": Check(Grade.FAILING, "does not answer")}, now=MONDAY + timedelta(minutes=1))
    watch(monkeypatch, ILL, now=MONDAY + timedelta(minutes=2))
    assert len(post.taken) == 2


def test_a_server_that_is_gone_is_tried_again_at_the_next_run(
    post: Post, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    port = settings.EMAIL_PORT
    with endpoint() as told:
        settings.EMAIL_PORT = told.port
    assert watch(monkeypatch, ILL) == 2
    settings.EMAIL_PORT = port
    assert watch(monkeypatch, ILL) == 1
    assert len(post.taken) == 1


def test_without_anybody_to_tell_the_exit_code_says_so(
    post: Post, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WATCHDOG_EMAILS = []
    assert watch(monkeypatch, ILL) == 2
    assert watch(monkeypatch, WELL) == 0


def test_a_service_of_apprise_is_told(post: Post, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    said = []

    class Robot:
        def notify(self, *, title: str, body: str) -> bool:
            said.append((title, body))
            return True

    class Apprise:
        @staticmethod
        def instantiate(url: str) -> Robot:
            assert url == "wecombot://key?cto=10&rto=10"
            return Robot()

    monkeypatch.setattr("config.watchdog.import_module", lambda _name: type("apprise", (), {"Apprise": Apprise}))
    settings.WATCHDOG_EMAILS, settings.WATCHDOG_URLS = [], ["wecombot://key"]
    assert watch(monkeypatch, ILL) == 1
    assert said[0][0] == "Whistle 异常 · failing: beat"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"failing": 3, "at": "x"}', '{"failing": ["beat"], "at": "soon"}'])
def test_a_broken_memory_means_one_more_alarm(
    post: Post, monkeypatch: pytest.MonkeyPatch, settings: Any, content: str
) -> None:
    file = Path(settings.WATCHDOG_FILE)
    file.write_text(content, encoding="utf-8")
    assert watch(monkeypatch, ILL) == 1
    assert len(post.taken) == 1
    assert json.loads(file.read_text(encoding="utf-8"))["failing"] == ["beat"]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    remember(tmp_path / "gone" / "watchdog.json", Said(("beat",), MONDAY.isoformat()))
    assert remembered(tmp_path / "gone" / "watchdog.json") == Said()


def test_a_clock_that_stepped_back_does_not_silence_it() -> None:
    said = Said(("beat",), (MONDAY + timedelta(hours=5)).isoformat())
    assert news_of(said, ["beat"], now=MONDAY) is News.LASTS


def test_words_name_what_fails_in_both_languages() -> None:
    subject, body = words_of(News.BEGUN, {"beat": "last sign of life 300 s ago"})
    assert "beat" in subject
    assert "300 s" in body
    assert "恢复" in words_of(News.OVER, {})[0]


def test_a_dead_database_and_a_dead_redis_are_said(
    post: Post, monkeypatch: pytest.MonkeyPatch, settings: Any, db: None
) -> None:
    """The real checks, with nobody behind the sockets."""
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"

    def gone(*_args: object, **_options: object) -> None:
        from django.db import OperationalError

        raise OperationalError("connection refused")

    from django.db import connection

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", gone)
        with pytest.raises(SystemExit) as end:
            call_command("watchdog")
    assert end.value.code == 1
    assert isinstance(post.taken[0].content, bytes)
    told = message_from_bytes(post.taken[0].content, policy=default)
    assert told["Subject"].strip() == "Whistle 异常 · failing: database, redis"
