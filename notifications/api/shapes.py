"""What requests and answers of this room look like."""

from rest_framework import serializers

from notifications.preferences import LONGEST_LABEL
from notifications.states import ChannelName, DemandKind
from notifications.targets import LONGEST

LARGEST_ID = 2**63 - 1
COLOURS = ("none", "blue", "yellow", "red")
CHANNELS = [channel.value for channel in ChannelName]
_PLACES = len(COLOURS) * len(CHANNELS)


class InboxFilters(serializers.Serializer[None]):
    unread = serializers.BooleanField(required=False, default=False, help_text="Only what was not read yet")
    cursor = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="From `next` of the page before"
    )
    page_size = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100)


class MessageShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="alert, whistle, to_verify, …")
    colour = serializers.ChoiceField(choices=COLOURS)
    reference = serializers.CharField(help_text="The number of the case it is about")
    subject = serializers.CharField()
    body = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class MessagePage(serializers.Serializer[None]):
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one")
    results = MessageShape(many=True)


class Marked(serializers.Serializer[None]):
    marked = serializers.IntegerField(help_text="How many messages were unread until now")


class WishShape(serializers.Serializer[None]):
    colour = serializers.ChoiceField(choices=COLOURS, help_text="none: news without a colour")
    channel = serializers.ChoiceField(choices=CHANNELS)
    wanted = serializers.BooleanField()


class CellShape(WishShape):
    demand = serializers.ChoiceField(
        choices=[demand.value for demand in DemandKind],
        help_text="What the policy says: required, on or off unless chosen otherwise, never",
    )
    fixed = serializers.BooleanField(help_text="The policy leaves no choice")


class Preferences(serializers.Serializer[None]):
    choices = CellShape(many=True, help_text="Every colour for every channel in use, red first")


class PreferencesBody(serializers.Serializer[None]):
    choices = WishShape(  # type: ignore[call-arg]  # the stubs do not know what a list takes
        many=True, max_length=_PLACES, help_text="What is not named here follows the policy"
    )


class AddressBody(serializers.Serializer[None]):
    channel = serializers.ChoiceField(choices=CHANNELS)
    target = serializers.CharField(
        max_length=LONGEST,
        help_text="A mail address, a mobile number, an https address, or the address of a robot as its group shows it",
    )
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_LABEL)
    secret = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=100,
        help_text="Of a robot that wants signatures",
    )


class AddressShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    channel = serializers.ChoiceField(choices=CHANNELS)
    target = serializers.CharField(help_text="Of a robot the end of its key alone")
    name = serializers.CharField()
    active = serializers.BooleanField(help_text="False after a failure for good")
    failed_at = serializers.DateTimeField(allow_null=True)
    failure = serializers.CharField()


class AddedAddress(AddressShape):
    secret = serializers.CharField(help_text="Of a webhook, shown this once; empty for the other channels")


class AddressList(serializers.Serializer[None]):
    results = AddressShape(many=True)
