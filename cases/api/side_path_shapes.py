"""Shapes of what the side paths leave on a case, and of the moments shown before an officer confirms."""

from rest_framework import serializers

from cases import labels
from cases.models import Category
from cases.previews import FORESEEN
from cases.terms import Grade
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
    """An action and those of its fields that move something, as far as they are known."""

    action = serializers.ChoiceField(choices=sorted((action.value, labels.ACTION[action]) for action in FORESEEN))
    type = serializers.ChoiceField(choices=labels.choices(labels.TYPE), required=False, help_text="Of docket")
    category = serializers.SlugRelatedField(
        slug_field="code", queryset=Category.objects.filter(is_active=True), required=False, help_text="Of docket"
    )
    until = serializers.DateField(required=False, help_text="Of suspend")
    amount = serializers.DecimalField(
        max_digits=9, decimal_places=3, min_value=0, required=False, help_text="Of request_extension"
    )
    assignment = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    passed = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Of verify")
    upheld = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Of decide_objection")
    granted = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Of decide_extension")
    grade = serializers.ChoiceField(choices=[int(grade) for grade in Grade], required=False, help_text="Of rate")


class MovedShape(serializers.Serializer[None]):
    clock = serializers.IntegerField(allow_null=True, help_text="null: it would start")
    kind = serializers.ChoiceField(choices=labels.choices(labels.CLOCK))
    assignment = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="As it is now")
    new_due_at = serializers.DateTimeField()
    new_blue_at = serializers.DateTimeField(allow_null=True)
    new_yellow_at = serializers.DateTimeField(allow_null=True)


class PreviewShape(serializers.Serializer[None]):
    results = MovedShape(many=True)


class MatterAsked(serializers.Serializer[None]):
    type = serializers.ChoiceField(choices=labels.choices(labels.TYPE))
    category = serializers.CharField(
        max_length=40, required=False, allow_null=True, default=None, help_text="Code; it may narrow a limit"
    )


class AheadShape(serializers.Serializer[None]):
    kind = serializers.ChoiceField(choices=labels.choices(labels.CLOCK))
    limit = serializers.CharField(help_text="Such as 5 wd")
    rule = serializers.CharField(help_text="The cell of the policy that gave it")
    due_at = serializers.DateTimeField()
    blue_at = serializers.DateTimeField(allow_null=True)
    yellow_at = serializers.DateTimeField(allow_null=True)


class AheadPage(serializers.Serializer[None]):
    results = AheadShape(many=True)
