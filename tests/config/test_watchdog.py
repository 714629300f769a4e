"""The watchdog says what fails: when it begins, each hour while it lasts, and when it is over; it survives anything."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.management import call_command

from config import alarming, health
from config.health import TITLES, Check, Grade, status_of
from config.watchdog import Known, News, failing_of, news_of, remember, remembered, remembered_after, words_of
from tests.builders import MONDAY
from tests.config.letters import texts
from tests.notifications.channels.servers import Post, endpoint

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL: Final[dict[str, Check]] = {
    "database": Check(Grade.OK, "answers"),
    "redis": Check(Grade.OK, "answers"),
    "beat": Check(Grade.OK, "fresh", MINUTE),
    "calendar": Check(Grade.WARNING, "2027 is missing"),
}
SILENT: Final = {"beat": Check(Grade.FAILING, "没有节拍", 4 * MINUTE)}
DEAD_REDIS: Final = {"redis": Check(Grade.FAILING, "没有应答")}
COMMAND: Final = "config.management.commands.watchdog"


class Watch:
    """Runs of the real command at chosen times over chosen checks."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, checks: Mapping[str, Check], minute: float = 0) -> int:
        """One run that many minutes after the first; its exit code."""
        self._patch.setattr(f"{COMMAND}.status_of", lambda _now: dict(checks))
        self._patch.setattr(f"{COMMAND}.timezone.now", lambda: MONDAY + minute * MINUTE)
        try:
            call_command("watchdog")
        except SystemExit as end:
            return int(end.code or 0)
        return 0


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


# When it speaks


def test_an_alarm_begins_lasts_and_ends(post: Post, watch: Watch) -> None:
    codes = [watch(WELL)]
    codes += [watch(WELL | SILENT, minute) for minute in (1, 2, 60, 61, 62)]
    codes += [watch(WELL, minute) for minute in (63, 64)]
    assert codes == [0, 1, 1, 1, 1, 1, 0, 0]
    begun, lasting, over = texts(post)
    assert "节拍：没有节拍" in begun
    assert "节拍自 2026-03-02 09:01 起异常。" in lasting
    assert "节拍已恢复正常。" in over
    assert [envelope.rcpt_tos for envelope in post.taken] == [["night@county.example", "day@county.example"]] * 3


def test_each_part_begins_and_ends_by_itself(post: Post, watch: Watch) -> None:
    late = {"sweep": Check(Grade.FAILING, "落后", 5 * MINUTE)}
    watch(WELL | SILENT)
    watch(WELL | SILENT | late, 1)
    watch(WELL | late | {"beat": WELL["beat"]}, 2)
    watch(WELL | late | SILENT, 3)
    said = texts(post)
    assert len(said) == 4
    assert ("节拍" in said[1], "扫描：落后" in said[1]) == (True, True)
    assert "节拍已恢复正常。" in said[2]
    assert "节拍：没有节拍" in said[3], "what fails again is said again"


def test_what_cannot_be_asked_is_not_over(post: Post, watch: Watch) -> None:
    """A dead Redis says nothing of the beat."""
    watch(WELL | SILENT)
    unasked = {name: check for name, check in (WELL | DEAD_REDIS).items() if name != "beat"}
    watch(unasked, 1)
    watch(WELL | SILENT, 2)
    watch(WELL, 3)
    said = texts(post)
    assert len(said) == 4
    assert "已恢复正常" not in said[1]
    assert "Redis已恢复正常" in said[2].replace(" ", "")
    assert "节拍已恢复正常。" in said[3]


def test_what_could_not_be_said_is_said_at_the_next_run(post: Post, watch: Watch, settings: Any) -> None:
    port = settings.EMAIL_PORT
    with endpoint() as closed:
        settings.EMAIL_PORT = closed.port
    assert watch(WELL | SILENT) == 2
    settings.EMAIL_PORT = port
    assert watch(WELL | SILENT, 1) == 1
    settings.EMAIL_PORT = closed.port
    assert watch(WELL, 2) == 2, "that it is over was not said either"
    settings.EMAIL_PORT = port
    assert [watch(WELL, minute) for minute in (3, 4)] == [0, 0]
    assert len(post.taken) == 2


def test_what_was_over_before_anybody_was_told_is_not_said(post: Post, watch: Watch, settings: Any) -> None:
    settings.WATCHDOG_EMAILS = []
    assert watch(WELL | SILENT) == 2
    assert watch(WELL, 1) == 0
    assert post.taken == []


def test_limits_are_the_watchdogs_own() -> None:
    """Statusz fails after four sweep intervals; nobody is woken for a restart."""
    limits = {"beat": 3 * MINUTE, "reconciliation": 26 * HOUR}
    checks = {
        "beat": Check(Grade.FAILING, "x", 2 * MINUTE),
        "worker": Check(Grade.FAILING, "x", 2 * MINUTE),
        "courier": Check(Grade.FAILING, "x"),
        "reconciliation": Check(Grade.WARNING, "x", 27 * HOUR),
        "calendar": Check(Grade.WARNING, "x"),
    }
    assert set(failing_of(checks, limits)) == {"worker", "courier", "reconciliation"}
    assert set(failing_of({"beat": Check(Grade.FAILING, "x")}, limits)) == {"beat"}, "never a sign of life"


def test_every_limit_of_the_settings_is_asked(
    post: Post, watch: Watch, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WATCHDOG_LAG = settings.WATCHDOG_SILENCE = settings.WATCHDOG_UNDELIVERED = 100
    settings.WATCHDOG_RECONCILED = 1
    names = ("sweep", "beat", "worker", "courier", "outbox")
    assert watch({name: Check(Grade.FAILING, "x", timedelta(seconds=100)) for name in names}) == 0
    for name in names:
        assert watch({name: Check(Grade.OK, "x", timedelta(seconds=101))}) == 1
    assert watch({"reconciliation": Check(Grade.OK, "x", timedelta(hours=1, seconds=1))}) == 1


def test_every_check_of_statusz_has_a_title(db: None) -> None:
    assert status_of(MONDAY).keys() <= TITLES.keys()
    assert set(health._OF_THE_DATABASE) <= TITLES.keys()


# What it remembers


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "3",
        '{"beat": 3}',
        '{"beat": {"since": "soon"}}',
        '{"beat": {"since": "2026-03-02", "told": null}}',
    ],
)
def test_a_broken_memory_means_one_more_alarm(post: Post, watch: Watch, settings: Any, content: str) -> None:
    file = Path(settings.WATCHDOG_FILE)
    file.write_text(content, encoding="utf-8")
    assert [watch(WELL | SILENT, minute) for minute in (0, 1)] == [1, 1]
    assert len(post.taken) == 1
    assert list(json.loads(file.read_text(encoding="utf-8"))) == ["beat"]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    remember(tmp_path / "gone" / "watchdog.json", {"beat": Known(MONDAY, MONDAY)})
    assert remembered(tmp_path / "gone" / "watchdog.json") == {}


def test_what_is_remembered_is_found_again(tmp_path: Path) -> None:
    memory = {"beat": Known(MONDAY, MONDAY + HOUR), "redis": Known(MONDAY)}
    remember(tmp_path / "watchdog.json", memory)
    assert remembered(tmp_path / "watchdog.json") == memory
    assert [file.name for file in tmp_path.iterdir()] == ["watchdog.json"]


def test_a_clock_that_stepped_back_does_not_silence_it() -> None:
    memory = {"beat": Known(MONDAY, MONDAY + 5 * HOUR)}
    assert news_of(memory, ["beat"], ["beat"], now=MONDAY) == News(lasting=("beat",))


def test_since_when_something_fails_stays_while_it_lasts() -> None:
    memory = {"beat": Known(MONDAY, MONDAY)}
    news = News(lasting=("beat",))
    after = remembered_after(memory, ["beat"], ["beat"], news=news, told=True, now=MONDAY + HOUR)
    assert after == {"beat": Known(MONDAY, MONDAY + HOUR)}


def test_words_name_the_parts_and_the_machine() -> None:
    subject, body = words_of(News(begun=("beat",)), {"beat": "没有节拍"}, {}, host="whistle-1")
    assert ("whistle-1" in subject, "节拍" in subject, body) == (True, True, "节拍：没有节拍")
    assert "whistle-1" in words_of(News(over=("beat",)), {}, {}, host="whistle-1")[0]


# What it survives


@contextmanager
def dribbling() -> Iterator[int]:
    """A server that keeps every limit of a single read: one byte, and another one, and another one."""
    stopping = threading.Event()

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            line, _ = listener.accept()
            with line:
                while not stopping.wait(0.05):
                    line.sendall(b"2")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        stopping.set()
        thread.join()


@pytest.mark.parametrize("kind", ["hangs", "dribbles", "drops"])
def test_a_mail_server_that_behaves_badly_is_not_waited_for(
    post: Post, watch: Watch, settings: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(alarming, "TIMEOUT", 0.5)
    monkeypatch.setattr(alarming, "WAY_SECONDS", 1.0)
    if kind == "drops":
        post.answer = lambda step: "drop" if step == "data" else "250 OK"
        assert watch(WELL | SILENT) == 2
        return
    with dribbling() if kind == "dribbles" else silent_port() as port:
        settings.EMAIL_PORT = port
        begun = time.monotonic()
        assert watch(WELL | SILENT) == 2
        assert time.monotonic() - begun < 30


@contextmanager
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


#: Apprise loads all its services, and one of them still uses a module that Python 3.13 has no more.
imports_everything = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@imports_everything
def test_one_way_that_works_is_enough(
    post: Post, watch: Watch, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with endpoint(statuses=[500]) as hook:
        settings.WATCHDOG_URLS = [hook.url.replace("http://", "json://"), "nonsense://secret", "secret%%%"]
        assert watch(WELL | SILENT) == 1
    assert (len(post.taken), len(hook.requests)) == (1, 1)
    assert "secret" not in caplog.text, "addresses of services hold their keys"


@imports_everything
def test_services_of_apprise_are_told(post: Post, watch: Watch, settings: Any) -> None:
    settings.WATCHDOG_EMAILS = []
    with endpoint(statuses=[200]) as hook:
        settings.WATCHDOG_URLS = [hook.url.replace("http://", "json://")]
        assert watch(WELL | SILENT) == 1
    (said,) = hook.bodies()
    assert "节拍：没有节拍" in said["message"]


@pytest.mark.parametrize(("answer", "code"), [(b'{"errcode": 0}', 1), (b'{"errcode": 93000}', 2)])
def test_a_robot_that_refuses_with_status_200_did_not_take_it(
    post: Post, watch: Watch, settings: Any, monkeypatch: pytest.MonkeyPatch, answer: bytes, code: int
) -> None:
    settings.WATCHDOG_EMAILS, settings.WATCHDOG_URLS = [], ["wecombot://a-key-of-a-robot"]
    from apprise.plugins.wecombot import NotifyWeComBot

    with endpoint(statuses=[200], body=answer) as hook:
        monkeypatch.setattr(NotifyWeComBot, "notify_url", hook.url + "?key={key}")
        assert watch(WELL | SILENT) == code
    assert len(hook.requests) == 1


def test_a_check_that_raises_is_news_and_no_crash(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(_answers: object, _now: object) -> Check:
        raise KeyError("x")

    monkeypatch.setitem(health._OF_THE_DATABASE, "sweep", raises)
    found = status_of(MONDAY)["sweep"]
    assert (found.grade, "KeyError" in found.detail) == (Grade.FAILING, True)


def test_checks_that_never_end_or_cannot_begin_are_news(
    post: Post, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()

    def hangs(_now: object) -> dict[str, Check]:
        free.wait(60)
        return {}

    def fails(_now: object) -> dict[str, Check]:
        raise RuntimeError

    monkeypatch.setattr(f"{COMMAND}.CHECK_SECONDS", 0.2)
    monkeypatch.setattr(f"{COMMAND}.timezone.now", lambda: MONDAY)
    for broken in (hangs, fails):
        monkeypatch.setattr(f"{COMMAND}.status_of", broken)
        with pytest.raises(SystemExit) as end:
            call_command("watchdog")
        assert end.value.code == 1
    free.set()
    assert watch(WELL, 1) == 0
    said = texts(post)
    assert len(said) == 2, "begun and over"
    assert "检查未能完成" in said[0]
