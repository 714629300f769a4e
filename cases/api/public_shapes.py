"""What citizens send and what they are answered. Nothing of what an officer sees of a case is among it."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases import labels
from cases.actions.intake import Matter
from cases.api.inputs import (
    MOST_ACCUSED,
    MatterIn,
    PetitionerIn,
    Text,
    known_area,
    petitioner_of,
    validated,
)
from cases.terms import PUBLIC_TYPES, CaseType, Disclosure, Grade, Phase, Source
from cases.workflow import REASON_LENGTH
from grids.models import User

_ANONYMOUS: Final = {"disclosure": Disclosure.ANONYMOUS.value, "name": "", "phone": "", "id_number": "", "address": ""}


class NewPublicCase(MatterIn):
    type = serializers.ChoiceField(choices=[(code.value, labels.TYPE[code]) for code in PUBLIC_TYPES])
    area = Text(
        max_length=16,
        required=False,
        allow_null=True,
        default=None,
        help_text="Code. Without it the location is needed, and the county's centre finds the area",
    )
    petitioner = PetitionerIn(required=False, allow_null=True, default=None, help_text="Without it: anonymous")
    accused_names = serializers.ListField(
        child=Text(max_length=60),
        required=False,
        max_length=MOST_ACCUSED,
        default=list,
        help_text="Names of people; of an accusation. Officers of that name never see it",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["type"] != CaseType.ACCUSATION and (attrs["accused_units"] or attrs["accused_names"]):
            raise serializers.ValidationError({"type": [_("Only an accusation names accused units and persons.")]})
        if attrs["area"] is None and attrs["location"] is None:
            raise serializers.ValidationError({"area": [_("Name the area or the location.")]})
        attrs["area"] = attrs["area"] or known_area(settings.COUNTY_CODE)
        return attrs


def read_public_matter(data: Any) -> tuple[UUID, Matter]:
    """The body of a new matter: its client_id and the matter. ValidationError names what cannot be taken."""
    told = validated(NewPublicCase, data)
    location, names = told["location"] or {}, told["accused_names"]
    matter = Matter(
        type=CaseType(told["type"]),
        title=told["title"],
        area=told["area"],
        description=_with_names(told["description"], names),
        category=told["category"],
        source=Source.ONLINE,
        address=told["address"],
        latitude=location.get("lat"),
        longitude=location.get("lng"),
        petitioner=petitioner_of(told["petitioner"] or _ANONYMOUS),
        accused_units=tuple(told["accused_units"]),
        accused_persons=tuple(User.objects.filter(full_name__in=names)) if names else (),
    )
    return told["client_id"], matter


def _with_names(description: str, names: list[str]) -> str:
    """The accused as the citizen wrote them, for the keeper: which account is meant is not for a public door to say."""
    said = _("Accused: %(names)s") % {"names": "、".join(names)} if names else ""
    return f"{description}\n{said}".strip()


class ReceiptShape(serializers.Serializer[None]):
    """The same for every type of matter."""

    number = serializers.CharField()
    query_code = serializers.CharField(help_text="Shown here only and stored as a hash. Keep it with the number")
    received_at = serializers.DateTimeField()


class Slip(serializers.Serializer[None]):
    """What the citizen was given when the matter was taken in."""

    number = Text(max_length=40)
    code = Text(max_length=40, help_text="Blanks, dashes and small letters do not matter")


class Withdrawal(Slip):
    reason = Text(max_length=REASON_LENGTH)


class NewVerdict(serializers.Serializer[None]):
    grade = serializers.IntegerField(
        min_value=int(min(Grade)), max_value=int(max(Grade)), help_text="5 very satisfied … 1 very dissatisfied"
    )
    solved = serializers.BooleanField(help_text="Whether the matter was solved")
    record = Text(max_length=REASON_LENGTH, required=False, allow_blank=True, default="", help_text="In own words")


class VerdictShape(serializers.Serializer[None]):
    number = serializers.CharField()
    round = serializers.IntegerField()
    until = serializers.DateTimeField(help_text="End of the rating period")
    token = serializers.CharField(allow_null=True, help_text="Of `public/ratings/{token}/`; null: nothing to say now")
    grade = serializers.IntegerField(allow_null=True, help_text="What was said; null: nothing yet")
    solved = serializers.BooleanField(allow_null=True)


class AnswerShape(serializers.Serializer[None]):
    text = serializers.CharField()
    reason = serializers.CharField(help_text="Why the matter was not taken in; else empty")
    at = serializers.DateTimeField()


class ProgressShape(serializers.Serializer[None]):
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=labels.choices(labels.STATUS))
    status_name = serializers.CharField()
    phase = serializers.ChoiceField(choices=[phase.value for phase in Phase], allow_null=True)
    received_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    answers = AnswerShape(many=True)
    rating = VerdictShape(allow_null=True, help_text="null: you were not asked yet, or are not asked")
