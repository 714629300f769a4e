"""What people write for an address, in the one spelling in which it is stored, so that the same place is there once."""

import hashlib
import hmac
import re
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from notifications.channels.webhook import refusal_of
from notifications.errors import Refused, Text
from notifications.states import ChannelName

LONGEST = 500
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
#: Of a robot: where its address ends, and the parameter in it that names its key; "" means the end of its path.
_ROBOTS = {
    ChannelName.WECOM: ("qyapi.weixin.qq.com", "key"),
    ChannelName.DINGTALK: ("oapi.dingtalk.com", "access_token"),
    ChannelName.FEISHU: ("open.feishu.cn", ""),
}
_KEYS = {
    ChannelName.WECOM: re.compile(r"[A-Za-z0-9_-]{16,100}"),
    ChannelName.DINGTALK: re.compile(r"[A-Za-z0-9]{16,100}"),
    ChannelName.FEISHU: re.compile(r"[A-Za-z0-9_-]{16,100}"),
}
#: Robots that may be set to take signed messages alone; of a WeCom robot the key is all there is.
SIGNED = frozenset({ChannelName.DINGTALK, ChannelName.FEISHU})
_SIGNING_SECRET = re.compile(r"[A-Za-z0-9]{16,100}")
_URL_PROBLEMS: dict[str, Text] = {
    "scheme": _("The address begins with https://."),
    "inside": _("This address leads into the server itself."),
}


def cleaned(channel: ChannelName, written: str) -> str:
    """The address as it is stored. Refused, with a sentence for `target`, for what is none."""
    text = written.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Refused({"target": _("This address cannot be read.")})
    if channel is ChannelName.EMAIL:
        return _mail(text)
    if channel is ChannelName.SMS:
        return _phone(text)
    if channel is ChannelName.WEBHOOK:
        return _url(text)
    return _robot_key(channel, text)


def cleaned_secret(channel: ChannelName, written: str) -> str:
    """The signing secret of a DingTalk or Feishu robot; other channels take none from outside."""
    text = written.strip()
    if text and (channel not in SIGNED or not _SIGNING_SECRET.fullmatch(text)):
        raise Refused({"secret": _("Only robots of DingTalk and Feishu have a secret: copy it from their settings.")})
    return text


def digests_of(channel: ChannelName, target: str) -> list[str]:
    """What may be stored for this place, under any key, the newest first: a rotation under way hides nothing."""
    return [_digest(key, channel, target) for key in settings.CODE_KEYS]


def shown(channel: str, target: str) -> str:
    """How its owner recognises it. The key of a robot is a secret: its end is enough."""
    return f"…{target[-6:]}" if channel in _ROBOTS else target


def _digest(key: str, channel: ChannelName, target: str) -> str:
    own_key = hmac.new(key.encode(), b"digest of addresses", hashlib.sha256).digest()
    return hmac.new(own_key, f"{channel}\n{target}".encode(), hashlib.sha256).hexdigest()


def _mail(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise Refused({"target": _("This is no e-mail address.")}) from None
    name, _at, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


def _phone(text: str) -> str:
    """Mobile numbers of the mainland, as 138…, 86138…, +86 138… or 0086-138…."""
    digits = re.sub(r"[\s()-]", "", text)
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix):
            digits = digits.removeprefix(prefix)
            break
    if not _MOBILE.fullmatch(digits):
        raise Refused({"target": _("This is no mobile number of eleven digits.")})
    return f"+86{digits}"


def _url(text: str) -> str:
    if problem := refusal_of(text):
        raise Refused({"target": _URL_PROBLEMS.get(problem, _("This address cannot be read."))})
    return text


def _robot_key(channel: ChannelName, text: str) -> str:
    """The address that the group shows, or the key alone."""
    host, parameter = _ROBOTS[channel]
    key = text
    if "://" in text:
        parts = urlsplit(text)
        key = ""
        if parts.scheme == "https" and parts.netloc == host:
            key = parse_qs(parts.query).get(parameter, [""])[0] if parameter else parts.path.rpartition("/")[2]
    if not _KEYS[channel].fullmatch(key):
        raise Refused({"target": _("This is no address of such a robot: copy it from the settings of the group.")})
    return key
