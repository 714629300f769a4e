"""Where each person is told of each colour: what the policy demands, what was chosen, what addresses there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from notifications.demands import wanted
from notifications.models import Address, Choice, Demand
from notifications.states import ChannelName, DemandKind
from notifications.use import channels_in_use


@dataclass(frozen=True, slots=True)
class Place:
    """One address of one person, on a channel that is in use."""

    address_id: int
    channel: ChannelName


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that decides, looked up for some people at once. What no demand speaks of is never sent."""

    demands: Mapping[tuple[int, ChannelName], DemandKind] = field(default_factory=dict)
    choices: Mapping[tuple[int, int, ChannelName], bool] = field(default_factory=dict)
    places: Mapping[int, tuple[Place, ...]] = field(default_factory=dict)

    def targets(self, user_id: int, colour: int) -> tuple[Place, ...]:
        """Where this person is told of this colour (0: ordinary news)."""
        return tuple(
            place
            for place in self.places.get(user_id, ())
            if wanted(
                self.demands.get((colour, place.channel), DemandKind.NEVER),
                self.choices.get((user_id, colour, place.channel)),
                colour=colour,
            )
        )


def reach(user_ids: Collection[int]) -> Reach:
    """Four statements for any number of people."""
    places: dict[int, list[Place]] = defaultdict(list)
    mine = Address.objects.filter(user_id__in=user_ids, is_active=True, channel__in=channels_in_use())
    for address_id, user_id, channel in mine.order_by("pk").values_list("pk", "user_id", "channel"):
        places[user_id].append(Place(address_id, ChannelName(channel)))
    if not places:
        return Reach()
    chosen = Choice.objects.filter(user_id__in=list(places)).values_list("user_id", "colour", "channel", "wanted")
    demands = Demand.objects.values_list("colour", "channel", "demand")
    return Reach(
        demands={(colour, ChannelName(channel)): DemandKind(demand) for colour, channel, demand in demands},
        choices={(user_id, colour, ChannelName(channel)): wants for user_id, colour, channel, wants in chosen},
        places={user_id: tuple(found) for user_id, found in places.items()},
    )
