"""The ways out of the house, by name. Each is a module of its own; delivery knows them by their contract alone."""

from notifications.channels.mail import Mail
from notifications.channels.robots import PLUGINS, RobotChannel
from notifications.channels.sms import SmsChannel
from notifications.channels.webhook import WebhookChannel
from notifications.parcels import Carrier
from notifications.states import ChannelName

_ALL: list[Carrier] = [Mail(), SmsChannel(), WebhookChannel(), *(RobotChannel(name) for name in PLUGINS)]
CARRIERS: dict[ChannelName, Carrier] = {carrier.name: carrier for carrier in _ALL}


def carrier_of(name: ChannelName) -> Carrier:
    """KeyError for a channel that this version cannot use."""
    return CARRIERS[name]
