"""What requests and answers of this room look like."""

from rest_framework import serializers

LARGEST_ID = 2**63 - 1


class InboxFilters(serializers.Serializer[None]):
    unread = serializers.BooleanField(required=False, default=False, help_text="Only what was not read yet")
    cursor = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="From `next` of the page before"
    )
    page_size = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100)


class MessageShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="alert, whistle, to_verify, …")
    colour = serializers.ChoiceField(choices=["none", "blue", "yellow", "red"])
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
