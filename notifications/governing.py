"""What the policy says of channels: which must, may and may not carry which colour."""

from collections.abc import Mapping

from django.db import transaction

from notifications.models import Demand
from notifications.states import ChannelName, DemandKind
from notifications.use import channels_in_use

Demands = Mapping[tuple[int, ChannelName], DemandKind]


def demands_now() -> dict[tuple[int, ChannelName], DemandKind]:
    """By colour and channel; what is not in it is never carried."""
    rows = Demand.objects.values_list("colour", "channel", "demand")
    return {(colour, ChannelName(channel)): DemandKind(demand) for colour, channel, demand in rows}


@transaction.atomic
def demand(demands: Demands) -> None:
    """These demands from now on; what is not named stays as it is."""
    Demand.objects.bulk_create(
        [Demand(colour=colour, channel=channel, demand=kind) for (colour, channel), kind in demands.items()],
        update_conflicts=True,
        unique_fields=["colour", "channel"],
        update_fields=["demand"],
    )


def required_channels() -> list[ChannelName]:
    """Channels in use that some colour requires: everybody needs an address there."""
    required = set(Demand.objects.filter(demand=DemandKind.REQUIRED).values_list("channel", flat=True))
    return [channel for channel in channels_in_use() if channel in required]
