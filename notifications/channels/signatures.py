"""Signatures of robots, as their services ask for them. Pure: what is posted and the moment are given.

apprise knows none for Feishu; its own for DingTalk is percent-encoded twice, which that service refuses (310000).
"""

import hmac
import json
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from notifications.states import ChannelName


class Signer(Protocol):
    def __call__(self, options: dict[str, Any], *, secret: str, now: datetime) -> dict[str, Any]:
        """The options of a post with its signature; as they are without a secret."""


def unsigned(options: dict[str, Any], *, secret: str, now: datetime) -> dict[str, Any]:
    return options


def by_dingtalk(options: dict[str, Any], *, secret: str, now: datetime) -> dict[str, Any]:
    """In the query: milliseconds, and HMAC-SHA256 of them and the secret under the secret."""
    if not secret:
        return options
    stamp = str(round(now.timestamp() * 1000))
    sign = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), sha256).digest()
    return options | {"params": {"timestamp": stamp, "sign": b64encode(sign).decode()}}


def by_feishu(options: dict[str, Any], *, secret: str, now: datetime) -> dict[str, Any]:
    """In the body: seconds, and HMAC-SHA256 of nothing under both of them."""
    if not secret:
        return options
    stamp = str(int(now.timestamp()))
    sign = hmac.new(f"{stamp}\n{secret}".encode(), b"", sha256).digest()
    signed = {"timestamp": stamp, "sign": b64encode(sign).decode(), **json.loads(options["data"])}
    return options | {"data": json.dumps(signed, ensure_ascii=False).encode()}


SIGNERS: dict[ChannelName, Signer] = {ChannelName.DINGTALK: by_dingtalk, ChannelName.FEISHU: by_feishu}
