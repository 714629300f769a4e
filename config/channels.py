"""What the channels of delivery need, from the environment: the mail server and the gateway for text messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import Network, flag, networks, number

_SECURITY = ("none", "starttls", "tls")
#: The networks that offices use among themselves (RFC 1918, RFC 4193).
_OFFICE_NETWORKS = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
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
    webhook_networks: list[Network]


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
        webhook_networks=networks(environ, "WEBHOOK_NETWORKS") or _OFFICE_NETWORKS,
    )


def _gateway(environ: Mapping[str, str]) -> str:
    url = environ.get("SMS_GATEWAY_URL", "").strip()
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured("SMS_GATEWAY_URL must begin with http:// or https://.")
    return url
