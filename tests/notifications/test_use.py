"""Which channels are in use, before and after a server is named, and what an upgrade makes of it."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import connection
from django.db.migrations import RunSQL

from notifications.figures import oldest_undelivered
from notifications.models import ChannelTerms, Delivery, Demand, Message
from notifications.reach import reach
from notifications.routing import route
from notifications.states import ChannelName, DemandKind
from notifications.use import channels_in_use
from tests.builders import MONDAY, add_user
from tests.notifications.people import add_address, tell

pytestmark = pytest.mark.django_db

MAIL = ChannelName.EMAIL


def migration(name: str) -> Any:
    return import_module(f"notifications.migrations.{name}")


def test_a_channel_follows_its_configuration_until_somebody_decides(settings: LazySettings) -> None:
    for named, switch, used in (
        ("", None, False),
        ("mail.example.org", None, True),
        ("", True, True),
        ("mail.example.org", False, False),
    ):
        settings.EMAIL_HOST = named
        ChannelTerms.objects.update_or_create(channel=MAIL, defaults={"is_on": switch})
        assert (MAIL in channels_in_use()) is used, (named, switch)


def test_a_mail_server_that_is_named_later_carries_what_is_told_from_then_on(settings: LazySettings) -> None:
    user = add_user("li")
    ChannelTerms.objects.create(channel=MAIL)
    Demand.objects.create(channel=MAIL, colour=3, demand=DemandKind.REQUIRED)
    add_address(user, MAIL, "li@example.org")
    tell(user, "before", now=MONDAY)
    route(now=MONDAY, size=10)
    settings.EMAIL_HOST = "mail.example.org"
    tell(user, "after", now=MONDAY)
    route(now=MONDAY, size=10)
    assert [item.message.key for item in Delivery.objects.get().items.all()] == ["after"]
    assert reach({user.pk}).targets(user.pk, 3)


def test_an_upgrade_tells_a_decision_from_a_missing_server(settings: LazySettings) -> None:
    settings.EMAIL_HOST, settings.SMS_GATEWAY_URL = "mail.example.org", ""
    for channel, switch in ((MAIL, False), (ChannelName.SMS, False), (ChannelName.WEBHOOK, False), ("wecom", True)):
        ChannelTerms.objects.create(channel=channel, is_on=switch)
    migration("0005_channels_follow_configuration").follow(apps, None)
    assert dict(ChannelTerms.objects.values_list("channel", "is_on")) == {
        "email": False,
        "sms": None,
        "webhook": False,
        "wecom": True,
    }


def test_news_from_before_there_were_channels_is_neither_sent_nor_overdue() -> None:
    """What the migration that brought channels does to the messages of an older version."""
    user = add_user("li")
    tell(user, "old", now=MONDAY)
    (step,) = [step for step in migration("0002_delivery").Migration.operations if isinstance(step, RunSQL)]
    with connection.cursor() as cursor:
        cursor.execute(str(step.sql))
    later = MONDAY + timedelta(days=30)
    assert oldest_undelivered(now=later) is None
    assert route(now=later, size=10) == 0
    assert Message.objects.get().routed_at == MONDAY
