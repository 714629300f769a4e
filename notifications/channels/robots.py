"""Robots of chat groups (WeCom, DingTalk, Feishu) through apprise, which knows their dialects."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from urllib.parse import quote

from notifications.parcels import Parcel, Permanent, Temporary
from notifications.states import ChannelName

#: Where apprise knows them: its module, which is also the scheme of its addresses, and the class in it.
PLUGINS = {
    ChannelName.WECOM: ("wecombot", "NotifyWeComBot"),
    ChannelName.DINGTALK: ("dingtalk", "NotifyDingTalk"),
    ChannelName.FEISHU: ("feishu", "NotifyFeishu"),
}


@dataclass(frozen=True, slots=True)
class RobotSender:
    timeout: float

    def send(self, parcel: Parcel, *, now: datetime) -> None:
        """apprise answers with yes or no and keeps the reason to itself: a no is tried again."""
        robot = _robot(parcel, self.timeout)
        if robot is None:
            raise Permanent("the key of the robot cannot be used", gone=True)
        if not robot.notify(title=parcel.subject, body=parcel.body or parcel.subject):
            raise Temporary("the robot did not take it")


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
    """The robot in apprise's spelling; DingTalk's signing secret stands before its key."""
    owner = f"{quote(secret, safe='')}@" if secret and channel is ChannelName.DINGTALK else ""
    return f"{PLUGINS[channel][0]}://{owner}{quote(key, safe='')}/?cto={timeout}&rto={timeout}"


def _robot(parcel: Parcel, timeout: float) -> Any:
    """None for a key that is none. Loaded when it is needed, and without the hundred other services of apprise."""
    module, name = PLUGINS[parcel.channel]
    plugin = getattr(import_module(f"apprise.plugins.{module}"), name)
    found = plugin.parse_url(robot_url(parcel.channel, parcel.target, parcel.secret, timeout))
    try:
        return plugin(**found) if found else None
    except TypeError:  # how apprise refuses what it was given
        return None
