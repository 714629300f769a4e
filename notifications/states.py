"""The closed lists of this room. Pure: no Django. Labels stand in `notifications.labels`."""

from enum import StrEnum


class ChannelName(StrEnum):
    """Ways out of the house. The inbox is none of them: every message is in it."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class DemandKind(StrEnum):
    REQUIRED = "required"  # nobody can switch it off
    ON = "on"  # unless the person chose otherwise
    OFF = "off"  # unless the person chose otherwise
    NEVER = "never"


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


UNFINISHED = (State.WAITING, State.SENDING)


class Bundle(StrEnum):
    SINGLE = "single"
    DIGEST = "digest"  # blue news, gathered until a fixed time of day
    STORM = "storm"  # one message instead of many to one person at once
