"""Whether a channel is in use follows its configuration, unless somebody decided."""

from typing import Any

from django.conf import settings
from django.db import migrations, models


def follow(apps: Any, _editor: Any) -> None:
    """What is off and has no server was off for want of it; what is off and has one was switched off by somebody."""
    needed = {"email": settings.EMAIL_HOST, "sms": settings.SMS_GATEWAY_URL}
    waiting = [channel for channel, server in needed.items() if not server]
    apps.get_model("notifications", "ChannelTerms").objects.filter(channel__in=waiting, is_on=False).update(is_on=None)


def decide(apps: Any, _editor: Any) -> None:
    apps.get_model("notifications", "ChannelTerms").objects.filter(is_on=None).update(is_on=False)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_reference_when_routed")]

    operations = [
        migrations.AlterField(
            model_name="channelterms",
            name="is_on",
            field=models.BooleanField(
                blank=True,
                choices=[(None, "As soon as it is configured"), (True, "Switched on"), (False, "Switched off")],
                null=True,
                verbose_name="in use",
            ),
        ),
        migrations.RunPython(follow, decide),
    ]
