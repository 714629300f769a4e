"""What the channels need comes from the environment; nonsense stops the start with one sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.channels import channel_settings


def test_without_anything_the_channels_stay_silent() -> None:
    found = channel_settings({})
    assert (found.mail_host, found.gateway_url, found.plain_http) == ("", "", False)


def test_webhooks_may_lead_into_an_offices_networks_unless_others_are_named() -> None:
    offices = channel_settings({"WEBHOOK_NETWORKS": " "}).webhook_networks
    assert [str(network) for network in offices] == ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
    named = channel_settings({"WEBHOOK_NETWORKS": "100.64.0.0/10, 10.35.9.24"}).webhook_networks
    assert [str(network) for network in named] == ["100.64.0.0/10", "10.35.9.24/32"]


@pytest.mark.parametrize(("security", "port"), [("none", 25), ("starttls", 587), ("tls", 465), ("", 587)])
def test_the_port_follows_the_security(security: str, port: int) -> None:
    assert channel_settings({"EMAIL_SECURITY": security}).mail_port == port
    assert channel_settings({"EMAIL_SECURITY": security, "EMAIL_PORT": "2525"}).mail_port == 2525


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_SECURITY", "ssl"),
        ("EMAIL_PORT", "smtp"),
        ("SMS_GATEWAY_URL", "sms.example.org"),
        ("WEBHOOK_PLAIN_HTTP", "2"),
        ("WEBHOOK_NETWORKS", "intranet"),
    ],
)
def test_nonsense_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        channel_settings({name: value})
