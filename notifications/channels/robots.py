"""Robots of chat groups (WeCom, DingTalk, Feishu) through apprise, which knows their dialects.

These services refuse with status 200 and a code in the body (a wrong key, too many messages, a forbidden word), which
apprise takes for success at two of them. So its plugins post through an ear of ours that keeps the answer.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from importlib import import_module
from typing import Any
from urllib.parse import quote, unquote

from notifications.channels.signatures import SIGNERS, Signer, unsigned
from notifications.failures import KEY_UNUSABLE, ROBOT_ANSWERED, ROBOT_REFUSED
from notifications.parcels import Parcel, Permanent, Temporary
from notifications.states import ChannelName

#: Where apprise knows them: its module, which is also the scheme of its addresses, and the class in it.
PLUGINS = {
    ChannelName.WECOM: ("wecombot", "NotifyWeComBot"),
    ChannelName.DINGTALK: ("dingtalk", "NotifyDingTalk"),
    ChannelName.FEISHU: ("feishu", "NotifyFeishu"),
}
#: Bytes of a text that each of them takes; a longer one is refused as a whole.
LONGEST = {ChannelName.WECOM: 2048, ChannelName.DINGTALK: 15_000, ChannelName.FEISHU: 15_000}


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot: apprise's plugin for it, and how what it posts is signed."""

    plugin: Any
    secret: str
    sign: Signer


@dataclass(frozen=True, slots=True)
class RobotSender:
    timeout: float

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """Accepted with status 200 and code 0; everything else is tried again, for no code says "for good" reliably."""
        robot = robot_at(parcel.channel, robot_url(parcel.channel, parcel.target, parcel.secret, self.timeout))
        if robot is None:
            raise Permanent(KEY_UNUSABLE.of(), gone=True)
        if refusal := refusal_of(robot, shortened(parcel.subject, parcel.body, LONGEST[parcel.channel]), now=now):
            raise Temporary(refusal)


@dataclass(frozen=True, slots=True)
class RobotChannel:
    """`lanes`: these services take some twenty messages a minute of one robot; more lanes would gain nothing."""

    name: ChannelName
    lanes: int = 1

    def is_configured(self) -> bool:
        return True

    @contextmanager
    def open(self, *, timeout: float) -> Iterator[RobotSender]:
        yield RobotSender(timeout)


def robot_url(channel: ChannelName, key: str, secret: str, timeout: float) -> str:
    """The robot in apprise's spelling; the signing secret stands before its key, as apprise has it for DingTalk."""
    owner = f"{quote(secret, safe='')}@" if secret else ""
    return f"{PLUGINS[channel][0]}://{owner}{quote(key, safe='')}/?cto={timeout}&rto={timeout}"


def shortened(subject: str, body: str, longest: int) -> str:
    """Subject and text in at most so many bytes of UTF-8: the lines that fit, and a sign that there were more."""
    text = f"{subject}\n{body}".strip()
    if len(text.encode()) <= longest:
        return text
    kept = text.encode()[: longest - len("\n…".encode())].decode(errors="ignore")
    return f"{kept.rpartition(chr(10))[0] or kept}\n…"


class _Ear:
    """The library that apprise's plugins post through: it signs, and keeps the last answer of each thread."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def post(self, *args: Any, **options: Any) -> Any:
        _heard.answer = self._library.post(*args, **_heard.sign(options))
        return _heard.answer


_heard = threading.local()


def _refusal(answer: Any) -> str:
    """What the service said against it: an empty text when it said nothing against it, or was not reached."""
    if answer is None:
        return ""
    try:
        said = answer.json()
    except ValueError:
        said = None
    code = (said.get("errcode") or said.get("code")) if isinstance(said, dict) else None
    if code:
        return ROBOT_ANSWERED.of(f"{answer.status_code}, code {str(code)[:20]}")
    return "" if answer.status_code == 200 else ROBOT_ANSWERED.of(answer.status_code)


@lru_cache(maxsize=len(PLUGINS))
def _plugin(channel: ChannelName) -> Any:
    """Loaded when it is needed, and without the hundred other services of apprise."""
    module_name, name = PLUGINS[channel]
    module: Any = import_module(f"apprise.plugins.{module_name}")
    module.requests = _Ear(module.requests)
    return getattr(module, name)


def refusal_of(robot: Robot, body: str, *, now: datetime) -> str:
    """Let the robot say it; why it was not taken, an empty text when it was."""
    _heard.answer, _heard.sign = None, partial(robot.sign, secret=robot.secret, now=now)
    taken = robot.plugin.notify(body=body)
    return _refusal(_heard.answer) or ("" if taken else ROBOT_REFUSED.of())


def robot_at(channel: ChannelName, url: str) -> Robot | None:
    """The robot of an address in apprise's spelling; None for a key that is none."""
    plugin = _plugin(channel)
    found = plugin.parse_url(url)
    try:
        if not found:
            return None
        found.pop("secret", None)  # signed here, see `signatures`
        return Robot(plugin(**found), unquote(found.get("user") or ""), SIGNERS.get(channel, unsigned))
    except TypeError:  # how apprise refuses what it was given
        return None
