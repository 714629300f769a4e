"""The ways out of the house, by name. Each is a module of its own; delivery knows them by their contract alone."""

from notifications.parcels import Carrier
from notifications.states import ChannelName

CARRIERS: dict[ChannelName, Carrier] = {}


def carrier_of(name: ChannelName) -> Carrier:
    """KeyError for a channel that this version cannot use."""
    return CARRIERS[name]
