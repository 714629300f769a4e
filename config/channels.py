"""What the channels of delivery need, from the environment: the mail server and the gateway for text messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import flag, number

_SECURITY = ("none", "starttls", "tls")
_PORTS = {"none": 25, "starttls": 587, "tls": 465}


@dataclass(frozen=True)
class ChannelSettings:
    """A channel whose server is not named keeps its queue and sends nothing."""

    mail_host: str
    mail_port: int
    mail_user: str
    mail_password: str
    mail_security: str
    mail_from: str
    gateway_url: str
    gateway_token: str
    plain_http: bool


def channel_settings(environ: Mapping[str, str]) -> ChannelSettings:
    """ImproperlyConfigured, with one sentence, for a value that cannot be used."""
    security = environ.get("EMAIL_SECURITY", "").strip() or "starttls"
    if security not in _SECURITY:
        sentence = f"EMAIL_SECURITY is {security!r}; it must be one of {', '.join(_SECURITY)}."
        raise ImproperlyConfigured(sentence)
    return ChannelSettings(
        mail_host=environ.get("EMAIL_HOST", "").strip(),
        mail_port=number(environ, "EMAIL_PORT", _PORTS[security]),
        mail_user=environ.get("EMAIL_USER", "").strip(),
        mail_password=environ.get("EMAIL_PASSWORD", ""),
        mail_security=security,
        mail_from=environ.get("EMAIL_FROM", "").strip() or "whistle@localhost",
        gateway_url=_gateway(environ),
        gateway_token=environ.get("SMS_GATEWAY_TOKEN", ""),
        plain_http=flag(environ, "WEBHOOK_PLAIN_HTTP", default=False),
    )


def _gateway(environ: Mapping[str, str]) -> str:
    url = environ.get("SMS_GATEWAY_URL", "").strip()
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured("SMS_GATEWAY_URL must begin with http:// or https://.")
    return url
