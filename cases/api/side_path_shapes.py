"""Shapes of what the side paths leave on a case, and of the moments shown before an officer confirms."""

from rest_framework import serializers

from cases import labels
from grids.api.shapes import Place


class ObjectionShape(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=20)
    raised_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    upheld = serializers.BooleanField(allow_null=True, help_text="null until it is decided")


class SuspensionShape(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=20)
    started_at = serializers.DateTimeField()
    started_by = serializers.CharField(allow_null=True)
    until = serializers.DateTimeField(help_text="The case resumes by itself")


class ProposalShape(serializers.Serializer[None]):
    """吹哨申请: what the township wants called, and what its leader said."""

    lead = Place()
    assistants = Place(many=True)
    effective_at_once = serializers.BooleanField(help_text="An emergency: reported to the leader, not asked")
    proposed_at = serializers.DateTimeField()
    proposed_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    approved = serializers.BooleanField(allow_null=True)


class ExtensionRequestShape(serializers.Serializer[None]):
    id = serializers.IntegerField()
    assignment = serializers.IntegerField()
    round = serializers.IntegerField()
    ordinal = serializers.IntegerField(help_text="The first extension of the case, the second, the third")
    level = serializers.ChoiceField(
        choices=labels.choices(labels.EXTENSION_LEVEL), help_text="How high it is decided; the highest is red"
    )
    limit = serializers.CharField(help_text="How much was asked for")
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    granted = serializers.BooleanField(allow_null=True)


class OrderShape(serializers.Serializer[None]):
    """督办单. Its demand and its answer stand in the events that name it."""

    id = serializers.IntegerField()
    department = Place()
    person = serializers.CharField(allow_null=True)
    card = serializers.ChoiceField(choices=labels.choices(labels.CARD))
    due_at = serializers.DateTimeField(allow_null=True, help_text="Until when it must be answered")
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField(allow_null=True, help_text="null: opened by a red alert")
    answered_at = serializers.DateTimeField(allow_null=True)
    answered_by = serializers.CharField(allow_null=True)
    signed_off_at = serializers.DateTimeField(allow_null=True)
    signed_off_by = serializers.CharField(allow_null=True)


class PreviewAsked(serializers.Serializer[None]):
    """Exactly one of them, or none: then the extension that was asked for."""

    suspend_until = serializers.DateField(required=False, help_text="As `until` of the action suspend")
    extension = serializers.DecimalField(
        max_digits=9, decimal_places=3, min_value=0, required=False, help_text="As `amount` of request_extension"
    )


class MovedShape(serializers.Serializer[None]):
    clock = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=labels.choices(labels.CLOCK))
    assignment = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(help_text="As it is now")
    new_due_at = serializers.DateTimeField()
    new_blue_at = serializers.DateTimeField(allow_null=True)
    new_yellow_at = serializers.DateTimeField(allow_null=True)


class PreviewShape(serializers.Serializer[None]):
    results = MovedShape(many=True)
