"""What requests and answers of this room look like: read by the schema, and by views for what comes in."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from grids.labels import ROLE_CHOICES, AreaLevel, DepartmentKind


class Credentials(serializers.Serializer[None]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False, style={"input_type": "password"})
    device = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="A name for the list of devices; without it, how the program calls itself (User-Agent)",
    )


class Person(serializers.Serializer[None]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    language = serializers.CharField(help_text="The language of this person's messages")


class Login(serializers.Serializer[None]):
    token = serializers.CharField(help_text="Shown once; send it as `Authorization: Token …`")
    expires_at = serializers.DateTimeField()
    user = Person()


class TokenShape(serializers.Serializer[None]):
    id = serializers.CharField()
    device = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To ten minutes")
    expires_at = serializers.DateTimeField(allow_null=True)
    current = serializers.BooleanField(help_text="Whether this request came with it")


class TokenList(serializers.Serializer[None]):
    results = TokenShape(many=True)


class Place(serializers.Serializer[None]):
    """An area or a department by its code."""

    code = serializers.CharField()
    name = serializers.CharField()


class HeldPost(serializers.Serializer[None]):
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    role_name = serializers.CharField()
    area = Place(allow_null=True)
    department = Place(allow_null=True)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class Degrees(serializers.DecimalField):
    """Rounded to five places, about a metre."""

    def __init__(self, limit: int) -> None:
        super().__init__(max_digits=None, decimal_places=None, min_value=Decimal(-limit), max_value=Decimal(limit))

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool):
            self.fail("invalid")
        degrees = super().to_internal_value(data)
        near = -180 <= degrees <= 180  # what is far out is refused by the limits
        return round(degrees, 5) if near else degrees


class Position(serializers.Serializer[None]):
    """WGS84, in degrees."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lng = serializers.FloatField(min_value=-180, max_value=180)


class AreaShape(serializers.Serializer[None]):
    code = serializers.CharField(help_text="Hierarchical: inside is a prefix")
    name = serializers.CharField()
    level = serializers.ChoiceField(choices=AreaLevel.choices)
    parent = serializers.CharField(allow_null=True, help_text="Code of the surrounding area")  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    position = Position(allow_null=True)


class LocatedArea(AreaShape):
    schematic = serializers.BooleanField(help_text="Its outline is drawn for demonstration and is no survey")


class SoughtPosition(serializers.Serializer[None]):
    """WGS84, in degrees."""

    lat = Degrees(90)
    lng = Degrees(180)


class AreaList(serializers.Serializer[None]):
    results = AreaShape(many=True)


class DepartmentShape(serializers.Serializer[None]):
    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.ChoiceField(choices=DepartmentKind.choices)
    area = serializers.CharField(help_text="Code of the area it serves")


class DepartmentList(serializers.Serializer[None]):
    results = DepartmentShape(many=True)


class AreaFilters(serializers.Serializer[None]):
    level = serializers.ChoiceField(choices=AreaLevel.choices, required=False)
    parent = serializers.RegexField(r"^\d{6,16}$", required=False, help_text="Code of the surrounding area")  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
    q = serializers.CharField(max_length=80, required=False, help_text="Part of the name, or the beginning of a code")
