"""What people read for the codes of this room."""

from django.utils.translation import gettext_lazy as _

from notifications.states import Bundle, ChannelName, DemandKind, State

CHANNEL_CHOICES = [
    (ChannelName.EMAIL.value, _("E-mail")),
    (ChannelName.SMS.value, _("Text message")),
    (ChannelName.WEBHOOK.value, _("Webhook")),
    (ChannelName.WECOM.value, _("WeCom robot")),
    (ChannelName.DINGTALK.value, _("DingTalk robot")),
    (ChannelName.FEISHU.value, _("Feishu robot")),
]
COLOUR_LABELS = (_("Other news"), _("blue"), _("yellow"), _("red"))
USE_CHOICES = [
    (None, _("As soon as it is configured")),
    (True, _("Switched on")),
    (False, _("Switched off")),
]
DEMAND_CHOICES = [
    (DemandKind.REQUIRED.value, _("Required")),
    (DemandKind.ON.value, _("On unless switched off")),
    (DemandKind.OFF.value, _("Off unless switched on")),
    (DemandKind.NEVER.value, _("Never")),
]
STATE_CHOICES = [
    (State.WAITING.value, _("Waiting to be sent")),
    (State.SENDING.value, _("Being sent")),
    (State.SENT.value, _("Sent")),
    (State.DEAD.value, _("Not deliverable")),
    (State.CANCELLED.value, _("Taken back")),
]
BUNDLE_CHOICES = [
    (Bundle.SINGLE.value, _("Single message")),
    (Bundle.DIGEST.value, _("Digest")),
    (Bundle.STORM.value, _("Collected message")),
]
