"""What a person decides about being told: which channels carry which colour, and where they lead.

Everything here is one's own: each verb takes the person and touches no row of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from notifications.channels.webhook import new_secret
from notifications.demands import COLOURS, by_policy, is_fixed, wanted
from notifications.errors import Refused
from notifications.governing import demands_now
from notifications.hours import ZONE
from notifications.kinds import Kind, Saying, declare
from notifications.models import Address, Choice, Delivery, DeliveryItem, Message
from notifications.outbox import Draft, enqueue
from notifications.states import ChannelName, DemandKind
from notifications.targets import cleaned, cleaned_secret, digests_of
from notifications.use import channels_in_use
from notifications.wordings import book

MOST_ADDRESSES = 10
LONGEST_LABEL = 60

_TEST = declare(
    Kind(
        "test",
        gettext_noop("Test message · {time}"),
        {0: Saying(gettext_noop("Test message · {time}"), gettext_noop("You can be reached here."))},
        sample={"time": "2026-11-22 09:30"},
    )
)

Wishes = Mapping[tuple[int, ChannelName], bool]


@dataclass(frozen=True, slots=True)
class Cell:
    """One channel for one colour (0: ordinary news) of one person."""

    colour: int
    channel: ChannelName
    demand: DemandKind
    wanted: bool

    @property
    def is_fixed(self) -> bool:
        return is_fixed(self.demand, self.colour)


def cells_of(user_id: int) -> list[Cell]:
    """What holds for this person, the worst colour first, for the channels in use. Three statements."""
    demands = demands_now()
    choices = Choice.objects.filter(user_id=user_id).values_list("colour", "channel", "wanted")
    chosen = {(colour, ChannelName(channel)): wants for colour, channel, wants in choices}
    used = channels_in_use()
    places = [(colour, channel) for colour in COLOURS for channel in used]
    return [_cell(place, demands.get(place, DemandKind.NEVER), chosen.get(place)) for place in places]


def _cell(place: tuple[int, ChannelName], demand: DemandKind, chosen: bool | None) -> Cell:
    colour, channel = place
    return Cell(colour, channel, demand, wanted(demand, chosen, colour=colour))


@transaction.atomic
def choose(*, user_id: int, wishes: Wishes) -> None:
    """These wishes and no others from now on, for the channels in use.

    What is not named follows the policy; so does a wish for what the policy has anyway, and will when it changes.
    Refused for a wish against what the policy fixes, or for a channel that is not in use.
    """
    _lock(user_id)
    cells = {(cell.colour, cell.channel): cell for cell in cells_of(user_id)}
    for place, wish in wishes.items():
        cell = cells.get(place)
        if cell is None:
            raise Refused({"choices": _("This channel is not in use.")})
        if cell.is_fixed and wish is not cell.wanted:
            raise Refused({"choices": _("The policy leaves no choice here.")})
    Choice.objects.filter(user_id=user_id, channel__in=channels_in_use()).delete()
    Choice.objects.bulk_create(
        Choice(user_id=user_id, colour=colour, channel=channel, wanted=wish)
        for (colour, channel), wish in wishes.items()
        if wish is not by_policy(cells[colour, channel].demand)
    )


def addresses_of(user_id: int) -> QuerySet[Address]:
    """At most `MOST_ADDRESSES`."""
    return Address.objects.filter(user_id=user_id).order_by("pk")


@transaction.atomic
def add_address(*, user_id: int, channel: ChannelName, written: str, label: str = "", secret: str = "") -> Address:
    """A place to be told at. A webhook gets a secret of its own, which is shown once. Refused for what is none."""
    target, given = cleaned(channel, written), cleaned_secret(channel, secret)
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise Refused({"label": _("A name has at most %(count)d characters.") % {"count": LONGEST_LABEL}})
    if channel not in channels_in_use():
        raise Refused({"channel": _("This channel is not in use.")})
    _lock(user_id)
    mine, digests = addresses_of(user_id), digests_of(channel, target)
    if mine.filter(channel=channel, digest__in=digests).exists():
        raise Refused({"target": _("This address is there already.")})
    if mine.count() >= MOST_ADDRESSES:
        raise Refused({"target": _("At most %(count)d addresses: remove one first.") % {"count": MOST_ADDRESSES}})
    return Address.objects.create(
        user_id=user_id,
        channel=channel,
        target=target,
        secret=new_secret() if channel is ChannelName.WEBHOOK else given,
        digest=digests[0],
        label=label.strip(),
    )


def remove_address(*, user_id: int, address_id: int) -> bool:
    """False when this person has no such address. What was on its way there is taken back by the courier."""
    return bool(addresses_of(user_id).filter(pk=address_id).delete()[1].get(Address._meta.label))  # noqa: SLF001


def use_again(*, user_id: int, address_id: int) -> bool:
    """After a failure that switched it off. False when this person has no such address."""
    mine = addresses_of(user_id).filter(pk=address_id)
    return bool(mine.update(is_active=True, failed_at=None, failure=""))


@transaction.atomic
def send_test(*, user_id: int, language: str, address_id: int, now: datetime) -> bool:
    """One message to this address alone, at most one a minute. False when the person has no such living address."""
    _lock(user_id)
    address = addresses_of(user_id).filter(pk=address_id, is_active=True, channel__in=channels_in_use()).first()
    if address is None:
        return False
    local = now.astimezone(ZONE)
    key, facts = f"test:{address_id}:{local:%Y%m%dT%H%M}", {"time": f"{local:%Y-%m-%d %H:%M}"}
    enqueue([Draft(user_id, key, _TEST.code, facts, language=language, confined=True)], now=now)
    Message.objects.filter(recipient_id=user_id, key=key, read_at=None).update(read_at=now)
    _carry(Message.objects.get(recipient_id=user_id, key=key), address, now)
    return True


def _carry(message: Message, address: Address, now: datetime) -> None:
    """What routing does for news, for one message and one address: quiet hours do not hold what was asked for."""
    if DeliveryItem.objects.filter(message=message, address=address).exists():
        return
    subject, body = book(now).words_for(message, address.channel)
    delivery = Delivery.objects.create(
        key=f"{message.pk}-{address.pk}",
        recipient_id=message.recipient_id,
        address=address,
        channel=address.channel,
        language=message.language,
        subject=subject,
        body=body,
        not_before=now,
        created_at=now,
    )
    DeliveryItem.objects.create(delivery=delivery, message=message, address=address)


def _lock(user_id: int) -> None:
    """Two requests of one person take turns; nobody else waits."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=user_id)
