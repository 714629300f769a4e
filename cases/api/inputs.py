"""What comes in: the body of a new case, the filters of a list, the headers of an action."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases import labels
from cases.actions.inputs import MOST_PHOTOS
from cases.actions.intake import Matter, PetitionerInput
from cases.api.keyset import ORDERINGS
from cases.api.shapes import COLOURS
from cases.categories import CATEGORIES
from cases.models import Category
from cases.terms import CaseType, Disclosure, Source, Status, Urgency
from grids.actors import Actor
from grids.api.shapes import Degrees
from grids.atlas import locate
from grids.book import AREAS
from grids.models import Area, Department, User
from grids.roles import Role

LONGEST_KEY = 100
MOST_ACCUSED = 20
_VILLAGE_DIGITS = 12
_SPACE_FOR_PLUS = re.compile(r" (\d\d:?\d\d)$")
_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class Text(serializers.CharField):
    """A text and nothing that could be made into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A time with offset; without one it is the county's own. Nobody means a year outside 1900 to 2999."""

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and "T" in value:
            value = _SPACE_FOR_PLUS.sub(r"+\1", value)  # a plus sign that an address turned into a blank
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        if not 1900 <= moment.year < 3000:
            self.fail("overflow")
        return moment


class Location(serializers.Serializer[None]):
    """WGS84, in degrees."""

    lat = Degrees(90)
    lng = Degrees(180)


class PetitionerIn(serializers.Serializer[None]):
    """Of an anonymous petitioner nothing is stored, whatever is sent."""

    disclosure = serializers.ChoiceField(choices=labels.choices(labels.DISCLOSURE), default=Disclosure.NAMED.value)
    name = Text(max_length=60, required=False, allow_blank=True, default="")
    phone = serializers.RegexField(r"^([0-9+() -]{3,24})?$", required=False, allow_blank=True, default="")
    id_number = serializers.RegexField(r"^([0-9A-Za-z]{6,24})?$", required=False, allow_blank=True, default="")
    address = Text(max_length=200, required=False, allow_blank=True, default="")


class MatterIn(serializers.Serializer[None]):
    """What officers and citizens tell of a matter alike."""

    client_id = serializers.UUIDField(help_text="Made by the client; the same again gives the same case again")
    category = Text(max_length=40, required=False, allow_null=True, default=None, help_text="Code")
    title = Text(max_length=120)
    description = Text(max_length=4000, required=False, allow_blank=True, default="")
    location = Location(required=False, allow_null=True, default=None)
    address = Text(max_length=200, required=False, allow_blank=True, default="")
    accused_units = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=MOST_ACCUSED,
        default=list,
        help_text="Codes; of an accusation",
    )

    def validate_category(self, code: str | None) -> Category | None:
        return known_category(code)

    def validate_area(self, code: str | None) -> Area | None:
        return known_area(code) if code else None

    def validate_accused_units(self, codes: list[str]) -> list[Department]:
        return known_departments(codes)


class NewCase(MatterIn):
    type = serializers.ChoiceField(choices=labels.choices(labels.TYPE))
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a name of the contract, which DRF's fields use too
        choices=[(s.value, labels.SOURCE[s]) for s in Source if s is not Source.IMPORT],
        required=False,
        help_text="Without it: grid for grid workers, hotline for others",
    )
    area = Text(
        max_length=16,
        required=False,
        allow_null=True,
        default=None,
        help_text="Code. Without it the area is found by the location, or is the one grid or village in which you work",
    )
    urgency = serializers.ChoiceField(choices=labels.choices(labels.URGENCY), default=Urgency.NORMAL.value)
    captured_at = Moment(
        required=False, allow_null=True, default=None, help_text="The phone's time; kept as evidence, moves no deadline"
    )
    petitioner = PetitionerIn(
        required=False, allow_null=True, default=None, help_text="null: nobody raised it, a patrol matter"
    )
    accused_persons = serializers.ListField(
        child=serializers.CharField(max_length=150),
        required=False,
        max_length=MOST_ACCUSED,
        default=list,
        help_text="Accounts; of an accusation",
    )
    parties = serializers.ListField(
        child=serializers.CharField(max_length=150),
        required=False,
        max_length=20,
        default=list,
        help_text="Accounts of officers who take part in the matter: they cannot act on it",
    )
    attachments = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MOST_PHOTOS,
        default=list,
        help_text="Ids of files that you sent before and that no case has yet",
    )

    def validate_accused_persons(self, usernames: list[str]) -> list[User]:
        found = list(User.objects.filter(username__in=usernames)) if usernames else []
        if len(found) != len(set(usernames)):
            raise serializers.ValidationError(_("There is no such person."))
        return found

    def validate_parties(self, usernames: list[str]) -> list[User]:
        return self.validate_accused_persons(usernames)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["type"] != CaseType.ACCUSATION and (attrs["accused_units"] or attrs["accused_persons"]):
            sentence = _("Only an accusation names accused units and persons.")
            raise serializers.ValidationError({"type": [sentence]})
        return attrs


def read_matter(data: Any, *, actor: Actor, evidence: Mapping[str, Any] | None = None) -> tuple[UUID, Matter]:
    """The body of a new case: its client_id and the matter. ValidationError names what cannot be taken."""
    told = validated(NewCase, data)
    location = told["location"] or {}
    matter = Matter(
        type=CaseType(told["type"]),
        title=told["title"],
        area=told["area"] or area_at(told["location"], actor=actor),
        description=told["description"],
        category=told["category"],
        source=Source(told.get("source") or _own_source(actor)),
        urgency=Urgency(told["urgency"]),
        address=told["address"],
        latitude=location.get("lat"),
        longitude=location.get("lng"),
        captured_at=told["captured_at"],
        evidence=evidence or {},
        petitioner=petitioner_of(told["petitioner"]),
        accused_units=tuple(told["accused_units"]),
        accused_persons=tuple(told["accused_persons"]),
        parties=tuple(told["parties"]),
        attachments=tuple(told["attachments"]),
    )
    return told["client_id"], matter


def validated(shape: type[serializers.Serializer[None]], data: Any) -> dict[str, Any]:
    """`data` as the shape reads it. ValidationError names what cannot be taken."""
    return dict(_reader(shape).run_validation(data))


@cache
def _reader(shape: type[serializers.Serializer[None]]) -> serializers.Serializer[None]:
    """Validating changes nothing in it, and making it anew for each request costs more than the validation."""
    return shape()


class Codes(serializers.MultipleChoiceField):
    """Several codes: repeated, or separated by commas."""

    def to_internal_value(self, data: Any) -> set[str]:  # type: ignore[override]  # its stubs know one choice only
        split = [code.strip() for item in data for code in str(item).split(",")]
        given: Any = [code for code in split if code]
        return set(super().to_internal_value(given))


EITHER_WAY = "From `next` or `previous` of another page; `last` is the last page"


class ListFilters(serializers.Serializer[None]):
    status = Codes(
        choices=[("open", _("Open")), ("all", _("All")), *labels.choices(labels.STATUS)],
        required=False,
        help_text="Without it: open. `all` takes ended ones too",
    )
    type = Codes(choices=labels.choices(labels.TYPE), required=False)
    colour = Codes(choices=COLOURS, required=False)
    area = serializers.RegexField(r"^\d{6,16}$", required=False, help_text="Code: everything inside")
    department = serializers.CharField(max_length=40, required=False, help_text="Code: it holds a part of the case")
    category = serializers.CharField(max_length=40, required=False, help_text="Code, with the topics under it")
    q = serializers.CharField(
        max_length=100,
        required=False,
        help_text="Words of the matter and ends of a number, all of them; or a petitioner's whole name or phone number",
    )
    received_from = Moment(required=False, help_text="This time or later")
    received_to = Moment(required=False, help_text="Before this time")
    due_before = Moment(required=False)
    mine = serializers.BooleanField(
        required=False, default=False, help_text="Only what I took in or reported in for myself"
    )
    ordering = serializers.ChoiceField(choices=ORDERINGS, required=False, default="due_at")
    cursor = serializers.CharField(max_length=200, required=False, help_text=EITHER_WAY)
    page_size = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100)

    def validate_status(self, codes: set[str]) -> set[str]:
        open_ones = {s.value for s in Status} if "all" in codes else set()
        return (codes | open_ones) - {"all"}


class PageFilters(serializers.Serializer[None]):
    cursor = serializers.CharField(max_length=200, required=False, help_text="From `next` of the page before")
    page_size = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100)


class TodoFilters(PageFilters):
    """A list of cases is read from either end, others only onward."""

    cursor = serializers.CharField(max_length=200, required=False, help_text=EITHER_WAY)


def known_category(code: str | None) -> Category | None:
    if code is None:
        return None
    found = CATEGORIES.coded(code)
    if found is None or not found.is_active:
        raise serializers.ValidationError(_("There is no such category."))
    return found


def known_area(code: str) -> Area:
    found = AREAS.coded(code)
    if found is None or not found.is_active:
        raise serializers.ValidationError(_("There is no such area."))
    return found


def known_departments(codes: list[str]) -> list[Department]:
    found = list(Department.objects.filter(code__in=codes)) if codes else []
    if len(found) != len(set(codes)):
        raise serializers.ValidationError(_("There is no such department."))
    return found


def expected_version(header: str | None) -> int | None:
    """`If-Match`: the version that was looked at; None for any. What is no version of ours matches none (-1)."""
    if header is None or header.strip() == "*":
        return None
    version = _ETAG.fullmatch(header.strip())
    return int(version[1]) if version else -1


def idempotency_key(header: str | None) -> str:
    """`Idempotency-Key`; empty without one. ValidationError for a key that cannot be kept."""
    key = (header or "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        sentence = _("At most %(limit)d printable characters.") % {"limit": LONGEST_KEY}
        raise serializers.ValidationError({"Idempotency-Key": [sentence]})
    return key


def area_at(location: Mapping[str, Any] | None, *, actor: Actor) -> Area:
    """Where a matter lies that names no area: at its location, else where this person works.

    Neither a schematic outline nor that of an area around it is a reason to take a matter away from the grid in which
    somebody works and stands.
    ValidationError when nothing says which area is meant.
    """
    found, own = locate(location["lat"], location["lng"]) if location else None, _own_area(actor)
    if found is not None and (own is None or not (found.schematic or own.code.startswith(found.area.code))):
        return found.area
    if own is not None:
        return own
    if location:
        raise serializers.ValidationError({"location": [_("No area of ours holds this position.")]})
    raise serializers.ValidationError({"area": [_("Name the area: your posts do not say which one is meant.")]})


def _own_area(actor: Actor) -> Area | None:
    """The one grid or village in which this person works; None when it is not one."""
    codes = {
        post.area_code
        for post in actor.posts
        if post.role is Role.GRID_WORKER and post.area_code and len(post.area_code) >= _VILLAGE_DIGITS
    }
    found = AREAS.coded(codes.pop()) if len(codes) == 1 else None
    return found if found is not None and found.is_active else None


def _own_source(actor: Actor) -> Source:
    return Source.GRID if Role.GRID_WORKER in actor.roles else Source.HOTLINE


def petitioner_of(told: dict[str, str] | None) -> PetitionerInput | None:
    if told is None:
        return None
    texts = {name: told[name] for name in ("name", "phone", "id_number", "address")}
    return PetitionerInput(disclosure=Disclosure(told["disclosure"]), **texts)
